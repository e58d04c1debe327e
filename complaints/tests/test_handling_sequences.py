"""Whatever is tried, in whatever order and however late: no stage is skipped and no clock is lost.

Beside the product runs a small model of its own: stages as places in a list, deadlines counted day by day.
"""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from collections_app.models import Hold
from collections_app.services.holds import hold_release
from common import clock
from common.clock import RIYADH
from common.clocks import clocks_of, clocks_tick
from common.exceptions import Refused
from common.models import Holiday
from complaints.choices import Answer, Missing, Stage
from complaints.models import Matter
from complaints.services.deciding import matter_close, matter_communicate
from complaints.services.handling import evidence_add, finding_add, matter_investigated, matter_look_again
from complaints.services.intake import matter_admit, matter_route
from complaints.services.levels import matter_disagree
from complaints.services.matters import acknowledge
from complaints.tests.handling_worlds import Desk, a_cause, a_desk, answered, assessed, objects_to_amount
from complaints.tests.worlds import a_matter
from tests.world import ACTOR, a_case, make_client

START = dt.datetime(2026, 3, 15, 9, 0, tzinfo=RIYADH)  # Eid al-Fitr is near
ORDER = ["TRACKED", "ACKNOWLEDGED", "ASSESSED", "INVESTIGATED", "RESPONDED", "COMMUNICATED", "CLOSED"]
STEPS = ["acknowledge", "assess", "investigated", "answer", "communicate", "close"]
EXAMPLES = int(os.environ.get("COMPLAINTS_EXAMPLES", "15"))
REACHED: Counter[str] = Counter()
# The deadlines by the sources: kind of client, days, working days, may pause, ends with.
TERMS = {
    "ROUTING": (1, False, True, "ROUTED"),
    "CLOSING": (11, True, True, "CLOSED"),
    "ANSWER_BANK": (5, True, False, "ANSWERED"),
    "ANSWER_FINANCE": (10, True, False, "ANSWERED"),
}
OF_KIND = {"BANK": "ANSWER_BANK", "FINANCE": "ANSWER_FINANCE"}
CALENDARS = {"ANSWER_BANK": "BANK"}

hours = st.sampled_from([0, 1, 5, 20, 30, 50, 100])
# Mostly the step that is next, so that lives come far; else anything at all.
acts = st.tuples(
    st.sampled_from(
        ["next"] * 12 + [*STEPS, "look", "look", "disagree", "disagree", "missing", "complete", "route",
                         "found", "wrong_person", "leader", "night"]
    ),
    hours,
)  # fmt: skip
lives = st.lists(acts, min_size=8, max_size=26)


@dataclass
class Ticking:
    state: str
    due: dt.date
    left: int
    since: dt.date


@dataclass
class Model:
    """What must be true, by its own reckoning."""

    kind: str
    off: dict[str, set[dt.date]]
    at: int = 0
    level: int = 1
    missing: bool = False
    complete: bool = False
    found: bool = False
    clocks: dict[str, Ticking] = field(default_factory=dict)

    def works(self, code: str, on: dt.date) -> bool:
        return on.weekday() not in (4, 5) and on not in self.off[CALENDARS.get(code, "PRIVATE")]

    def due(self, code: str, since: dt.date, left: int) -> dt.date:
        """Day by day: the day of the event is not counted."""
        on, working = since, TERMS[code][1]
        while left:
            on += dt.timedelta(days=1)
            left -= not working or self.works(code, on)
        while not self.works(code, on):
            on += dt.timedelta(days=1)
        return on

    def start(self, code: str, on: dt.date) -> None:
        whole = TERMS[code][0]
        self.clocks[code] = Ticking("RUNNING", self.due(code, on, whole), whole, on)

    def happened(self, event: str) -> None:
        for code, ticking in self.clocks.items():
            if TERMS[code][3] == event and ticking.state in {"RUNNING", "LATE", "PAUSED"}:
                ticking.state = "MET"

    def pause(self, on: dt.date) -> None:
        for code, ticking in self.clocks.items():
            if ticking.state == "RUNNING" and TERMS[code][2]:
                day, used = ticking.since, 0
                while day < on:
                    day += dt.timedelta(days=1)
                    used += not TERMS[code][1] or self.works(code, day)
                ticking.state, ticking.left = "PAUSED", max(0, ticking.left - used)

    def resume(self, on: dt.date) -> None:
        for code, ticking in self.clocks.items():
            if ticking.state == "PAUSED":
                ticking.state, ticking.since = "RUNNING", max(on, ticking.since)
                ticking.due = self.due(code, ticking.since, ticking.left)

    def pass_time(self, on: dt.date) -> None:
        for ticking in self.clocks.values():
            if ticking.state == "RUNNING" and ticking.due < on:
                ticking.state = "LATE"

    def reopen(self, on: dt.date) -> None:
        for code, ticking in self.clocks.items():
            if ticking.state == "MET" and TERMS[code][3] in {"ANSWERED", "CLOSED"}:
                self.start(code, on)


class Life:
    """One matter, in the product and in the model."""

    def __init__(self, kind: str) -> None:
        self.now = START
        self.desk: Desk = a_desk()
        off: dict[str, set[dt.date]] = {"BANK": set(), "PRIVATE": set()}
        for holiday in Holiday.objects.all():
            off[holiday.calendar].add(holiday.on)
        self.model = Model(kind=kind, off=off)
        with clock.at(self.now):
            case = a_case(make_client("AAA", kind=kind))
            self.matter = a_matter(at=self.now, case=case, category=objects_to_amount())
        self.model.start("ROUTING", self.now.date())
        if kind in OF_KIND:
            self.model.start(OF_KIND[kind], self.now.date())

    @property
    def by(self) -> Any:
        return self.desk.people[min(self.model.level, 3)]

    def act(self, name: str, later: int) -> None:
        self.now += dt.timedelta(hours=later)
        with clock.at(self.now):
            clocks_tick(at=self.now)
            self.model.pass_time(self.now.astimezone(RIYADH).date())
            if name == "next":
                name = STEPS[self.model.at] if self.model.at < len(STEPS) else "disagree"
                if name == "assess":
                    self.tried("complete")
                if name == "investigated":
                    self.tried("found")
            self.tried(name)
        self.compared(name)

    def tried(self, name: str) -> None:
        """Both sides are asked; where the model says no, the product refuses and nothing is written."""
        expected = getattr(self, f"may_{name}")()
        try:
            with transaction.atomic():
                getattr(self, f"do_{name}")()
            done = True
        except Refused:
            done = False
        assert done == expected, (name, ORDER[self.model.at], self.model)
        if done:
            REACHED[name] += 1
            getattr(self, f"then_{name}", lambda: None)()

    def compared(self, name: str) -> None:
        matter = Matter.objects.get(pk=self.matter.pk)
        assert (matter.stage, matter.level) == (ORDER[self.model.at], self.model.level), name
        found = {c.code: (c.state, c.due_on if c.state in {"RUNNING", "LATE"} else None)
                 for c in clocks_of(subject=matter)}  # fmt: skip
        expected = {code: (t.state, t.due if t.state in {"RUNNING", "LATE"} else None)
                    for code, t in self.model.clocks.items()}  # fmt: skip
        assert found == expected, name
        # What is objected to is held until the result is told, and again from a disagreement on.
        hold = Hold.objects.filter(case=matter.case).latest("pk")
        assert (hold.until_on is None, hold.decision == "") == (self.model.at < 5, self.model.at < 5), name
        moves = list(matter.moves.order_by("pk"))
        assert [m.to_stage for m in moves][-1] == matter.stage
        for move in moves[1:]:
            step = ORDER.index(move.to_stage) - (ORDER.index(move.from_stage) if move.from_stage in ORDER else -1)
            back = move.to_stage == "ASSESSED" and move.from_stage in {"INVESTIGATED", "COMMUNICATED", "CLOSED"}
            assert step == 1 or back or (move.from_stage, move.to_stage) == ("RESPONDED", "INVESTIGATED")

    def on(self) -> dt.date:
        return self.now.astimezone(RIYADH).date()

    # What may happen, by the model; what does, in the product; and what follows in the model.
    def may_acknowledge(self) -> bool:
        return self.model.at == 0

    def do_acknowledge(self) -> None:
        acknowledge(actor=ACTOR, matter=self.matter, at=self.now)

    def then_acknowledge(self) -> None:
        self.model.at = 1

    def may_missing(self) -> bool:
        return ORDER[self.model.at] != "CLOSED"

    def do_missing(self) -> None:
        matter_admit(user=self.desk.officer, matter=self.matter, missing=[Missing.DOCUMENTS], at=self.now)

    def then_missing(self) -> None:
        self.model.missing = True
        self.model.pause(self.on())

    def may_complete(self) -> bool:
        return ORDER[self.model.at] != "CLOSED" and (self.model.missing or not self.model.complete)

    def do_complete(self) -> None:
        matter_admit(user=self.desk.officer, matter=self.matter, missing=[], at=self.now)

    def then_complete(self) -> None:
        self.model.resume(self.on())
        if "CLOSING" not in self.model.clocks:
            self.model.start("CLOSING", self.on())
        self.model.missing, self.model.complete = False, True

    def may_route(self) -> bool:
        return ORDER[self.model.at] != "CLOSED"

    def do_route(self) -> None:
        matter_route(user=self.desk.officer, matter=self.matter, department="OPERATIONS", handler=None, at=self.now)

    def then_route(self) -> None:
        self.model.happened("ROUTED")

    def may_assess(self) -> bool:
        return self.model.at == 1 and self.model.complete and not self.model.missing

    def do_assess(self) -> None:
        assessed(self.matter, by=self.desk.officer, at=self.now)

    def then_assess(self) -> None:
        self.model.at, self.model.found = 2, False
        self.model.happened("ROUTED")

    def may_found(self) -> bool:
        return self.model.at == 2

    def do_found(self) -> None:
        work = self.matter.rounds.last()
        if work is None:
            raise Refused("none", "none")
        for question in work.questions.all():
            finding_add(user=self.by, matter=self.matter, question=question.pk, answer=Answer.PARTLY,
                        words="سُمع في التسجيل", at=self.now)  # fmt: skip
        evidence_add(user=self.by, matter=self.matter, words="تسجيل المكالمة", at=self.now)

    def then_found(self) -> None:
        self.model.found = True

    def may_investigated(self) -> bool:
        return self.model.at == 2 and self.model.found

    def do_investigated(self) -> None:
        matter_investigated(user=self.by, matter=self.matter, at=self.now)

    def then_investigated(self) -> None:
        self.model.at = 3

    def may_answer(self) -> bool:
        return self.model.at == 3

    def do_answer(self) -> None:
        answered(self.matter, by=self.by, at=self.now)

    def then_answer(self) -> None:
        self.model.at = 4
        self.model.happened("ANSWERED")

    def may_wrong_person(self) -> bool:
        return False

    def do_wrong_person(self) -> None:
        answered(self.matter, by=self.desk.people[self.model.level % 3 + 1], at=self.now)

    def may_leader(self) -> bool:
        """Who leads at the case never ends the hold: it ends with the result."""
        return False

    def do_leader(self) -> None:
        hold = Hold.objects.filter(case=self.matter.case).latest("pk")
        hold_release(actor=ACTOR, hold=hold, until_on=max(self.on(), hold.from_on), reason="طُلب ذلك")

    def may_look(self) -> bool:
        return self.model.at in {3, 4}

    def do_look(self) -> None:
        matter_look_again(user=self.by, matter=self.matter, at=self.now, reason="ورد جديد")

    def then_look(self) -> None:
        self.model.at -= 1
        if self.model.at == 3:
            for code, ticking in self.model.clocks.items():
                if TERMS[code][3] == "ANSWERED":
                    ticking.state = "LATE" if ticking.due < self.on() else "RUNNING"

    def may_communicate(self) -> bool:
        return self.model.at == 4

    def do_communicate(self) -> None:
        matter_communicate(user=self.by, matter=self.matter, how="MESSAGE", at=self.now)

    def then_communicate(self) -> None:
        self.model.at = 5

    def may_close(self) -> bool:
        return self.model.at == 5

    def do_close(self) -> None:
        matter_close(user=self.by, matter=self.matter, at=self.now, cause=a_cause())

    def then_close(self) -> None:
        self.model.at = 6
        self.model.happened("CLOSED")

    def may_disagree(self) -> bool:
        return self.model.at >= 5 and self.model.level < 4

    def do_disagree(self) -> None:
        matter_disagree(actor=ACTOR, matter=self.matter, words="لا أوافق", at=self.now)

    def then_disagree(self) -> None:
        self.model.level += 1
        if self.model.level < 4:
            self.model.at, self.model.found = 2, False
            self.model.reopen(self.on())

    def may_night(self) -> bool:
        return True

    def do_night(self) -> None:
        clocks_tick(at=self.now)


@pytest.mark.django_db
@pytest.mark.requirement("CX-12")
def test_no_stage_is_skipped_and_no_clock_is_lost() -> None:
    REACHED.clear()

    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck), database=None,
    )  # fmt: skip
    @given(kind=st.sampled_from(["BANK", "FINANCE", "TRADE"]), life=lives)
    def run(kind: str, life: list[tuple[str, int]]) -> None:
        with transaction.atomic():
            one = Life(kind)
            for name, later in life:
                one.act(name, later)
            transaction.set_rollback(True)

    run()
    # A model that is never asked proves nothing.
    for what in (*STEPS, "disagree", "look", "missing", "complete", "route", "found", "night"):
        assert REACHED[what], f"no life ever came to: {what}"


def test_every_stage_of_the_order_is_one_of_iso_10002() -> None:
    assert ["RECEIVED", *ORDER] == list(Stage.values)
