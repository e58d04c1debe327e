"""What a board shows first: the nearest deadlines of what is open, in bands; the rest is counted, never lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db.models import F, Min, OuterRef, QuerySet, Subquery
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from common.calendar import working_days_between
from common.choices import ClockState
from common.clock import RIYADH
from common.clocks import days_off
from common.models import Clock, Holiday

# How many lines a board shows; of more it shows the nearest, and says so.
MOST = 300


class Due(Protocol):
    """A line with the clock that is due first, and how many working days are left of it."""

    @property
    def clock(self) -> Clock | None: ...

    @property
    def left(self) -> int | None: ...

    @property
    def is_late(self) -> bool: ...


@dataclass(kw_only=True)
class Band:
    """Lines that are due about the same time; ``tone`` is how their heading looks."""

    words: Lazy
    tone: str = ""
    lines: list[Any] = field(default_factory=list)


def with_due(found: QuerySet[Any]) -> QuerySet[Any]:
    """Matters or disputes with ``due_at``, the nearest due date of what runs on each; none while all stands still."""
    nearest = (
        Clock.objects.filter(
            subject_type=found.model._meta.label,
            subject_id=OuterRef("pk"),
            state__in=[ClockState.RUNNING, ClockState.LATE],
        )
        .order_by()
        .values("subject_id")
        .annotate(nearest=Min("due_at"))
        .values("nearest")
    )
    return found.annotate(due_at=Subquery(nearest))


def nearest_first(found: QuerySet[Any], *then: str) -> list[Any]:
    """As many as a board shows, the nearest deadline first; what nothing runs on comes last, by ``then``."""
    return list(with_due(found).order_by(F("due_at").asc(nulls_last=True), *then)[:MOST])


def days_left(*, clock: Clock | None, today: dt.date, off: Mapping[str, Any]) -> int | None:
    """Working days until a clock is due; ``off`` are the days off of each calendar."""
    if clock is None or clock.due_on is None:
        return None
    return working_days_between(start=today, end=clock.due_on, holidays=off[clock.calendar])


def days_off_ahead(*, now: dt.datetime) -> dict[str, Any]:
    """The days off of every calendar from today on."""
    today = now.astimezone(RIYADH).date()
    return {calendar: days_off(calendar=calendar, since=today) for calendar in Holiday.Calendar.values}


def banded(lines: Iterable[Due], *, today: dt.date) -> list[Band]:
    """Overdue, today, within two working days, this week and the next, later, waiting."""
    late, now = Band(words=_("Overdue"), tone="late"), Band(words=_("Today"), tone="attn")
    soon, week = Band(words=_("Within two working days")), Band(words=_("This week and the next"))
    later, still = Band(words=_("Later")), Band(words=_("Nothing due"))
    for line in lines:
        due_on = line.clock.due_on if line.clock is not None else None
        if due_on is None or line.left is None:
            still.lines.append(line)
        elif line.is_late or due_on < today:
            late.lines.append(line)
        elif due_on == today:
            now.lines.append(line)
        elif line.left <= 2:
            soon.lines.append(line)
        elif (due_on - today).days <= 10:
            week.lines.append(line)
        else:
            later.lines.append(line)
    return [band for band in (late, now, soon, week, later, still) if band.lines]
