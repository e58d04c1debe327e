"""A client's own customers on credit, as its credit policy sees them at the end of a period (CM-43)."""

from __future__ import annotations

from typing import Any

from common.db import rows
from credit.choices import CustomerKind
from reporting.rules.periods import Period
from reporting.selectors.figures import period_params

# The latest limit begun rules while it lasts; a customer keeps to the policy while it owes no more than it.
_CUSTOMERS = """
SELECT count(*) FILTER (WHERE kind = %(credit)s) AS credit, count(*) FILTER (WHERE kind <> %(credit)s) AS cash,
       count(*) FILTER (WHERE opened) AS opened, count(*) FILTER (WHERE stopped) AS stopped,
       count(*) FILTER (WHERE limited IS NOT NULL) AS limited,
       count(*) FILTER (WHERE owed <= limited) AS within
FROM (
    SELECT u.kind, u.opened_at >= %(starts)s AS opened,
           EXISTS (
               SELECT FROM credit_creditstop s WHERE s.customer_id = u.id AND s.began_on <= %(last)s
                 AND (s.ended_on IS NULL OR s.ended_on > %(last)s)
           ) AS stopped,
           (
               SELECT l.amount FROM credit_creditlimit l
               WHERE l.customer_id = u.id AND l.starts_on <= %(last)s AND l.ends_on >= %(last)s
               ORDER BY l.starts_on DESC, l.id DESC LIMIT 1
           ) AS limited,
           (
               SELECT coalesce(sum(e.amount), 0) FROM collections_app_case c
               JOIN collections_app_receivable r ON r.case_id = c.id AND r.currency = u.currency
               JOIN collections_app_ledgerentry e ON e.receivable_id = r.id AND e.effective_on <= %(last)s
               WHERE c.debtor_id = u.debtor_id
           ) AS owed
    FROM credit_customer u
    WHERE u.client_id = %(client_id)s AND u.opened_at < %(ends)s AND (u.closed_on IS NULL OR u.closed_on > %(last)s)
) c
"""


def customers_of_period(*, client_id: int, period: Period) -> dict[str, Any] | None:
    """How many customers there are, were opened, are stopped, and keep within their limit; None without any."""
    params = period_params(client_id=client_id, first=period.starts_on, last=period.ends_on)
    (found,) = rows(_CUSTOMERS, {**params, "credit": CustomerKind.CREDIT.value})
    return found if found["credit"] or found["cash"] else None
