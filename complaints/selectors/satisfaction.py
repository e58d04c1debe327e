"""How well people were answered, and how satisfied they were (CX-19, CX-20), from the rows themselves.

Every figure counts matters received within a period, days in Riyadh, without what was told twice:

- response rate: of all, those whose answer was told;
- time to the first answer: hours from receipt to the first time an answer was told, the middle one of all;
- resolution rate: of all, those closed and not called unsolved by the person;
- within 24 hours: of the enquiries and comments whose clock ended or lapsed, those answered in time;
- within their time: the same of complaints, where every clock must be met in time;
- in time: both together;
- satisfaction: mean of 1 to 5, and the share of 4 and 5, of the answers to the question after closing;
- open: not closed; late: some deadline to answer or close it lapsed.

A rate over nothing is None. Nobody is judged by four answers: under ``FEWEST`` a group has no mean and no share.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import (
    Aggregate,
    Avg,
    CharField,
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Cast, Coalesce, Concat, TruncMonth
from django.utils.translation import gettext as _

from accounts.models import User
from common.choices import ClockState
from common.clock import RIYADH, at_riyadh
from common.models import Clock
from complaints.choices import CLOCK_OF, ClockKind, Department, Intake, MatterKind, Outcome, Stage
from complaints.models import Category, Channel, Matter, MatterMove

FEWEST = 5
# In an address: the group of those that have none.
NOTHING = "-"
GOOD = 4
ENQUIRIES = tuple(kind for kind, runs_by in CLOCK_OF.items() if runs_by == ClockKind.ENQUIRY)
# What the figures may be told apart by, and the column it is.
BY: Mapping[str, Any] = {
    "handler": F("handler_id"),
    "category": Coalesce("category__parent_id", "category_id"),
    "department": F("department"),
    "kind": F("kind"),
    "month": TruncMonth("received_at", tzinfo=RIYADH),
    # As ``Channel.key``: the intake, and of social media the account; without one where nobody said which.
    "channel": Concat("intake", Value(":"), Coalesce(Cast("comment__channel_id", CharField()), Value(""))),
}
# Which of the matters that were received each figure counts; told by ``matters_received`` apart.
COUNTED: Mapping[str, Q] = {
    "received": Q(),
    "answered": Q(first_told_at__isnull=False),
    "ended": Q(clock_ended=True),
    "in_time": Q(clock_ended=True, clock_late=False),
    "solved": Q(stage=Stage.CLOSED) & ~Q(rating__is_solved=False),
    "rated": Q(rating__score__isnull=False),
    "good": Q(rating__score__gte=GOOD),
    "open": ~Q(stage=Stage.CLOSED),
    "late": Q(clock_late=True),
}


@dataclass(frozen=True, kw_only=True)
class Rate:
    """So many of so many; None over nothing."""

    part: int
    whole: int

    @property
    def value(self) -> Decimal | None:
        return Decimal(self.part) / self.whole if self.whole else None

    @property
    def percent(self) -> int | None:
        return int((self.value * 100).quantize(Decimal(1), ROUND_HALF_UP)) if self.value is not None else None


@dataclass(frozen=True, kw_only=True)
class Satisfaction:
    """The figures of one group; ``key`` is what it is told apart by, None for those without."""

    key: Any
    received: int
    response: Rate
    hours: float | None
    resolution: Rate
    enquiries: Rate
    complaints: Rate
    in_time: Rate
    rated: Rate
    mean: Decimal | None
    good: Rate | None
    open: int
    late: int


class _Median(Aggregate):
    """The middle value; over nothing NULL."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


def matters_received(
    *, matters: QuerySet[Matter], first: dt.date, last: dt.date, by: str = "", key: str = ""
) -> QuerySet[Matter]:
    """These matters received in the period, both days included; of one group ``key`` where ``by`` tells them apart.

    With ``first_told_at``, ``clock_kept`` and ``clock_ended``. A key that is none of the group's finds nothing.
    """
    start = at_riyadh(on=first, time=dt.time(0))
    end = at_riyadh(on=last + dt.timedelta(days=1), time=dt.time(0))
    told = MatterMove.objects.filter(matter=OuterRef("pk"), to_stage=Stage.COMMUNICATED).order_by().values("matter")
    clocks = Clock.objects.filter(
        subject_type="complaints.Matter", subject_id=OuterRef("pk"),
        kind__in=[ClockKind.COMPLAINT, ClockKind.ENQUIRY], step__ends__in=["ANSWERED", "CLOSED"],
    )  # fmt: skip
    lapsed = clocks.filter(lapsed_at__isnull=False)
    found = (
        matters.filter(received_at__gte=start, received_at__lt=end)
        .exclude(outcome=Outcome.DUPLICATE)
        .annotate(
            first_told_at=Subquery(told.annotate(at=Min("at")).values("at")[:1]),
            clock_late=Exists(lapsed),
            clock_ended=Exists(lapsed) | Exists(clocks.filter(state=ClockState.MET)),
        )
    )
    if not by:
        return found
    found = found.annotate(group_key=BY[by])
    return found.filter(group_key__isnull=True) if key == NOTHING else found.filter(group_key=_key(by, key))


def _key(by: str, key: str) -> Any:
    """A key as it stands in an address, as the column holds it; -1 or the year 1 for what is none."""
    if by in {"handler", "category"}:
        return int(key) if key.isascii() and key.isdecimal() and len(key) < 19 else -1
    if by == "month":
        try:
            return at_riyadh(on=dt.date.fromisoformat(f"{key}-01"), time=dt.time(0))
        except ValueError:
            return dt.datetime(1, 1, 2, tzinfo=RIYADH)
    return key


def satisfaction_by(*, matters: QuerySet[Matter], first: dt.date, last: dt.date, by: str = "") -> list[Satisfaction]:
    """The figures of the period, a row for each group of ``by``, in one statement; without it one row of all."""
    asks, complains = Q(kind__in=ENQUIRIES), Q(kind=MatterKind.COMPLAINT)
    waited = ExpressionWrapper(F("first_told_at") - F("received_at"), output_field=DurationField())
    found = matters_received(matters=matters, first=first, last=last).order_by()
    grouped = found.annotate(group_key=BY[by]).values("group_key") if by else found.values(one=F("pk") * 0)
    rows = grouped.annotate(
        n=Count("pk"),
        told=_n("answered"),
        hours=_Median(waited),
        solved=_n("solved"),
        asks=_n("ended", asks),
        asks_kept=_n("in_time", asks),
        complains=_n("ended", complains),
        complains_kept=_n("in_time", complains),
        asked=Count("pk", filter=Q(rating__isnull=False)),
        rated=_n("rated"),
        mean=Avg("rating__score"),
        good=_n("good"),
        open=_n("open"),
        late=_n("late"),
    )
    return [_satisfaction(row) for row in rows.order_by(*(["group_key"] if by else []))]


def _n(counted: str, of: Q | None = None) -> Count:
    return Count("pk", filter=COUNTED[counted] & of if of is not None else COUNTED[counted])


def _satisfaction(row: Mapping[str, Any]) -> Satisfaction:
    enough = row["rated"] >= FEWEST
    return Satisfaction(
        key=row.get("group_key"),
        received=row["n"],
        response=Rate(part=row["told"], whole=row["n"]),
        hours=row["hours"].total_seconds() / 3_600 if row["hours"] is not None else None,
        resolution=Rate(part=row["solved"], whole=row["n"]),
        enquiries=Rate(part=row["asks_kept"], whole=row["asks"]),
        complaints=Rate(part=row["complains_kept"], whole=row["complains"]),
        in_time=Rate(part=row["asks_kept"] + row["complains_kept"], whole=row["asks"] + row["complains"]),
        rated=Rate(part=row["rated"], whole=row["asked"]),
        mean=Decimal(str(row["mean"])) if enough else None,
        good=Rate(part=row["good"], whole=row["rated"]) if enough else None,
        open=row["open"],
        late=row["late"],
    )


def channels_named() -> dict[str, str]:
    """What the matters of each channel are told by, as ``Channel.key``."""
    named = {f"{intake.value}:": str(intake.label) for intake in Intake}
    named[f"{Intake.SOCIAL.value}:"] = str(_("Social media, account not named"))
    return named | {one.key: one.name for one in Channel.objects.filter(intake=Intake.SOCIAL)}


def groups_named(*, by: str, rows: list[Satisfaction]) -> dict[Any, str]:
    """What each key is called, in the language of who reads; a month is named where it is shown."""
    keys = [row.key for row in rows if row.key is not None]
    if by == "handler":
        return {user.pk: user.name for user in User.objects.filter(pk__in=keys)}
    if by == "category":
        return {one.pk: one.name for one in Category.objects.filter(pk__in=keys)}
    if by == "channel":
        return channels_named()
    if by in {"department", "kind"}:
        names = dict(Department.choices if by == "department" else MatterKind.choices)
        return {key: str(names.get(key, key)) for key in keys}
    return {}
