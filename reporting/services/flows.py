"""What happened on days, as cells: always the whole of a day, from the facts that KPIs read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from collections_app.choices import RAISES
from common.clock import RIYADH, at_riyadh, now
from common.db import execute
from reporting.kpis import contacts, money, promises
from reporting.kpis.base import Ask
from reporting.kpis.books import GONE, KIND
from reporting.models import DayFlow
from reporting.rules import flows
from reporting.selectors.places import ITS_PLACE, place_sql

_DAY_OF = "({at} AT TIME ZONE 'Asia/Riyadh')::date"
_RAISES = ", ".join(f"'{kind.value}'" for kind in sorted(RAISES))

# Lines of the ledger name their receivable, all else its case alone, or nothing. ``n`` is how often.
_LEDGER = f"""
SELECT CASE WHEN e.payment_id IS NOT NULL THEN '{flows.PAID}' WHEN e.kind = 'PRIOR_PAYMENT' THEN '{flows.PAID_BEFORE}'
            WHEN e.kind = 'WRITE_OFF' THEN '{flows.WRITTEN_OFF}' WHEN e.kind = 'WITHDRAWAL' THEN '{flows.WITHDRAWN}'
            WHEN e.kind IN ({_RAISES}) THEN '{flows.OWED}' ELSE '{flows.FORGIVEN}' END AS name,
       e.effective_on AS "on", NULL::bigint AS case_id, e.receivable_id, e.currency, 1 AS n, e.amount
FROM (
    SELECT e.payment_id, e.effective_on, e.receivable_id, e.currency, e.amount, {KIND} AS kind
    FROM collections_app_ledgerentry e
    WHERE e.client_id = %(client_id)s AND e.effective_on = ANY(%(days)s)
) e
"""
_CONTACT = f"""
SELECT t.name, {_DAY_OF.format(at="a.at")}, a.case_id, NULL, '', 1, 0
FROM ({contacts.FAMILY.facts}) a
CROSS JOIN LATERAL (VALUES
    ('{flows.ATTEMPTS}', a.direction = 'OUT'),
    ('{flows.REACHED_ANYONE}', a.direction = 'OUT' AND a.reached <> 'NO_ONE'),
    ('{flows.RIGHT_PARTY}', a.direction = 'OUT' AND a.reached = 'HOLDER'),
    ('{flows.CONVERSATIONS}', a.reached = 'HOLDER'),
    ('{flows.CONVERSATIONS_PROMISED}', a.reached = 'HOLDER' AND a.outcome = 'PROMISE')
) AS t (name, so)
WHERE t.so
UNION ALL
SELECT '{flows.REFUSED_ATTEMPTS}', {_DAY_OF.format(at="a.at")}, a.case_id, NULL, '', 1, 0
FROM collections_app_contactattempt a
WHERE a.client_id = %(client_id)s AND a.at >= %(starts)s AND a.at < %(ends)s AND a.verdict = 'REFUSED'
"""
_PROMISES = f"""
SELECT '{flows.PROMISES_MADE}', made_on, case_id, NULL, currency, 1, amount FROM collections_app_promise
WHERE client_id = %(client_id)s AND made_on = ANY(%(days)s)
UNION ALL
SELECT t.name, p.due_on, p.case_id, NULL, p.currency, 1, p.amount
FROM ({promises.FAMILY.facts}) p
CROSS JOIN LATERAL (VALUES ('{flows.PROMISES_DUE}', true), ('{flows.PROMISES_KEPT}', p.kept)) AS t (name, so)
WHERE t.so
"""
_MONEY = f"""
SELECT '{flows.PAYMENTS}', value_on, case_id, NULL, currency, 1, collected FROM ({money.FAMILY.facts}) y
"""
_OTHERS = f"""
SELECT '{flows.PLACED}', placed_on, id, NULL, '', 1, 0 FROM collections_app_case
WHERE client_id = %(client_id)s AND placed_on = ANY(%(days)s)
UNION ALL
SELECT '{flows.COMPLAINTS}', {_DAY_OF.format(at="received_at")}, case_id, NULL, '', 1, 0 FROM complaints_matter
WHERE client_id = %(client_id)s AND kind = 'COMPLAINT' AND received_at >= %(starts)s AND received_at < %(ends)s
"""

# Cases that money, or what else lowers a balance, came to on a day: late until the day before, and nothing late at its
# end, though nothing left collection on it (ADR 0042).
_CURES = f"""
SELECT '{flows.CURES}', "on", case_id, NULL::bigint, '', 1, 0 FROM (
    SELECT k."on", k.case_id,
           bool_or(r.due_on < k."on" - 1 AND s.before > 0) AS was_late,
           bool_or(r.due_on < k."on" AND s.now > 0) AS is_late, coalesce(sum(s.gone), 0) AS gone
    FROM (
        SELECT DISTINCT e.effective_on AS "on", r.case_id
        FROM collections_app_ledgerentry e JOIN collections_app_receivable r ON r.id = e.receivable_id
        WHERE e.client_id = %(client_id)s AND e.effective_on = ANY(%(days)s) AND e.amount < 0
    ) k
    JOIN collections_app_receivable r ON r.case_id = k.case_id
    CROSS JOIN LATERAL (
        SELECT sum(e.amount) AS now, sum(e.amount) FILTER (WHERE e.effective_on < k."on") AS before,
               sum(e.amount) FILTER (WHERE e.effective_on = k."on" AND {KIND} IN ({GONE})) AS gone
        FROM collections_app_ledgerentry e WHERE e.receivable_id = r.id AND e.effective_on <= k."on"
    ) s
    GROUP BY 1, 2
) c WHERE was_late AND NOT is_late AND gone >= 0
"""

# Where a case lay on a day: with its oldest receivable that was open in the course of it, as the house knew it then
# (told since, nobody would have worked it there); else with the first that we were given.
_WRITE = f"""
INSERT INTO reporting_dayflow
    (client_id, "on", name, portfolio, stage, band, product, collector_id, bucket, currency, count, amount)
WITH facts AS MATERIALIZED (
    {" UNION ALL ".join((_LEDGER, _CONTACT, _PROMISES, _MONEY, _OTHERS, _CURES))}
), leaders AS MATERIALIZED (
    SELECT k.case_id, k."on", l.id
    FROM (
        SELECT DISTINCT case_id, "on" FROM facts WHERE case_id IS NOT NULL AND "on" = ANY(%(days)s)
    ) k
    CROSS JOIN LATERAL (
        SELECT r.id FROM collections_app_receivable r CROSS JOIN LATERAL (
            SELECT coalesce(sum(e.amount), 0) > 0 AS so FROM collections_app_ledgerentry e
            WHERE e.receivable_id = r.id AND (e.effective_on < k."on" OR e.effective_on = k."on" AND e.amount > 0)
              AND e.recorded_at < (k."on" + 1)::timestamp AT TIME ZONE 'Asia/Riyadh'
        ) open
        WHERE r.case_id = k.case_id ORDER BY open.so DESC, CASE WHEN open.so THEN r.due_on END, r.id LIMIT 1
    ) l
), told AS (
    SELECT f."on", f.name, f.case_id, f.currency, f.n, f.amount, coalesce(f.receivable_id, l.id) AS receivable_id
    FROM facts f LEFT JOIN leaders l ON l.case_id = f.case_id AND l."on" = f."on"
    WHERE f."on" = ANY(%(days)s)
)
SELECT %(client_id)s, "on", name, portfolio, stage, band, product, collector_id, bucket, currency, sum(n),
       sum(amount)
FROM (
    SELECT t."on", t.name, t.currency, t.n, t.amount, {place_sql(r="r", on='t."on"')}
    FROM told t JOIN collections_app_receivable r ON r.id = t.receivable_id {ITS_PLACE.format(r="r")}
    UNION ALL
    SELECT "on", name, currency, n, amount, NULL, '', '', '', NULL, '' FROM told WHERE receivable_id IS NULL
) placed
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
"""


def flows_write(*, client_id: int, days: Collection[dt.date], over: bool) -> int:
    """Count what happened on these days anew; how many cells. ``over``: they are, so that what was due on them counts
    even where the clock of the house is behind the book.
    """
    if not days:
        return 0
    DayFlow.objects.filter(client_id=client_id, on__in=days).delete()
    first, last, moment = min(days), max(days), now()
    if over and moment.astimezone(RIYADH).date() <= last:
        moment = at_riyadh(on=last + dt.timedelta(days=1), time=dt.time(0))
    ask = Ask(client_id=client_id, first=first, last=last, now=moment)
    # Kept: planning it takes longer than most days of a client, and it reads by index alone, however large the book.
    return execute(_WRITE, {**ask.params(), "days": list(days)}, kept=True)
