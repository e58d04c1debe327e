"""Matters of earlier days become matters here: all rows of a file or none, each once (CR-03).

They go through the register like every other, with its clocks at their own dates; nobody is written to. What the source
says is over is closed, and its deadlines to answer are called off, since it does not say since when.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from common.audit import Actor, record
from common.choices import LIVE_CLOCK
from common.clock import RIYADH, at_riyadh
from common.clocks import clock_cancel, clocks_of
from common.exceptions import Refused
from complaints.choices import STAGES, Complainant, ImportSource, MatterKind, Outcome, Stage
from complaints.models import Category, ImportedMatter, Matter
from complaints.rules.importing import Row, rows_of
from complaints.services.matters import Told, matter_event, matter_move, matter_register

# A day without an hour: within its working time, so that it counts as that day.
HOUR = dt.time(9, 0)
MOST_FAULTS = 20


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What became of a file: rows read, new, known before, closed by their source, and flagged."""

    rows: int
    new: int
    known: int
    closed: int
    flagged: int
    products: dict[str, int]


def matters_import(*, actor: Actor, client: Client, kind: str, content: bytes, at: dt.datetime) -> Imported:
    """Take in a file of earlier complaints of a client's customers, as ``rules/importing.py`` reads it.

    A text without a date counts as told ``at``. Told twice, a file adds nothing. Raises Refused with every fault in its
    ``details``, ``line``, ``column`` and ``reason``, and writes nothing then.
    """
    rows = _rows(kind=kind, content=content, today=at.astimezone(RIYADH).date())
    with transaction.atomic():
        # One import at a time: two at once would both think a row new.
        Client.objects.select_for_update(no_key=True).get(pk=client.pk)
        known = set(
            ImportedMatter.objects.filter(source=kind, source_ref__in=[row.ref for row in rows]).values_list(
                "source_ref", flat=True
            )
        )
        fresh = [row for row in rows if row.ref not in known]
        tree = {category.code: category for category in Category.objects.all()}
        for row in fresh:
            _taken(actor=actor, client=client, kind=kind, row=row, category=tree.get(row.category), at=at)
        done = Imported(
            rows=len(rows),
            new=len(fresh),
            known=len(known),
            closed=sum(row.ended for row in fresh),
            flagged=sum(bool(row.flags) for row in fresh),
            products=dict(Counter(row.product for row in fresh).most_common()),
        )
        record(
            actor=actor, action="matters.imported", subject=client, client_id=client.pk,
            body={"kind": kind, "rows": done.rows, "new": done.new, "closed": done.closed,
                  "sha256": hashlib.sha256(content).hexdigest()},
        )  # fmt: skip
    return done


def _rows(*, kind: str, content: bytes, today: dt.date) -> list[Row]:
    if kind not in ImportSource.values:
        raise Refused("import_kind", _("Choose one of the list."), field="kind")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _refused([{"line": line, "column": "", "reason": _("This line is not written in UTF-8.")}]) from error
    rows, faults = rows_of(kind=kind, lines=io.StringIO(text, newline=""), today=today)
    if faults:
        raise _refused([{"line": f.line, "column": f.column, "reason": f.reason} for f in faults[:MOST_FAULTS]])
    if not rows:
        raise Refused("import_empty", _("There is no row in this file."))
    return rows


def _refused(faults: list[dict[str, Any]]) -> Refused:
    return Refused("import_faults", _("Nothing was taken in: rows of this file cannot be read."),
                   details={"faults": faults})  # fmt: skip


def _taken(*, actor: Actor, client: Client, kind: str, row: Row, category: Category | None, at: dt.datetime) -> Matter:
    told_at = at_riyadh(on=row.received_on, time=HOUR) if row.received_on else at
    told = Told(
        kind=MatterKind.COMPLAINT, intake=row.intake, complainant=Complainant.DEBTOR, words=row.words, language="en",
        client=client, category=category, product=row.product,
    )  # fmt: skip
    matter = matter_register(actor=actor, told=told, at=told_at)
    with translation.override("ar"):
        why = str(_("Taken over from an earlier register; nobody was written to"))
        undated = str(_("The earlier register does not say on which day"))
    matter_move(actor=actor, matter=matter, to=Stage.ACKNOWLEDGED, at=told_at, reason=why)
    ImportedMatter.objects.create(
        matter=matter, source=kind, source_ref=row.ref, labels=dict(row.labels), is_undated=row.ended,
        flags=list(row.flags), imported_at=at,
    )  # fmt: skip
    if row.routed_on is not None:
        _complete(matter, at=told_at)
        matter_event(actor=actor, matter=matter, event="COMPLETE", at=told_at)
        # Several happen on one day, in the order of their events.
        matter_event(actor=actor, matter=matter, event="ROUTED", at=at_riyadh(on=row.routed_on, time=HOUR))
    if row.ended:
        _ended(actor=actor, matter=matter, row=row, at=at, why=undated)
    return matter


def _complete(matter: Matter, *, at: dt.datetime) -> None:
    matter.complete_at = at
    matter.save(update_fields=["complete_at"])


def _ended(*, actor: Actor, matter: Matter, row: Row, at: dt.datetime, why: str) -> None:
    """Closed as the source says: what was done is known, whether it was justified and when it was answered is not."""
    for clock in clocks_of(subject=matter).filter(state__in=LIVE_CLOCK):
        clock_cancel(clock=clock, at=clock.since_at, actor=actor, reason=why)
    matter.outcome, matter.remedy_done = Outcome.ANSWERED, row.remedy
    matter.save(update_fields=["outcome", "remedy_done"])
    for stage in STAGES[STAGES.index(Stage.ACKNOWLEDGED) + 1 :]:
        matter_move(actor=actor, matter=matter, to=stage, at=at, reason=why)
