"""Deadlines as arithmetic: steps as an app declares them, due dates, rests and warnings. No database, no clock.

Units (I-11): ``WD`` are working days, only where the source says so; ``D`` calendar days; ``H`` hours. The day of the
event is not counted. What is due on a day lapses with the end of that day in Riyadh; what is due in hours, at its
hour. Amounts of days are days; what is left of hours is kept in seconds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from common.calendar import add_working_days, is_working_day, working_days_between
from common.choices import ClockUnit
from common.clock import RIYADH, at_riyadh

# Office hours (CB-45: Sunday to Thursday 08:00-16:30), both ends included.
OPENS, CLOSES = dt.time(8), dt.time(16, 30)
END_OF_DAY = dt.time.max
HOUR = 3_600
DAY = dt.timedelta(days=1)
# Warnings, as a share of the time, and one working day before (COMPLAINT-DEADLINE).
SHARES = (60, 80)
BEFORE = "BEFORE"


@dataclass(frozen=True, kw_only=True)
class Step:
    """A deadline as an app ships it: one row of its ``rules/deadlines.py``.

    ``starts`` is the event that starts its clock, ``ends`` the one that meets it. ``after`` names the step before it
    in a chain; with ``on_lapse`` the lapse of that step starts it too, whichever comes first. ``moves_on``: an end on a
    day off moves to the next working day. ``office_hours``: what comes outside them counts as of the next working
    day. ``alarms`` are days of warning in place of 60 %, 80 % and one working day before. A step with a ``profile``
    holds only where the app says that it applies. ``verified`` is false where the figure is not read in its source.
    """

    kind: str
    code: str
    words_ar: str
    words_en: str
    starts: str
    ends: str
    amount: int
    unit: str
    source: str
    calendar: str = "PRIVATE"
    after: str = ""
    on_lapse: bool = False
    moves_on: bool = False
    office_hours: bool = False
    may_pause: bool = True
    alarms: tuple[int, ...] = ()
    profile: str = ""
    verified: bool = True
    # The manual's own columns (CR-18): number, role responsible, output.
    number: str = ""
    responsible: str = ""
    output_ar: str = ""
    output_en: str = ""


@dataclass(frozen=True, kw_only=True)
class Due:
    """When a clock lapses: the day, and the last moment that is still in time."""

    on: dt.date
    at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class Alert:
    """A warning ahead: its moment, in working time, and which it is (``60``, ``80``, ``BEFORE`` or a day)."""

    at: dt.datetime
    mark: str


def whole_of(*, unit: str, amount: int) -> int:
    """An amount as the rest of a clock is kept: days, or seconds of hours."""
    return amount * HOUR if unit == ClockUnit.HOURS else amount


def next_working_day(*, on: dt.date, holidays: Collection[dt.date]) -> dt.date:
    """The day itself when it is worked, else the next that is."""
    while not is_working_day(on=on, holidays=holidays):
        on += DAY
    return on


def _working_day_before(*, on: dt.date, holidays: Collection[dt.date]) -> dt.date:
    on -= DAY
    while not is_working_day(on=on, holidays=holidays):
        on -= DAY
    return on


def in_working_time(*, at: dt.datetime, holidays: Collection[dt.date]) -> bool:
    """True from 08:00 to 16:30 of a working day."""
    local = at.astimezone(RIYADH)
    return is_working_day(on=local.date(), holidays=holidays) and OPENS <= local.time() <= CLOSES


def working_time_from(*, at: dt.datetime, holidays: Collection[dt.date]) -> dt.datetime:
    """The moment itself in working time, else the next opening."""
    local = at.astimezone(RIYADH)
    if in_working_time(at=local, holidays=holidays):
        return local
    on = local.date() if local.time() < OPENS else local.date() + DAY
    return at_riyadh(on=next_working_day(on=on, holidays=holidays), time=OPENS)


def counts_from(*, at: dt.datetime, office_hours: bool, holidays: Collection[dt.date]) -> dt.datetime:
    """Since when a clock counts: the event, or with ``office_hours`` the opening of the next working day (CB-45).

    Before 08:00 of a working day that is the same day: it has not begun yet.
    """
    return working_time_from(at=at, holidays=holidays) if office_hours else at.astimezone(RIYADH)


def due_of(*, unit: str, left: int, since: dt.datetime, moves_on: bool, holidays: Collection[dt.date]) -> Due:
    """When a clock with this much left lapses, counting from ``since``."""
    local = since.astimezone(RIYADH)
    if unit == ClockUnit.HOURS:
        end = (since + dt.timedelta(seconds=left)).astimezone(RIYADH)
        if moves_on:
            on = next_working_day(on=end.date(), holidays=holidays)
            end = at_riyadh(on=on, time=end.time().replace(tzinfo=None))
        return Due(on=end.date(), at=end)
    if unit == ClockUnit.WORKING_DAYS:
        on = add_working_days(start=local.date(), days=left, holidays=holidays)
    else:
        on = local.date() + left * DAY
    # With no whole day left what remains is the day itself, which has to be one of work.
    if moves_on or unit == ClockUnit.WORKING_DAYS:
        on = next_working_day(on=on, holidays=holidays)
    return Due(on=on, at=at_riyadh(on=on, time=END_OF_DAY))


def left_of(*, unit: str, left: int, since: dt.datetime, at: dt.datetime, holidays: Collection[dt.date]) -> int:
    """What is left at ``at`` of what was left at ``since``, in its own unit; never below zero.

    A day of ``at`` is used up: the day on which a clock goes on again is not counted either. Begun seconds are given.
    """
    if at <= since:
        return left
    if unit == ClockUnit.HOURS:
        return max(0, left - (at - since) // dt.timedelta(seconds=1))
    first, last = since.astimezone(RIYADH).date(), at.astimezone(RIYADH).date()
    if unit == ClockUnit.WORKING_DAYS:
        return max(0, left - working_days_between(start=first, end=last, holidays=holidays))
    return max(0, left - (last - first).days)


def kept_of(
    *, unit: str, left: int, since: dt.datetime, at: dt.datetime, due: Due, holidays: Collection[dt.date]
) -> int:
    """What a clock keeps when it is paused ``at``, before it is due.

    As ``left_of``; of hours whose end moved on to a working day, what is left of that day's own: a pause on the days
    off before it takes none of them.
    """
    rest = left_of(unit=unit, left=left, since=since, at=at, holidays=holidays)
    if unit != ClockUnit.HOURS or due.at <= since + dt.timedelta(seconds=left):
        return rest
    return max(rest, (due.at - max(at, at_riyadh(on=due.on, time=dt.time.min))) // dt.timedelta(seconds=1))


def _share(amount: int, percent: int) -> int:
    """The day in which this share of the time is used up."""
    return -(-amount * percent // 100)


def _day_marks(amount: int, alarms: Sequence[int]) -> list[tuple[str, int]]:
    if alarms:
        return [(str(day), day) for day in alarms if day <= amount]
    return [(str(percent), _share(amount, percent)) for percent in SHARES]


def _warning_day(*, unit: str, since: dt.date, ahead: int, due: dt.date, holidays: Collection[dt.date]) -> dt.date:
    """The working day of a warning so many days ahead: never after the due date."""
    if unit == ClockUnit.WORKING_DAYS:
        return add_working_days(start=since, days=ahead, holidays=holidays)
    on = next_working_day(on=since + ahead * DAY, holidays=holidays)
    return on if on <= due else _working_day_before(on=due + DAY, holidays=holidays)


def _by_hours(*, amount: int, left: int, since: dt.datetime, due: Due, holidays: Collection[dt.date]) -> list[Alert]:
    whole, found = amount * HOUR, []
    for percent in SHARES:
        ahead = whole * percent // 100 - (whole - left)
        at = working_time_from(at=since + dt.timedelta(seconds=ahead), holidays=holidays)
        if at >= due.at:
            on = due.on if due.at > at_riyadh(on=due.on, time=OPENS) else due.on - DAY
            at = at_riyadh(on=_working_day_before(on=on + DAY, holidays=holidays), time=OPENS)
        found.append(Alert(at=at, mark=str(percent)))
    before = at_riyadh(
        on=_working_day_before(on=due.on, holidays=holidays), time=due.at.astimezone(RIYADH).time().replace(tzinfo=None)
    )
    at = before if in_working_time(at=before, holidays=holidays) else working_time_from(at=before, holidays=holidays)
    return [*found, Alert(at=at, mark=BEFORE)]


def warnings_of(
    *,
    unit: str,
    amount: int,
    left: int,
    since: dt.datetime,
    due: Due,
    holidays: Collection[dt.date],
    alarms: Sequence[int] = (),
) -> list[Alert]:
    """The warnings before a clock lapses, each in working time after ``since``, the first first.

    Shares are of the whole ``amount``: what was used up before a pause counts. A warning by days comes at 08:00 of the
    day in which its share is used up. Of two in one moment the more urgent stands.
    """
    if unit == ClockUnit.HOURS:
        found = _by_hours(amount=amount, left=left, since=since, due=due, holidays=holidays)
    else:
        first, found = since.astimezone(RIYADH).date(), []
        for mark, day in _day_marks(amount, alarms):
            ahead = day - (amount - left)
            if ahead >= 1:
                on = _warning_day(unit=unit, since=first, ahead=ahead, due=due.on, holidays=holidays)
                found.append(Alert(at=at_riyadh(on=on, time=OPENS), mark=mark))
        if not alarms:
            on = _working_day_before(on=due.on, holidays=holidays)
            found.append(Alert(at=at_riyadh(on=on, time=OPENS), mark=BEFORE))
    moments = {warning.at: warning for warning in found if since < warning.at < due.at}
    return sorted(moments.values(), key=lambda warning: warning.at)
