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

# One row for what was placed, one for the money of each month since. ``cohort`` is the month of placement. Entries are
# summed before they meet the words of their receivables.
_FACTS = f"""
SELECT r.id, CASE WHEN t.month IS NULL THEN 'placed' ELSE 'collected' END AS what, d.debtor_ref AS account,
       r.receivable_ref AS receivable, r.currency, b.product AS segment, {bucket(day="t.placed_on")} AS bucket,
       t.placed_on, to_char(t.placed_on, 'YYYY-MM') AS cohort, coalesce(t.month, 0) AS month,
       CASE WHEN t.month IS NULL THEN t.amount ELSE 0.00 END AS placed,
       CASE WHEN t.month IS NULL THEN 0.00 ELSE -t.amount END AS collected,
       CASE WHEN t.month IS NULL THEN 0.00 ELSE -t.now END AS collected_now
FROM (
    SELECT m.receivable_id, m.placed_on, m.month, sum(m.amount) AS amount,
           coalesce(sum(m.amount) FILTER (WHERE m.effective_on >= %(first)s), 0.00) AS now
    FROM (
        SELECT e.receivable_id, e.amount, e.effective_on, p.placed_on,
               CASE WHEN e.payment_id IS NOT NULL AND e.effective_on >= p.placed_on THEN
                   (12 * (extract(year FROM e.effective_on) - extract(year FROM p.placed_on))
                    + extract(month FROM e.effective_on) - extract(month FROM p.placed_on))::int END AS month
        FROM collections_app_ledgerentry e
        JOIN collections_app_receivable r ON r.id = e.receivable_id AND NOT r.struck
        JOIN collections_app_case c ON c.id = r.case_id
        LEFT JOIN collections_app_importfile f ON f.id = r.file_id
        CROSS JOIN LATERAL (SELECT coalesce(f.placed_on, c.placed_on) AS placed_on) p
        WHERE e.client_id = %(client_id)s AND e.effective_on <= %(last)s AND p.placed_on <= %(last)s
          AND e.recorded_at <= %(known_at)s::timestamptz
          AND (e.payment_id IS NOT NULL OR e.kind IN ('CHARGE', 'PRIOR_PAYMENT'))
    ) m
    GROUP BY m.receivable_id, m.placed_on, m.month
) t
JOIN collections_app_receivable r ON r.id = t.receivable_id
JOIN collections_app_case c ON c.id = r.case_id
JOIN collections_app_debtor d ON d.id = c.debtor_id
JOIN collections_app_debt b ON b.id = r.debt_id
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
