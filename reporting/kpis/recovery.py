"""What came of what was placed, altogether and by how long it has been with us (PL-39).

Placed is what was open of a receivable on the day of the file that brought it; collected are payments valued from that
day on, less what of them was taken back. Money in suspense is not collected yet. Discounts, credit notes and what left
collection bring nothing and are still in what was placed.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from common import clock
from reporting.kpis.base import Ask, Family, Kpi, Row, Side, Unit, value_of
from reporting.kpis.books import BUCKET_CODES, bucket

# One row for what was placed, one for the money of each month since. ``cohort`` is the month of placement.
_FACTS = f"""
WITH told AS MATERIALIZED (
    SELECT r.id, d.debtor_ref AS account, r.receivable_ref AS receivable, r.currency, r.due_on, b.product AS segment,
           p.placed_on, {bucket(day="p.placed_on")} AS bucket, e.kind, e.amount, e.effective_on,
           e.payment_id IS NOT NULL AS is_money
    FROM collections_app_ledgerentry e
    JOIN collections_app_receivable r ON r.id = e.receivable_id AND NOT r.struck
    JOIN collections_app_case c ON c.id = r.case_id
    JOIN collections_app_debtor d ON d.id = c.debtor_id
    JOIN collections_app_debt b ON b.id = r.debt_id
    LEFT JOIN collections_app_importfile f ON f.id = r.file_id
    CROSS JOIN LATERAL (SELECT coalesce(f.placed_on, c.placed_on) AS placed_on) p
    WHERE e.client_id = %(client_id)s AND e.effective_on <= %(last)s AND p.placed_on <= %(last)s
      AND e.recorded_at <= %(known_at)s::timestamptz
)
SELECT id, 'placed' AS what, account, receivable, currency, segment, bucket, placed_on,
       to_char(placed_on, 'YYYY-MM') AS cohort, 0 AS month,
       coalesce(sum(amount) FILTER (
           WHERE kind IN ('CHARGE', 'PRIOR_PAYMENT') OR (is_money AND effective_on < placed_on)), 0.00) AS placed,
       0.00 AS collected, 0.00 AS collected_now
FROM told GROUP BY id, account, receivable, currency, segment, bucket, placed_on
UNION ALL
SELECT id, 'collected', account, receivable, currency, segment, bucket, placed_on,
       to_char(placed_on, 'YYYY-MM'),
       (12 * (extract(year FROM effective_on) - extract(year FROM placed_on))
        + extract(month FROM effective_on) - extract(month FROM placed_on))::int AS month,
       0.00, -sum(amount), coalesce(-sum(amount) FILTER (WHERE effective_on >= %(first)s), 0.00)
FROM told WHERE is_money AND effective_on >= placed_on
GROUP BY id, account, receivable, currency, segment, bucket, placed_on, 10
"""
_OF_PERIOD = "placed_on >= %(first)s"


def _by_age(kpi: Kpi, ask: Ask, cells: list[Row]) -> list[Row]:
    return sorted(cells, key=lambda row: (row["currency"], row["segment"], BUCKET_CODES.index(row["bucket"])))


def _stairs(kpi: Kpi, ask: Ask, cells: list[Row]) -> list[Row]:
    """Each month's step stands on the one before: collected up to then, of what the month of placement brought."""
    found: dict[tuple[str, str], dict[int, Row]] = defaultdict(dict)
    for cell in cells:
        found[(cell["currency"], cell["cohort"])][cell["month"]] = cell
    steps: list[Row] = []
    # Nothing has come in months that are still ahead.
    until = min(ask.last, ask.moment.astimezone(clock.RIYADH).date())
    for (currency, cohort), months in sorted(found.items()):
        placed, collected = months[0]["denominator"], Decimal(0)
        begun = dt.date.fromisoformat(f"{cohort}-01")
        for month in range(12 * (until.year - begun.year) + until.month - begun.month + 1):
            collected += Decimal(months[month]["numerator"]) if month in months else Decimal(0)
            steps.append(_step(kpi, currency=currency, cohort=cohort, month=month, sums=(collected, Decimal(placed))))
    return steps


def _step(kpi: Kpi, *, currency: str, cohort: str, month: int, sums: tuple[Decimal, Decimal]) -> dict[str, Any]:
    cent = Decimal("0.01")
    return {
        "currency": currency,
        "cohort": cohort,
        "month": month,
        "value": value_of(kpi, *sums),
        "numerator": sums[0].quantize(cent),
        "denominator": sums[1].quantize(cent),
    }


FAMILY = Family(
    code="recovery",
    name=_("Recovery"),
    facts=_FACTS,
    columns=(
        "what",
        "account",
        "receivable",
        "currency",
        "segment",
        "bucket",
        "placed_on",
        "cohort",
        "month",
        "placed",
        "collected",
    ),
    order='account COLLATE "C", receivable COLLATE "C", id, what DESC, month',
    kpis=(
        Kpi(
            code="RECOVERY_RATE",
            name=_("Collection rate"),
            formula=_(
                "Collected in the period ÷ all that was placed by its end, by segment and by age when it was placed"
            ),
            unit=Unit.RATIO,
            over=Side(where="what = 'placed' OR collected_now <> 0", sum="collected_now"),
            under=Side(where="what = 'placed'", sum="placed"),
            by_currency=True,
            groups=("currency", "segment", "bucket"),
            arrange=_by_age,
        ),
        Kpi(
            code="STAIR_STEP",
            name=_("Recovery by month of placement"),
            formula=_("Collected up to each month since placement ÷ placed, for each month of placement in the period"),
            unit=Unit.RATIO,
            over=Side(where=_OF_PERIOD, sum="collected"),
            under=Side(where=_OF_PERIOD, sum="placed"),
            by_currency=True,
            groups=("currency", "cohort", "month"),
            arrange=_stairs,
        ),
    ),
)
