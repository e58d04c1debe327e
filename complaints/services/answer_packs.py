"""The only writer of answer packs: assembled for the member, reviewed by another person, sent with proof."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.audit import Actor
from common.choices import MessageChannel
from common.clock import RIYADH
from common.exceptions import Conflict, NotAllowed, Refused
from common.outbox import Recipient, message_queue
from complaints.choices import DisputeState, DisputeStep, PaperKind, PaperOrigin, ReplyStand
from complaints.models import Dispute, DisputePack
from complaints.policies import can_review_packs
from complaints.selectors.answer_packs import contracts_of_case, pack_lines, papers_for_pack
from complaints.selectors.dispute_words import item_of, origin_of, sealed, words_of_pack
from complaints.selectors.matters import paper_content
from complaints.services.dispute_moves import dispute_locked, dispute_step
from complaints.services.disputes import LONGEST_WORDS, dispute_reply
from complaints.services.papers import paper_keep
from legal.choices import PaperKind as CasePaperKind
from legal.selectors.papers import paper_content as case_paper_content
from legal.services.packs import (
    Section,
    account_context,
    contacts_context,
    parties_context,
    picture_pages,
    section_made,
    sections_bound,
)


def pack_make(
    *, user: User, dispute: Dispute, stand: str, words: str, at: dt.datetime, language: str = "ar"
) -> DisputePack:
    """Bind the next issue of the member's answer, as ledger, contact trail and papers stand now. What is missing is
    named on its cover; what was made stands.

    Raises Conflict unless the member's reply is awaited; Refused for an answer that says nothing, for a paper that
    cannot be read, and for too many pages.
    """
    if stand not in ReplyStand.values:
        raise Refused("reply_stand", _("Say whether the item is right."), field="stand")
    if not words.strip() or len(words) > LONGEST_WORDS:
        raise Refused("reply_words", _("Write it in at most 5,000 characters."), field="words")
    if language not in {"ar", "en"}:
        raise Refused("pack_language", _("A pack is in Arabic or English."), field="language")
    actor = Actor.person(user)
    with transaction.atomic():
        locked = dispute_locked(dispute=dispute)
        _awaited(locked)
        number = f"{locked.reference}-{locked.papers.filter(origin=PaperOrigin.MADE).count() + 1}"
        with translation.override(language):
            content, pages = _bound(dispute=locked, number=number, stand=stand, words=words, at=at, language=language)
            title = gettext("Answer pack")
        paper = paper_keep(
            actor=actor, user=user, dispute=locked, kind=PaperKind.ANSWER_PACK, origin=PaperOrigin.MADE, title=title,
            name=f"{number}.pdf", content_type="application/pdf", content=content, at=at, number=number,
            language=language, pages=pages,
        )  # fmt: skip
        pack = DisputePack.objects.create(
            client_id=locked.client_id, dispute=locked, paper=paper, stand=stand,
            words_sealed=sealed(dispute=locked, words=words.strip(), what="reply"), made_by=user, made_at=at,
        )  # fmt: skip
        dispute_step(
            actor=actor, dispute=locked, what=DisputeStep.PACK_MADE, at=at, user=user, pack=pack.pk, stand=stand
        )
    return pack


def _awaited(dispute: Dispute) -> None:
    if dispute.state != DisputeState.WITH_MEMBER:
        raise Conflict("pack_not_awaited", _("No reply of the member is awaited now."))


def _bound(
    *, dispute: Dispute, number: str, stand: str, words: str, at: dt.datetime, language: str
) -> tuple[bytes, int]:
    on = at.astimezone(RIYADH).date()
    general: dict[str, Any] = {**parties_context(case=dispute.case, language=language), "number": number, "on": on}
    cover = {
        **general,
        "reference": dispute.reference,
        "bureau_reference": dispute.bureau_reference,
        "filed_on": dispute.filed_at.astimezone(RIYADH).date(),
        "kind": dispute.get_kind_display(),
        "item": item_of(dispute=dispute),
        "origin": origin_of(dispute=dispute),
        "stand": str(ReplyStand(stand).label),
        "words": words.strip(),
        "missing": [str(line.words) for line in pack_lines(dispute=dispute) if not line.ok],
        "separator": gettext(", "),
    }
    made = [
        section_made(
            template="legal/pdf/pack_statement.html", title=gettext("Statement of account"),
            kind=CasePaperKind.STATEMENT.label, general=general,
            figures={"accounts": account_context(case=dispute.case, on=on)},
        ),
        section_made(
            template="legal/pdf/pack_contacts.html", title=gettext("Proof of contact"),
            kind=CasePaperKind.CONTACT_PROOF.label, general=general, figures=contacts_context(case=dispute.case),
        ),
    ]  # fmt: skip
    return sections_bound(
        cover="complaints/pdf/disputes/pack_cover.html", context=cover, made=made, uploaded=_uploaded(dispute),
        number=number, language=language,
    )  # fmt: skip


def _uploaded(dispute: Dispute) -> list[Section]:
    """The contract of the case, and what was handed in to the dispute for the member, as pages."""
    told: list[tuple[Any, bytes]] = [
        (paper, case_paper_content(paper=paper)) for paper in contracts_of_case(dispute=dispute).defer(None)
    ]
    told += [(paper, paper_content(paper=paper)) for paper in papers_for_pack(dispute=dispute).defer(None)]
    return [
        Section(
            title=paper.title,
            kind=str(paper.get_kind_display()),
            sha256=paper.sha256,
            content=content
            if paper.content_type == "application/pdf"
            else picture_pages(content_type=paper.content_type, content=content),
            pages=paper.pages or 1,
        )
        for paper, content in told
    ]


def _locked(pack: DisputePack) -> DisputePack:
    found = DisputePack.objects.select_for_update(of=("self",)).select_related("paper", "made_by")
    return found.get(pk=pack.pk)


def pack_review(*, user: User, pack: DisputePack, at: dt.datetime) -> DisputePack:
    """Somebody else than who made it has read the pack and lets it go.

    Raises NotAllowed for who made it or may not review, Conflict for one that was reviewed or is not awaited.
    """
    with transaction.atomic():
        dispute = dispute_locked(dispute=pack.dispute)
        locked = _locked(pack)
        if not can_review_packs(user) or user.pk == locked.made_by_id:
            raise NotAllowed("pack_review", _("A pack is reviewed by another person than who made it."))
        _awaited(dispute)
        if locked.reviewed_at is not None:
            raise Conflict("pack_reviewed", _("This pack was reviewed already."))
        locked.reviewed_by, locked.reviewed_at = user, at
        locked.save(update_fields=["reviewed_by", "reviewed_at"])
        dispute_step(
            actor=Actor.person(user), dispute=dispute, what=DisputeStep.PACK_REVIEWED, at=at, user=user, pack=pack.pk
        )
    return locked


def pack_send(*, user: User, pack: DisputePack, email: str, at: dt.datetime) -> DisputePack:
    """Send a reviewed pack: it is the member's reply, and the outbox keeps what the other server answered.

    Raises Conflict for a pack that is not reviewed or was sent, and as ``dispute_reply``.
    """
    actor = Actor.person(user)
    with transaction.atomic():
        dispute = dispute_locked(dispute=pack.dispute)
        locked = _locked(pack)
        if locked.reviewed_at is None or locked.sent_at is not None:
            raise Conflict("pack_not_reviewed", _("A pack leaves once, after its review."))
        language = locked.paper.language
        message = message_queue(
            actor=actor,
            client_id=dispute.client_id,
            subject=dispute,
            template="DISPUTE_ANSWER",
            language=language,
            channel=MessageChannel.EMAIL,
            to=Recipient(address=email),
            values={
                "dispute": dispute.reference,
                "client": dispute.client.name_ar if language == "ar" else dispute.client.name_en,
            },
            attachments=[locked.paper],
        )
        locked.message, locked.sent_at = message, at
        locked.save(update_fields=["message", "sent_at"])
        dispute_step(
            actor=actor, dispute=dispute, what=DisputeStep.PACK_SENT, at=at, user=user, pack=pack.pk,
            message=message.pk,
        )  # fmt: skip
        dispute_reply(
            actor=actor, user=user, dispute=dispute, stand=locked.stand, words=words_of_pack(pack=locked), at=at,
            with_evidence=True,
        )  # fmt: skip
    return locked
