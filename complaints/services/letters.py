"""The letters of a matter as PDFs: made once, numbered, frozen; each making is a paper of its own (issue 6, A18)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.audit import Actor
from common.clock import RIYADH
from common.documents import pdf_render
from common.exceptions import Conflict, NotAllowed, Refused
from complaints.choices import MatterKind, Missing, PaperKind, PaperOrigin, Stage
from complaints.models import Matter, MatterPaper, MatterRound
from complaints.policies import can_handle_matter
from complaints.rules.handling_messages import OUTCOMES, STEPS
from complaints.selectors.handling import answer_by, answer_of, round_of, ways_named, ways_of
from complaints.selectors.matters import person_of
from complaints.services.letter_texts import letter_text
from complaints.services.matters import matter_held
from complaints.services.papers import paper_keep
from legal.services.authorisation_papers import qr_svg

LANGUAGES = ("ar", "en")
TITLES: dict[str, str | Promise] = {
    PaperKind.ACKNOWLEDGEMENT: _("Acknowledgement of receipt"),
    PaperKind.MISSING_DATA: _("Request for what is missing"),
    PaperKind.PROGRESS: _("Progress notice"),
    PaperKind.RESULT: _("Result"),
    PaperKind.RIGHTS: _("Summary of your rights"),
}


def letter_make(
    *,
    actor: Actor,
    matter: Matter,
    kind: str,
    at: dt.datetime,
    user: User | None = None,
    language: str = "",
    work: MatterRound | None = None,
) -> MatterPaper:
    """A letter to the complainant as it stands ``at``, from the text in force, in their language or the one asked for.

    It is numbered within the matter, which the caller holds under lock. Raises Refused for a letter that there is
    none of, Conflict for one that the matter has not come to.
    """
    language = language or matter.language
    if kind not in TITLES or language not in LANGUAGES:
        raise Refused("letter_kind", _("There is no such letter."), field="kind")
    work = work or round_of(matter)
    told = _told(matter=matter, kind=kind, at=at, language=language, work=work)
    count = matter.papers.filter(origin=PaperOrigin.MADE).count() + 1
    number = f"{matter.reference}-{count:02d}"
    text = letter_text(code=code_of(kind=kind, matter=matter))
    words = text.words(language)
    with translation.override(language):
        content, pages = pdf_render(
            template="complaints/pdf/letter.html",
            language=language,
            context={**told, "number": number, "text": words, "qr": qr_svg(f"{number} {at:%Y-%m-%d}")},
        )
    return paper_keep(
        actor=actor, kind=kind, origin=PaperOrigin.MADE, title=words["title"], name=f"{number}.pdf",
        content_type="application/pdf", content=content, at=at, matter=matter, number=number, language=language,
        pages=pages, user=user, text=text,
    )  # fmt: skip


def code_of(*, kind: str, matter: Matter) -> str:
    """Which text a letter is made from: what is no complaint has an answer, and no result."""
    return "ANSWER" if kind == PaperKind.RESULT and matter.kind != MatterKind.COMPLAINT else kind


def letter_issue(*, user: User, matter: Matter, kind: str, language: str, at: dt.datetime) -> MatterPaper:
    """Make a letter by hand, to be handed over or posted. Raises NotAllowed for who may not work on the matter, and
    whatever ``letter_make`` raises.
    """
    with transaction.atomic():
        held = matter_held(matter)
        if not can_handle_matter(user, held):
            raise NotAllowed("matter_handler", _("This matter is handled by others."))
        return letter_make(actor=Actor.person(user), matter=held, kind=kind, at=at, user=user, language=language)


def _told(
    *, matter: Matter, kind: str, at: dt.datetime, language: str, work: MatterRound | None
) -> dict[str, Any]:  # fmt: skip
    """What the paper says, as plain values."""
    told = {**_common(matter=matter, at=at, language=language), "letter": kind}
    decided = work is not None and work.decided_at is not None
    if kind == PaperKind.MISSING_DATA:
        if not matter.missing:
            raise Conflict("letter_missing", _("Nothing is missing."))
        with translation.override(language):
            told["missing"] = [str(Missing(code).label) for code in matter.missing]
    elif kind == PaperKind.PROGRESS:
        if matter.stage == Stage.CLOSED:
            raise Conflict("letter_closed", _("This matter is closed."))
        told |= {"step": STEPS[language].get(matter.stage, ""), "plan": work.plan if work else ""}
    elif kind == PaperKind.RESULT:
        if work is None or not decided:
            raise Conflict("letter_result", _("There is no result yet."))
        told |= _decided(matter=matter, work=work, language=language)
    if kind in {PaperKind.RESULT, PaperKind.RIGHTS} and matter.kind == MatterKind.COMPLAINT:
        told["ways"] = ways_named(codes=(work.ways if work else []) or ways_of(matter), language=language)
    return told


def _common(*, matter: Matter, at: dt.datetime, language: str) -> dict[str, Any]:
    with translation.override(language):
        return {
            "LANG": language,
            "DIR": "rtl" if language == "ar" else "ltr",
            "agency": {
                "name": settings.AGENCY[f"name_{language}"],
                "licence": settings.AGENCY["licence"],
                "phone": settings.AGENCY["phone"],
            },
            "client_name": matter.client.name if matter.client is not None else "",
            "name": person_of(matter=matter).name,
            "reference": matter.reference,
            "kind": str(MatterKind(matter.kind).label),
            "is_complaint": matter.kind == MatterKind.COMPLAINT,
            "account_ref": matter.account_ref,
            "category": matter.category.name if matter.category is not None else "",
            "on": at.astimezone(RIYADH).date(),
            "received_on": matter.received_at.astimezone(RIYADH).date(),
            "answer_by": answer_by(matter=matter, at=at).astimezone(RIYADH).date(),
            "follow": f"{settings.PUBLIC_URL}{reverse('follow')}",
        }


def _decided(*, matter: Matter, work: MatterRound, language: str) -> dict[str, Any]:
    with translation.override(language):
        return {
            "outcome": OUTCOMES[language][work.outcome],
            "level": str(work.get_level_display()),
            # The answer itself is in the complainant's language, whatever the paper around it is in.
            "answer": answer_of(matter=matter, work=work),
            "remedy": str(work.get_remedy_display()),
            "correction": work.correction,
            "compensation": work.compensation,
            "currency": work.currency,
            "held": matter.hold_id is not None,
            "documents": list(work.documents.order_by("pk").values_list("title", flat=True)),
        }
