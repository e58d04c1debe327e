"""A whole database as plain values, so that two books made in different ways can be compared row by row.

Every row of every model counts, twins too. A row is told by what it says: keys by the row they lead to, instants by
whether they are there, sealed values by whether they are there (blind indexes as they are).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from typing import Any

from django.apps import apps
from django.db import models

# Where nothing of the book stands: Django's own, and the chain, whose order is that of commits (``verify`` asks it).
LEFT_OUT = {"contenttypes.contenttype", "auth.permission", "auth.group", "common.auditseal", "common.auditanchor"}
# Ids in events and references made of ids, by the model that they lead to.
_KEYS = {
    "case": "collections_app.Case",
    "payment": "collections_app.Payment",
    "receivable": "collections_app.Receivable",
}
# Ids that are no keys to the database, and what is drawn by chance; ``id`` is the copy in tables of history.
_PLAIN_KEYS = {
    ("common.JobRun", "book_id"): "clients.Client",
    ("common.AuditEvent", "client_id"): "clients.Client",
    ("common.AuditEvent", "actor_id"): "accounts.User",
}
_BY_CHANCE = {"id", "password", "stored_path"}
_FILE_REFERENCE = re.compile(r"^FILE-\d+")
_SURROGATES = (models.AutoField, models.UUIDField)
_THERE = (models.DateTimeField, models.FloatField)  # instants and seconds: told by whether they are there


class _Teller:
    def __init__(self) -> None:
        self.rows: dict[str, dict[Any, models.Model]] = {}
        self.told: dict[tuple[str, Any], str] = {}

    def row(self, model: type[models.Model], pk: Any) -> str:
        """A row in one word."""
        label = model._meta.label_lower
        if label not in self.rows:
            self.rows[label] = {row.pk: row for row in model._base_manager.order_by("pk")}
        key = (label, pk)
        if key not in self.told:
            self.told[key] = "itself"  # a row that leads back to itself
            row = self.rows[label].get(pk)
            said = "gone" if row is None else json.dumps(self.values(row), sort_keys=True, default=str)
            self.told[key] = hashlib.sha256(said.encode()).hexdigest()[:16]
        return self.told[key]

    def values(self, row: models.Model) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for field in row._meta.concrete_fields:
            value = getattr(row, field.attname)
            if isinstance(field, models.ForeignKey):
                found[field.name] = None if value is None else self.row(field.remote_field.model, value)
            elif field.name.endswith("event_id"):
                found[field.name] = None if value is None else self.event(value)
            elif (row._meta.label, field.name) in _PLAIN_KEYS:
                found[field.name] = self.row(apps.get_model(_PLAIN_KEYS[row._meta.label, field.name]), value)
            elif isinstance(field, _SURROGATES) or field.name in _BY_CHANCE:
                continue
            elif isinstance(field, _THERE) or (isinstance(field, models.BinaryField) and "index" not in field.name):
                found[field.name] = value is not None
            elif isinstance(field, models.BinaryField):
                found[field.name] = None if value is None else bytes(value).hex()
            elif isinstance(value, str):
                found[field.name] = _FILE_REFERENCE.sub("FILE-", value)
            else:
                found[field.name] = value
        if row._meta.label == "common.AuditEvent":
            self._event(found)
        return found

    def event(self, pk: int) -> dict[str, Any]:
        """The act that a row names, without the row that the act names: that may be the same."""
        label = "common.auditevent"
        self.row(apps.get_model(label), None)
        return {name: said for name, said in self.values(self.rows[label][pk]).items() if name != "subject_id"}

    def _event(self, found: dict[str, Any]) -> None:
        subject = found["subject_type"]
        if subject and found["subject_id"] is not None:
            found["subject_id"] = self.row(apps.get_model(subject), found["subject_id"])
        body = dict(found["body"])
        for name, label in _KEYS.items():
            if isinstance(body.get(name), int):
                body[name] = self.row(apps.get_model(label), body[name])
        for name in ("shares", "pins"):
            if name in body:
                receivable = apps.get_model("collections_app.Receivable")
                body[name] = [[self.row(receivable, part[0]), *part[1:]] for part in body[name]]
        found["body"] = body


def whole_book() -> dict[str, Counter[str]]:
    """Every row of every table of the product, table by table."""
    teller, found = _Teller(), {}
    for model in apps.get_models():
        label = model._meta.label_lower
        if label in LEFT_OUT or not model._meta.managed:
            continue
        told = [teller.values(row) for row in model._base_manager.order_by("pk")]
        if told:
            found[label] = Counter(json.dumps(values, sort_keys=True, default=str) for values in told)
    return found


def differences(one: dict[str, Counter[str]], other: dict[str, Counter[str]]) -> list[str]:
    """What one book has and the other has not, in words; empty when they are the same."""
    said = []
    for table in sorted(set(one) | set(other)):
        here, there = one.get(table, Counter()), other.get(table, Counter())
        said += [f"{table}: missing {count}x {row}" for row, count in (here - there).items()]
        said += [f"{table}: beyond {count}x {row}" for row, count in (there - here).items()]
    return said
