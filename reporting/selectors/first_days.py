"""The first ten days of a placed portfolio: whom we reached, what was promised, what came in (PL-09)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from common.db import rows
from reporting.models import Adjustment
from reporting.rules.periods import Brief
from reporting.selectors.figures import period_params, share

_TENTH = Decimal("0.1")
# The accounts of the portfolio, and their receivables that came with it.
_PORTFOLIO = """
WITH items AS (
    SELECT r.id, r.case_id, r.currency FROM collections_app_receivable r
    JOIN collections_app_importfile f ON f.id = r.file_id AND f.placed_on = %(first)s
    WHERE r.client_id = %(client_id)s AND NOT r.struck
), accounts AS (SELECT DISTINCT case_id FROM items),
attempts AS (
    SELECT a.* FROM collections_app_contactattempt a JOIN accounts USING (case_id)
    WHERE a.client_id = %(client_id)s AND a.direction = 'OUT' AND a.at >= %(starts)s AND a.at < %(ends)s
)
"""
_REACHED = f"""{_PORTFOLIO}
SELECT (SELECT count(*) FROM accounts) AS accounts, (SELECT count(*) FROM items) AS items,
       count(DISTINCT case_id) FILTER (WHERE verdict <> 'REFUSED') AS tried,
       count(DISTINCT case_id) FILTER (WHERE verdict <> 'REFUSED' AND reached <> 'NO_ONE') AS answered,
       count(DISTINCT case_id) FILTER (WHERE verdict <> 'REFUSED' AND reached = 'HOLDER') AS reached,
       count(*) FILTER (WHERE verdict <> 'REFUSED') AS attempts,
       count(*) FILTER (WHERE verdict = 'REFUSED') AS refused,
       count(DISTINCT case_id) FILTER (WHERE outcome = 'WRONG_PERSON') AS wrong,
       count(DISTINCT case_id) FILTER (WHERE outcome = 'OBJECTED') AS objected,
       count(DISTINCT case_id) FILTER (WHERE outcome = 'HARDSHIP') AS hardship,
       count(DISTINCT case_id) FILTER (WHERE outcome = 'PAID_ALREADY') AS paid_already
FROM attempts
"""
_CHANNELS = f"""{_PORTFOLIO}
SELECT channel, count(*) AS attempts, count(*) FILTER (WHERE reached <> 'NO_ONE') AS answered,
       count(*) FILTER (WHERE reached = 'HOLDER') AS reached, count(*) FILTER (WHERE outcome = 'PROMISE') AS promises
FROM attempts WHERE verdict <> 'REFUSED' GROUP BY channel ORDER BY count(*) DESC, channel
"""
_MONEY = f"""{_PORTFOLIO}
SELECT currency, sum(placed) AS placed, sum(collected) AS collected, sum(promises)::bigint AS promises,
       sum(promised) AS promised, sum(kept)::bigint AS kept, sum(due)::bigint AS due
FROM (
    SELECT i.currency, sum(e.amount) FILTER (WHERE e.kind IN ('CHARGE', 'PRIOR_PAYMENT')) AS placed,
           coalesce(-sum(e.amount) FILTER (WHERE e.payment_id IS NOT NULL
               AND e.effective_on BETWEEN %(first)s AND %(last)s), 0.00) AS collected,
           0 AS promises, 0.00 AS promised, 0 AS kept, 0 AS due
    FROM items i JOIN collections_app_ledgerentry e ON e.receivable_id = i.id AND e.client_id = %(client_id)s
    GROUP BY i.currency
    UNION ALL
    SELECT p.currency, 0.00, 0.00, count(*) FILTER (WHERE made_on BETWEEN %(first)s AND %(last)s),
           coalesce(sum(p.amount) FILTER (WHERE made_on BETWEEN %(first)s AND %(last)s), 0.00),
           count(*) FILTER (WHERE due_on BETWEEN %(first)s AND %(last)s AND status = 'KEPT'),
           count(*) FILTER (WHERE due_on BETWEEN %(first)s AND %(last)s AND status NOT IN ('CANCELLED', 'OPEN'))
    FROM collections_app_promise p JOIN accounts USING (case_id)
    WHERE p.client_id = %(client_id)s GROUP BY p.currency
) m GROUP BY currency ORDER BY sum(placed) DESC, currency
"""
_DAYS = f"""{_PORTFOLIO}
SELECT d::date AS "on", coalesce(a.attempts, 0) AS attempts, coalesce(a.reached, 0) AS reached,
       coalesce(p.promises, 0) AS promises
FROM generate_series(%(first)s::date, %(last)s::date, interval '1 day') d
LEFT JOIN (
    SELECT (at AT TIME ZONE 'Asia/Riyadh')::date AS "on", count(*) AS attempts,
           count(*) FILTER (WHERE reached = 'HOLDER') AS reached
    FROM attempts WHERE verdict <> 'REFUSED' GROUP BY 1
) a ON a."on" = d::date
LEFT JOIN (
    SELECT made_on AS "on", count(*) AS promises FROM collections_app_promise JOIN accounts USING (case_id)
    WHERE client_id = %(client_id)s GROUP BY made_on
) p ON p."on" = d::date
ORDER BY d
"""
_NO_POINT = f"""{_PORTFOLIO}
SELECT count(*) AS count FROM accounts JOIN collections_app_case c ON c.id = accounts.case_id
WHERE NOT EXISTS (
    SELECT FROM collections_app_contactpoint k
    WHERE k.debtor_id = c.debtor_id AND k.replaced_at IS NULL AND k.state <> 'INVALID'
)
"""


def first_days(*, client_id: int, period: Brief) -> dict[str, Any]:
    """What the first ten days brought, and what is proposed to be changed: found by the figures, and written by us."""
    params = period_params(client_id=client_id, first=period.starts_on, last=period.ends_on)
    whom, channels = rows(_REACHED, params)[0], rows(_CHANNELS, params)
    for row in channels:
        row["share"] = share(row["reached"], row["attempts"])
    without = rows(_NO_POINT, params)[0]["count"]
    return {
        "whom": {**whom, "reached_share": share(whom["reached"], whom["accounts"])},
        "channels": channels,
        "money": [
            {**row, "share": (row["collected"] * 100 / row["placed"]).quantize(_TENTH) if row["placed"] else None}
            for row in rows(_MONEY, params)
        ],
        "days": rows(_DAYS, params),
        "proposed": _proposed(whom=whom, channels=channels, without=without),
        "adjustments": adjustments_of(client_id=client_id, placed_on=period.on),
    }


def adjustments_of(*, client_id: int, placed_on: dt.date) -> list[str]:
    """What people of the house wrote down to be changed in the work on a portfolio."""
    found = Adjustment.objects.filter(client_id=client_id, placed_on=placed_on)
    return list(found.values_list("text", flat=True))


# A channel is compared once it was tried so often.
_LEAST_TRIES = 10


def _proposed(*, whom: dict[str, Any], channels: list[dict[str, Any]], without: int) -> list[dict[str, Any]]:
    """What the figures call for, each with its number: nothing is proposed of what did not happen."""
    counts = (
        ("no_point", without),
        ("untried", whom["accounts"] - whom["tried"]),
        ("wrong", whom["wrong"]),
        ("objected", whom["objected"]),
        ("hardship", whom["hardship"]),
        ("paid_already", whom["paid_already"]),
    )
    found: list[dict[str, Any]] = [{"what": what, "count": count} for what, count in counts if count]
    tried = [row for row in channels if row["attempts"] >= _LEAST_TRIES]
    if len(tried) > 1:
        best = max(tried, key=lambda row: row["share"])
        found.insert(0, {"what": "channel", "channel": best["channel"], "share": best["share"]})
    return found
