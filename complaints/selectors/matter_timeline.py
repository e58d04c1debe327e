"""A matter drawn on an axis of working days: its stages with the clocks that run beside them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from common.calendar import working_days_between
from common.choices import LIVE_CLOCK, ClockState
from common.clock import RIYADH
from common.clocks import clocks_of, days_off
from common.models import Clock, Holiday
from complaints.choices import STAGES, Stage
from complaints.models import Matter
from complaints.selectors.dispute_timeline import AHEAD, DONE, EVERY, LATE, MAYBE, NOW, Step, Timeline

SHORTEST = 15
# The clock that a stage answers to: the first of these that the matter has.
CLOCKS_OF_STAGE = {
    Stage.ASSESSED: ("ROUTING",),
    Stage.RESPONDED: ("ANSWER_BANK", "ANSWER_FINANCE", "ANSWER"),
    Stage.CLOSED: ("CLOSING",),
}


def _day(at: dt.datetime) -> dt.date:
    return at.astimezone(RIYADH).date()


def matter_timeline(*, matter: Matter, now: dt.datetime) -> Timeline:
    """The stages of a matter at its level, done and to come; writes nothing."""
    first, today = _day(matter.received_at), _day(now)
    off = days_off(calendar=Holiday.Calendar.PRIVATE, since=first)

    def place(day: dt.date) -> int:
        return working_days_between(start=first, end=day, holidays=off)

    clocks = {clock.code: clock for clock in clocks_of(subject=matter)}
    reached = STAGES.index(Stage(matter.stage))
    at = {move.to_stage: _day(move.at) for move in matter.moves.all() if STAGES.index(Stage(move.to_stage)) <= reached}
    steps = []
    for index, stage in enumerate(STAGES[2:], start=2):
        clock = next((clocks[code] for code in CLOCKS_OF_STAGE.get(stage, ()) if code in clocks), None)
        done = at.get(stage) if index <= reached else None
        steps.append(_step(stage, clock=clock, done=done, is_next=index == reached + 1, at=place, today=today))
    received = Step(words=Stage.RECEIVED.label, state=DONE, start=0, reached=0, due=0, on=first)
    limit_on = max((c.due_on for c in clocks.values() if c.due_on is not None), default=today)
    last = max([place(limit_on), place(today), *(step.due or 0 for step in steps)])
    length = max(SHORTEST, -(-last // EVERY) * EVERY)
    return Timeline(
        steps=[received, *steps], today=place(today), limit=place(limit_on), limit_on=limit_on, length=length,
        ticks=list(range(0, length + 1, EVERY)),
    )  # fmt: skip


def _step(
    stage: Stage,
    *,
    clock: Clock | None,
    done: dt.date | None,
    is_next: bool,
    at: Callable[[dt.date], int],
    today: dt.date,
) -> Step:
    """A stage: with its bar where a clock stands behind it, else as a dot on its day."""
    step = Step(words=stage.label, state=MAYBE)
    if clock is None or clock.due_on is None:
        if done is not None:
            step.state, step.start, step.on = DONE, at(done), done
        elif is_next:
            step.state, step.start = NOW, at(today)
        return step
    begun = _day(clock.counts_from)
    step.code, step.start, step.due, step.on = clock.code, at(begun), at(clock.due_on), clock.due_on
    step.length = step.due - step.start
    if clock.state in LIVE_CLOCK:
        over = clock.state == ClockState.LATE or today > clock.due_on
        step.state = LATE if over else NOW if is_next or step.start <= at(today) else AHEAD
        step.reached = max(at(today), step.start)
    else:
        ended = _day(clock.ended_at) if clock.ended_at is not None else clock.due_on
        step.state, step.reached, step.on = DONE, at(ended), ended
        step.spare = step.due - step.reached
    return step
