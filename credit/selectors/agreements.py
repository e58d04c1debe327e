"""How an agreement is kept: its plan beside the payments, its discount beside the sales (CM-25, CM-29)."""

from __future__ import annotations

import datetime as dt

from common.db import rows
from credit.models import FacilityAgreement
from credit.rules.discount import Effect, Sale, discount_effect
from credit.rules.plans import Due, Paid, Standing, plan_standing

# What was taken back did not come.
_PAID = """
SELECT p.value_on AS "on", sum(p.amount - p.reversed_amount) AS amount
FROM credit_customer c
JOIN collections_app_case k ON k.debtor_id = c.debtor_id
JOIN collections_app_payment p ON p.case_id = k.id AND p.currency = c.currency
WHERE c.id = %(customer_id)s AND p.value_on >= %(since)s AND p.amount > p.reversed_amount
GROUP BY p.value_on ORDER BY p.value_on
"""

_SOLD = """
SELECT r.amount, r.issued_on, CASE WHEN r.balance = 0 THEN (
    SELECT max(e.effective_on) FROM collections_app_ledgerentry e WHERE e.receivable_id = r.id
) END AS paid_on
FROM credit_customer c
JOIN collections_app_case k ON k.debtor_id = c.debtor_id
JOIN collections_app_receivable r ON r.case_id = k.id AND r.currency = c.currency AND NOT r.struck
WHERE c.id = %(customer_id)s AND r.issued_on >= %(since)s
ORDER BY r.issued_on
"""


def plan_of(*, agreement: FacilityAgreement, on: dt.date) -> Standing | None:
    """The agreement's plan measured by the payments since its signing; None without a plan."""
    dues = [Due(on=row.due_on, amount=row.amount) for row in agreement.instalments.all()]
    if not dues:
        return None
    asked = {"customer_id": agreement.customer_id, "since": agreement.signed_on}
    return plan_standing(dues=dues, paids=[Paid(**row) for row in rows(_PAID, asked)], on=on)


def discount_of(*, agreement: FacilityAgreement, on: dt.date) -> Effect | None:
    """What the agreement's discount did since it was signed; None without a discount."""
    if agreement.discount_percent is None or agreement.discount_days is None:
        return None
    last = min(on, agreement.ends_on or on)
    since = agreement.signed_on - (last - agreement.signed_on)
    sales = [Sale(**row) for row in rows(_SOLD, {"customer_id": agreement.customer_id, "since": since})]
    return discount_effect(
        sales=sales, percent=agreement.discount_percent, discount_days=agreement.discount_days,
        since=agreement.signed_on, on=last,
    )  # fmt: skip
