"""What was open at the end of days, as cells: counted whole, or by what was told late alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from collections_app.selectors.aging import OWED, middle_receivable
from common.db import execute
from reporting.models import DayStock
from reporting.selectors.places import ITS_PLACE, place_sql

# ``open``: a receivable that was open at the end of a day, and whether that is to be added (1) or taken away (-1).
_CELLS = f"""
SELECT o."on", {place_sql(r="o", on='o."on"')}, o.currency,
       sum(o.sign)::int AS receivables, coalesce(sum(o.sign) FILTER (WHERE o.leads), 0)::int AS accounts,
       sum(o.sign * o.balance) AS amount
FROM (
    SELECT u.*, row_number() OVER (
        PARTITION BY u.sign, u."on", u.case_id, u.currency ORDER BY u.due_on, u.id
    ) = 1 AS leads
    FROM ({{open}}) u
) o {ITS_PLACE.format(r="o")}
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
HAVING sum(o.sign) <> 0 OR sum(o.sign * o.balance) <> 0 OR sum(o.sign) FILTER (WHERE o.leads) <> 0
"""
_WHAT = "r.id, r.case_id, r.debt_id, r.file_id, r.due_on, r.amount, r.currency, r.stage_id, r.stage_since"
_BALANCES = f"""
    SELECT {_WHAT}, %(day)s::date AS "on", r.balance, 1 AS sign
    FROM collections_app_receivable r WHERE r.client_id = %(client_id)s AND r.balance > 0"""
_LEDGER = f"""
    SELECT {_WHAT}, %(day)s::date AS "on", r.balance, 1 AS sign FROM ({OWED.format(what=_WHAT, known="")}) r"""

# The cases that lines told late are on, as they were without these lines, and as they are with them.
_LATE = f"""
    WITH late AS (
        SELECT l.entry_id, r.case_id, e.effective_on
        FROM reporting_lateentry l
        JOIN collections_app_ledgerentry e ON e.id = l.entry_id
        JOIN collections_app_receivable r ON r.id = e.receivable_id
        WHERE l.client_id = %(client_id)s AND l.id > %(after)s AND l.id <= %(through)s
    )
    SELECT {_WHAT}, d."on", x.balance, x.sign
    FROM (SELECT case_id, min(effective_on) AS since FROM late GROUP BY case_id) k
    JOIN collections_app_receivable r ON r.case_id = k.case_id
    JOIN unnest(%(days)s::date[]) AS d("on") ON d."on" >= k.since
    CROSS JOIN LATERAL (
        SELECT sum(e.amount) AS now, sum(e.amount) FILTER (WHERE n.entry_id IS NULL) AS before
        FROM collections_app_ledgerentry e LEFT JOIN (
            SELECT entry_id FROM reporting_lateentry WHERE client_id = %(client_id)s AND id > %(after)s
        ) n ON n.entry_id = e.id
        WHERE e.receivable_id = r.id AND e.effective_on <= d."on"
    ) s
    CROSS JOIN LATERAL (VALUES (1, s.now), (-1, s.before)) AS x (sign, balance)
    WHERE x.balance > 0"""

_INTO = """
INSERT INTO reporting_daystock
    (client_id, "on", portfolio, stage, band, product, collector_id, bucket, currency, receivables, accounts, amount)
"""


def stock_write(*, client_id: int, day: dt.date, stands: bool) -> int:
    """Count the whole of a day anew; how many cells. From the balances where the book ``stands`` at that day, else from
    the ledger; both say the same. The caller holds the client.
    """
    DayStock.objects.filter(client_id=client_id, on=day).delete()
    asked = {"client_id": client_id, "day": day, "middle": None if stands else middle_receivable()}
    return _added(open_=_BALANCES if stands else _LEDGER, asked=asked)


def stock_move(*, client_id: int, days: Sequence[dt.date], after: int, through: int) -> int:
    """Add to closed days what the late lines numbered above ``after``, to ``through``, changed; how many cells.

    The caller holds the client, and tells days that have all up to ``after``.
    """
    asked = {"client_id": client_id, "days": list(days), "after": after, "through": through}
    return _added(open_=_LATE, asked=asked)


def _added(*, open_: str, asked: dict[str, Any]) -> int:
    """One statement: as many cells as a night has are dearer to carry here and back than a plan in parallel saves."""
    return execute(f"{_INTO} SELECT %(client_id)s, c.* FROM ({_CELLS.format(open=open_)}) c", asked)
