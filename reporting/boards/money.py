"""What is owed, how it aged, and what came: waterfall, age, rolls, collections, lateness of payments (CM-43, PL-39)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from common.components.charts import aging_bars, columns, waterfall
from reporting.boards.base import Asked, Chart, Table, Value
from reporting.boards.books import ENDS, STEPS
from reporting.boards.shown import by_currency, share_of
from reporting.kpis.base import Row, Words
from reporting.kpis.books import BUCKET_CODES, LEFT, NEW, PAID, bucket
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


def _collected_told(asked: Asked, cells: list[Row]) -> Table:
    lines = [
        [
            Value(value=row["currency"], kind="unit"),
            Value(value=row["value_on"], kind="day"),
            Value(
                value=row["count"],
                kind="count",
                url=COLLECTED.rows_url(asked, currency=row["currency"], value_on=row["value_on"]),
            ),
            Value(value=row["amount"], kind="money"),
        ]
        for row in cells
    ]
    return Table(head=(_CURRENCY, (_("Value date"), ""), (_("Payments"), "fig"), _AMOUNT), lines=lines)


# So many days are drawn day by day; longer periods by weeks.
_DAYS_DRAWN = 35


def _collected_drawn(asked: Asked, cells: list[Row], rtl: bool) -> Mapping[str, Any]:
    drawn = []
    until = min(asked.last, asked.today)
    days = max((until - asked.first).days + 1, 1)
    step = 1 if days <= _DAYS_DRAWN else 7 * -(-days // (7 * _DAYS_DRAWN))
    starts = [asked.first + dt.timedelta(days=n) for n in range(0, days, step)]
    for currency, there in by_currency(cells).items():
        sums = dict.fromkeys(starts, ZERO)
        for row in there:
            place = starts[min(max((row["value_on"] - asked.first).days, 0) // step, len(starts) - 1)]
            sums[place] += row["amount"]
        drawn.append(
            {
                "currency": currency,
                "columns": columns(values=list(sums.items()), rtl=rtl),
                "total": sum(sums.values(), ZERO),
                "count": sum(row["count"] for row in there),
                "url": COLLECTED.rows_url(asked, currency=currency),
            }
        )
    return {"sheets": drawn, "step": step}


def _collected_proof(asked: Asked, cell: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    on = cell.get("value_on", "")
    return "COLLECTED", {"from": on or str(asked.first), "to": on or str(asked.last)}


COLLECTED = Chart(
    proof=_collected_proof,
    code="collected",
    name=_("Collected"),
    asks=_("What came, and when?"),
    facts="""
SELECT y.id, y.case_id, y.reference, y.value_on, y.recorded_at, y.currency, y.amount,
       y.reversed_amount AS back, y.amount - y.reversed_amount AS collected
FROM collections_app_payment y
JOIN collections_app_case c ON c.id = y.case_id
WHERE y.value_on BETWEEN %(first)s AND %(last)s AND y.amount > y.reversed_amount AND {cases}
""",
    by=("currency", "value_on"),
    sums={"count": "count(*)", "amount": "sum(collected)"},
    tell=_collected_told,
    draw=_collected_drawn,
    columns=("account", "reference", "value_on", "recorded_at", "currency", "amount", "back", "collected"),
    order="value_on, id",
)


def _late_told(asked: Asked, cells: list[Row]) -> Table:
    lines = []
    for currency, there in by_currency(cells).items():
        found = {row["bucket"]: row for row in there}
        total = sum((row["amount"] for row in there), ZERO)
        for code in BUCKET_CODES:
            row = found.get(code)
            lines.append(
                [
                    Value(value=currency, kind="unit"),
                    Value(value=place_words(code), kind="place"),
                    Value(
                        value=row["count"] if row else 0,
                        kind="count",
                        url=PAID_LATE.rows_url(asked, currency=currency, bucket=code) if row else "",
                    ),
                    Value(value=row["amount"] if row else ZERO, kind="money"),
                    Value(value=share_of(row["amount"] if row else ZERO, total), kind="share"),
                ]
            )
    head = (_CURRENCY, (_("Days late when paid"), ""), (_("Entries"), "fig"), _AMOUNT, (_("Share"), "fig"))
    return Table(head=head, lines=lines)


def _late_drawn(asked: Asked, cells: list[Row], rtl: bool) -> Mapping[str, Any]:
    drawn = []
    for currency, there in by_currency(cells).items():
        found = {row["bucket"]: row for row in there}
        rows = [
            (
                place_words(code),
                depth,
                max(found[code]["amount"], ZERO) if code in found else ZERO,
                found[code]["count"] if code in found else 0,
            )
            for depth, code in enumerate(BUCKET_CODES)
        ]
        bars = aging_bars(rows=rows, width=200, rtl=rtl)
        urls = [PAID_LATE.rows_url(asked, currency=currency, bucket=c) if c in found else "" for c in BUCKET_CODES]
        total = sum((row["amount"] for row in there), ZERO)
        late = sum((row["amount"] for row in there if row["bucket"] != "not_due"), ZERO)
        drawn.append(
            {
                "currency": currency,
                "bars": list(zip(bars, urls, strict=True)),
                "total": total,
                "late": share_of(late, total),
            }
        )
    return {"sheets": drawn}


PAID_LATE = Chart(
    code="paid_late",
    name=_("Payments by lateness"),
    asks=_("How late was what was paid in the period, on the day it was paid?"),
    facts=f"""
SELECT e.id, r.case_id, r.receivable_ref AS receivable, e.currency, r.due_on,
       e.effective_on AS value_on, greatest(e.effective_on - r.due_on, 0) AS days_late, -e.amount AS amount,
       {bucket(day="e.effective_on")} AS bucket
FROM collections_app_ledgerentry e
JOIN collections_app_receivable r ON r.id = e.receivable_id
JOIN collections_app_case c ON c.id = r.case_id
LEFT JOIN collections_app_debt b ON b.id = r.debt_id
WHERE e.payment_id IS NOT NULL AND e.effective_on BETWEEN %(first)s AND %(last)s AND {{holders}} AND {{lines}}
""",
    by=("currency", "bucket"),
    sums={"count": "count(*)", "amount": "sum(amount)"},
    tell=_late_told,
    draw=_late_drawn,
    columns=("account", "receivable", "currency", "due_on", "value_on", "days_late", "amount"),
    order="value_on, id",
)

CHARTS = (WATERFALL, AGING, COLLECTED, ROLLS, PAID_LATE)
