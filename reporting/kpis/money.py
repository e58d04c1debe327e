"""Money that came by its value date, whatever it was given to; what was taken back is not there (PL-39)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from reporting.kpis.base import Family, Kpi, Side, Unit

_FACTS = """
SELECT y.id, y.case_id, b.debtor_ref AS account, y.reference, y.value_on, y.recorded_at, y.currency, y.amount,
       back.amount AS back, y.amount - back.amount AS collected
FROM collections_app_payment y
JOIN collections_app_case c ON c.id = y.case_id
JOIN collections_app_debtor b ON b.id = c.debtor_id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(v.amount), 0.00) AS amount FROM collections_app_paymentreversal v
    WHERE v.payment_id = y.id AND v.recorded_at <= %(known_at)s::timestamptz
) back
WHERE y.client_id = %(client_id)s AND y.value_on BETWEEN %(first)s AND %(last)s
  AND y.recorded_at <= %(known_at)s::timestamptz AND y.amount > back.amount
"""

FAMILY = Family(
    code="money",
    name=_("Money that came"),
    facts=_FACTS,
    columns=("id", "account", "reference", "value_on", "recorded_at", "currency", "amount", "back", "collected"),
    order="value_on, id",
    kpis=(
        Kpi(
            code="COLLECTED",
            name=_("Collected"),
            formula=_("Payments by their value date in the period, less what was taken back of them"),
            unit=Unit.MONEY,
            over=Side(sum="collected"),
            by_currency=True,
        ),
    ),
)
