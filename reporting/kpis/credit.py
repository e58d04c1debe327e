"""Trade credit: how long customers take to pay (CM-24). As the portfolio of the credit desk, for any day."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from credit.selectors.portfolio import PERIOD
from reporting.kpis.base import Family, Kpi, Side, Unit

_FACTS = f"""
SELECT r.id, d.debtor_ref AS account, r.receivable_ref AS receivable, r.currency, r.issued_on, r.amount,
       greatest(sum(e.amount), 0.00) AS owed,
       CASE WHEN r.issued_on > %(last)s::date - {PERIOD} THEN r.amount ELSE 0.00 END AS sold
FROM credit_customer u
JOIN collections_app_debtor d ON d.id = u.debtor_id
JOIN collections_app_case c ON c.debtor_id = u.debtor_id
JOIN collections_app_receivable r ON r.case_id = c.id AND r.currency = u.currency AND NOT r.struck
    AND r.issued_on <= %(last)s
JOIN collections_app_ledgerentry e ON e.receivable_id = r.id AND e.effective_on <= %(last)s
    AND e.recorded_at <= %(known_at)s::timestamptz
WHERE u.client_id = %(client_id)s AND u.kind = 'CREDIT' AND u.opened_at < %(ends)s AND u.opened_at <= %(moment)s
GROUP BY r.id, d.debtor_ref
"""

FAMILY = Family(
    code="credit",
    name=_("Trade credit"),
    facts=_FACTS,
    columns=("account", "receivable", "currency", "issued_on", "amount", "owed", "sold"),
    order='account COLLATE "C", receivable COLLATE "C", id',
    kpis=(
        Kpi(
            code="COLLECTION_PERIOD",
            name=_("Average collection period"),
            formula=_(
                "What customers on credit owe at the end of the period × 365 ÷ their purchases of 365 days up to then"
            ),
            unit=Unit.DAYS,
            over=Side(where="owed > 0 OR sold > 0", sum="owed"),
            under=Side(where="owed > 0 OR sold > 0", sum="sold"),
            per=PERIOD,
            by_currency=True,
        ),
    ),
)
