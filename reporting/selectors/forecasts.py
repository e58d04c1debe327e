"""What may come in: estimates for a client's book, given only after its assessment (PL-38)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from typing import Any

from common.db import rows
from reporting.choices import ReportKind
from reporting.kpis.books import bucket
from reporting.models import Report
from reporting.rules.forecast import WEEKS_AHEAD, PastWeek, estimate

# Half a year: long enough for an interval, short enough to be like today.
WEEKS_BEHIND = 26
_AHEAD = dt.timedelta(weeks=WEEKS_AHEAD)

# At the end of each day asked for: what was open of what was with us by then, and what of that was paid in four weeks.
_PAST = f"""
SELECT b.day, r.currency, {bucket(day="b.day")} AS age, sum(b.open) AS open, sum(b.paid) AS paid
FROM (
    SELECT w.day, e.receivable_id, sum(e.amount) FILTER (WHERE e.effective_on <= w.day) AS open,
           coalesce(-sum(e.amount) FILTER (WHERE e.payment_id IS NOT NULL AND e.effective_on > w.day), 0.00) AS paid
    FROM unnest(%(ends)s::date[]) AS w (day)
    JOIN collections_app_ledgerentry e ON e.client_id = %(client_id)s AND e.effective_on <= w.day + %(ahead)s
    GROUP BY w.day, e.receivable_id
    HAVING sum(e.amount) FILTER (WHERE e.effective_on <= w.day) > 0
) b
JOIN collections_app_receivable r ON r.id = b.receivable_id AND NOT r.struck
JOIN collections_app_case c ON c.id = r.case_id
LEFT JOIN collections_app_importfile f ON f.id = r.file_id
WHERE coalesce(f.placed_on, c.placed_on) <= b.day
GROUP BY b.day, r.currency, age
"""


def forecasts_of(*, client_id: int, on: dt.date) -> dict[str, Any]:
    """What may be paid in the four weeks after ``on``, in each currency; ``why`` says what it waits for, where it does:
    ``assessment`` before one was issued, ``weeks`` while too few of them are over.
    """
    answer: dict[str, Any] = {"why": "", "until": on + _AHEAD, "lines": []}
    if not Report.objects.filter(client_id=client_id, kind=ReportKind.ASSESSMENT).exists():
        return {**answer, "why": "assessment"}
    ends = [on, *(on - _AHEAD - dt.timedelta(weeks=behind) for behind in range(WEEKS_BEHIND))]
    found: dict[str, dict[dt.date, dict[str, tuple[Decimal, Decimal]]]] = defaultdict(lambda: defaultdict(dict))
    for row in rows(_PAST, {"client_id": client_id, "ends": ends, "ahead": _AHEAD.days}):
        found[row["currency"]][row["day"]][row["age"]] = (row["open"], row["paid"])
    for currency, days in sorted(found.items()):
        past = [_week(day, ages) for day, ages in sorted(days.items()) if day != on]
        told = estimate(past=past, balances={age: open_ for age, (open_, _paid) in days.get(on, {}).items()})
        if told is not None:
            line = {"currency": currency, "low": told.low, "middle": told.middle, "high": told.high}
            answer["lines"].append({**line, "weeks": told.weeks})
    return answer if answer["lines"] else {**answer, "why": "weeks"}


def _week(on: dt.date, ages: dict[str, tuple[Decimal, Decimal]]) -> PastWeek:
    return PastWeek(
        on=on,
        open={age: open_ for age, (open_, _paid) in ages.items()},
        paid={age: paid for age, (_open, paid) in ages.items()},
    )
