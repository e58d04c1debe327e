"""Disputes for tests, made by the services."""

from __future__ import annotations

import datetime as dt
from typing import Any

from accounts.choices import Role
from accounts.models import User
from collections_app.models import Case
from common import clock
from common.audit import Actor
from complaints.choices import PaperKind, PaperOrigin
from complaints.models import Dispute, MatterPaper
from complaints.services.dispute_papers import Document
from complaints.services.disputes import Named, Objection, dispute_file, dispute_reply, member_notified
from complaints.services.papers import paper_keep
from tests.world import a_case, a_pdf, make_client, make_user

ITEM = "رصيد قائم 4,120.00 ريالًا على العقد M-201"
WORDS = "سُدد الرصيد كاملًا في 12 سبتمبر، ومرفق إيصال السداد."


def an_officer() -> User:
    """Whoever handles disputes."""
    return User.objects.filter(role=Role.BUREAU_OFFICER).first() or make_user(Role.BUREAU_OFFICER)


def a_document(name: str = "receipt.pdf") -> Document:
    return Document(name=name, content=a_pdf(), title="إيصال سداد")


def told(*, documents: int = 1, **given: Any) -> Objection:
    """An objection to an item, with one official document."""
    return Objection(
        **{
            "kind": "ITEM",
            "ground": "FALSE",
            "item": ITEM,
            "words": WORDS,
            "documents": [a_document(f"d{n}.pdf") for n in range(documents)],
            **given,
        }
    )


def a_recipient(*, on: dt.date | None = None, **given: Any) -> Named:
    """Somebody who had the record a month ago."""
    day = on or clock.today() - dt.timedelta(days=30)
    return Named(**{"name": "بنك الواحة", "address": "الرياض، حي العليا", "received_on": day, **given})


def a_dispute(
    case: Case | None = None, *, at: dt.datetime | None = None, by: User | None = None, **given: Any
) -> Dispute:
    """A dispute as it was filed."""
    case = case or a_case(make_client("DSP"), ref="D-57")
    return dispute_file(user=by or an_officer(), case=case, told=told(**given), at=at or clock.now())


def a_letter(dispute: Dispute, *, kind: str = PaperKind.PROGRESS, at: dt.datetime | None = None) -> MatterPaper:
    """A letter as it was made."""
    made = dispute.papers.filter(origin=PaperOrigin.MADE).count()
    return paper_keep(
        actor=Actor.system("test"), dispute=dispute, kind=kind, origin=PaperOrigin.MADE, title="خطاب",
        name="letter.pdf", content_type="application/pdf", content=a_pdf(), at=at or clock.now(),
        number=f"{dispute.reference}-{made + 1}", language="ar", pages=1,
    )  # fmt: skip


def notified(dispute: Dispute, *, at: dt.datetime | None = None) -> Dispute:
    """The member has the notice."""
    at = at or clock.now()
    paper = a_letter(dispute, kind=PaperKind.MEMBER_NOTICE, at=at)
    return member_notified(user=an_officer(), dispute=dispute, at=at, paper=paper)


def replied(dispute: Dispute, *, stand: str = "WRONG", papers: int = 0, at: dt.datetime | None = None) -> Dispute:
    """The member has replied."""
    by = an_officer()
    return dispute_reply(
        actor=Actor.person(by), user=by, dispute=dispute, stand=stand, words="راجعنا الحساب.", at=at or clock.now(),
        documents=[a_document(f"r{n}.pdf") for n in range(papers)],
    )  # fmt: skip
