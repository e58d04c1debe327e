"""Attempts, first contacts and complaints, beside the accounts they are about.

An account is in hand in a period when something of it was open at the end of its first or last day, or when it was
placed in between.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from reporting.kpis.base import Family, Kpi, Side, Unit

# The last row is for complaints that name no account: they count too.
_FACTS = """
SELECT 'account' AS what, c.id, d.debtor_ref AS account, '' AS currency, c.placed_on,
       coalesce(k.open, false) AS in_hand,
       c.placed_on BETWEEN %(first)s AND %(last)s AS placed, coalesce(a.attempts, 0) AS attempts, s.contact_on,
       s.contact_on - c.placed_on AS contact_days, coalesce(m.complaints, 0) AS complaints
FROM collections_app_case c
JOIN collections_app_debtor d ON d.id = c.debtor_id
LEFT JOIN (
    SELECT o.case_id, bool_or(o.b0 > 0 OR o.b1 > 0 OR h.placed_on BETWEEN %(first)s AND %(last)s) AS open
    FROM (
        SELECT r.case_id, sum(e.amount) AS b1, sum(e.amount) FILTER (WHERE e.effective_on <= %(first)s) AS b0
        FROM collections_app_ledgerentry e
        JOIN collections_app_receivable r ON r.id = e.receivable_id
        WHERE e.client_id = %(client_id)s AND e.effective_on <= %(last)s AND e.recorded_at <= %(known_at)s::timestamptz
        GROUP BY r.case_id, r.id
    ) o
    JOIN collections_app_case h ON h.id = o.case_id
    GROUP BY o.case_id
) k ON k.case_id = c.id
LEFT JOIN (
    SELECT case_id, count(*) AS attempts FROM collections_app_contactattempt
    WHERE client_id = %(client_id)s AND at >= %(starts)s AND at < %(ends)s AND verdict <> 'REFUSED'
      AND direction = 'OUT' AND recorded_at <= %(known_at)s::timestamptz
    GROUP BY case_id
) a ON a.case_id = c.id
LEFT JOIN (
    SELECT t.case_id, min((t.at AT TIME ZONE 'Asia/Riyadh')::date) AS contact_on
    FROM collections_app_contactattempt t JOIN collections_app_case h ON h.id = t.case_id
    WHERE t.client_id = %(client_id)s AND t.at < %(ends)s AND t.verdict <> 'REFUSED' AND t.reached = 'HOLDER'
      AND (t.at AT TIME ZONE 'Asia/Riyadh')::date >= h.placed_on AND t.recorded_at <= %(known_at)s::timestamptz
    GROUP BY t.case_id
) s ON s.case_id = c.id
LEFT JOIN (
    SELECT case_id, count(*) AS complaints FROM complaints_matter
    WHERE client_id = %(client_id)s AND kind = 'COMPLAINT' AND received_at >= %(starts)s AND received_at < %(ends)s
      AND received_at <= %(moment)s AND case_id IS NOT NULL
    GROUP BY case_id
) m ON m.case_id = c.id
WHERE c.client_id = %(client_id)s AND (k.open OR m.complaints > 0)
UNION ALL
SELECT 'none', NULL, '', '', NULL, false, false, 0, NULL, NULL, count(*) FROM complaints_matter
WHERE client_id = %(client_id)s AND kind = 'COMPLAINT' AND received_at >= %(starts)s AND received_at < %(ends)s
  AND received_at <= %(moment)s AND case_id IS NULL
"""

_HELD = "in_hand"

FAMILY = Family(
    code="accounts",
    name=_("Accounts in hand"),
    facts=_FACTS,
    columns=(
        "what",
        "account",
        "placed_on",
        "in_hand",
        "attempts",
        "contact_on",
        "contact_days",
        "complaints",
    ),
    order='account COLLATE "C", id NULLS LAST',
    kpis=(
        Kpi(
            code="ATTEMPTS_PER_ACCOUNT",
            name=_("Attempts per account"),
            formula=_("Outgoing attempts on the accounts in hand ÷ accounts in hand in the period"),
            unit=Unit.COUNT,
            over=Side(where=_HELD, sum="attempts"),
            under=Side(where=_HELD),
        ),
        Kpi(
            code="FIRST_CONTACT_DAYS",
            name=_("Time to first contact"),
            formula=_(
                "Days from placement to the first conversation with the account holder ÷ accounts placed in the period "
                "that had one by its end"
            ),
            unit=Unit.DAYS,
            over=Side(where="placed AND contact_on IS NOT NULL", sum="contact_days"),
            under=Side(where="placed AND contact_on IS NOT NULL"),
        ),
        Kpi(
            code="COMPLAINTS_PER_1000",
            name=_("Complaints per 1,000 accounts"),
            formula=_("Complaints received in the period × 1,000 ÷ accounts in hand in the period"),
            unit=Unit.COUNT,
            over=Side(where="complaints > 0", sum="complaints"),
            under=Side(where=_HELD),
            per=1_000,
        ),
    ),
)
