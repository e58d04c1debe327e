"""The board of disputes: open ones by their nearest deadline, in groups."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from common.calendar import working_days_between
from common.choices import ClockState
from common.clock import RIYADH
from common.clocks import days_off, earliest_of
from common.models import Clock, Holiday
from complaints.choices import DisputeState
from complaints.models import Dispute

# Views of the board: name, words, and which disputes.
VIEWS: tuple[tuple[str, Lazy, Q], ...] = (
    ("", _("Open"), ~Q(state=DisputeState.CLOSED)),
    ("member", _("With the member"), Q(state=DisputeState.WITH_MEMBER)),
    ("decide", _("To decide"), Q(state=DisputeState.DECIDING)),
    ("follow", _("To follow up"), Q(state=DisputeState.DECIDED)),
    ("closed", _("Closed"), Q(state=DisputeState.CLOSED)),
)
MOST = 200


@dataclass(frozen=True, kw_only=True)
class Line:
    """A dispute on the board, with the clock that is due first and how many working days are left of it."""

    dispute: Dispute
    clock: Clock | None
    left: int | None

    @property
    def is_late(self) -> bool:
        return self.clock is not None and self.clock.state == ClockState.LATE


@dataclass(kw_only=True)
class Band:
    """Lines that are due about the same time; ``tone`` is how their heading looks."""

    words: Lazy
    tone: str = ""
    lines: list[Line] = field(default_factory=list)


def disputes_counted(*, disputes: QuerySet[Dispute]) -> dict[str, int]:
    """How many stand in each view of the board."""
    return {name: disputes.filter(which).count() for name, _words, which in VIEWS}


def disputes_in_view(*, disputes: QuerySet[Dispute], view: str) -> QuerySet[Dispute]:
    """The disputes of one view; of the open ones where there is no such view."""
    which = next((one for name, _words, one in VIEWS if name == view), VIEWS[0][2])
    return disputes.filter(which)


def board_of(*, disputes: QuerySet[Dispute], now: dt.datetime) -> list[Band]:
    """Disputes in bands: overdue, today, within two working days, within ten days, later, nothing due."""
    found = list(
        disputes.select_related("client", "case__debtor", "handler").order_by("-filed_at", "-pk")[:MOST]
    )  # fmt: skip
    due = earliest_of(subject_type=Dispute._meta.label, subject_ids=[one.pk for one in found])
    today = now.astimezone(RIYADH).date()
    off = days_off(calendar=Holiday.Calendar.BANK, since=today)
    lines = []
    for dispute in found:
        clock = due.get(dispute.pk)
        left = None
        if clock is not None and clock.due_on is not None:
            left = working_days_between(start=today, end=clock.due_on, holidays=off)
        lines.append(Line(dispute=dispute, clock=clock, left=left))
    lines.sort(key=lambda line: (line.clock is None, line.clock.due_at if line.clock else line.dispute.filed_at))
    return _banded(lines, today=today)


def _banded(lines: Iterable[Line], *, today: dt.date) -> list[Band]:
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
