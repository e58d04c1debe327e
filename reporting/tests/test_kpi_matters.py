"""Whatever people tell us and however late we answer: the KPIs of matters say what an independent reckoning says, as
known at any moment (ADR 0042).
"""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from collections_app.models import Case
from common import clock
from complaints.choices import MatterKind
from complaints.models import Matter, Rating
from complaints.services.ratings import rating_ask, rating_give
from complaints.tests.handling_worlds import ORDER, Desk, a_desk, one_step
from complaints.tests.worlds import a_matter
from reporting.kpis import Ask, kpi_figures
from tests.world import ACTOR, a_case, make_client

pytestmark = pytest.mark.django_db

EXAMPLES = int(os.environ.get("KPI_EXAMPLES", "4"))
START = dt.datetime(2026, 10, 4, 9, tzinfo=clock.RIYADH)  # a Sunday; no day off but Fridays and Saturdays until the end
TERMS = {"BANK": 5, "FINANCE": 10}  # working days to an answer; the house closes in 11 from completeness
CODES = (
    "COMPLAINTS_IN_TIME", "ENQUIRIES_24H", "RESPONSE_RATE", "RESPONSE_DAYS", "RESOLUTION_RATE", "SATISFACTION",
)  # fmt: skip
KINDS = st.sampled_from(["COMPLAINT", "COMPLAINT", "ENQUIRY", "SUGGESTION"])
INDEX = st.integers(0, 30)
ACTS = st.one_of(
    st.tuples(st.just("wait"), st.sampled_from([1, 5, 20, 30, 24 * 4, 24 * 9])),
    st.tuples(st.just("told"), KINDS),
    st.tuples(st.just("go"), INDEX, st.integers(1, 7)),
    st.tuples(st.just("go"), INDEX, st.integers(1, 7)),
    st.tuples(st.just("rate"), INDEX, st.integers(1, 5)),
)


@dataclass
class Told:
    """One matter, as whoever watched it would write it down."""

    matter: Matter
    kind: str
    received: dt.datetime
    step: int = 0
    complete: dt.datetime | None = None
    answered: dt.datetime | None = None
    closed: dt.datetime | None = None
    rated: tuple[dt.datetime, int] | None = None


def working_days(since: dt.datetime, left: int) -> dt.datetime:
    """The end of the working day that is so many after the day of something."""
    day = since.astimezone(clock.RIYADH).date()
    while left:
        day += dt.timedelta(days=1)
        left -= day.weekday() not in (4, 5)
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(0), tzinfo=clock.RIYADH)


def by(moment: dt.datetime | None, then: dt.datetime) -> dt.datetime | None:
    """A moment that had come by another one."""
    return moment if moment is not None and moment <= then else None


@dataclass
class Life:
    desk: Desk
    case: Case
    kind: str
    now: dt.datetime = START
    told: list[Told] = field(default_factory=list)
    moments: list[dt.datetime] = field(default_factory=list)
    tally: Counter[str] = field(default_factory=Counter)

    def do(self, act: tuple[Any, ...]) -> None:
        name, *given = act
        if name == "wait":
            self.now += dt.timedelta(hours=given[0])
            return
        self.now += dt.timedelta(minutes=7)
        with clock.at(self.now):
            getattr(self, f"_{name}")(*given)
        self.moments.append(self.now)
        self.tally[name] += 1

    def _told(self, kind: str) -> None:
        number = len(self.told)
        words = f"الأمر رقم {number} {'٭' * number}"
        matter = a_matter(kind=kind, case=self.case, at=self.now, words=words, phone=f"05512345{number:02}")
        self.told.append(Told(matter, kind, self.now))

    def _go(self, index: int, steps: int) -> None:
        """So many steps further, all at one moment."""
        if not self.told:
            return
        one = self.told[index % len(self.told)]
        for _step in range(steps):
            if one.step + 1 < len(ORDER):
                one.step += 1
                one.matter = one_step(one.matter, to=ORDER[one.step], by=self.desk.officer, at=self.now)
                came = {"ACKNOWLEDGED": "complete", "RESPONDED": "answered", "CLOSED": "closed"}.get(ORDER[one.step])
                if came:
                    setattr(one, came, self.now)
                    self.tally[came] += 1

    def _rate(self, index: int, score: int) -> None:
        ended = [one for one in self.told if one.closed and not one.rated]
        if ended:
            one = ended[index % len(ended)]
            rating_ask(actor=ACTOR, matter=one.matter, at=self.now)
            rating = Rating.objects.get(matter=one.matter)
            rating_give(rating=rating, score=score, is_solved=score > 2, words="", at=self.now)
            one.rated = (self.now, score)
            self.tally["rated"] += 1

    def expected(self, first: dt.date, last: dt.date, at: dt.datetime) -> dict[str, tuple[Any, Any]]:
        """Both sides of each figure, as known at a moment."""

        def within(moment: dt.datetime) -> bool:
            return moment <= at and first <= moment.astimezone(clock.RIYADH).date() <= last

        received = [one for one in self.told if within(one.received)]
        decided = [late for one in received if one.kind == "COMPLAINT" and (late := self._late(one, at)) is not None]
        day = dt.timedelta(hours=24)
        asked = [
            answered is not None and answered <= one.received + day
            for one in received
            if one.kind != "COMPLAINT"
            and (((answered := by(one.answered, at)) and answered <= one.received + day) or one.received + day < at)
        ]  # fmt: skip
        answers = [(answered, one) for one in received if (answered := by(one.answered, at))]
        taken = sum((Fraction((answered - one.received).total_seconds()) for answered, one in answers), Fraction(0))
        scores = [one.rated[1] for one in self.told if one.rated and within(one.rated[0])]
        return {
            "COMPLAINTS_IN_TIME": (decided.count(False), len(decided)),
            "ENQUIRIES_24H": (sum(asked), len(asked)),
            "RESPONSE_RATE": (len(answers), len(received)),
            "RESPONSE_DAYS": (taken / 86_400, len(answers)),
            "RESOLUTION_RATE": (sum(by(one.closed, at) is not None for one in received), len(received)),
            "SATISFACTION": (sum(score >= 4 for score in scores), len(scores)),
        }

    def _late(self, one: Told, at: dt.datetime) -> bool | None:
        """Whether a complaint passed one of its deadlines; None while it is within them and not over."""
        clocks = []
        if complete := by(one.complete, at):
            clocks.append((working_days(complete, 11), by(one.closed, at)))
        if self.kind in TERMS:
            clocks.append((working_days(one.received, TERMS[self.kind]), by(one.answered, at)))
        if any((end or at) > due for due, end in clocks):
            return True
        return False if clocks and all(end for _due, end in clocks) else None


def check(life: Life, first: dt.date, last: dt.date, now: dt.datetime, known_at: dt.datetime | None) -> None:
    ask = Ask(client_id=life.case.client_id, first=first, last=last, now=now, known_at=known_at)
    told = {figure.kpi.code: figure for figure in kpi_figures(ask=ask, codes=CODES)}
    for code, (over, under) in life.expected(first, last, known_at or now).items():
        figure = told[code]
        assert figure.denominator == under, f"{code}: ÷ {figure.denominator}, not {under}"
        assert abs(Fraction(figure.numerator or 0) - over) < Fraction(1, 10_000), (
            f"{code}: {figure.numerator}, not {over}"
        )
        assert (figure.value is None) is (under == 0), code
        if figure.value is not None:
            assert abs(Fraction(figure.value) - Fraction(over) / under) < Fraction(1, 10_000), code


@pytest.mark.requirement("CX-20", "CX-21", "CR-07")
@pytest.mark.parametrize("kind", ["TELECOM", "BANK", "FINANCE"])
def test_whatever_people_tell_us_every_kpi_of_matters_is_that_of_the_model(kind: str) -> None:
    with clock.at(START):
        desk, case = a_desk(), a_case(make_client(kind=kind))
    tally: Counter[str] = Counter()

    @settings(
        max_examples=EXAMPLES, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck),
        derandomize="KPI_EXAMPLES" not in os.environ,
    )  # fmt: skip
    @given(
        acts=st.lists(ACTS, min_size=8, max_size=20), within=st.tuples(st.integers(0, 99), st.integers(0, 99), INDEX)
    )
    def lives(acts: list[tuple[Any, ...]], within: tuple[int, int, int]) -> None:
        with transaction.atomic():
            life = Life(desk, case, kind)
            for act in [("told", MatterKind.COMPLAINT.value), ("told", MatterKind.ENQUIRY.value), *acts]:
                life.do(act)
            now = life.now + dt.timedelta(hours=1)
            span = (now - START).days + 1
            first, last = sorted((START + dt.timedelta(days=share * span // 100)).date() for share in within[:2])
            for begun, ended, known_at in (
                (first, last, life.moments[within[2] % len(life.moments)]),
                (START.date(), now.date(), None),
            ):
                try:
                    check(life, begun, ended, now, known_at)
                except AssertionError as error:
                    raise AssertionError(f"{begun} to {ended}, known at {known_at}, of {acts}: {error}") from error
            tally.update(life.tally)
            transaction.set_rollback(True)

    lives()
    # The walk meets what it is for.
    for met in ("told", "complete", "answered", "closed", "rated"):
        assert tally[met], met
