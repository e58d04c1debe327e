"""What would be due when, if every step took its whole time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from common.clock import RIYADH
from common.clocks.reads import days_off
from common.clocks.steps import steps_in_force
from common.deadlines import Due, counts_from, due_of, whole_of
from common.models import ClockStep


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A step of a matter that begins at some moment; ``wins`` where no other step with the same end is due before."""

    step: ClockStep
    calendar: str
    since: dt.datetime
    due: Due
    wins: bool


def plan_of(
    *,
    kind: str,
    at: dt.datetime,
    calendar: str = "",
    client_id: int | None = None,
    profiles: Collection[str] | None = None,
) -> list[Planned]:
    """Every due date of a kind for a matter that begins at ``at``, in the order of its steps.

    A step that follows another begins when that one's time is over. ``calendar`` overrides each step's own; profiles
    are all unless told. Raises LookupError for a kind that no app ships.
    """
    steps = steps_in_force(kind=kind, on=at.astimezone(RIYADH).date(), client_id=client_id, profiles=profiles)
    known = {code: days_off(calendar=code) for code in {calendar or step.calendar for step in steps}}
    dues: dict[str, tuple[dt.datetime, Due]] = {}
    for step in _after_one_another(steps):
        holidays = known[calendar or step.calendar]
        begun = dues[step.after][1].at if step.after in dues else at
        since = counts_from(at=begun, office_hours=step.office_hours, holidays=holidays)
        left = whole_of(unit=step.unit, amount=step.amount)
        dues[step.code] = (
            since,
            due_of(unit=step.unit, left=left, since=since, moves_on=step.moves_on, holidays=holidays),
        )
    first: dict[str, dt.datetime] = {}
    for step in steps:
        first[step.ends] = min(first.get(step.ends, dues[step.code][1].at), dues[step.code][1].at)
    return [
        Planned(
            step=step,
            calendar=calendar or step.calendar,
            since=dues[step.code][0],
            due=dues[step.code][1],
            wins=dues[step.code][1].at == first[step.ends],
        )
        for step in steps
    ]


def _after_one_another(steps: list[ClockStep]) -> list[ClockStep]:
    """Each step after the one it follows; a step whose forerunner is not in use begins with the matter."""
    codes, placed, left = {step.code for step in steps}, list[ClockStep](), list(steps)
    while left:
        done = {step.code for step in placed}
        ready = [step for step in left if step.after not in codes or step.after in done]
        if not ready:
            raise LookupError(f"steps of {left[0].kind} follow one another in a circle")
        placed += ready
        left = [step for step in left if step not in ready]
    return placed
