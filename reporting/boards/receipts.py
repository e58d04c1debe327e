"""What came, and how late it was: collections, payments by lateness (CM-43, PL-39)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from common.components.charts import aging_bars, columns
from reporting.boards.base import Asked, Chart, Table, Value
from reporting.boards.shown import by_currency, share_of
from reporting.kpis.base import Row
from reporting.kpis.books import BUCKET_CODES, bucket
from reporting.kpis.shown import place_words

ZERO = Decimal(0)
_AMOUNT, _CURRENCY = (_("Amount"), "fig"), (_("Currency"), "")


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

CHARTS = (COLLECTED, PAID_LATE)
