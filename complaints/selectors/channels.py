"""The channels with their figures, what is to be mended of each, and when each is reviewed and looked through."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.db.models import Max, OuterRef, QuerySet, Subquery

from common.clock import RIYADH
from common.clocks import days_off
from complaints.choices import Intake
from complaints.choices.channels import ChannelFault
from complaints.models import Channel, ChannelReview, Matter, PublicWatch
from complaints.rules.channels import QUARTER, Watched, months_moved, review_due_on, watched
from complaints.selectors.satisfaction import Rate, Satisfaction, satisfaction_by

NONE = Rate(part=0, whole=0)
NOTHING = Satisfaction(
    key="", received=0, response=NONE, hours=None, resolution=NONE, enquiries=NONE, complaints=NONE, in_time=NONE,
    rated=NONE, mean=None, good=None, open=0, late=0,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Line:
    """A channel as it stands today; ``figures`` are those of the period asked for. Without ``channel`` the matters of
    social media of which nobody said at which account."""

    channel: Channel | None
    key: str
    figures: Satisfaction
    review_due_on: dt.date | None = None
    reviewed_on: dt.date | None = None
    watched: Watched | None = None
    faults: list[ChannelFault] = field(default_factory=list)


def channels_known(channels: QuerySet[Channel]) -> QuerySet[Channel]:
    """These channels with ``reviewed_at`` and ``watched_at``, and the people of each."""

    def last(model: type[ChannelReview] | type[PublicWatch]) -> Subquery:
        rows = model._default_manager.filter(channel=OuterRef("pk")).order_by().values("channel")
        return Subquery(rows.annotate(last=Max("at")).values("last")[:1])

    return (
        channels.annotate(reviewed_at=last(ChannelReview), watched_at=last(PublicWatch))
        .select_related("supervisor")
        .prefetch_related("team")
        .order_by("-is_active", "pk")
    )


def channel_line(channel: Channel, *, today: dt.date, off: frozenset[dt.date], figures: Satisfaction = NOTHING) -> Line:
    """How one of ``channels_known`` stands: what is to be mended is asked of channels in use alone."""
    seen = _day(channel.watched_at)  # type: ignore[attr-defined]  # annotated
    reviewed = _day(channel.reviewed_at)  # type: ignore[attr-defined]  # annotated
    line = Line(channel=channel, key=channel.key, figures=figures, reviewed_on=reviewed)
    if not channel.is_active:
        return line
    due = review_due_on(last=reviewed, since=channel.since)
    look = watched(last=seen, since=channel.since, today=today, days_off=off) if channel.since is not None and (
        channel.intake == Intake.SOCIAL) else None  # fmt: skip
    faults = []
    if channel.supervisor is None:
        faults.append(ChannelFault.NOBODY)
    elif not channel.supervisor.is_active:
        faults.append(ChannelFault.LEFT)
    if due is None or due < today:
        faults.append(ChannelFault.REVIEW)
    if look is not None and look.missed:
        faults.append(ChannelFault.WATCH)
    return replace(line, review_due_on=due, watched=look, faults=faults)


def _day(at: dt.datetime | None) -> dt.date | None:
    return at.astimezone(RIYADH).date() if at is not None else None


def channel_lines(
    *, channels: QuerySet[Channel], matters: QuerySet[Matter], first: dt.date, last: dt.date, today: dt.date
) -> list[Line]:
    """Every one of these channels with its figures of the period; what hangs on no account comes last, where every
    account is among them. The figures are one statement."""
    told = {row.key: row for row in satisfaction_by(matters=matters, first=first, last=last, by="channel")}
    off = days_off(calendar="PRIVATE")
    known = list(channels_known(channels))
    lines = [channel_line(one, today=today, off=off, figures=told.get(one.key, NOTHING)) for one in known]
    unnamed = told.get(f"{Intake.SOCIAL.value}:")
    if unnamed is not None and len(known) == Channel.objects.count():
        lines.append(Line(channel=None, key=unnamed.key, figures=unnamed))
    return lines


def figures_of_channel(*, channel: Channel, matters: QuerySet[Matter], first: dt.date, last: dt.date) -> Satisfaction:
    """The figures of one channel in a period."""
    told = satisfaction_by(matters=matters, first=first, last=last, by="channel")
    return next((row for row in told if row.key == channel.key), NOTHING)


def review_period(*, on: dt.date) -> tuple[dt.date, dt.date]:
    """The days that a review of this day looks back on: the quarter up to yesterday."""
    return months_moved(on, months=-QUARTER), on - dt.timedelta(days=1)


_RATES = ("response", "resolution", "enquiries", "complaints", "in_time", "rated")


def figures_kept(figures: Satisfaction) -> dict[str, Any]:
    """Figures as JSON keeps them; rates as so many of so many."""

    def pair(rate: Rate | None) -> list[int] | None:
        return [rate.part, rate.whole] if rate is not None else None

    return {
        "received": figures.received, "open": figures.open, "late": figures.late,
        "hours": round(figures.hours, 2) if figures.hours is not None else None,
        "mean": str(figures.mean) if figures.mean is not None else None, "good": pair(figures.good),
        **{name: pair(getattr(figures, name)) for name in _RATES},
    }  # fmt: skip


def figures_read(kept: Mapping[str, Any]) -> Satisfaction:
    """Figures as they were kept."""
    rates: dict[str, Any] = {name: Rate(part=kept[name][0], whole=kept[name][1]) for name in _RATES}
    good, mean = kept["good"], kept["mean"]
    return Satisfaction(
        key="", received=kept["received"], open=kept["open"], late=kept["late"], hours=kept["hours"],
        mean=Decimal(mean) if mean is not None else None,
        good=Rate(part=good[0], whole=good[1]) if good is not None else None, **rates,
    )  # fmt: skip


def to_mend(lines: Iterable[Line]) -> list[Line]:
    """Those of which something is to be mended."""
    return [line for line in lines if line.faults]
