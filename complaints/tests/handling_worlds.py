"""Matters at every step of their handling, for tests; made by the services."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from accounts.choices import Role
from accounts.models import User
from common import clock
from complaints.choices import UPHELD, Answer, Department, MatterKind, Remedy, Stage, TellWay
from complaints.models import Category, Matter, MatterQuestion, RootCause
from complaints.services.categories import categories_ship
from complaints.services.causes import causes_ship
from complaints.services.deciding import matter_answer, matter_close, matter_communicate
from complaints.services.editions_shipped import editions_ship
from complaints.services.handling import evidence_add, finding_add, matter_assess, matter_investigated
from complaints.services.intake import matter_admit
from complaints.services.matters import acknowledge
from complaints.tests.worlds import a_matter
from tests.world import ACTOR, a_case, make_client, make_user

QUESTIONS = ("هل اتصل المحصّل بعد العاشرة ليلًا؟", "هل تكرر الاتصال ثلاث مرات؟")
PLAN = "نستمع إلى تسجيل المكالمات ونراجع سجل التواصل"
REPLY = "راجعنا التسجيلات ووجدنا ما ذكرتم، ونعتذر إليكم، وأوقفنا الاتصال بعد التاسعة."
ORDER = (
    Stage.TRACKED, Stage.ACKNOWLEDGED, Stage.ASSESSED, Stage.INVESTIGATED, Stage.RESPONDED, Stage.COMMUNICATED,
    Stage.CLOSED,
)  # fmt: skip


@dataclass(kw_only=True)
class Desk:
    """Who handles matters, one of each level."""

    officer: User
    head: User
    general: User

    @property
    def people(self) -> dict[int, User]:
        return {1: self.officer, 2: self.head, 3: self.general}


def a_desk() -> Desk:
    return Desk(
        officer=make_user(Role.COMPLAINTS_OFFICER, name="complaints"),
        head=make_user(Role.COLLECTIONS_MANAGER, name="head"),
        general=make_user(Role.GENERAL_MANAGER, name="general"),
    )


def objects_to_amount() -> Category:
    """A category whose complaints hold the account."""
    if not Category.objects.exists():  # a test that commits ends with an empty tree
        categories_ship()
        editions_ship()
    return Category.objects.get(code="AMOUNT_WRONG")


def assessed(matter: Matter, *, by: User, at: dt.datetime | None = None, **given: Any) -> Matter:
    given = {"questions": QUESTIONS if matter.kind == MatterKind.COMPLAINT else (), "plan": PLAN,
             "department": Department.OPERATIONS, "handler": by, **given}  # fmt: skip
    return matter_assess(user=by, matter=matter, at=at or clock.now(), **given)


def found_out(matter: Matter, *, by: User, answers: tuple[str, ...] = (), at: dt.datetime | None = None) -> None:
    """Every question found out, with evidence."""
    at = at or clock.now()
    work = matter.rounds.last()
    assert work is not None
    for place, question in enumerate(work.questions.all()):
        answer = answers[place] if place < len(answers) else Answer.YES
        finding_add(user=by, matter=matter, question=question.pk, answer=answer, words="سُمع في التسجيل", at=at)
    evidence_add(user=by, matter=matter, words="تسجيل المكالمة 14:02 ليوم 1 مارس", at=at)


def answered(matter: Matter, *, by: User, at: dt.datetime | None = None, **given: Any) -> Matter:
    given = {"words": REPLY, "remedy": Remedy.APOLOGY if matter.kind == MatterKind.COMPLAINT else "", **given}
    return matter_answer(user=by, matter=matter, at=at or clock.now(), **given)


def a_matter_at(stage: str, *, desk: Desk, at: dt.datetime | None = None, **given: Any) -> Matter:
    """A matter that came so far, step by step, all at one moment."""
    at = at or clock.now()
    matter = a_matter(at=at, **given)
    for step in ORDER[1 : ORDER.index(Stage(stage)) + 1]:
        matter = one_step(matter, to=step, by=desk.people[matter.level], at=at)
    return matter


def one_step(matter: Matter, *, to: str, by: User, at: dt.datetime) -> Matter:
    """The step to a stage, with all it asks for."""
    if to == Stage.ACKNOWLEDGED:
        matter = acknowledge(actor=ACTOR, matter=matter, at=at)
        return matter_admit(user=by, matter=matter, missing=(), at=at)
    if to == Stage.ASSESSED:
        return assessed(matter, by=by, at=at)
    if to == Stage.INVESTIGATED:
        found_out(matter, by=by, at=at)
        return matter_investigated(user=by, matter=matter, at=at)
    if to == Stage.RESPONDED:
        return answered(matter, by=by, at=at)
    if to == Stage.COMMUNICATED:
        return matter_communicate(user=by, matter=matter, how=TellWay.MESSAGE, at=at)
    named = a_cause() if matter.outcome in UPHELD and matter.kind == MatterKind.COMPLAINT else None
    return matter_close(user=by, matter=matter, at=at, cause=named)


def a_cause() -> RootCause:
    """A root cause of the shipped tree."""
    causes_ship()
    return RootCause.objects.filter(parent__isnull=False).order_by("-pk")[0]


def a_question(*, by: User) -> MatterQuestion:
    """The first question of a complaint that is looked into."""
    matter = one_step(a_matter(at=clock.now()), to=Stage.ACKNOWLEDGED, by=by, at=clock.now())
    work = assessed(matter, by=by).rounds.last()
    assert work is not None
    return work.questions.first()  # type: ignore[return-value]


def an_objection(*, desk: Desk, stage: str = Stage.ACKNOWLEDGED, kind: str = "BANK", **given: Any) -> Matter:
    """An account holder objects to an amount."""
    case = given.pop("case", None) or a_case(make_client("BBB", kind=kind), ref="D-9")
    return a_matter_at(stage, desk=desk, case=case, category=objects_to_amount(), **given)
