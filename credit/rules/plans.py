"""Payment beside the repayment plan both sides agreed on (CM-29, source 001 §4.3.3). Pure.

Money counts in the order it came, for the instalments in the order they fall due: no payment names its instalment, and
nobody can say that one was meant for a later one while an earlier is open.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from common.money import ZERO


@dataclass(frozen=True, kw_only=True)
class Due:
    on: dt.date
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class Paid:
    on: dt.date
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class Measured:
    """An instalment on a day: what of it is paid, when it was full, and by how many days late it is or was."""

    on: dt.date
    amount: Decimal
    paid: Decimal
    full_on: dt.date | None
    late: int

    @property
    def open(self) -> Decimal:
        return self.amount - self.paid


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A plan on a day."""

    rows: tuple[Measured, ...]
    # What should have come by the day, what came, and what is missing of it.
    due: Decimal
    paid: Decimal

    @property
    def behind(self) -> Decimal:
        return max(self.due - self.paid, ZERO)

    @property
    def kept(self) -> int:
        """How many of those that fell due were paid by their day."""
        return sum(row.full_on is not None and row.late == 0 for row in self.rows)


def plan_standing(*, dues: Sequence[Due], paids: Sequence[Paid], on: dt.date) -> Standing:
    """Measure payments up to the end of a day against a plan."""
    came = sorted((paid for paid in paids if paid.on <= on), key=lambda paid: paid.on)
    total, covered, found = sum((paid.amount for paid in came), ZERO), ZERO, []
    for due in sorted(dues, key=lambda d: d.on):
        paid = min(max(total - covered, ZERO), due.amount)
        covered += due.amount
        full_on = _reached(came=came, amount=covered) if paid == due.amount else None
        late = max(((full_on or on) - due.on).days, 0)
        found.append(Measured(on=due.on, amount=due.amount, paid=paid, full_on=full_on, late=late))
    return Standing(rows=tuple(found), due=sum((row.amount for row in found if row.on <= on), ZERO), paid=total)


def _reached(*, came: Sequence[Paid], amount: Decimal) -> dt.date:
    """The day on which so much had come together."""
    together = ZERO
    for paid in came:
        together += paid.amount
        if together >= amount:
            return paid.on
    raise ValueError("so much did not come")
