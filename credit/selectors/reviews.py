"""The yearly review: limits that end, by payment regularity and the sales achieved (CM-09)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from clients.models import Client
from common.db import rows
from credit.selectors.policies import credit_policy_on
from credit.selectors.stops import LATE_RUNS, late_sql
from credit.selectors.terms import SHIPPED

# The limit that was granted last, of customers whose agreement goes on. ``since`` is the year it looks back on.
_REVIEWS = f"""
WITH reviewed AS (
    SELECT l.*, c.client_id, c.debtor_id, (l.ends_on - interval '1 year')::date AS since
    FROM (
        SELECT DISTINCT ON (customer_id) customer_id, amount, currency, ends_on
        FROM credit_creditlimit ORDER BY customer_id, starts_on DESC, id DESC
    ) l JOIN credit_customer c ON c.id = l.customer_id
    WHERE l.ends_on <= %(until)s AND c.closed_on IS NULL AND EXISTS (
        SELECT 1 FROM credit_facilityagreement a
        WHERE a.customer_id = c.id AND (a.ends_on IS NULL OR a.ends_on >= %(day)s)
    )
), {late_sql(whose="c.id IN (SELECT customer_id FROM reviewed)")}, run AS ({LATE_RUNS})
SELECT l.customer_id, l.amount, l.currency, l.ends_on, l.client_id, d.name, d.debtor_ref,
       p.id AS application_id, p.number AS application_number, l.since,
       s.sales, s.owed, t.times, t.days, f.defaults
FROM reviewed l
JOIN collections_app_debtor d ON d.id = l.debtor_id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(r.amount) FILTER (WHERE r.issued_on > l.since AND NOT r.struck), 0) AS sales,
           coalesce(sum(r.balance) FILTER (WHERE r.status = 'OPEN'), 0) AS owed
    FROM collections_app_case k JOIN collections_app_receivable r ON r.case_id = k.id
    WHERE k.debtor_id = l.debtor_id AND r.currency = l.currency
) s
CROSS JOIN LATERAL (
    SELECT count(*) AS times, coalesce(sum(coalesce(until, %(day)s) - greatest(since, l.since)), 0) AS days
    FROM run WHERE run.customer_id = l.customer_id AND coalesce(until, %(day)s) > l.since
) t
CROSS JOIN LATERAL (
    SELECT count(*) AS defaults FROM credit_creditstop
    WHERE customer_id = l.customer_id AND kind = 'DEFAULT' AND "end" <> 'UNDONE'
      AND coalesce(ended_on, %(day)s) > l.since
) f
LEFT JOIN credit_application p ON p.customer_id = l.customer_id AND p.state = ANY(%(open)s)
ORDER BY l.ends_on, l.customer_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A limit whose year ends: what was sold under it in the year, and how regularly it was paid."""

    customer_id: int
    client_id: int
    name: str
    debtor_ref: str
    amount: Decimal
    currency: str
    ends_on: dt.date
    since: dt.date
    sales: Decimal
    owed: Decimal
    # Times and days on which something was past its terms, and defaults that began.
    times: int
    days: int
    defaults: int
    application_id: int | None
    application_number: str | None


def reviews_due(*, today: dt.date, open_states: Sequence[str]) -> list[Review]:
    """The limits that are to be looked at again: over, or ending within the days that their policy names."""
    policies = {client.pk: credit_policy_on(client=client, on=today).review_days for client in Client.objects.all()}
    farthest = max(policies.values(), default=0)
    asked = {"day": today, "until": today + dt.timedelta(days=farthest), "open": list(open_states), **SHIPPED}
    found = [Review(**row) for row in rows(_REVIEWS, asked)]
    return [one for one in found if one.ends_on <= today + dt.timedelta(days=policies[one.client_id])]
