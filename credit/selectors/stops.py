"""Which stops follow from the facts, up to the end of a day: of the ledger, objections, agreements, limits, defaults.

Every kind is told as ranges of days, so that the same facts give the same stops in whatever order they came. One
statement says it for many customers: ``services.stops`` writes where what is stored says otherwise.

- OVERDUE: on these days some invoice was open past its terms, and no accepted objection suspended it (CM-10, I-01,
  I-05). The terms are those of the agreement in force when it was issued, else of the policy (I-03, CM-17). Where the
  policy of the day tolerates an amount, all of them together were more than it; of another currency than the
  account's no amount is tolerated, since currencies are never added.
- DEFAULT: the trade's episodes of default (CM-12), as the collection desk computed them.
- CANCELLED: from the second episode begun since an agreement was signed, over all accounts of the party with the
  client, and in all of them (CM-13, I-06); until one is signed on an exception (CM-15). A renewal counts on.
- OVER_LIMIT: more was open than the limit of the day (CM-17).

What left collection without being paid (a case given up or recalled) is still unpaid.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from collections_app.selectors.standing import RIPE
from common.db import rows
from credit.selectors.terms import SHIPPED, SOLD_ON, SUSPENDED

# The accounts of the same parties with the same client: a default of one may cancel all.
_TOGETHER = """
SELECT DISTINCT o.id FROM credit_customer c
JOIN collections_app_debtor d ON d.id = c.debtor_id
JOIN collections_app_debtor s ON s.party_id = d.party_id AND s.client_id = c.client_id
JOIN credit_customer o ON o.debtor_id = s.id
WHERE c.client_id = %(client_id)s AND c.id = ANY(%(customers)s)
ORDER BY o.id
"""

_OF_CASES = """
SELECT c.id FROM collections_app_case k JOIN credit_customer c ON c.debtor_id = k.debtor_id
WHERE k.id = ANY(%(cases)s)
UNION
-- A default counts also where the account itself has no file here.
SELECT c.id FROM collections_app_case k
JOIN collections_app_debtor d ON d.id = k.debtor_id
JOIN collections_app_debtor s ON s.party_id = d.party_id AND s.client_id = d.client_id
JOIN credit_customer c ON c.debtor_id = s.id
WHERE k.id = ANY(%(cases)s)
"""

_OF_FILE = """
SELECT DISTINCT c.id FROM credit_customer c
JOIN collections_app_case k ON k.debtor_id = c.debtor_id
JOIN collections_app_receivable r ON r.case_id = k.id
WHERE c.client_id = %(client_id)s AND r.file_id = %(file_id)s
"""

# Entries of what was never owed (``whole``) count; what left collection unpaid does not lower what is owed.
_OWED = """NOT (e.kind = 'WITHDRAWAL' AND NOT EXISTS (
            SELECT 1 FROM collections_app_withdrawal w WHERE w.receivable_id = e.receivable_id AND w.whole))"""

# Each invoice of accounts ``c`` with the days on which it was open past its terms, and no accepted objection suspended
# it. Of what left collection unpaid too.
_LATE = f"""account AS (
    SELECT c.id, c.client_id, c.debtor_id, c.currency, d.party_id
    FROM credit_customer c JOIN collections_app_debtor d ON d.id = c.debtor_id
    WHERE <whose>
), invoice AS MATERIALIZED (
    SELECT c.id AS customer_id, r.id, r.receivable_ref, r.currency = c.currency AS counts, r.case_id, r.debt_id, o.life,
           o.open_now, t.terms_days + 1 AS n, t.since
    FROM account c
    JOIN collections_app_case k ON k.debtor_id = c.debtor_id
    JOIN collections_app_receivable r ON r.case_id = k.id
    CROSS JOIN LATERAL (
        SELECT range_agg(daterange(day, next)) FILTER (WHERE open > 0) AS life,
               coalesce(max(open) FILTER (WHERE daterange(day, next) @> %(day)s::date), 0) AS open_now
        FROM (
            SELECT e.effective_on AS day, lead(e.effective_on) OVER w AS next, sum(sum(e.amount)) OVER w AS open
            FROM collections_app_ledgerentry e WHERE e.receivable_id = r.id AND {_OWED}
            GROUP BY e.effective_on WINDOW w AS (ORDER BY e.effective_on)
        ) days
    ) o
    {SOLD_ON}
    WHERE o.life IS NOT NULL
), counted AS (
    SELECT r.*, h.held, h.held AS frozen
    FROM invoice r {SUSPENDED}
    WHERE upper_inf(r.life) OR upper(r.life) > r.since + r.n
), {RIPE}, late AS (
    SELECT id, customer_id, receivable_ref, since, counts, open_now, ripe_on,
           life * datemultirange(daterange(ripe_on, NULL)) - coalesce(held, '{{}}') AS days
    FROM ripe WHERE ripe_on IS NOT NULL
)"""


def late_sql(*, whose: str) -> str:
    """``account``, ``invoice`` and ``late`` of these accounts, for a statement given ``day`` and ``SHIPPED``."""
    return _LATE.replace("<whose>", whose)


# The first day of a count of defaults: the signing of an agreement that is not one of before nor a mere renewal.
_TRUTH = f"""
WITH {late_sql(whose="c.id = ANY(%(customers)s)")}
-- From which day until which a version of the policy tolerates something: none, as shipped, and then nothing more is
-- counted. Of two of one day the later rules.
, tolerance AS MATERIALIZED (
    SELECT c.id AS customer_id, p.amount, p.days
    FROM account c JOIN (
        SELECT client_id, coalesce(overdue_tolerated, 'Infinity') AS amount,
               daterange(starts_on, lead(starts_on) OVER (PARTITION BY client_id ORDER BY starts_on)) AS days
        FROM (
            SELECT DISTINCT ON (client_id, starts_on) client_id, starts_on, overdue_tolerated FROM credit_creditpolicy
            WHERE approved_at IS NOT NULL AND client_id IN (SELECT client_id FROM account)
            ORDER BY client_id, starts_on, version DESC
        ) v
    ) p ON p.client_id = c.client_id AND p.amount > 0
), tolerated AS (
    SELECT customer_id, range_agg(days) AS own,
           coalesce(range_agg(days) FILTER (WHERE amount = 'Infinity'), '{{}}') AS other
    FROM tolerance GROUP BY customer_id
), unpaid AS (
    SELECT l.customer_id, part, o.open
    FROM late l
    CROSS JOIN LATERAL (
        SELECT daterange(e.effective_on, lead(e.effective_on) OVER w) AS days, sum(sum(e.amount)) OVER w AS open
        FROM collections_app_ledgerentry e WHERE e.receivable_id = l.id AND {_OWED}
        GROUP BY e.effective_on WINDOW w AS (ORDER BY e.effective_on)
    ) o
    CROSS JOIN LATERAL unnest(l.days * datemultirange(o.days)) AS part
    WHERE l.counts AND o.open > 0 AND l.customer_id IN (SELECT customer_id FROM tolerance)
), passed AS (
    SELECT u.customer_id, datemultirange(daterange(u."on", u."next") * t.days) AS days
    FROM (
        SELECT customer_id, "on", lead("on") OVER w AS "next", sum(sum(moved)) OVER w AS unpaid
        FROM (
            SELECT customer_id, lower(part) AS "on", open AS moved FROM unpaid
            UNION ALL SELECT customer_id, upper(part), -open FROM unpaid WHERE NOT upper_inf(part)
        ) m
        GROUP BY customer_id, "on" WINDOW w AS (PARTITION BY customer_id ORDER BY "on")
    ) u JOIN tolerance t ON t.customer_id = u.customer_id AND u.unpaid > t.amount
), moves AS (
    SELECT i.customer_id, e.effective_on AS "on", e.amount AS moved
    FROM invoice i JOIN collections_app_ledgerentry e ON e.receivable_id = i.id
    WHERE i.counts AND {_OWED} AND EXISTS (SELECT 1 FROM credit_creditlimit l WHERE l.customer_id = i.customer_id)
    UNION ALL
    SELECT l.customer_id, l.starts_on, 0 FROM credit_creditlimit l JOIN account c ON c.id = l.customer_id
), owed AS (
    SELECT customer_id, "on", lead("on") OVER w AS "next", sum(sum(moved)) OVER w AS owed
    FROM moves GROUP BY customer_id, "on" WINDOW w AS (PARTITION BY customer_id ORDER BY "on")
), measured AS (
    SELECT o.*, l.amount AS most FROM owed o CROSS JOIN LATERAL (
        SELECT l.amount FROM credit_creditlimit l WHERE l.customer_id = o.customer_id AND l.starts_on <= o."on"
        ORDER BY l.starts_on DESC, l.id DESC LIMIT 1
    ) l
), started AS (
    SELECT a.customer_id, c.party_id, c.client_id, a.id, a.signed_on,
           coalesce(p.recommendation = 'EXCEPTION', false) AS excepted,
           lead(a.signed_on) OVER (PARTITION BY a.customer_id ORDER BY a.signed_on, a.id) AS next_on
    FROM account c
    JOIN credit_facilityagreement a ON a.customer_id = c.id
    LEFT JOIN credit_application p ON p.id = a.application_id
    WHERE NOT a.is_earlier AND (p.id IS NULL OR p.purpose = 'NEW' OR p.recommendation = 'EXCEPTION')
), episode AS (
    SELECT d.party_id, d.id AS debtor_id, e.id, e.began_on, e.ended_on
    FROM (SELECT DISTINCT party_id, client_id FROM account) p
    JOIN collections_app_debtor d ON d.party_id = p.party_id AND d.client_id = p.client_id
    JOIN collections_app_case k ON k.debtor_id = d.id
    JOIN collections_app_defaultepisode e ON e.case_id = k.id
    WHERE e.rule = 'TRADE_90' AND e.undone_on IS NULL
), repeated AS (
    SELECT n.party_id, n.began_on, min(n.first_on) AS first_on FROM (
        SELECT s.party_id, s.client_id, s.signed_on, e.began_on, row_number() OVER w AS n,
               first_value(e.began_on) OVER w AS first_on
        FROM started s JOIN episode e ON e.party_id = s.party_id AND e.began_on >= s.signed_on
            AND (s.next_on IS NULL OR e.began_on < s.next_on)
        WINDOW w AS (PARTITION BY s.id ORDER BY e.began_on, e.id)
    ) n
    WHERE n.n = coalesce((
        SELECT p.defaults_to_cancel FROM credit_creditpolicy p
        WHERE p.client_id = n.client_id AND p.approved_at IS NOT NULL AND p.starts_on <= n.signed_on
        ORDER BY p.starts_on DESC, p.version DESC LIMIT 1
    ), %(shipped_defaults)s)
    GROUP BY n.party_id, n.began_on
), span AS (
    SELECT customer_id, 'OVERDUE' AS kind, range_agg(days) AS days FROM (
        SELECT l.customer_id, l.days - coalesce(CASE WHEN l.counts THEN t.own ELSE t.other END, '{{}}') AS days
        FROM late l LEFT JOIN tolerated t ON t.customer_id = l.customer_id
        UNION ALL SELECT customer_id, days FROM passed
    ) o GROUP BY customer_id
    UNION ALL
    SELECT customer_id, 'OVER_LIMIT', range_agg(daterange("on", "next")) FROM measured WHERE owed > most
    GROUP BY customer_id
    UNION ALL
    SELECT c.id, 'DEFAULT', range_agg(daterange(e.began_on, e.ended_on))
    FROM account c JOIN episode e ON e.debtor_id = c.debtor_id GROUP BY c.id
    UNION ALL
    SELECT c.id, 'CANCELLED', range_agg(daterange(r.began_on, (
        SELECT min(s.signed_on) FROM started s
        WHERE s.customer_id = c.id AND s.excepted AND s.signed_on > r.began_on)))
    FROM account c JOIN repeated r ON r.party_id = c.party_id GROUP BY c.id
), run AS (
    SELECT s.customer_id, s.kind, lower(r) AS began_on, upper(r) AS over_on
    FROM span s CROSS JOIN LATERAL unnest(s.days) AS r
), truth AS (
    SELECT customer_id, kind, began_on, CASE WHEN over_on <= %(day)s THEN over_on END AS ended_on
    FROM run WHERE began_on <= %(day)s
), stored AS (
    SELECT s.id, s.customer_id, s.kind, s.began_on, s.ended_on FROM credit_creditstop s
    JOIN account c ON c.id = s.customer_id
    WHERE s.kind IN ('OVERDUE', 'DEFAULT', 'CANCELLED', 'OVER_LIMIT') AND s."end" <> 'UNDONE'
), otherwise AS (
    SELECT coalesce(t.customer_id, s.customer_id) AS customer_id, coalesce(t.kind, s.kind) AS kind,
           coalesce(t.began_on, s.began_on) AS began_on, t.ended_on, t.kind IS NOT NULL AS true, s.id AS stop_id,
           s.ended_on AS was
    FROM truth t FULL JOIN stored s USING (customer_id, kind, began_on)
    -- What was found as of a later day stands.
    WHERE s.kind IS NULL OR t.kind IS NULL AND s.began_on <= %(day)s
       OR t.kind IS NOT NULL AND t.ended_on IS DISTINCT FROM s.ended_on AND coalesce(s.ended_on, %(day)s) <= %(day)s
-- What each of them stands on, by joins: a night asks for thousands of customers at once.
), fact AS (
    SELECT w.customer_id, w.kind, w.began_on,
           string_agg(l.receivable_ref, ', ' ORDER BY l.since, l.receivable_ref) AS fact
    FROM otherwise w JOIN late l ON l.customer_id = w.customer_id AND l.days @> w.began_on
    WHERE w.kind = 'OVERDUE' GROUP BY 1, 2, 3
    UNION ALL
    SELECT w.customer_id, w.kind, w.began_on, m.owed || ' > ' || m.most
    FROM otherwise w JOIN measured m ON m.customer_id = w.customer_id AND m."on" = w.began_on
    WHERE w.kind = 'OVER_LIMIT'
    UNION ALL
    SELECT w.customer_id, w.kind, w.began_on, r.first_on || ', ' || r.began_on
    FROM otherwise w JOIN account c ON c.id = w.customer_id
    JOIN repeated r ON r.party_id = c.party_id AND r.began_on = w.began_on
    WHERE w.kind = 'CANCELLED'
), changes AS (
    SELECT w.customer_id, jsonb_agg(jsonb_build_object(
        'kind', w.kind, 'began_on', w.began_on, 'ended_on', w.ended_on, 'true', w.true, 'stop_id', w.stop_id,
        'was', w.was, 'fact', f.fact
    ) ORDER BY w.kind, w.began_on) AS otherwise
    FROM otherwise w LEFT JOIN fact f USING (customer_id, kind, began_on) GROUP BY w.customer_id
), ahead AS (
    SELECT customer_id, min("on") AS next_on FROM (
        SELECT customer_id, CASE WHEN began_on > %(day)s THEN began_on ELSE over_on END AS "on" FROM run
        UNION ALL
        SELECT l.customer_id, l.starts_on FROM credit_creditlimit l JOIN account c ON c.id = l.customer_id
    ) edges WHERE "on" > %(day)s GROUP BY customer_id
), sums AS (
    SELECT customer_id, sum(open_now) AS owed FROM invoice WHERE counts GROUP BY customer_id
), past AS (
    SELECT customer_id, sum(open_now) AS overdue FROM late WHERE counts AND days @> %(day)s::date GROUP BY customer_id
), ruling AS (
    SELECT DISTINCT ON (l.customer_id) l.customer_id, l.amount FROM credit_creditlimit l
    JOIN account c ON c.id = l.customer_id WHERE l.starts_on <= %(day)s
    ORDER BY l.customer_id, l.starts_on DESC, l.id DESC
)
SELECT c.id AS customer_id, a.next_on, coalesce(s.owed, 0) AS owed, coalesce(p.overdue, 0) AS overdue,
       r.amount AS limit, coalesce(h.otherwise, '[]') AS otherwise
FROM account c
LEFT JOIN ahead a ON a.customer_id = c.id
LEFT JOIN sums s ON s.customer_id = c.id
LEFT JOIN past p ON p.customer_id = c.id
LEFT JOIN ruling r ON r.customer_id = c.id
LEFT JOIN changes h ON h.customer_id = c.id
ORDER BY c.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Otherwise:
    """A run of days in which what is stored is not what the facts say."""

    kind: str
    began_on: dt.date
    ended_on: dt.date | None
    # The facts know it; the stored stop, if there is one, and the end it has.
    true: bool
    stop_id: int | None
    was: dt.date | None
    # What it stands on, as the trail and the pages tell it: invoices, sums, dates.
    fact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A customer on a day: sums in its own currency, what is to be written, and when the facts say something else."""

    customer_id: int
    owed: Decimal
    overdue: Decimal
    limit: Decimal | None
    next_on: dt.date | None
    otherwise: tuple[Otherwise, ...]


def _date(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text is not None else None


def _otherwise(row: dict[str, Any]) -> Otherwise:
    return Otherwise(
        kind=row["kind"],
        began_on=dt.date.fromisoformat(row["began_on"]),
        ended_on=_date(row["ended_on"]),
        true=row["true"],
        stop_id=row["stop_id"],
        was=_date(row["was"]),
        fact=row["fact"] or "",
    )


# Days on which something was past its terms, tolerated or not, as far as they have come.
LATE_RUNS = """
SELECT l.customer_id, lower(run) AS since, CASE WHEN upper(run) <= %(day)s THEN upper(run) END AS until
FROM (SELECT customer_id, range_agg(days) AS days FROM late GROUP BY customer_id) l
CROSS JOIN LATERAL unnest(l.days) AS run
WHERE lower(run) <= %(day)s
"""
_LATE_OF_ONE = f"WITH {late_sql(whose='c.id = %(customer_id)s')} {LATE_RUNS} ORDER BY since"


def late_runs(*, customer_id: int, day: dt.date) -> list[tuple[dt.date, dt.date | None]]:
    """From when until when something of a customer was unpaid past its terms, by a day; the first day on which nothing
    was, None where something still is. Regularity is read here and not from the stops: what a policy tolerates does not
    stop orders, and is paid late all the same (CM-09, CM-14).
    """
    found = rows(_LATE_OF_ONE, {"customer_id": customer_id, "day": day, **SHIPPED}, kept=True)
    return [(run["since"], run["until"]) for run in found]


def stops_found(*, customer_ids: Sequence[int], day: dt.date) -> Iterator[Found]:
    """What the facts say of these customers by the end of a day, and where the stored stops say otherwise."""
    asked = {"customers": list(customer_ids), "day": day, **SHIPPED}
    for row in rows(_TRUTH, asked, kept=len(customer_ids) == 1):
        told = row.pop("otherwise")
        told = json.loads(told) if isinstance(told, str) else told
        yield Found(**row, otherwise=tuple(_otherwise(change) for change in told))


def customers_together(*, client_id: int, customer_ids: Sequence[int]) -> list[int]:
    """These customers and every other account of the same parties with the client, by id."""
    return [row["id"] for row in rows(_TOGETHER, {"client_id": client_id, "customers": list(customer_ids)})]


def customers_of_cases(*, case_ids: Sequence[int]) -> list[int]:
    """The customers whose standing these cases may change. One look-up where they have none."""
    return [row["id"] for row in rows(_OF_CASES, {"cases": list(case_ids)}, kept=len(case_ids) == 1)]


def customers_of_file(*, client_id: int, file_id: int) -> list[int]:
    """The customers for whom a file brought invoices."""
    return [row["id"] for row in rows(_OF_FILE, {"client_id": client_id, "file_id": file_id})]
