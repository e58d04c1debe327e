"""The register as a list: saved views, filters, search; the nearest deadline first."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common import crypto
from common.arabic import search_pattern
from common.clocks import earliest_of
from common.models import Clock
from complaints.choices import Intake, MatterKind, Stage
from complaints.models import Category, Matter
from complaints.selectors.bands import with_due
from complaints.selectors.satisfaction import COUNTED, matters_received
from complaints.selectors.wrote_again import wrote_again
from parties.rules.identifiers import normalise_email, normalise_mobile

LABEL = "complaints.Matter"
# The list's saved views.
VIEWS: tuple[tuple[str, Promise | str], ...] = (
    ("", _("Open")),
    ("mine", _("Mine")),
    ("free", _("Nobody's yet")),
    ("late", _("Late")),
    ("missing", _("Waiting for data")),
    ("wrote", _("Wrote again")),
    ("closed", _("Closed")),
    ("all", _("All")),
)


@dataclass(frozen=True, kw_only=True)
class Behind:
    """The matters behind a figure of ``selectors/satisfaction.py``: received in a period, both days included, by which
    channel (as ``Channel.key``; empty for any), and which of them the figure counts."""

    first: dt.date
    last: dt.date
    channel: str = ""
    counted: str = "received"


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What a list of matters is narrowed to; an empty value narrows nothing."""

    view: str = ""
    kind: str = ""
    intake: str = ""
    client: int | None = None
    category: int | None = None
    words: str = ""
    behind: Behind | None = None


def matters_filtered(*, matters: QuerySet[Matter], user: User, filters: Filters, now: dt.datetime) -> QuerySet[Matter]:
    """These matters, narrowed: open ones by the nearest deadline, those that wait after them; closed ones and all of
    them the latest first.
    """
    if (behind := filters.behind) is not None:
        by = {"by": "channel", "key": behind.channel} if behind.channel else {}
        matters = matters_received(matters=matters, first=behind.first, last=behind.last, **by)
        matters = matters.filter(COUNTED[behind.counted])
    found = _viewed(with_due(matters), view=filters.view, user=user, now=now)
    if filters.kind in MatterKind.values:
        found = found.filter(kind=filters.kind)
    if filters.intake in Intake.values:
        found = found.filter(intake=filters.intake)
    if filters.client is not None:
        found = found.filter(client_id=filters.client)
    if filters.category is not None:
        found = found.filter(Q(category_id=filters.category) | Q(category__parent_id=filters.category))
    if filters.words:
        found = found.filter(_saying(filters.words))
    found = found.select_related("client", "category", "handler", "case__debtor")
    if filters.view == "closed":
        return found.order_by("-closed_at", "-received_at", "-pk")
    if filters.view == "all":
        return found.order_by("-received_at", "-pk")
    return found.order_by(F("due_at").asc(nulls_last=True), "-received_at", "-pk")


def _viewed(matters: QuerySet[Matter], *, view: str, user: User, now: dt.datetime) -> QuerySet[Matter]:
    if view == "all":
        return matters
    if view == "closed":
        return matters.filter(stage=Stage.CLOSED)
    matters = matters.exclude(stage=Stage.CLOSED)
    if view == "mine":
        return matters.filter(handler=user)
    if view == "free":
        return matters.filter(handler__isnull=True)
    if view == "late":
        return matters.filter(due_at__lt=now)  # type: ignore[misc]  # annotated above
    if view == "missing":
        return matters.exclude(missing=[])
    if view == "wrote":
        return wrote_again(matters)
    return matters


def _saying(words: str) -> Q:
    """A reference, an account, an account holder's name; a whole number or address is known by its blind index."""
    found = (
        Q(reference__icontains=words)
        | Q(account_ref__istartswith=words)
        | Q(case__debtor__name__iregex=search_pattern(words))
    )
    for normalise, kind, column in (
        (normalise_mobile, "MOBILE", "phone_index"), (normalise_email, "EMAIL", "email_index"),
    ):  # fmt: skip
        try:
            found |= Q(**{column: crypto.blind_index(value=normalise(words), kind=kind)})
        except ValueError:
            continue
    return found


def nearest_clocks(*, matters: list[Matter]) -> dict[int, Clock]:
    """The clock that each row of a page shows."""
    return earliest_of(subject_type=LABEL, subject_ids=[matter.pk for matter in matters])


def tree_of() -> list[tuple[Category, list[Category]]]:
    """The category tree, branch by branch, each with ``used``: how many matters stand under it."""
    found = list(Category.objects.annotate(used=Count("matters")).order_by("position", "code"))
    under: dict[int, list[Category]] = {}
    for category in found:
        if category.parent_id is not None:
            under.setdefault(category.parent_id, []).append(category)
    return [(branch, under.get(branch.pk, [])) for branch in found if branch.parent_id is None]
