"""Reads of clocks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db.models import F, Model, QuerySet

from common.choices import LIVE_CLOCK, ClockState
from common.models import Clock, Holiday


def days_off(*, calendar: str, since: dt.date | None = None) -> frozenset[dt.date]:
    """The holidays of a calendar, from a day on; weekends are no holidays."""
    found = Holiday.objects.filter(calendar=calendar)
    if since is not None:
        found = found.filter(on__gte=since)
    return frozenset(found.values_list("on", flat=True))


def clocks_of(*, subject: Model) -> QuerySet[Clock]:
    """Every clock of a matter, the nearest due date first, those without one last, with their steps and events."""
    return (
        Clock.objects.filter(subject_type=subject._meta.label, subject_id=subject.pk)
        .select_related("step")
        .prefetch_related("events")
        .order_by(F("due_at").asc(nulls_last=True), "pk")
    )


def clocks_running() -> QuerySet[Clock]:
    """All that run or are late, the nearest due date first."""
    return (
        Clock.objects.filter(state__in=[ClockState.RUNNING, ClockState.LATE])
        .select_related("step")
        .order_by("due_at", "pk")
    )


def earliest_of(*, subject_type: str, subject_ids: Sequence[int], kind: str = "") -> dict[int, Clock]:
    """Of each matter its clock with the nearest due date; a paused one where nothing runs, nothing where none lives.

    One statement for a whole list.
    """
    found = Clock.objects.filter(subject_type=subject_type, subject_id__in=subject_ids, state__in=LIVE_CLOCK)
    if kind:
        found = found.filter(kind=kind)
    found = found.select_related("step").order_by("subject_id", F("due_at").asc(nulls_last=True), "pk")
    return {clock.subject_id: clock for clock in found.distinct("subject_id")}
