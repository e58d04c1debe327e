"""From which day an invoice is past its terms, and what a stop claims. Pure: dates are arguments.

Day 0 is the day the credit period begins; «more than» is strict: with 60 days, day 60 is within terms and 61 past them
(CM-10, I-01, I-03). Days on which an accepted objection suspends an invoice do not count, and on them it is not overdue
(I-05). The same count stands in SQL in ``selectors.stops``; the tests compare both.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from credit.choices import CLAIMS_ALL, PeriodStart, StopKind

ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Days:
    """Days from ``first`` to ``last``, both included; without ``last`` they go on."""

    first: dt.date
    last: dt.date | None = None

    def holds(self, day: dt.date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


def period_begins(*, start: str, issued_on: dt.date, due_on: dt.date, terms_days: int) -> dt.date:
    """Day 0 of an invoice. What begins with shipment or delivery is told by the client's own due date (I-03)."""
    return issued_on if start == PeriodStart.INVOICE else due_on - dt.timedelta(days=terms_days)


def days_counted(*, since: dt.date, on: dt.date, suspended: Sequence[Days] = ()) -> int:
    """How many days of an invoice count by the end of a day: those under an accepted objection do not."""
    return sum(not any(days.holds(since + n * ONE_DAY) for days in suspended) for n in range(1, (on - since).days + 1))


def first_day_past(*, since: dt.date, days: int, suspended: Sequence[Days] = ()) -> dt.date | None:
    """The first day on which more than ``days`` count; None while an objection without an end keeps it from coming."""
    on, counted = since, 0
    while counted <= days:
        on += ONE_DAY
        holding = [span for span in suspended if span.holds(on)]
        if any(span.last is None for span in holding):
            return None
        counted += not holding
    return on


def claimed(*, kind: str, overdue: Decimal, owed: Decimal, limit: Decimal | None) -> Decimal:
    """What is asked of a customer under a stop: what is past its terms, the excess, or everything owed (CM-17)."""
    if kind in CLAIMS_ALL:
        return owed
    if kind == StopKind.OVER_LIMIT:
        return max(owed - (limit or Decimal(0)), Decimal(0))
    return overdue
