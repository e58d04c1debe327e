"""What is owed and how it aged: waterfall, age, rolls (CM-43, PL-34)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from common.components.charts import aging_bars, waterfall
from reporting.boards.base import Asked, Chart, Table, Value
from reporting.boards.books import ENDS, STEPS
from reporting.boards.shown import by_currency, share_of
from reporting.kpis.base import Row, Words
from reporting.kpis.books import BUCKET_CODES, LEFT, NEW, PAID
from reporting.kpis.shown import place_words

ZERO = Decimal(0)
_COUNT, _AMOUNT = (_("Receivables"), "fig"), (_("Amount"), "fig")
_CURRENCY = (_("Currency"), "")

STEP_WORDS: Mapping[str, Words] = {
    "open": _("Late at the start"),
    "placed": _("Placed late"),
    "rolled": _("Became late"),
    "collected": _("Collected"),
    "gone": _("Written off or withdrawn"),
    "adjusted": _("Notes, fees, discounts"),
    "end": _("Late at the end"),
}


def _waterfall_told(asked: Asked, cells: list[Row]) -> Table:
    lines = []
    for currency, there in by_currency(cells).items():
        found = {row["step"]: row for row in there}
        for step, words in STEP_WORDS.items():
            row = found.get(step)
            url = WATERFALL.rows_url(asked, currency=currency, step=step) if row else ""
            lines.append(
                [
                    Value(value=currency, kind="unit"),
                    Value(value=words),
                    Value(value=row["count"] if row else 0, kind="count", url=url),
                    Value(value=row["amount"] if row else ZERO, kind="money"),
                ]
            )
    return Table(head=(_CURRENCY, (_("Step"), ""), _COUNT, _AMOUNT), lines=lines)


def _waterfall_drawn(asked: Asked, cells: list[Row], rtl: bool) -> Mapping[str, Any]:
    drawn = []
    for currency, there in by_currency(cells).items():
        found = {row["step"]: row for row in there}
        steps = [
            (step, found[step]["amount"] if step in found else ZERO, step in {"open", "end"}) for step in STEP_WORDS
        ]
        bars = waterfall(steps=steps, rtl=rtl)
        drawn.append(
            {
                "currency": currency,
                "bars": [
                    {
                        "bar": bar,
                        "words": STEP_WORDS[bar.code],
                        "count": found[bar.code]["count"] if bar.code in found else 0,
                        "url": WATERFALL.rows_url(asked, currency=currency, step=bar.code) if bar.code in found else "",
                    }
                    for bar in bars
                ],
            }
        )
    return {"sheets": drawn}


WATERFALL = Chart(
    code="waterfall",
    name=_("From late to late"),
    asks=_("What was late when the period began, what came to it, what left it, and what is late at its end?"),
    facts=STEPS,
    by=("currency", "step"),
    sums={"count": "count(*)", "amount": "sum(amount)"},
    tell=_waterfall_told,
    draw=_waterfall_drawn,
    columns=("account", "receivable", "currency", "due_on", "placed_on", "step", "amount"),
    order='account COLLATE "C", receivable COLLATE "C", id, step',
    words={"step": lambda: STEP_WORDS},
)


def _ages(there: list[Row]) -> list[tuple[str, int, Row]]:
    """Every bucket of one currency: what lies in it at the end, and what lay in it when the period began."""
    found = []
    for depth, code in enumerate(BUCKET_CODES):
        end = [row for row in there if row["to_bucket"] == code]
        begun = [row for row in there if row["from_bucket"] == code]
        sums = {
            "count": sum(row["count"] for row in end),
            "amount": sum((row["b1"] for row in end), ZERO),
            "before": sum((row["b0"] for row in begun), ZERO),
        }
        found.append((code, depth, sums))
    return found


def _aging_told(asked: Asked, cells: list[Row]) -> Table:
    lines = []
    for currency, there in by_currency(cells).items():
        for code, _depth, sums in _ages(there):
            url = AGING.rows_url(asked, currency=currency, to_bucket=code) if sums["count"] else ""
            lines.append(
                [
                    Value(value=currency, kind="unit"),
                    Value(value=place_words(code), kind="place"),
                    Value(value=sums["count"], kind="count", url=url),
                    Value(value=sums["amount"], kind="money"),
                    Value(value=sums["before"], kind="money"),
                ]
            )
    head = (_CURRENCY, (_("Days late"), ""), _COUNT, (_("Open at the end"), "fig"), (_("At the start"), "fig"))
    return Table(head=head, lines=lines)


def _aging_drawn(asked: Asked, cells: list[Row], rtl: bool) -> Mapping[str, Any]:
    drawn = []
    for currency, there in by_currency(cells).items():
        ages = _ages(there)
        bars = aging_bars(
            rows=[(place_words(code), depth, sums["amount"], sums["count"]) for code, depth, sums in ages],
            before=[sums["before"] for _code, _depth, sums in ages],
            width=200,
            rtl=rtl,
        )
        urls = [
            AGING.rows_url(asked, currency=currency, to_bucket=code) if sums["count"] else "" for code, _d, sums in ages
        ]
        total = sum((bar.amount for bar in bars), ZERO)
        if total:
            drawn.append({"currency": currency, "bars": list(zip(bars, urls, strict=True)), "total": total})
    return {"sheets": drawn}


_ENDS_COLUMNS = (
    "account",
    "receivable",
    "currency",
    "due_on",
    "b0",
    "b1",
    "from_bucket",
    "to_bucket",
)
_ENDS_ORDER = 'account COLLATE "C", receivable COLLATE "C", id'
_ENDS_SUMS = {
    "count": "count(*)",
    "amount": "sum(CASE WHEN b0 > 0 THEN b0 ELSE b1 END)",
    "b0": "sum(b0)",
    "b1": "sum(b1)",
}
AGING = Chart(
    code="aging",
    name=_("Open balance by age"),
    asks=_("How old is what is open, and how old was it when the period began?"),
    facts=ENDS,
    by=("currency", "from_bucket", "to_bucket"),
    sums=_ENDS_SUMS,
    tell=_aging_told,
    draw=_aging_drawn,
    columns=_ENDS_COLUMNS,
    order=_ENDS_ORDER,
)

_ENDED = (*BUCKET_CODES, PAID, LEFT)


def _rolls_proof(asked: Asked, cell: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """The same cell of the KPI, whose first day is the one before the period."""
    return "ROLL_RATES", {"from": str(asked.before), "to": str(asked.last), **cell}


def _moved(begun: str, ended: str) -> str:
    """Whether something lies better at the end, older, or as it lay; empty where neither can be said."""
    if ended == PAID and begun != NEW:
        return "better"
    if begun not in BUCKET_CODES or ended not in BUCKET_CODES:
        return ""
    one, other = BUCKET_CODES.index(begun), BUCKET_CODES.index(ended)
    return "stayed" if one == other else "older" if other > one else "better"


# From which share on a cell of its kind is tinted more strongly.
_TINTS = {"better": (6, 18, 30), "older": (6, 18, 30), "stayed": (45, 80)}


def _tint(moved: str, share: Decimal) -> str:
    if not moved:
        return ""
    return f"{moved}-{1 + sum(1 for limit in _TINTS[moved] if share * 100 >= limit)}"


def _rolls_told(asked: Asked, cells: list[Row]) -> Table:
    lines = []
    for currency, there in by_currency(cells).items():
        totals: dict[str, Decimal] = {}
        for row in there:
            totals[row["from_bucket"]] = totals.get(row["from_bucket"], ZERO) + row["amount"]
        for row in sorted(there, key=lambda r: (_place(r["from_bucket"]), _place(r["to_bucket"]))):
            cell = {"currency": currency, "from_bucket": row["from_bucket"], "to_bucket": row["to_bucket"]}
            lines.append(
                [
                    Value(value=currency, kind="unit"),
                    Value(value=place_words(row["from_bucket"]), kind="place"),
                    Value(value=place_words(row["to_bucket"]), kind="place"),
                    Value(value=row["count"], kind="count", url=ROLLS.rows_url(asked, **cell)),
                    Value(value=row["amount"], kind="money"),
                    Value(value=share_of(row["amount"], totals[row["from_bucket"]]), kind="share"),
                ]
            )
    head = (
        _CURRENCY, (_("Lay in"), ""), (_("Lies in"), ""), _COUNT, _AMOUNT, (_("Share of its balance"), "fig"),
    )  # fmt: skip
    return Table(head=head, lines=lines)


def _place(code: str) -> int:
    return (NEW, *_ENDED).index(code)


def _rolls_drawn(asked: Asked, cells: list[Row], rtl: bool) -> Mapping[str, Any]:
    drawn = []
    for currency, there in by_currency(cells).items():
        found = {(row["from_bucket"], row["to_bucket"]): row for row in there}
        lines = []
        for begun in (*BUCKET_CODES, NEW):
            total = sum((row["amount"] for (one, _other), row in found.items() if one == begun), ZERO)
            if not total:
                continue
            line = [_roll_cell(asked, currency, begun, ended, found.get((begun, ended)), total) for ended in _ENDED]
            depth = BUCKET_CODES.index(begun) if begun in BUCKET_CODES else None
            lines.append({"words": place_words(begun), "depth": depth, "total": total, "cells": line})
        drawn.append({"currency": currency, "places": [place_words(code) for code in _ENDED], "lines": lines})
    return {"sheets": drawn}


def _roll_cell(
    asked: Asked, currency: str, begun: str, ended: str, row: Row | None, total: Decimal
) -> dict[str, Any] | None:
    if row is None:
        return None
    share = share_of(row["amount"], total)
    return {
        "share": share,
        "tint": _tint(_moved(begun, ended), share or ZERO),
        "count": row["count"],
        "amount": row["amount"],
        "url": ROLLS.rows_url(asked, currency=currency, from_bucket=begun, to_bucket=ended),
    }


ROLLS = Chart(
    proof=_rolls_proof,
    code="rolls",
    name=_("Where balances went"),
    asks=_("Of what lay in each age when the period began, which share is better, older or where it was?"),
    facts=ENDS,
    by=("currency", "from_bucket", "to_bucket"),
    sums=_ENDS_SUMS,
    tell=_rolls_told,
    draw=_rolls_drawn,
    columns=_ENDS_COLUMNS,
    order=_ENDS_ORDER,
)


CHARTS = (WATERFALL, AGING, ROLLS)
