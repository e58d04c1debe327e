"""Promises kept in full by their date, of those whose day is over; by count and by amount (PL-31, I-24)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from reporting.kpis.base import Family, Kpi, Side, Unit

# Judged here from the payments that were known, by the words of the nightly judgement (``services.promises``): what
# came on the case in its currency from the day it was made to its due day, not taken back, and told after it.
_FACTS = """
SELECT p.id, p.case_id, b.debtor_ref AS account, p.currency, p.amount, p.made_on, p.due_on, paid.amount AS paid,
       paid.amount >= p.amount AS kept
FROM collections_app_promise p
JOIN collections_app_case c ON c.id = p.case_id
JOIN collections_app_debtor b ON b.id = c.debtor_id
LEFT JOIN collections_app_contactattempt a ON a.id = p.attempt_id
CROSS JOIN LATERAL (
    SELECT coalesce(a.recorded_at, p.recorded_at, p.made_on::timestamp AT TIME ZONE 'Asia/Riyadh') AS at
) told
CROSS JOIN LATERAL (
    SELECT coalesce(sum(y.amount - coalesce((
        SELECT sum(v.amount) FROM collections_app_paymentreversal v
        WHERE v.payment_id = y.id AND v.recorded_at <= %(known_at)s::timestamptz
    ), 0)), 0.00) AS amount
    FROM collections_app_payment y
    WHERE y.case_id = p.case_id AND y.currency = p.currency AND y.value_on BETWEEN p.made_on AND p.due_on
      AND y.recorded_at >= told.at AND y.recorded_at <= %(known_at)s::timestamptz
) paid
WHERE p.client_id = %(client_id)s AND p.due_on BETWEEN %(first)s AND %(last)s AND p.due_on < %(today)s
  AND told.at <= %(known_at)s::timestamptz
  AND NOT (p.status = 'CANCELLED' AND coalesce(p.judged_on, p.due_on) <= %(today)s)
"""

FAMILY = Family(
    code="promises",
    name=_("Promises"),
    facts=_FACTS,
    columns=("id", "account", "currency", "amount", "made_on", "due_on", "paid", "kept"),
    order="due_on, id",
    kpis=(
        Kpi(
            code="PROMISE_KEPT_COUNT",
            name=_("Promises kept, by number"),
            formula=_("Promises paid in full by their date ÷ promises whose date fell in the period and is over"),
            unit=Unit.RATIO,
            over=Side(where="kept"),
            under=Side(),
        ),
        Kpi(
            code="PROMISE_KEPT_AMOUNT",
            name=_("Promises kept, by amount"),
            formula=_("Amount of the promises paid in full by their date ÷ amount of all whose date is over"),
            unit=Unit.RATIO,
            over=Side(where="kept", sum="amount"),
            under=Side(sum="amount"),
            by_currency=True,
        ),
    ),
)
