"""Change history of any record: its versions side by side, who made each, when, and why (DC-07).

Models with ``common.history.History`` keep before and after; of every other record the events of the audit trail tell
what happened to it. The reason stands in the event that was written with the change.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import CharField, Model, QuerySet, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from common.clock import RIYADH
from common.models import AuditEvent
from reporting.rules.record_words import field_words, record_words

# A change and its event are written in one transaction, by one clock.
TOGETHER = dt.timedelta(seconds=5)
KINDS = {"+": _("Created"), "~": _("Changed"), "-": _("Removed")}
OUR_APPS = frozenset({"accounts", "parties", "clients", "collections_app", "legal", "credit", "complaints",
                      "reporting", "common"})  # fmt: skip


def slug_of(model: type[Model]) -> str:
    """A model's name in an address."""
    return model._meta.label_lower.replace(".", "-")


@cache
def histories() -> dict[str, type[Model]]:
    """Every model that keeps its versions, by its name in addresses."""
    kept = [model for model in apps.get_models() if hasattr(model._meta, "simple_history_manager_attribute")]
    return {slug_of(model): model for model in sorted(kept, key=lambda model: model._meta.label_lower)}


def model_of(slug: str) -> type[Model] | None:
    """Any model of ours by its name in addresses; None for what is none."""
    app, _dash, name = slug.partition("-")
    if app not in OUR_APPS:
        return None
    try:
        found: type[Model] = apps.get_model(app, name)
    except LookupError:
        return None
    return None if found._meta.model_name.startswith("historical") else found  # type: ignore[union-attr]


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One field of a change."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Change:
    """One version of one record, compared with the one before it."""

    at: dt.datetime
    slug: str
    model: str
    key: int
    kind: str
    who: str
    action: str
    why: str
    cells: Sequence[Cell]

    @property
    def words(self) -> Any:
        return KINDS[self.kind]


Names = dict[tuple[type[Model], Any], str]


def _names(model: type[Model], versions: Iterable[Any]) -> Names:
    """What the rows are called that versions refer to, with their keys."""
    wanted: dict[type[Model], set[Any]] = defaultdict(set)
    kept = list(versions)
    for field in model.history.model.tracked_fields:  # type: ignore[attr-defined]
        if field.is_relation:
            wanted[field.related_model] |= {getattr(version, field.attname) for version in kept} - {None}
    return {
        (other, key): f"{row} #{key}"
        for other, keys in wanted.items()
        for key, row in other._base_manager.in_bulk(list(keys)).items()
    }


def _shown(field: Any, value: Any, names: Names) -> str:
    """A stored value as an auditor reads it: what it means, not how it lies in the table."""
    if value is None or value == "":
        return ""
    if isinstance(value, (bytes, memoryview)):
        return f"({len(bytes(value))} bytes)"
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, (list, tuple)):
        labels = dict(getattr(getattr(field, "base_field", None), "flatchoices", ()) or ())
        return " · ".join(str(labels.get(item, item)) for item in value)
    if field.is_relation:
        return names.get((field.related_model, value), f"#{value}")
    if isinstance(value, dt.datetime):
        return f"{value.astimezone(RIYADH):%Y-%m-%d %H:%M:%S}"
    return f"{value:,}" if isinstance(value, Decimal) else str(value)


def _cells(row: Any, before: Any, names: Names) -> list[Cell]:
    """The fields that differ between two versions; of the first all that have a value."""
    found = []
    for field in row.tracked_fields:
        now = getattr(row, field.attname)
        was = getattr(before, field.attname) if before is not None else None
        if field.primary_key or (now == was and before is not None and row.history_type != "-"):
            continue
        shown, had = _shown(field, now, names), _shown(field, was, names)
        if row.history_type == "-":
            shown, had = "", shown
        if shown or had:
            words = field_words(name=field.name, verbose=getattr(field, "verbose_name", field.name))
            found.append(Cell(name=str(words), before=had, after=shown))
    return found


def _event_of(row: Any, events: Iterable[AuditEvent]) -> AuditEvent | None:
    """The event written with a version: the nearest one of its record."""
    near = [event for event in events if abs(event.at - row.history_date) <= TOGETHER]
    return min(near, key=lambda event: abs(event.at - row.history_date), default=None)


def _why(event: AuditEvent | None) -> str:
    body = event.body if event is not None else {}
    return str(body.get("reason") or body.get("why") or "")


def changes_told(*, model: type[Model], rows: Sequence[Any]) -> list[Change]:
    """Versions of one model, each beside the one before it."""
    keys = {row.id for row in rows}
    versions: dict[int, list[Any]] = defaultdict(list)
    kept = model.history.filter(id__in=keys).select_related("history_user")  # type: ignore[attr-defined]
    for version in kept.order_by("id", "history_date", "history_id"):
        versions[version.id].append(version)
    names = _names(model, [version for some in versions.values() for version in some])
    events: dict[int | None, list[AuditEvent]] = defaultdict(list)
    for event in AuditEvent.objects.filter(subject_type=model._meta.label, subject_id__in=keys):
        events[event.subject_id].append(event)
    told = []
    for row in rows:
        of_record = versions[row.id]
        place = next(n for n, version in enumerate(of_record) if version.pk == row.pk)
        found = _event_of(row, events[row.id])
        who = row.history_user.name if row.history_user else (found.actor_name if found else "")
        told.append(
            Change(
                at=row.history_date,
                slug=slug_of(model),
                model=str(record_words(slug=slug_of(model), fallback=str(model._meta.verbose_name))),
                key=row.id,
                kind=row.history_type,
                who=who,
                action=found.action if found else "",
                why=row.history_change_reason or _why(found),
                cells=_cells(row, of_record[place - 1] if place else None, names),
            )
        )
    return told


def record_changes(*, model: type[Model], key: int) -> list[Change]:
    """All versions of one record, the newest first; none for a model that keeps none."""
    if slug_of(model) not in histories():
        return []
    rows = model.history.filter(id=key).select_related("history_user")  # type: ignore[attr-defined]
    told = changes_told(model=model, rows=list(rows.order_by("-history_date", "-history_id")))
    # Versions of before, in which nothing that is kept had changed, tell nothing.
    return [change for change in told if change.cells]


def record_events(*, model: type[Model], key: int) -> QuerySet[AuditEvent]:
    """What the audit trail says of one record, the newest first."""
    found = AuditEvent.objects.filter(subject_type=model._meta.label, subject_id=key)
    return found.select_related("seal").order_by("-pk")


def versions_found(
    *, slug: str = "", key: int | None = None, people: QuerySet[Any] | None = None,
    since: dt.datetime | None = None, until: dt.datetime | None = None,
) -> QuerySet[Any]:  # fmt: skip
    """Versions over all models that keep them, the newest first, as (at, model's slug, version's key)."""
    parts = []
    for name, model in histories().items():
        if slug and name != slug:
            continue
        found = model.history.all()  # type: ignore[attr-defined]
        if key is not None:
            found = found.filter(id=key)
        if people is not None:
            found = found.filter(history_user__in=people)
        if since is not None:
            found = found.filter(history_date__gte=since)
        if until is not None:
            found = found.filter(history_date__lt=until)
        told = Cast(Value(name), output_field=CharField())
        parts.append(found.order_by().values_list("history_date", told, "history_id"))
    if len(parts) == 1:
        return parts[0].order_by("-history_date", "-history_id")
    return parts[0].union(*parts[1:], all=True).order_by("-history_date")


def versions_told(found: Iterable[tuple[Any, ...]]) -> list[Change]:
    """What ``versions_found`` found, told side by side, in the same order."""
    wanted = [(slug, key) for _at, slug, key in found]
    told: dict[tuple[str, int], Change] = {}
    for slug in {slug for slug, _key in wanted}:
        model = histories()[slug]
        keys = [key for name, key in wanted if name == slug]
        rows = list(model.history.filter(history_id__in=keys))  # type: ignore[attr-defined]
        told |= {(slug, row.pk): one for row, one in zip(rows, changes_told(model=model, rows=rows), strict=True)}
    return [told[pair] for pair in wanted if pair in told]
