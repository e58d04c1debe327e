"""The board: everything open by its nearest deadline, complaints, enquiries and disputes in one list, in bands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.calendar import working_days_between
from common.choices import ClockState
from common.clock import RIYADH
from common.clocks import days_off, earliest_of
from common.models import Clock, Holiday
from complaints.choices import DisputeState, MatterKind, Stage
from complaints.models import Dispute, Matter
from complaints.policies import disputes_visible_to, matters_visible_to, sees_disputes

MOST = 300
COMPLAINTS, ENQUIRIES, DISPUTES = "complaints", "enquiries", "disputes"
TABS: tuple[tuple[str, Lazy], ...] = (
    ("", _("All")), (COMPLAINTS, _("Complaints")), (ENQUIRIES, _("Enquiries")), (DISPUTES, _("Record disputes")),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Line:
    """One open matter or dispute, with the clock that is due first and how many working days are left of it."""

    tab: str
    pk: int
    url: str
    reference: str
    title: str | Lazy
    client: str
    handler: User | None
    clock: Clock | None
    left: int | None

    @property
    def due_on(self) -> dt.date | None:
        return self.clock.due_on if self.clock is not None else None

    @property
    def is_late(self) -> bool:
        return self.clock is not None and self.clock.state == ClockState.LATE


@dataclass(kw_only=True)
class Band:
    """Lines that are due about the same time; ``tone`` is how their heading looks."""

    words: Lazy
    tone: str = ""
    lines: list[Line] = field(default_factory=list)


def lines_open(*, user: User, now: dt.datetime) -> list[Line]:
    """Everything open that this person may see, the nearest deadline first, what waits last."""
    matters = list(
        matters_visible_to(user).exclude(stage=Stage.CLOSED).select_related("client", "category", "handler")[:MOST]
    )
    disputes = list(
        disputes_visible_to(user).exclude(state=DisputeState.CLOSED).select_related("client", "handler")[:MOST]
        if sees_disputes(user)
        else ()
    )
    today = now.astimezone(RIYADH).date()
    off = {calendar: days_off(calendar=calendar, since=today) for calendar in Holiday.Calendar.values}
    lines = [
        *_lined(matters, today=today, off=off, told=_matter_told),
        *_lined(disputes, today=today, off=off, told=_dispute_told),
    ]
    return sorted(lines, key=lambda line: (line.due_on is None, line.due_on or today, line.reference))


def _lined(found: list[Any], *, today: dt.date, off: Mapping[str, Any], told: Any) -> Iterable[Line]:
    """The lines of matters or disputes; one statement for all their clocks."""
    if not found:
        return
    due = earliest_of(subject_type=found[0]._meta.label, subject_ids=[one.pk for one in found])
    for one in found:
        clock = due.get(one.pk)
        left = None
        if clock is not None and clock.due_on is not None:
            left = working_days_between(start=today, end=clock.due_on, holidays=off[clock.calendar])
        yield Line(
            pk=one.pk, reference=one.reference, client=one.client.name if one.client is not None else "",
            handler=one.handler, clock=clock, left=left, **told(one),
        )  # fmt: skip


def _matter_told(matter: Matter) -> dict[str, Any]:
    about = matter.category.name if matter.category is not None else ""
    kind = matter.get_kind_display()
    return {
        "tab": COMPLAINTS if matter.kind == MatterKind.COMPLAINT else ENQUIRIES,
        "url": f"{reverse('matter_board')}?matter={matter.pk}",
        "title": f"{kind}: {about}" if about else kind,
    }


def _dispute_told(dispute: Dispute) -> dict[str, Any]:
    return {
        "tab": DISPUTES,
        "url": reverse("dispute", args=[dispute.pk]),
        "title": f"{_('Objection')}: {dispute.get_ground_display()}",
    }


def banded(lines: Iterable[Line], *, today: dt.date) -> list[Band]:
    """Overdue, today, within two working days, this week and the next, later, waiting."""
    late, now = Band(words=_("Overdue"), tone="late"), Band(words=_("Today"), tone="attn")
    soon, week = Band(words=_("Within two working days")), Band(words=_("This week and the next"))
    later, still = Band(words=_("Later")), Band(words=_("Nothing due"))
    for line in lines:
        if line.due_on is None or line.left is None:
            still.lines.append(line)
        elif line.is_late or line.due_on < today:
            late.lines.append(line)
        elif line.due_on == today:
            now.lines.append(line)
        elif line.left <= 2:
            soon.lines.append(line)
        elif (line.due_on - today).days <= 10:
            week.lines.append(line)
        else:
            later.lines.append(line)
    return [band for band in (late, now, soon, week, later, still) if band.lines]


def counted(lines: Iterable[Line]) -> dict[str, int]:
    """How many stand under each tab."""
    counts = {name: 0 for name, _words in TABS}
    for line in lines:
        counts[""] += 1
        counts[line.tab] += 1
    return counts
