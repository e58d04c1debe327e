"""When a channel is to be reviewed, and an account looked through. Pure."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from common.calendar import is_working_day, working_days_between
from complaints.choices import Intake

# The official channels of every house; accounts of social media are named by whoever has them.
SHIPPED = tuple(intake for intake in Intake if intake != Intake.SOCIAL)
QUARTER = 3  # months: the needs of a channel are reviewed each quarter (source 002 §3.3)


def months_moved(day: dt.date, *, months: int) -> dt.date:
    """The same day so many months on, or back; the last of the month where it has no such day."""
    place = day.year * 12 + day.month - 1 + months
    year, month = place // 12, place % 12 + 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def review_due_on(*, last: dt.date | None, since: dt.date | None) -> dt.date | None:
    """The day by which a channel is reviewed again: a quarter after its last review, or after it came into use.

    None for one that was in use before this register and never reviewed: it is due.
    """
    began = last or since
    return months_moved(began, months=QUARTER) if began is not None else None


@dataclass(frozen=True, kw_only=True)
class Watched:
    """How an account stands today: ``missed`` working days without a look since ``since``, the last one looked
    through or the day before it came into use; and whether today's look is still to come."""

    since: dt.date
    missed: int
    due_today: bool


def watched(*, last: dt.date | None, since: dt.date, today: dt.date, days_off: Collection[dt.date]) -> Watched:
    """Each working day is looked through (source 002 §3.11); today counts as missed only once it is over."""
    day = last if last is not None and last >= since else since - dt.timedelta(days=1)
    missed = working_days_between(start=day, end=today - dt.timedelta(days=1), holidays=days_off)
    return Watched(since=day, missed=missed, due_today=day < today and is_working_day(on=today, holidays=days_off))
