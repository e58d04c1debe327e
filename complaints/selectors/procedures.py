"""The procedures of the manual as they are in force, and what is overdue in them (CR-18, CX-09)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from accounts.models import User
from accounts.selectors.deadlines import Line, clocks_late
from common.clocks import kinds_of_steps, steps_in_force
from common.models import ClockStep
from complaints.choices import EditionState
from complaints.models import Procedure, ProcedureStep


@dataclass(frozen=True, kw_only=True)
class Row:
    """A step with the deadline it runs by, and what is late of it that this person may know of."""

    step: ProcedureStep
    deadline: ClockStep | None
    late: list[Line] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Sheet:
    procedure: Procedure
    rows: list[Row]


def procedures_in_force(*, user: User, on: dt.date, shows_late: bool) -> list[Sheet]:
    """Every published procedure with its steps. Where a step runs by a deadline, its limit is the one in force.

    With ``shows_late`` what is overdue stands at its step: matters that this person may open, nothing of others.
    """
    found = list(Procedure.objects.filter(state=EditionState.APPROVED).prefetch_related("steps"))
    ours = {step.clock_kind for one in found for step in one.steps.all() if step.clock_kind}
    deadlines = {
        (row.kind, row.code): row
        for kind in kinds_of_steps()
        if kind in ours
        for row in steps_in_force(kind=kind, on=on, profiles=None, ship=False)
    }
    late: dict[tuple[str, str], list[Line]] = {}
    for line in clocks_late(user=user) if shows_late and ours else ():
        if line.url:
            late.setdefault((line.clock.kind, line.clock.code), []).append(line)
    return [Sheet(procedure=one, rows=_rows(one.steps.all(), deadlines=deadlines, late=late)) for one in found]


def _rows(
    steps: Iterable[ProcedureStep],
    *,
    deadlines: dict[tuple[str, str], ClockStep],
    late: dict[tuple[str, str], list[Line]],
) -> list[Row]:
    found = []
    for step in steps:
        key = (step.clock_kind, step.clock_code)
        found.append(Row(step=step, deadline=deadlines.get(key), late=late.get(key, [])))
    return found
