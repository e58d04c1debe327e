"""The letters of a dispute: PDFs in Arabic or English, frozen when they leave, by e-mail or by hand or post.

Each is made, kept, handed to the outbox and written down as done in one transaction: no step counts without its letter.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from collections_app.models import ContactPoint
from collections_app.selectors.contact_points import recipient_of
from collections_app.selectors.default import defaults_standing
from common.audit import Actor
from common.choices import LIVE_CLOCK, MessageChannel
from common.clock import RIYADH
from common.clocks import clocks_of, days_off, step_of
from common.components.format import day_text
from common.deadlines import due_of
from common.documents import pdf_render
from common.exceptions import Refused
from common.models import Message
from common.outbox import Recipient, message_queue
from complaints.choices import (
    ClockKind,
    CommitteeState,
    DisputeOutcome,
    PaperKind,
    PaperOrigin,
)
from complaints.models import Dispute, DisputeRecipient, MatterPaper
from complaints.rules.shipped_letters import LAYOUTS
from complaints.selectors.dispute_words import item_of, objection_of, origin_of, statement_of_objector
from complaints.services.dispute_decisions import (
    correction_ordered,
    progress_told,
    result_may_be_told,
    result_told,
)
from complaints.services.dispute_moves import dispute_locked
from complaints.services.dispute_rights import recipient_told
from complaints.services.disputes import member_notified
from complaints.services.letter_texts import letter_text
from complaints.services.papers import paper_keep
from legal.services.packs import account_context, parties_context

# Acts between the house and the member, which an objector need not read.
INSIDE = frozenset({"PACK_MADE", "PACK_REVIEWED", "PACK_SENT"})


@dataclass(frozen=True, kw_only=True)
class Way:
    """How a letter leaves: by e-mail to a contact point or an address, or by hand or post, and then how."""

    point: ContactPoint | None = None
    email: str = ""
    how: str = ""


def _general(*, dispute: Dispute, number: str, on: dt.date, language: str) -> dict[str, Any]:
    """What stands on every letter, in the active language."""
    return {
        **parties_context(case=dispute.case, language=language),
        "number": number,
        "on": on,
        "reference": dispute.reference,
        "bureau_reference": dispute.bureau_reference,
        "filed_on": dispute.filed_at.astimezone(RIYADH).date(),
        "kind": dispute.get_kind_display(),
        "ground": dispute.get_ground_display(),
        "item": item_of(dispute=dispute),
        "origin": origin_of(dispute=dispute),
        "separator": gettext(", "),
    }


def _made(
    *,
    user: User,
    dispute: Dispute,
    kind: PaperKind,
    code: str,
    at: dt.datetime,
    language: str,
    told: dict[str, Any],
) -> MatterPaper:
    """One letter, kept under its number. Raises Refused for another language."""
    if language not in {"ar", "en"}:
        raise Refused("dispute_language", _("Letters are in Arabic or English."), field="language")
    text = letter_text(code=code)
    number = f"{dispute.reference}-{dispute.papers.filter(origin=PaperOrigin.MADE).count() + 1}"
    with translation.override(language):
        general = _general(dispute=dispute, number=number, on=at.astimezone(RIYADH).date(), language=language)
        content, pages = pdf_render(
            template=LAYOUTS[code], context={**general, **told, "text": text.words(language)}, language=language
        )
        title = str(kind.label)
    return paper_keep(
        actor=Actor.person(user), user=user, dispute=dispute, kind=kind, origin=PaperOrigin.MADE, title=title,
        name=f"{number}.pdf", content_type="application/pdf", content=content, at=at, number=number,
        language=language, pages=pages, text=text,
    )  # fmt: skip


def _left(
    *,
    user: User,
    dispute: Dispute,
    template: str,
    way: Way,
    papers: Sequence[MatterPaper],
    language: str,
    values: dict[str, str],
) -> Message | None:
    """Hand a letter to the outbox; None where it goes by hand or post. Raises Refused where no way is told."""
    if way.point is not None and way.point.debtor_id != dispute.case.debtor_id:
        raise Refused("letter_way", _("This address is not the objector's."), field="point")
    if way.point is None and not way.email:
        if not way.how.strip():
            raise Refused("letter_way", _("Say where the letter goes, or how it was handed over."), field="how")
        return None
    to = recipient_of(point=way.point) if way.point is not None else Recipient(address=way.email)
    return message_queue(
        actor=Actor.person(user),
        client_id=dispute.client_id,
        subject=dispute,
        template=template,
        language=language,
        channel=MessageChannel.EMAIL,
        to=to,
        values={"dispute": dispute.reference, **values},
        attachments=papers,
    )


def _client_name(dispute: Dispute, language: str) -> str:
    return dispute.client.name_ar if language == "ar" else dispute.client.name_en


def _steps(*, dispute: Dispute, language: str) -> dict[str, Any]:
    """What was done, each on its day, and the last days of what is running, as an objector reads them."""
    moves = [move for move in dispute.moves.order_by("pk") if move.what not in INSIDE]
    with translation.override(language):
        return {
            "steps": [{"on": move.at, "what": str(move.get_what_display())} for move in moves],
            "ahead": [
                {"on": one.due_on, "what": one.step.words_ar if language == "ar" else one.step.words_en}
                for one in clocks_of(subject=dispute)
                if one.state in LIVE_CLOCK and one.due_on is not None and one.code != "OVERALL"
            ],
        }


def _reply_by(*, dispute: Dispute, at: dt.datetime) -> dt.date:
    """The last day of a reply to a notice that leaves ``at``."""
    step = step_of(
        kind=ClockKind.DISPUTE, code="MEMBER_REPLY", on=at.astimezone(RIYADH).date(), client_id=dispute.client_id
    )
    holidays = days_off(calendar=step.calendar)
    return due_of(unit=step.unit, left=step.amount, since=at, moves_on=step.moves_on, holidays=holidays).on


def member_notify(*, user: User, dispute: Dispute, way: Way, at: dt.datetime, language: str = "ar") -> MatterPaper:
    """The written notice to the member, with all that the objector submitted and the negative information that touches
    it (CB-31, CB-48). Its documents go with the e-mail. Raises as ``member_notified``.
    """
    with transaction.atomic():
        locked = dispute_locked(dispute=dispute)
        documents = list(locked.papers.filter(kind=PaperKind.FROM_COMPLAINANT).order_by("pk"))
        due_on = _reply_by(dispute=locked, at=at)
        with translation.override(language):
            told = {
                "words": objection_of(dispute=locked),
                "due_on": due_on,
                "documents": [{"title": p.title, "pages": p.pages, "sha256": p.sha256} for p in documents],
                "accounts": account_context(case=locked.case, on=at.astimezone(RIYADH).date()),
                "defaults": [
                    {"on": d.began_on, "rule": str(d.rule.label)} for d in defaults_standing(case_id=locked.case_id)
                ],
            }
        paper = _made(
            user=user, dispute=locked, kind=PaperKind.MEMBER_NOTICE, code="DISPUTE_NOTICE", at=at,
            language=language, told=told,
        )  # fmt: skip
        _left(
            user=user, dispute=locked, template="DISPUTE_MEMBER_NOTICE", way=way, papers=[paper, *documents],
            language=language, values={"client": _client_name(locked, language), "due_on": due_on.isoformat()},
        )  # fmt: skip
        member_notified(user=user, dispute=locked, at=at, paper=paper, how=way.how)
    return paper


def _to_objector(dispute: Dispute) -> dict[str, str]:
    return {"objector": dispute.case.debtor.name, "client": _client_name(dispute, dispute.language)}


def progress_tell(*, user: User, dispute: Dispute, way: Way, at: dt.datetime) -> MatterPaper:
    """The notice of the steps taken, in the objector's language (CB-36). Raises as ``progress_told``."""
    with transaction.atomic():
        locked = dispute_locked(dispute=dispute)
        told = _steps(dispute=locked, language=locked.language) | {"asks_documents": not locked.has_documents}
        paper = _made(
            user=user, dispute=locked, kind=PaperKind.PROGRESS, code="DISPUTE_PROGRESS", at=at,
            language=locked.language, told=told,
        )  # fmt: skip
        _left(
            user=user, dispute=locked, template="DISPUTE_PROGRESS", way=way, papers=[paper], language=locked.language,
            values=_to_objector(locked),
        )  # fmt: skip
        progress_told(user=user, dispute=locked, paper=paper, at=at, how=way.how)
    return paper


def result_tell(*, user: User, dispute: Dispute, way: Way, at: dt.datetime) -> MatterPaper:
    """The written result: the decision with its reasons, the corrected record, or a summary of rights (CB-37).

    Raises as ``result_told``.
    """
    with transaction.atomic():
        locked = dispute_locked(dispute=dispute)
        result_may_be_told(dispute=locked)
        record = locked.papers.filter(kind=PaperKind.CORRECTED_RECORD).order_by("-pk").first()
        told = _steps(dispute=locked, language=locked.language)
        with translation.override(locked.language):
            told |= {
                **_decision(locked),
                "correction": str(locked.get_correction_display()),
                "corrected_on": locked.corrected_at,
                "record": record.title if record is not None else "",
                "recipients": [row.name for row in locked.recipients.order_by("pk")],
                "rights": locked.outcome in {DisputeOutcome.REJECTED, DisputeOutcome.PARTLY},
                "ahead": [],
            }
        paper = _made(
            user=user, dispute=locked, kind=PaperKind.RESULT, code="DISPUTE_RESULT", at=at, language=locked.language,
            told=told,
        )  # fmt: skip
        _left(
            user=user, dispute=locked, template="DISPUTE_RESULT", way=way,
            papers=[paper, *([record] if record is not None else [])], language=locked.language,
            values=_to_objector(locked),
        )  # fmt: skip
        result_told(user=user, dispute=locked, paper=paper, at=at, how=way.how)
    return paper


def _decision(dispute: Dispute) -> dict[str, Any]:
    return {
        "outcome": str(dispute.get_outcome_display()),
        "reason": dispute.decision_reason,
        "decided_on": dispute.decided_at,
    }


def order_send(*, user: User, dispute: Dispute, way: Way, at: dt.datetime, language: str = "ar") -> MatterPaper:
    """The order to the member to delete or amend, with its last day (CB-34). Raises as ``correction_ordered``."""
    with transaction.atomic():
        locked = dispute_locked(dispute=dispute)
        correction = next((one for one in clocks_of(subject=locked) if one.code == "CORRECTION"), None)
        due_on = correction.due_on if correction is not None and correction.due_on else at.astimezone(RIYADH).date()
        with translation.override(language):
            told = {
                **_decision(locked),
                "due_on": due_on,
                "amends": locked.outcome == DisputeOutcome.PARTLY and locked.committee != CommitteeState.FOR_OBJECTOR,
            }
        paper = _made(
            user=user, dispute=locked, kind=PaperKind.CORRECTION_ORDER, code="DISPUTE_ORDER", at=at, language=language,
            told=told,
        )  # fmt: skip
        _left(
            user=user, dispute=locked, template="DISPUTE_ORDER", way=way, papers=[paper], language=language,
            values={"client": _client_name(locked, language), "due_on": due_on.isoformat()},
        )  # fmt: skip
        correction_ordered(user=user, dispute=locked, paper=paper, at=at, how=way.how)
    return paper


def recipient_tell(
    *, user: User, recipient: DisputeRecipient, way: Way, at: dt.datetime, language: str = "ar"
) -> MatterPaper:
    """The notice to a named recipient of the last year: of the correction, or of the objection that stands (CB-39,
    CB-40). Raises as ``recipient_told``.
    """
    with transaction.atomic():
        locked = dispute_locked(dispute=recipient.dispute)
        with translation.override(language):
            told = {
                "recipient": recipient.name,
                "address": recipient.address,
                "received": day_text(on=recipient.received_on, language=language, year=True),
                "correction": str(locked.get_correction_display()),
                "corrected_on": locked.corrected_at,
                "statement": statement_of_objector(dispute=locked),
            }
        paper = _made(
            user=user, dispute=locked, kind=PaperKind.RECIPIENT_NOTICE, at=at, language=language, told=told,
            code="DISPUTE_CORRECTED" if locked.corrected_at else "DISPUTE_OBJECTED",
        )  # fmt: skip
        _left(
            user=user, dispute=locked, template="DISPUTE_RECIPIENT", way=way, papers=[paper], language=language,
            values={"recipient": recipient.name},
        )  # fmt: skip
        recipient_told(user=user, recipient=recipient, paper=paper, at=at, how=way.how)
    return paper
