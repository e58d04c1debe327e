"""On which terms an invoice was sold, and since when it is past them: one statement for stops, orders and old debt."""

from __future__ import annotations

from credit.models import CreditPolicy

# What rules where a client has no policy of its own, as source 001 §4.4 ships it: values of statements.
SHIPPED: dict[str, int] = {
    "shipped_terms": CreditPolicy._meta.get_field("terms_days").get_default(),
    "shipped_defaults": CreditPolicy._meta.get_field("defaults_to_cancel").get_default(),
}

# Of a receivable ``r`` on the account ``c``: the agreement in force when it was issued, whatever was signed since; else
# the policy of that day (I-03, CM-17). ``since``: the day from which the terms count. Asks for ``shipped_terms``.
SOLD_ON = """
CROSS JOIN LATERAL (
    SELECT terms_days, CASE WHEN period_start = 'INVOICE' THEN r.issued_on ELSE r.due_on - terms_days END AS since
    FROM (
        SELECT 1 AS source, a.terms_days, a.period_start, a.signed_on, a.id FROM credit_facilityagreement a
        WHERE a.customer_id = c.id AND a.signed_on <= r.issued_on
          AND (a.ends_on IS NULL OR r.issued_on <= a.ends_on)
        UNION ALL
        SELECT 2, p.terms_days, 'INVOICE', p.starts_on, p.version FROM credit_creditpolicy p
        WHERE p.client_id = r.client_id AND p.approved_at IS NOT NULL AND p.starts_on <= r.issued_on
        UNION ALL SELECT 3, %(shipped_terms)s, 'INVOICE', NULL, NULL
    ) ruled ORDER BY source, signed_on DESC, id DESC LIMIT 1
) t
"""

# Days on which an accepted objection suspends ``r``: from the filing, its last day included (I-05).
SUSPENDED = """
CROSS JOIN LATERAL (
    SELECT range_agg(daterange(h.from_on, h.until_on, '[]')) AS held FROM collections_app_hold h
    WHERE h.case_id = r.case_id AND (h.debt_id IS NULL OR h.debt_id = r.debt_id)
      AND (h.receivable_id IS NULL OR h.receivable_id = r.id)
      AND h.kind = 'OBJECTION' AND h.decision = 'ACCEPTED'
) h
"""

# How many days past its terms ``r`` is on the day ``on``, those under an accepted objection not counted; none while one
# suspends it, and none within its terms. After ``SOLD_ON`` and ``SUSPENDED``.
DAYS_PAST = """
(CASE WHEN %(on)s::date <= t.since + t.terms_days OR h.held @> %(on)s::date THEN 0
      ELSE greatest(%(on)s::date - t.since - t.terms_days - coalesce((
          SELECT sum(upper(part) - lower(part))
          FROM unnest(h.held * datemultirange(daterange(t.since + 1, %(on)s::date, '[]'))) AS part
      ), 0), 0)
 END)
"""

# What is owed on ``r`` of the client ``b``. One whose day the book has not reached is owed whole: its charge is applied
# in the night that opens its day (``credit_owed`` of the database counts the same).
OWED = "(r.balance + CASE WHEN r.issued_on > b.book_date THEN r.amount ELSE 0 END)"
