"""Whatever happens in whatever order: no clock is lost, no state is skipped, and every lapse is told once."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clients.models import Client
from common.audit import Actor
from common.choices import CLOCK_MOVES, LIVE_CLOCK
from common.clock import RIYADH
from common.clocks import (
    ClockBreached,
    clock_cancel,
    clock_event,
    clock_meet,
    clock_pause,
    clock_reopen,
    clock_resume,
    clocks_tick,
    steps_in_force,
)
from common.exceptions import Conflict, Refused
from common.models import Clock, ClockEvent
from common.tests.holidays_sa import holidays_write
from common.tests.test_clocks import listening

ACTOR = Actor.system("test")
MATTER = Client(pk=7)
EVENTS = {
    "DISPUTE": ("FILED", "MEMBER_NOTIFIED", "MEMBER_REPLIED", "DECIDED", "UPHELD", "CORRECTED", "PROGRESS_TOLD",
                "RESULT_TOLD"),
    "COMPLAINT": ("RECEIVED", "ROUTED", "COMPLETE", "ANSWERED", "CLOSED"),
    "ENQUIRY": ("RECEIVED", "ANSWERED"),
}  # fmt: skip
ACTS = {"pause": clock_pause, "resume": clock_resume, "meet": clock_meet, "cancel": clock_cancel}
FIT = {
    "pause": {"RUNNING"}, "resume": {"PAUSED"}, "meet": {"RUNNING", "LATE"}, "cancel": {"RUNNING", "PAUSED"},
    "reopen": {"MET", "CANCELLED"}, "afresh": {"MET", "CANCELLED"},
}  # fmt: skip
REACHED: Counter[str] = Counter()

# An order that comes to every move, whatever chance brings.
EVERY_MOVE = [
    ("pause", 3, 1), ("pause", 3, 0), ("resume", 30, 0), ("resume", 1, 1), ("meet", 1, 0), ("reopen", 5, 0),
    ("cancel", 2, 0), ("afresh", 9, 0), ("tick", 120, 0), ("event", 60, ("DISPUTE", "MEMBER_NOTIFIED")),
]  # fmt: skip
hours = st.integers(0, 120)
one = st.one_of(
    st.tuples(
        st.just("event"), hours,
        st.sampled_from([(kind, event) for kind, events in EVENTS.items() for event in events]),
    ),
    st.tuples(st.sampled_from([*ACTS, "reopen", "afresh"]), hours, st.integers(0, 9)),
    st.tuples(st.just("tick"), hours, st.just(0)),
)  # fmt: skip


class World:
    """One matter with all its clocks, and what was told of them."""

    def __init__(self, heard: list[Any]) -> None:
        holidays_write()
        self.now = dt.datetime(2026, 3, 8, 9, 0, tzinfo=RIYADH)
        self.seen: dict[int, int] = {}
        self.heard = heard

    def do(self, act: tuple[Any, ...]) -> None:
        what, after, on = act
        self.now += dt.timedelta(hours=after)
        told = len(self.heard)
        try:
            with transaction.atomic():
                self._try(what, on)
        except (Conflict, Refused) as refusal:
            REACHED[refusal.code] += 1
            del self.heard[told:]  # taken back with the act
        else:
            REACHED[what] += 1

    def _try(self, what: str, on: Any) -> None:
        if what == "tick":
            assert clocks_tick(at=self.now).failed == []
            return
        if what == "event":
            kind, event = on
            known = set(Clock.objects.filter(kind=kind).values_list("code", flat=True))
            clock_event(subject=MATTER, kind=kind, event=event, at=self.now, actor=ACTOR, profiles=["BANK"])
            steps = steps_in_force(kind=kind, on=self.now.date(), profiles=["BANK"])
            started = {step.code for step in steps if step.starts == event}
            # Each step that the event starts has its clock, and none more than one.
            codes = list(Clock.objects.filter(kind=kind).values_list("code", flat=True))
            assert started <= set(codes) and known <= set(codes) and len(codes) == len(set(codes))
            return
        clocks = list(Clock.objects.select_related("step").order_by("pk"))
        # Every other time one that can make the move, where there is any.
        fit = [clock for clock in clocks if clock.state in FIT[what] and (what != "pause" or clock.step.may_pause)]
        clocks = fit if fit and on % 2 == 0 else clocks
        clock = clocks[on % len(clocks)]
        if what in {"reopen", "afresh"}:
            clock_reopen(clock=clock, at=self.now, actor=ACTOR, reason="خطأ", afresh=what == "afresh")
        else:
            ACTS[what](clock=clock, at=self.now, actor=ACTOR, reason="سبب")

    def holds(self) -> None:
        """What is true after every act."""
        clocks = {clock.pk: clock for clock in Clock.objects.all()}
        assert set(self.seen) <= set(clocks), "a clock was lost"
        told: dict[int, list[ClockEvent]] = {pk: [] for pk in clocks}
        for event in ClockEvent.objects.order_by("clock_id", "number"):
            told[event.clock_id].append(event)
        for pk, clock in clocks.items():
            history = told[pk]
            assert [event.number for event in history] == list(range(1, clock.moves + 1))
            assert (history[-1].state, history[-1].due_at) == (clock.state, clock.due_at)
            assert (history[0].move, history[0].state) == ("STARTED", "RUNNING")
            for before, after in pairwise(history):
                assert after.state == before.state or after.state in CLOCK_MOVES[before.state]
            # Late only by a lapse; what ended late had lapsed before.
            if clock.is_late:
                assert any(event.move == "LAPSED" for event in history)
            if clock.state in LIVE_CLOCK:
                assert (clock.due_at is None) == (clock.state == "PAUSED")
            self.seen[pk] = clock.moves
        # A member's silence always has its decision, and each lapse of a due date was told once.
        if any(event.move == "LAPSED" for c in clocks.values() if c.code == "MEMBER_REPLY" for event in told[c.pk]):
            assert any(clock.code == "DECISION" for clock in clocks.values())

    def ends(self) -> None:
        """After the last tick nothing waits for one."""
        clocks_tick(at=self.now)
        for clock in Clock.objects.filter(state="RUNNING"):
            assert clock.due_at is not None and clock.due_at >= self.now
        published = Counter((event.clock.pk, event.at) for event in self.heard if isinstance(event, ClockBreached))
        assert set(published.values()) <= {1}
        lapses = {(event.clock_id, event.at) for event in ClockEvent.objects.filter(move="LAPSED")}
        assert lapses <= set(published)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.mark.django_db
@pytest.mark.requirement("CB-43")
def test_random_orders_never_lose_a_clock_or_skip_a_state() -> None:
    @example(acts=EVERY_MOVE)
    @settings(max_examples=25)
    @given(acts=st.lists(one, min_size=3, max_size=16))
    def run(acts: list[tuple[Any, ...]]) -> None:
        with listening() as heard, transaction.atomic():
            world = World(heard)
            for act in [("event", 0, ("DISPUTE", "FILED")), ("event", 3, ("COMPLAINT", "COMPLETE")), *acts]:
                world.do(act)
                world.holds()
            world.ends()
            transaction.set_rollback(True)

    run()
    for what in (*ACTS, "reopen", "afresh", "tick", "clock_moved", "clock_no_pause"):
        assert REACHED[what], f"no order ever came to: {what}"
