"""The board of disputes: open ones by their nearest deadline, in groups."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from common.choices import ClockState
from common.clock import RIYADH
from common.clocks import earliest_of
from common.models import Clock
from complaints.choices import DisputeState
from complaints.models import Dispute
from complaints.selectors.bands import Band, banded, days_left, days_off_ahead, nearest_first

# Views of the board: name, words, and which disputes.
VIEWS: tuple[tuple[str, Lazy, Q], ...] = (
    ("", _("Open"), ~Q(state=DisputeState.CLOSED)),
    ("member", _("With the member"), Q(state=DisputeState.WITH_MEMBER)),
    ("decide", _("To decide"), Q(state=DisputeState.DECIDING)),
    ("follow", _("To follow up"), Q(state=DisputeState.DECIDED)),
    ("closed", _("Closed"), Q(state=DisputeState.CLOSED)),
)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A dispute on the board, with the clock that is due first and how many working days are left of it."""

    dispute: Dispute
    clock: Clock | None
    left: int | None

    @property
    def is_late(self) -> bool:
        return self.clock is not None and self.clock.state == ClockState.LATE


def disputes_counted(*, disputes: QuerySet[Dispute]) -> dict[str, int]:
    """How many stand in each view of the board."""
    return {name: disputes.filter(which).count() for name, _words, which in VIEWS}


def disputes_in_view(*, disputes: QuerySet[Dispute], view: str) -> QuerySet[Dispute]:
    """The disputes of one view; of the open ones where there is no such view."""
    which = next((one for name, _words, one in VIEWS if name == view), VIEWS[0][2])
    return disputes.filter(which)


def board_of(*, disputes: QuerySet[Dispute], now: dt.datetime) -> list[Band]:
    """Disputes in bands, the nearest deadlines first; ``MOST`` at most, and never the later ones instead."""
    found = nearest_first(disputes.select_related("client", "case__debtor", "handler"), "-filed_at", "-pk")
    due = earliest_of(subject_type=Dispute._meta.label, subject_ids=[one.pk for one in found])
    today, off = now.astimezone(RIYADH).date(), days_off_ahead(now=now)
    lines = [
        Line(dispute=one, clock=due.get(one.pk), left=days_left(clock=due.get(one.pk), today=today, off=off))
        for one in found
    ]
    return banded(lines, today=today)
