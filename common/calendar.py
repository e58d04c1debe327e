"""Working days: Sunday to Thursday, less the holidays of a calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

WEEKEND = frozenset({5, 6})  # ISO weekdays of Friday and Saturday


def is_working_day(*, on: dt.date, holidays: Collection[dt.date]) -> bool:
    """True from Sunday to Thursday when no holiday falls on the date."""
    return on.isoweekday() not in WEEKEND and on not in holidays


def add_working_days(*, start: dt.date, days: int, holidays: Collection[dt.date]) -> dt.date:
    """The date ``days`` working days after ``start``; the day of the event is not counted (I-11)."""
    current = start
    while days > 0:
        current += dt.timedelta(days=1)
        if is_working_day(on=current, holidays=holidays):
            days -= 1
    return current


def working_days_between(*, start: dt.date, end: dt.date, holidays: Collection[dt.date]) -> int:
    """How many working days lie after ``start`` up to and including ``end``; 0 when it is not later."""
    count, current = 0, start
    while current < end:
        current += dt.timedelta(days=1)
        count += is_working_day(on=current, holidays=holidays)
    return count
