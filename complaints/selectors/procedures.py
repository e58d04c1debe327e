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
    deadlines = _deadlines(found, on=on)
    late: dict[tuple[str, str], list[Line]] = {}
    for line in clocks_late(user=user) if shows_late and deadlines else ():
        if line.url:
            late.setdefault((line.clock.kind, line.clock.code), []).append(line)
    return [Sheet(procedure=one, rows=_rows(one.steps.all(), deadlines=deadlines, late=late)) for one in found]


def procedure_in_force(*, code: str, on: dt.date) -> Sheet | None:
    """One published procedure, with the limits in force and nothing of what is late; None before there is one."""
    found = Procedure.objects.filter(code=code, state=EditionState.APPROVED).prefetch_related("steps").first()
    if found is None:
        return None
    return Sheet(procedure=found, rows=_rows(found.steps.all(), deadlines=_deadlines([found], on=on), late={}))


def _deadlines(procedures: Iterable[Procedure], *, on: dt.date) -> dict[tuple[str, str], ClockStep]:
    """The deadlines in force that steps of these run by."""
    ours = {step.clock_kind for one in procedures for step in one.steps.all() if step.clock_kind}
    return {
        (row.kind, row.code): row
        for kind in kinds_of_steps()
        if kind in ours
        for row in steps_in_force(kind=kind, on=on, profiles=None, ship=False)
    }


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
