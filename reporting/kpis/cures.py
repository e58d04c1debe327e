"""How long accounts stay late (PL-33, I-24): from the first late day to the day with nothing late, the cure.

Stretches of lateness that began in the period, watched to its end. Those not over by then are censored, not left out:
they count as not cured within the days they were watched (Kaplan and Meier 1958). So does what left collection.
"""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from reporting.kpis.base import PLACES, Ask, Family, Kpi, Row, Side, Unit
from reporting.kpis.books import GONE, KIND
from reporting.rules.survival import Duration, mean_days, median_days

# Each receivable is late from the day after its due date while something of it is open; the account while any is. The
# day after ``last`` ends what still runs, so that a stretch ending there has not ended.
_FACTS = f"""
SELECT c.id AS case_id, d.debtor_ref AS account, '' AS currency, t.late_from,
       CASE WHEN t.cured THEN t.ended END AS cured_on, t.cured,
       CASE WHEN t.cured THEN t.ended - t.late_from ELSE t.ended - t.late_from - 1 END AS days
FROM (
    SELECT s.case_id, s.late_from, s.ended, s.ended <= %(last)s AND NOT EXISTS (
        SELECT 1 FROM collections_app_receivable r
        JOIN collections_app_ledgerentry e ON e.receivable_id = r.id
        WHERE r.case_id = s.case_id AND {KIND} IN ({GONE})
          AND e.effective_on = s.ended AND e.recorded_at <= %(known_at)s::timestamptz
        HAVING sum(e.amount) < 0
    ) AS cured
    FROM (
        SELECT l.case_id, lower(run) AS late_from, upper(run) AS ended
        FROM (
            SELECT b.case_id, range_agg(daterange(greatest(b.day, b.due_on + 1), b.until)) AS late
            FROM (
                SELECT m.case_id, m.due_on, m.day,
                       sum(m.moved) OVER (PARTITION BY m.receivable_id ORDER BY m.day) AS balance,
                       lead(m.day, 1, %(last)s::date + 1) OVER (PARTITION BY m.receivable_id ORDER BY m.day) AS until
                FROM (
                    SELECT r.case_id, r.due_on, e.receivable_id, e.effective_on AS day, sum(e.amount) AS moved
                    FROM collections_app_ledgerentry e
                    JOIN collections_app_receivable r ON r.id = e.receivable_id
                    WHERE e.client_id = %(client_id)s AND e.effective_on <= %(last)s
                      AND e.recorded_at <= %(known_at)s::timestamptz AND r.due_on < %(last)s
                    GROUP BY r.case_id, r.due_on, e.receivable_id, e.effective_on
                ) m
            ) b
            WHERE b.balance > 0 AND b.until > greatest(b.day, b.due_on + 1)
            GROUP BY b.case_id
        ) l
        CROSS JOIN LATERAL unnest(l.late) AS run
    ) s
    WHERE s.late_from BETWEEN %(first)s AND %(last)s
) t
JOIN collections_app_case c ON c.id = t.case_id
JOIN collections_app_debtor d ON d.id = c.debtor_id
"""


def _table(kpi: Kpi, ask: Ask, cells: list[Row]) -> list[Row]:
    """By number of days: how many stretches were cured then, and how many were watched no longer."""
    return [
        {"days": row["days"], "cured": row["numerator"], "censored": row["denominator"] - row["numerator"]}
        for row in sorted(cells, key=lambda row: int(row["days"]))
    ]


def _durations(table: list[Row]) -> list[Duration]:
    return [Duration(days=row["days"], ended=row["cured"], censored=row["censored"]) for row in table]


def _mean(table: list[Row]) -> Decimal | None:
    mean = mean_days(_durations(table))
    return None if mean is None else (Decimal(mean.numerator) / mean.denominator).quantize(PLACES[Unit.DAYS])


def _median(table: list[Row]) -> Decimal | None:
    median = median_days(_durations(table))
    return None if median is None else Decimal(median)


_CURED = Side(where="cured")

FAMILY = Family(
    code="cures",
    name=_("Time to cure"),
    facts=_FACTS,
    columns=("account", "late_from", "cured_on", "days", "cured"),
    order='late_from, account COLLATE "C", case_id',
    kpis=(
        Kpi(
            code="CURE_DAYS_MEAN",
            name=_("Mean time to cure"),
            formula=_(
                "Mean days from the first late day to the cure, of stretches that began in the period; those not over "
                "are counted as censored, up to the longest time watched"
            ),
            unit=Unit.DAYS,
            over=_CURED,
            under=Side(),
            groups=("days",),
            arrange=_table,
            value_of=_mean,
        ),
        Kpi(
            code="CURE_DAYS_MEDIAN",
            name=_("Median time to cure"),
            formula=_(
                "The number of days within which half of the stretches are cured, those not over counted as censored; "
                "none while fewer than half are"
            ),
            unit=Unit.DAYS,
            over=_CURED,
            under=Side(),
            groups=("days",),
            arrange=_table,
            value_of=_median,
        ),
    ),
)
