"""The board: everything open by its nearest deadline, complaints, enquiries and disputes in one list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.choices import ClockState
from common.clock import RIYADH
from common.clocks import earliest_of
from common.models import Clock
from complaints.choices import DisputeState, MatterKind, Stage
from complaints.models import Dispute, Matter
from complaints.policies import disputes_visible_to, matters_visible_to, sees_disputes
from complaints.selectors.bands import MOST, days_left, days_off_ahead, nearest_first
from complaints.selectors.wrote_again import wrote_again_of

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
    wrote: bool = False

    @property
    def due_on(self) -> dt.date | None:
        return self.clock.due_on if self.clock is not None else None

    @property
    def is_late(self) -> bool:
        return self.clock is not None and self.clock.state == ClockState.LATE


def lines_open(*, user: User, now: dt.datetime, tab: str = "") -> list[Line]:
    """What is open under a tab and this person may see: the nearest deadlines, at most ``MOST``, what waits last."""
    matters = _matters_open(user, tab).select_related("client", "category", "handler")
    disputes = _disputes_open(user, tab).select_related("client", "handler")
    today, off = now.astimezone(RIYADH).date(), days_off_ahead(now=now)
    shown = nearest_first(matters, "received_at", "pk")
    wrote = wrote_again_of(ids=[matter.pk for matter in shown])
    lines = [
        *_lined(shown, today=today, off=off, told=_matter_told, wrote=wrote),
        *_lined(nearest_first(disputes, "filed_at", "pk"), today=today, off=off, told=_dispute_told),
    ]
    lines.sort(key=lambda line: (line.due_on is None, line.due_on or today, line.reference))
    return lines[:MOST]


def counts_open(*, user: User) -> dict[str, int]:
    """How many are open under each tab, shown or not."""
    kinds = dict(_matters_open(user, "").order_by().values_list("kind").annotate(n=Count("pk")))
    counts = {
        COMPLAINTS: kinds.pop(MatterKind.COMPLAINT, 0),
        ENQUIRIES: sum(kinds.values()),
        DISPUTES: _disputes_open(user, "").count(),
    }
    return {"": sum(counts.values()), **counts}


def _matters_open(user: User, tab: str) -> QuerySet[Matter]:
    found = matters_visible_to(user).exclude(stage=Stage.CLOSED)
    if tab == COMPLAINTS:
        return found.filter(kind=MatterKind.COMPLAINT)
    if tab == ENQUIRIES:
        return found.exclude(kind=MatterKind.COMPLAINT)
    return found.none() if tab == DISPUTES else found


def _disputes_open(user: User, tab: str) -> QuerySet[Dispute]:
    if not sees_disputes(user) or tab in {COMPLAINTS, ENQUIRIES}:
        return Dispute.objects.none()
    return disputes_visible_to(user).exclude(state=DisputeState.CLOSED)


def _lined(
    found: list[Any], *, today: dt.date, off: Mapping[str, Any], told: Any, wrote: Set[int] = frozenset()
) -> Iterable[Line]:
    """The lines of matters or disputes; one statement for all their clocks."""
    if not found:
        return
    due = earliest_of(subject_type=found[0]._meta.label, subject_ids=[one.pk for one in found])
    for one in found:
        clock = due.get(one.pk)
        left = days_left(clock=clock, today=today, off=off)
        yield Line(
            pk=one.pk, reference=one.reference, client=one.client.name if one.client is not None else "",
            handler=one.handler, clock=clock, left=left, wrote=one.pk in wrote, **told(one),
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
