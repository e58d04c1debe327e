"""Months as a court's calendar shows them: weeks from Sunday, each day in both calendars."""

from __future__ import annotations

import datetime as dt


def month_of(*, text: str, today: dt.date) -> dt.date:
    """The first day of a month written 2026-12; this month for anything else, and outside 1990 to 2077."""
    try:
        first = dt.datetime.strptime(text, "%Y-%m").replace(tzinfo=dt.UTC).date()
    except ValueError:
        return today.replace(day=1)
    return first if 1990 <= first.year <= 2076 else today.replace(day=1)


def month_beside(*, first: dt.date, months: int) -> dt.date:
    """The first day of a month so many months later, or earlier."""
    count = first.year * 12 + first.month - 1 + months
    return dt.date(count // 12, count % 12 + 1, 1)


def weeks_of(*, first: dt.date) -> list[list[dt.date]]:
    """The weeks, Sunday to Saturday, that hold the month which begins on ``first``."""
    day = first - dt.timedelta(days=first.isoweekday() % 7)
    after = month_beside(first=first, months=1)
    weeks: list[list[dt.date]] = []
    while day < after:
        weeks.append([day + dt.timedelta(days=n) for n in range(7)])
        day += dt.timedelta(days=7)
    return weeks
