"""Reports, recommendations and redress at every step, for tests; made by the services."""

from __future__ import annotations

import datetime as dt
from typing import Any

from accounts.choices import Role
from accounts.models import User
from clients.models import Client
from collections_app.models import ContactAttempt
from collections_app.services.contacts import contact_record
from common import clock
from common.audit import Actor
from complaints.choices import Department, ReportKind, Stage
from complaints.models import Matter, Recommendation, Redress, ReportCourse
from complaints.selectors.ripple import cases_alike, traits_of
from complaints.services.monthly import (
    digest_of,
    heads_waiting,
    report_archive,
    report_discuss,
    report_issue,
    report_prepare,
    report_review,
    report_write,
)
from complaints.services.recommendations import (
    recommendation_decide,
    recommendation_done,
    recommendation_not_done,
    recommendation_propose,
    recommendation_reason,
)
from complaints.services.redress import redress_open
from complaints.tests.handling_worlds import Desk, a_matter_at
from tests.world import ACTOR, a_case, make_user

MARCH = dt.date(2026, 3, 1)
WRITTEN = {
    "weak_points": "تأخر إغلاق شكاوى العمليات.",
    "proposals": "تنبيه قبل انتهاء المهلة بيومين.",
    "how": "يُعدّ التنبيه في النظام خلال أسبوعين.",
    "follow_up": "يُقاس التأخر شهريًا.",
}


class Learners:
    """Who learns from complaints: the quality officer, the general manager, the head of operations, a head of law."""

    def __init__(self, prefix: str = "") -> None:
        self.quality = make_user(Role.QUALITY_OFFICER, name=f"{prefix}quality")
        self.general = make_user(Role.GENERAL_MANAGER, name=f"{prefix}general2")
        self.head = make_user(Role.COLLECTIONS_MANAGER, name=f"{prefix}head2")

    def of(self, role: str) -> User:
        return {Role.COLLECTIONS_MANAGER: self.head}[Role(role)]


def a_recommendation(people: Learners, *, at: dt.datetime | None = None, **given: Any) -> Recommendation:
    return recommendation_propose(
        **{
            "user": people.head, "department": Department.OPERATIONS, "problem": "يتكرر الاتصال بعد التاسعة",
            "proposal": "إيقاف الاتصال آليًا عند الثامنة والنصف", "at": at or clock.now(), **given,
        }
    )  # fmt: skip


def approved(people: Learners, *, at: dt.datetime | None = None, days: int = 10, **given: Any) -> Recommendation:
    at = at or clock.now()
    return recommendation_decide(
        user=people.general, recommendation=a_recommendation(people, at=at, **given), approved=True, at=at,
        owner=people.head, due_on=at.astimezone(clock.RIYADH).date() + dt.timedelta(days=days),
    )  # fmt: skip


def recommendation_at(state: str, people: Learners, *, at: dt.datetime | None = None) -> Recommendation:
    """A recommendation that came so far; ``REASONED`` is one not done whose reason is known."""
    at = at or clock.now()
    if state == "PROPOSED":
        return a_recommendation(people, at=at)
    if state == "DECLINED":
        made = a_recommendation(people, at=at)
        return recommendation_decide(user=people.general, recommendation=made, approved=False, at=at, reason="قائم")
    made = approved(people, at=at)
    if state == "DONE":
        return recommendation_done(user=people.head, recommendation=made, result="أُوقف", at=at)
    if state in {"NOT_DONE", "REASONED"}:
        made = recommendation_not_done(user=people.head, recommendation=made, at=at)
    if state == "REASONED":
        made = recommendation_reason(user=people.head, recommendation=made, reason="تأخر المورد", at=at)
    return made


def a_report(
    people: Learners, *, kind: str = ReportKind.PERFORMANCE, month: dt.date | None = None, at: dt.datetime | None = None
) -> ReportCourse:
    at = at or clock.now()
    month = month or (at.astimezone(clock.RIYADH).date().replace(day=1) - dt.timedelta(days=1))
    return report_prepare(actor=ACTOR, kind=kind, month=month, at=at, user=people.quality)


def report_at(state: str, people: Learners, *, at: dt.datetime | None = None, **given: Any) -> ReportCourse:
    """A report that came so far."""
    at = at or clock.now()
    course = report_write(user=people.quality, course=a_report(people, at=at, **given), at=at, **WRITTEN)
    if state == "DRAFT":
        return course
    for role in heads_waiting(course):
        course = report_review(user=people.of(role), course=course, digest=digest_of(course), at=at, words="اطلعت")
    if state == "REVIEWED":
        return course
    course = report_issue(user=people.quality, course=course, at=at)
    if state == "ISSUED":
        return course
    course = report_discuss(user=people.general, course=course, decision="يُتابع أسبوعيًا", at=at)
    return course if state == "DISCUSSED" else report_archive(user=people.quality, course=course, at=at)


def redress_of(matter: Matter, *, by: User, at: dt.datetime | None = None) -> list[Redress]:
    """All who were treated alike by every trait of a matter, looked into within two weeks."""
    at, traits = at or clock.now(), traits_of(matter=matter)
    alike = cases_alike(matter=matter, user=by, traits=traits, days=30)
    return redress_open(
        user=by, matter=matter, traits=list(traits), days=30, cases=[one.case.pk for one in alike], at=at,
        due_on=at.astimezone(clock.RIYADH).date() + dt.timedelta(days=14),
    )  # fmt: skip


def treated_alike(client: Client, *, count: int, owner: User, at: dt.datetime) -> list[ContactAttempt]:
    """One collector calls the holders of so many accounts at one hour; the contact with each."""
    found = []
    for number in range(count):
        with clock.at(at):
            case = a_case(client, ref=f"RIPPLE-{number}", owner=owner)
            contact_record(actor=Actor.person(owner), user=owner, case=case, channel="PHONE", reached="HOLDER",
                           outcome="INFORMED", at=at, breach_reason="تأخر")  # fmt: skip
        found.append(case.attempts.get())
    return found


def an_upheld_complaint(client: Client, *, count: int = 3, at: dt.datetime | None = None, **given: Any) -> Matter:
    """The first of so many who were called alike complained of it, and was right."""
    at = at or clock.now()
    owner = make_user(Role.COLLECTOR, name=f"caller {client.code}")
    first = treated_alike(client, count=count, owner=owner, at=at)[0]
    desk = Desk(
        officer=make_user(Role.COMPLAINTS_OFFICER, name=f"officer {client.code}"),
        head=make_user(Role.COLLECTIONS_MANAGER, name=f"head {client.code}"),
        general=make_user(Role.GENERAL_MANAGER, name=f"general {client.code}"),
    )
    return a_matter_at(Stage.CLOSED, desk=desk, at=at, case=first.case, attempt=first, concerned=owner, **given)
