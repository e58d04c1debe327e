"""Figures and their rows as a page shows them; the words of their columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clients.choices import Channel
from collections_app.choices import Direction, Outcome, Reached
from collections_app.selectors.cases import bucket_label
from common.components.format import grouped
from complaints.choices import MatterKind
from reporting.kpis.base import Figure, Row, Unit, Words
from reporting.kpis.books import BUCKET_CODES, LEFT, NEW, PAID

COLUMN_WORDS: Mapping[str, Words] = {
    "account": _("Account"),
    "amount": _("Amount"),
    "answer_days": _("Days to the answer"),
    "answered_at": _("Answered"),
    "at": _("When"),
    "attempts": _("Attempts"),
    "back": _("Taken back"),
    "b0": _("Open on the first day"),
    "b1": _("Open on the last day"),
    "bucket": _("Age at placement"),
    "channel": _("Channel"),
    "closed": _("Closed"),
    "cohort": _("Month of placement"),
    "collected": _("Collected"),
    "complaints": _("Complaints"),
    "contact_days": _("Days to the first contact"),
    "contact_on": _("First contact"),
    "cured": _("Became regular"),
    "cured_on": _("Regular since"),
    "currency": _("Currency"),
    "days": _("Days"),
    "days_late": _("Days late"),
    "days_to_settle": _("Days to settle"),
    "denominator": _("Denominator"),
    "direction": _("Direction"),
    "due_at": _("Deadline"),
    "due_on": _("Due date"),
    "from_bucket": _("Age on the first day"),
    "gone": _("Written off or withdrawn"),
    "id": _("Number"),
    "in_hand": _("In hand"),
    "in_time": _("In time"),
    "issued_on": _("Issued"),
    "kept": _("Kept"),
    "kind": _("Kind"),
    "late": _("Late"),
    "late_after": _("Late on the last day"),
    "late_before": _("Late on the first day"),
    "late_from": _("Late from"),
    "made_on": _("Made on"),
    "month": _("Months since placement"),
    "moved": _("Movement"),
    "numerator": _("Numerator"),
    "outcome": _("Outcome"),
    "owed": _("Owed"),
    "paid": _("Paid"),
    "placed": _("Placed amount"),
    "placed_on": _("Placed"),
    "raised": _("Newly owed"),
    "reached": _("Who answered"),
    "recorded_at": _("Recorded"),
    "received_at": _("Received"),
    "receivable": _("Receivable"),
    "reference": _("Reference"),
    "score": _("Rating"),
    "segment": _("Segment"),
    "settled_on": _("Settled"),
    "sold": _("Bought within the year"),
    "to_bucket": _("Age on the last day"),
    "value_on": _("Value date"),
    "what": _("Row"),
}
PLACE_WORDS: Mapping[str, Words] = {NEW: _("New"), PAID: _("Paid"), LEFT: _("Left collection")}
_MOVED: Mapping[str, Words] = {
    "new": _("New"),
    "forward": _("Deeper"),
    "stable": _("Stayed"),
    "back": _("Came back"),
    "cure": _("Became regular"),
    "paid": _("Paid"),
    "left": _("Left collection"),
}
_WHAT: Mapping[str, Words] = {
    "account": _("Account"),
    "none": _("Without an account"),
    "placed": _("Placed"),
    "collected": _("Collected"),
    "matter": _("Matter"),
    "rating": _("Rating"),
}
_CHOICES: Mapping[str, Mapping[str, Words]] = {
    "channel": dict(Channel.choices),
    "direction": dict(Direction.choices),
    "reached": dict(Reached.choices),
    "outcome": dict(Outcome.choices),
    "kind": dict(MatterKind.choices),
    "moved": _MOVED,
    "what": _WHAT,
}
_BUCKETS = frozenset({"bucket", "from_bucket", "to_bucket"})


def place_words(code: str | None) -> str:
    """A bucket, or where something came from or went, in words."""
    if code is None:
        return "–"
    if code in PLACE_WORDS:
        return str(PLACE_WORDS[code])
    return bucket_label(code) if code in BUCKET_CODES else code


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One value of a row: as words, an amount, a day, a moment, a figure or a reference."""

    kind: str
    value: Any


def cell_of(name: str, value: Any) -> Cell:
    """How a page shows a value of a column."""
    if value is None or value == "":
        return Cell(kind="words", value="–")
    if isinstance(value, bool):
        return Cell(kind="words", value=gettext("Yes") if value else gettext("No"))
    if isinstance(value, dt.datetime):
        return Cell(kind="moment", value=value)
    if isinstance(value, dt.date):
        return Cell(kind="day", value=value)
    if isinstance(value, Decimal):
        whole = value == value.to_integral_value() and value.as_tuple().exponent == 0
        return Cell(kind="figure", value=grouped(amount=value, places=0 if whole else 2))
    if isinstance(value, int):
        return Cell(kind="figure", value=str(value) if name == "id" else grouped(amount=value, places=0))
    if name in _BUCKETS:
        return Cell(kind="place", value=place_words(value))
    if name in _CHOICES:
        return Cell(kind="words", value=_CHOICES[name].get(value, value))
    return Cell(kind="code", value=value)


def value_text(value: Decimal | None, unit: str) -> str:
    """A value in its unit: a share in percent with one place, days and numbers with one, money with two."""
    if value is None:
        return "–"
    if unit == Unit.RATIO:
        return f"{grouped(amount=value * 100, places=1)}%"
    return grouped(amount=value, places=2 if unit == Unit.MONEY else 1)


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """Where things lay on the first day and on the last, in one currency; of each line its place, sum and cells."""

    currency: str
    columns: Sequence[str]
    lines: Sequence[tuple[str, int, Sequence[Row | None]]]


def matrices(figure: Figure) -> list[Matrix]:
    """The roll matrix of each currency. Each cell has its share of its row, by number, and how it moved."""
    cells: dict[str, dict[tuple[str, str], Row]] = {}
    for row in figure.rows:
        cells.setdefault(row["currency"], {})[row["from_bucket"], row["to_bucket"]] = row
    columns = (*BUCKET_CODES, PAID, LEFT)
    found = []
    for currency, there in cells.items():
        lines = []
        for begun in (NEW, *BUCKET_CODES):
            total = sum(row["count"] for (a, _b), row in there.items() if a == begun)
            if total:
                lines.append((begun, total, [_cell(there.get((begun, ended)), total) for ended in columns]))
        found.append(Matrix(currency=currency, columns=columns, lines=lines))
    return found


def _cell(row: Row | None, total: int) -> Row | None:
    if row is None:
        return None
    begun, ended = row["from_bucket"], row["to_bucket"]
    moved = ""
    if begun in BUCKET_CODES and ended in BUCKET_CODES:
        moved = "stayed" if begun == ended else "older"
        if BUCKET_CODES.index(ended) < BUCKET_CODES.index(begun):
            moved = "better"
    elif ended == PAID:
        moved = "better"
    return {**row, "share": value_text(Decimal(row["count"]) / total, Unit.RATIO), "moved": moved}


@dataclass(frozen=True, kw_only=True)
class Ages:
    """What is open by age in one currency, every bucket present."""

    currency: str
    rows: Sequence[tuple[str, int, Decimal]]
    total: Decimal


def ages(figure: Figure) -> list[Ages]:
    """The open balance of each currency as one bar."""
    amounts: dict[str, dict[str, Decimal]] = {}
    for row in figure.rows:
        amounts.setdefault(row["currency"], {})[row["bucket"]] = row["amount"]
    return [
        Ages(
            currency=currency,
            rows=[(bucket_label(code), n, there.get(code, Decimal(0))) for n, code in enumerate(BUCKET_CODES)],
            total=sum(there.values(), Decimal(0)),
        )
        for currency, there in amounts.items()
    ]


@dataclass(frozen=True, kw_only=True)
class Stairs:
    """Months of placement in one currency, and what share of each had come by each month since."""

    currency: str
    months: Sequence[int]
    lines: Sequence[tuple[str, Decimal, Sequence[str]]]


def stairs(figure: Figure, *, most: int = 12) -> list[Stairs]:
    """The stair-step of each currency, its first ``most`` months."""
    found: dict[str, dict[str, list[Row]]] = {}
    for row in figure.rows:
        found.setdefault(row["currency"], {}).setdefault(row["cohort"], []).append(row)
    drawn = []
    for currency, cohorts in found.items():
        wide = min(max(len(steps) for steps in cohorts.values()), most)
        lines = []
        for cohort, steps in cohorts.items():
            told = [value_text(step["value"], Unit.RATIO) for step in steps[:wide]]
            lines.append((cohort, steps[0]["denominator"], told + [""] * (wide - len(told))))
        drawn.append(Stairs(currency=currency, months=range(wide), lines=lines))
    return drawn
