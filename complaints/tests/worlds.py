"""Worlds of complaints for tests, made by the services."""

from __future__ import annotations

from typing import Any

from common import clock
from complaints.choices import Complainant, Intake, MatterKind, PaperKind, PaperOrigin
from complaints.models import Matter, MatterPaper
from complaints.services.matters import Told, matter_register
from complaints.services.papers import paper_keep
from tests.world import ACTOR, a_pdf

WORDS = "اتصل بي المحصّل بعد العاشرة ليلًا ثلاث مرات، وأطلب إيضاحًا."


def told(**given: Any) -> Told:
    """What somebody might tell us by phone."""
    return Told(
        **{
            "kind": MatterKind.COMPLAINT,
            "intake": Intake.PHONE,
            "complainant": Complainant.DEBTOR,
            "words": WORDS,
            "name": "سامي بن ناصر العتيبي",
            "phone": "0551234567",
            "email": "sami@example.com",
            **given,
        }
    )


def a_matter(**given: Any) -> Matter:
    """A matter as it is registered; ``at`` and ``by`` tell when and by whom."""
    at, by = given.pop("at", None), given.pop("by", None)
    return matter_register(actor=ACTOR, told=told(**given), at=at or clock.now(), user=by)


def a_matter_paper(matter: Matter, **given: Any) -> MatterPaper:
    return paper_keep(
        **{
            "actor": ACTOR, "matter": matter, "kind": PaperKind.FROM_COMPLAINANT, "origin": PaperOrigin.RECEIVED,
            "title": "كشف حساب", "name": "statement.pdf", "content_type": "", "content": a_pdf(), "at": clock.now(),
            **given,
        }
    )  # fmt: skip
