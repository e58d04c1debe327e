"""How late and how fast what was settled was paid: of receivables that closed in the period."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from reporting.kpis.base import Family, Kpi, Side, Unit
from reporting.kpis.books import GONE, KIND

# Settled on the last day that moved the balance, of what is at nothing at the end; on its first day when that day alone
# brought and paid it. Written off or withdrawn is not settled. All is joined before it is filtered (``OFFSET 0`` keeps
# the planner from doing otherwise): of sums that equal naught it expects one row, and would join by nested scans.
_FACTS = f"""
SELECT s.*, s.settled_on - s.issued_on AS days_to_settle, greatest(s.settled_on - s.due_on, 0) AS days_late
FROM (
    SELECT r.id, d.debtor_ref AS account, r.receivable_ref AS receivable, r.currency, r.amount, r.issued_on, r.due_on,
           t.balance, t.gone, t.settled_on
    FROM (
        SELECT m.receivable_id, sum(m.moved) AS balance, sum(m.gone) AS gone,
               coalesce(max(m.day) FILTER (WHERE m.moved <> 0), min(m.day)) AS settled_on
        FROM (
            SELECT e.receivable_id, e.effective_on AS day, sum(e.amount) AS moved,
                   coalesce(sum(e.amount) FILTER (WHERE {KIND} IN ({GONE})), 0) AS gone
            FROM collections_app_ledgerentry e
            WHERE e.client_id = %(client_id)s AND e.effective_on <= %(last)s
              AND e.recorded_at <= %(known_at)s::timestamptz
            GROUP BY e.receivable_id, e.effective_on
        ) m
        GROUP BY m.receivable_id
    ) t
    JOIN collections_app_receivable r ON r.id = t.receivable_id AND NOT r.struck
    JOIN collections_app_case c ON c.id = r.case_id
    JOIN collections_app_debtor d ON d.id = c.debtor_id
    OFFSET 0
) s
WHERE s.balance = 0 AND s.gone = 0 AND s.settled_on BETWEEN %(first)s AND %(last)s
"""

FAMILY = Family(
    code="settlement",
    name=_("Settlement"),
    facts=_FACTS,
    columns=(
        "account",
        "receivable",
        "currency",
        "amount",
        "issued_on",
        "due_on",
        "settled_on",
        "days_to_settle",
        "days_late",
    ),
    order='settled_on, account COLLATE "C", receivable COLLATE "C", id',
    kpis=(
        Kpi(
            code="AVERAGE_DAYS_LATE",
            name=_("Average days late"),
            formula=_("Days from due date to settlement, early ones as 0 ÷ receivables settled in the period"),
            unit=Unit.DAYS,
            over=Side(sum="days_late"),
            under=Side(),
        ),
        Kpi(
            code="LATE_SHARE",
            name=_("Settled late"),
            formula=_("Receivables settled after their due date ÷ receivables settled in the period"),
            unit=Unit.RATIO,
            over=Side(where="days_late > 0"),
            under=Side(),
        ),
        Kpi(
            code="DAYS_TO_SETTLE",
            name=_("Average days to settle"),
            formula=_("Days from issue to settlement ÷ receivables settled in the period"),
            unit=Unit.DAYS,
            over=Side(sum="days_to_settle"),
            under=Side(),
        ),
        Kpi(
            code="DAYS_TO_SETTLE_WEIGHTED",
            name=_("Average days to settle, by amount"),
            formula=_("Days from issue to settlement × amount ÷ amount of the receivables settled in the period"),
            unit=Unit.DAYS,
            over=Side(sum="days_to_settle * amount"),
            under=Side(sum="amount"),
            by_currency=True,
        ),
    ),
)
