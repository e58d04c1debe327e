"""The table of steps: shipped by the apps, versions of the house and of single clients over them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import asdict

from django.db.models import Q

from common import slots
from common.deadlines import Step
from common.models import ClockStep

# Shipped steps hold since always.
SINCE_ALWAYS = dt.date(1990, 1, 1)


def kinds_of_steps() -> list[str]:
    """Every kind of matter that has steps, in the order of ``config/wiring.py``."""
    return list(dict.fromkeys(step.kind for step in slots.filled("clock_steps")))


def _unshipped(kind: str) -> list[ClockStep]:
    """The shipped steps of a kind that the table does not hold yet, unsaved: their version 1."""
    shipped: list[Step] = [step for step in slots.filled("clock_steps") if step.kind == kind]
    if not shipped:
        raise LookupError(kind)
    known = set(ClockStep.objects.filter(kind=kind, client_id=None).values_list("code", flat=True))
    return [
        ClockStep(**{**asdict(step), "alarms": list(step.alarms)}, starts_on=SINCE_ALWAYS)
        for step in shipped
        if step.code not in known
    ]


def steps_ship(*, kind: str) -> None:
    """Write down the shipped steps of a kind that the table does not hold yet.

    What stands there already stands: a shipped figure that changes is a change like any other, asked and approved.
    Raises LookupError for a kind that no app ships.
    """
    if missing := _unshipped(kind):
        ClockStep.objects.bulk_create(missing, ignore_conflicts=True)


def _in_force(rows: list[ClockStep]) -> list[ClockStep]:
    """Of each step the version that rules: a client's own before the house's, and of each the latest begun."""
    ruling: dict[str, ClockStep] = {}
    for row in rows:
        best = ruling.get(row.code)
        rank = (row.client_id is not None, row.starts_on, row.version)
        if best is None or rank > (best.client_id is not None, best.starts_on, best.version):
            ruling[row.code] = row
    return [row for row in ruling.values() if row.in_use]


def steps_in_force(
    *,
    kind: str,
    on: dt.date,
    client_id: int | None = None,
    profiles: Collection[str] | None = (),
    ship: bool = True,
) -> list[ClockStep]:
    """The steps of a kind on a day, as they follow one another: the general ones and those of ``profiles``.

    None for every profile. A reader that may not write asks without ``ship``, and sees what is not written yet
    unsaved. Raises LookupError for a kind that no app ships.
    """
    if ship:
        steps_ship(kind=kind)
    rows = ClockStep.objects.filter(kind=kind, starts_on__lte=on).filter(
        Q(client_id=None) | Q(client_id=client_id) if client_id is not None else Q(client_id=None)
    )
    order = {step.code: place for place, step in enumerate(slots.filled("clock_steps")) if step.kind == kind}
    found = [
        row
        for row in _in_force([*rows, *([] if ship else _unshipped(kind))])
        if profiles is None or row.profile in {"", *profiles}
    ]
    return sorted(found, key=lambda row: (order.get(row.code, len(order)), row.pk or 0))


def step_of(*, kind: str, code: str, on: dt.date, client_id: int | None = None) -> ClockStep:
    """One step as it holds on a day. Raises LookupError when there is none."""
    for row in steps_in_force(kind=kind, on=on, client_id=client_id, profiles=None):
        if row.code == code:
            return row
    raise LookupError(f"{kind}.{code}")
