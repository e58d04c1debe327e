"""Whatever is tried with recommendations and reports, in whatever order: no state is skipped, no deadline lost.

Beside the product runs a small model of its own: what may follow what, and the days by a calendar of its own.
"""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from common import clock
from common.clock import RIYADH
from common.clocks import clocks_of, clocks_tick
from common.exceptions import Refused
from common.models import Holiday
from complaints.choices import ReportKind
from complaints.models import MonthlyReport, RecommendationMove, ReportCourse
from complaints.services.monthly import (
    digest_of,
    report_archive,
    report_correct,
    report_discuss,
    report_issue,
    report_review,
    report_write,
)
from complaints.services.recommendations import (
    recommendation_again,
    recommendation_archive,
    recommendation_decide,
    recommendation_done,
    recommendation_not_done,
    recommendation_reason,
    recommendations_overdue,
)
from complaints.tests.learning_worlds import Learners, a_recommendation, a_report, recommendation_at
from tests.world import ACTOR

START = dt.datetime(2026, 4, 5, 9, 0, tzinfo=RIYADH)
EXAMPLES = int(os.environ.get("COMPLAINTS_EXAMPLES", "15"))
REACHED: Counter[str] = Counter()
hours = st.sampled_from([0, 1, 5, 24, 30, 72])
LIFE = settings(
    max_examples=EXAMPLES, deadline=None, phases=[Phase.generate], derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip


def off_days() -> set[dt.date]:
    return set(Holiday.objects.filter(calendar="PRIVATE").values_list("on", flat=True))


def by_hand(since: dt.date, days: int, off: set[dt.date]) -> dt.date:
    """So many calendar days on; an end on a day off moves to the next working day (I-11)."""
    on = since + dt.timedelta(days=days)
    while on.weekday() in (4, 5) or on in off:
        on += dt.timedelta(days=1)
    return on


RECOMMENDATION_ACTS = ["approve", "decline", "done", "not_done", "reason", "again", "archive", "night", "own"]


class Proposal:
    """One recommendation, in the product and in the model."""

    def __init__(self) -> None:
        self.now, self.people, self.off = START, Learners(), off_days()
        with clock.at(self.now):
            self.made = a_recommendation(self.people, at=self.now)
        self.state, self.reason, self.due, self.reason_due = "PROPOSED", False, START.date(), None
        self.course = ["PROPOSED"]

    def allowed(self, name: str) -> str | None:
        """The state an act leads to now, by the manual; None where it may not be."""
        table = {
            ("approve", "PROPOSED"): "APPROVED",
            ("decline", "PROPOSED"): "DECLINED",
            ("done", "APPROVED"): "DONE",
            ("not_done", "APPROVED"): "NOT_DONE",
            ("archive", "DONE"): "ARCHIVED",
            ("archive", "DECLINED"): "ARCHIVED",
        }
        if self.state == "NOT_DONE":
            if name == "reason" and not self.reason:
                return "NOT_DONE"
            return {"again": "APPROVED", "archive": "ARCHIVED"}.get(name) if self.reason else None
        return table.get((name, self.state))

    def do(self, name: str) -> None:
        w, one, due = self.people, self.made, self.now.date() + dt.timedelta(days=3)
        {
            "approve": lambda: recommendation_decide(user=w.general, recommendation=one, approved=True, at=self.now,
                                                     owner=w.head, due_on=due),
            "own": lambda: recommendation_decide(user=w.head, recommendation=one, approved=True, at=self.now,
                                                 owner=w.head, due_on=due),
            "decline": lambda: recommendation_decide(user=w.general, recommendation=one, approved=False, at=self.now,
                                                     reason="لا حاجة"),
            "done": lambda: recommendation_done(user=w.head, recommendation=one, result="تم", at=self.now),
            "not_done": lambda: recommendation_not_done(user=w.quality, recommendation=one, at=self.now),
            "reason": lambda: recommendation_reason(user=w.head, recommendation=one, reason="نقص", at=self.now),
            "again": lambda: recommendation_again(user=w.general, recommendation=one, owner=w.head, due_on=due,
                                                  at=self.now),
            "archive": lambda: recommendation_archive(user=w.quality, recommendation=one, at=self.now),
        }[name]()  # fmt: skip

    def act(self, name: str, later: int) -> None:
        self.now += dt.timedelta(hours=later)
        with clock.at(self.now):
            if name == "night":
                self.night()
                return
            to = self.allowed(name)
            try:
                with transaction.atomic():
                    self.do(name)
            except Refused:
                assert to is None, (name, self.state)
            else:
                assert to is not None, (name, self.state)
                self.moved(name, to)

    def night(self) -> None:
        clocks_tick(at=self.now)
        overdue = self.state == "APPROVED" and self.due < self.now.date()
        assert recommendations_overdue(actor=ACTOR, at=self.now) == overdue
        assert recommendations_overdue(actor=ACTOR, at=self.now) == 0
        if overdue:
            self.moved("not_done", "NOT_DONE")

    def moved(self, name: str, to: str) -> None:
        REACHED[f"{name}>{to}"] += 1
        self.course.append(to)
        self.state = to
        if to == "APPROVED":
            self.due = self.now.date() + dt.timedelta(days=3)
        if name == "reason":
            self.reason, self.reason_due = True, None
        elif to == "NOT_DONE":
            self.reason, self.reason_due = False, by_hand(self.now.date(), 2, self.off)

    def check(self) -> None:
        self.made.refresh_from_db()
        assert self.made.state == self.state
        assert list(RecommendationMove.objects.filter(recommendation=self.made).values_list("to_state", flat=True)) == (
            self.course
        )
        live = [c for c in clocks_of(subject=self.made) if c.state in {"RUNNING", "LATE"}]
        assert [c.due_on for c in live] == ([self.reason_due] if self.reason_due else [])


@pytest.mark.django_db
def test_recommendations_in_any_order() -> None:
    REACHED.clear()

    @given(st.lists(st.tuples(st.sampled_from(RECOMMENDATION_ACTS), hours), min_size=6, max_size=18))
    @settings(LIFE, max_examples=3 * EXAMPLES)
    def run(life: list[tuple[str, int]]) -> None:
        with transaction.atomic():
            one = Proposal()
            for name, later in life:
                one.act(name, later)
                one.check()
            transaction.set_rollback(True)

    run()
    # The lives come to every act; else they would prove nothing.
    wanted = {"approve>APPROVED", "decline>DECLINED", "done>DONE", "not_done>NOT_DONE", "again>APPROVED",
              "archive>ARCHIVED", "reason>NOT_DONE"}  # fmt: skip
    assert wanted <= set(REACHED), wanted - set(REACHED)


REPORT_ACTS = ["write", "review", "stale", "issue", "discuss", "archive", "correct", "reason", "night"]
steps = st.tuples(st.sampled_from([*REPORT_ACTS, "review", "issue", "next", "next", "next", "next"]), hours)


class Month:
    """A month's reports, in the product and in the model: an earlier recommendation was not done, perhaps."""

    def __init__(self, *, owed: bool, kind: str) -> None:
        self.now, self.people, self.off = START, Learners(), off_days()
        with clock.at(self.now):
            self.owed = (
                recommendation_at("NOT_DONE", self.people, at=self.now - dt.timedelta(days=20)) if owed else None
            )
            self.course = a_report(self.people, kind=kind, at=self.now)
        self.state, self.written, self.waits = "DRAFT", False, owed
        self.due: dict[str, dt.date] = {}
        self.frozen: dict[int, list[bytes]] = {}

    def next(self) -> str:
        return {"DRAFT": "review" if self.written else "write", "REVIEWED": "issue", "ISSUED": "discuss",
                "DISCUSSED": "archive", "ARCHIVED": "correct"}[self.state]  # fmt: skip

    def allowed(self, name: str) -> bool:
        if name == "write":
            return self.state in {"DRAFT", "REVIEWED"}
        if name == "reason":
            return self.waits
        if name == "discuss":
            return self.state == "ISSUED" and "REASON" not in self.due
        if name == "correct":
            return self.state in {"ISSUED", "DISCUSSED", "ARCHIVED"}
        if name == "issue":
            return self.state == "REVIEWED" and (self.written or not self.owed_words)
        return {"review": "DRAFT", "archive": "DISCUSSED"}.get(name) == self.state

    @property
    def owed_words(self) -> bool:
        figures = self.course.figures
        return bool(figures.get("weak")) or bool(figures.get("complaints"))

    def do(self, name: str) -> None:
        w, one = self.people, self.course
        if name == "write":
            words = f"نقطة {self.now:%H:%M} {self.now.date()}"
            self.course = report_write(user=w.quality, course=one, at=self.now, weak_points=words, proposals="مقترح",
                                       how="آلية", follow_up="متابعة")  # fmt: skip
        elif name in {"review", "stale"}:
            digest = digest_of(one) if name == "review" else "0" * 64
            self.course = report_review(user=w.head, course=one, digest=digest, at=self.now)
        elif name == "issue":
            self.course = report_issue(user=w.quality, course=one, at=self.now)
        elif name == "discuss":
            self.course = report_discuss(user=w.general, course=one, decision="قرار", at=self.now)
        elif name == "archive":
            self.course = report_archive(user=w.quality, course=one, at=self.now)
        elif name == "correct":
            self.course = report_correct(user=w.quality, course=one, reason="خطأ", at=self.now)
        else:
            assert self.owed is not None
            recommendation_reason(user=w.head, recommendation=self.owed, reason="سبب", at=self.now)

    def act(self, name: str, later: int) -> None:
        self.now += dt.timedelta(hours=later)
        name = self.next() if name == "next" else name
        if name == "reason" and self.owed is None:
            return
        with clock.at(self.now):
            if name == "night":
                clocks_tick(at=self.now)
                return
            before = digest_of(self.course)
            try:
                with transaction.atomic():
                    self.do(name)
            except Refused:
                assert not self.allowed(name), (name, self.state)
                self.course = ReportCourse.objects.get(pk=self.course.pk)
                return
            assert self.allowed(name), (name, self.state)
            self.moved(name, changed=digest_of(self.course) != before)

    def moved(self, name: str, *, changed: bool) -> None:
        REACHED[name] += 1
        today = self.now.date()
        if name == "write":
            self.written, self.state = True, "DRAFT" if changed else self.state
        elif name == "review":
            self.state = "REVIEWED"
        elif name == "issue":
            self.state = "ISSUED"
            self.due = {"REASON": by_hand(today, 2, self.off)} if self.waits else {
                "DISCUSSION": by_hand(today, 3, self.off)
            }  # fmt: skip
        elif name == "reason":
            self.waits = False
            if "REASON" in self.due:
                self.due = {"DISCUSSION": by_hand(today, 3, self.off)}
        elif name == "discuss":
            self.state, self.due = "DISCUSSED", {"ARCHIVE": by_hand(today, 1, self.off)}
        elif name == "archive":
            self.state, self.due = "ARCHIVED", {}
        elif name == "correct":
            # The earlier issue keeps its deadlines until the next one takes its place.
            self.kept, self.state, self.due = self.due, "DRAFT", {}

    def check(self) -> None:
        self.course.refresh_from_db()
        assert self.course.state == self.state
        live = {c.code: c.due_on for c in clocks_of(subject=self.course) if c.state in {"RUNNING", "LATE"}}
        assert live == self.due
        for paper in MonthlyReport.objects.filter(kind=self.course.kind):
            kept = self.frozen.setdefault(paper.pk, [bytes(paper.content)])
            assert [bytes(paper.content)] == kept  # what was issued stays as it was
        issued = [self.course.state] if self.course.issued_at else []
        assert len(self.frozen) == 2 * (self.course.issue - 1 + len(issued))
        if self.course.issue > 1 and self.course.issued_at:
            earlier = ReportCourse.objects.get(kind=self.course.kind, issue=self.course.issue - 1)
            assert earlier.state == "REPLACED"
            assert not [c for c in clocks_of(subject=earlier) if c.state in {"RUNNING", "LATE"}]


@pytest.mark.django_db
def test_reports_in_any_order() -> None:
    REACHED.clear()

    @given(st.lists(steps, min_size=6, max_size=20), st.booleans(), st.sampled_from(list(ReportKind.values)))
    @LIFE
    def run(life: list[tuple[str, int]], owed: bool, kind: str) -> None:
        with transaction.atomic():
            month = Month(owed=owed, kind=kind)
            for name, later in life:
                month.act(name, later)
                month.check()
            transaction.set_rollback(True)

    run()
    wanted = {"write", "review", "issue", "discuss", "archive", "correct", "reason"}
    assert wanted <= set(REACHED), wanted - set(REACHED)
