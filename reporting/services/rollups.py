"""The only writer of counted days: by night, again when something was told late, and when asked to (ADR 0046)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from functools import partial
from itertools import groupby

from django.db import transaction
from django.db.models import Count, Max

from clients.models import Client
from collections_app.services.nightly import InParts, OnLastDay
from common import clock
from common.db import execute, rows
from reporting.models import CountedDay, LateEntry, TouchedDay
from reporting.services.flows import flows_write
from reporting.services.stock import stock_move, stock_write

# So many late lines times days are one transaction: it holds the client.
LATE_AT_ONCE = 200_000


# A mark that speaks of the stock from its day on also speaks of the days since, while there are any.
_MARKS_TAKEN = """
DELETE FROM reporting_touchedday WHERE client_id = %(client_id)s AND "on" = %(day)s AND (NOT stock OR NOT EXISTS (
    SELECT FROM reporting_countedday WHERE client_id = %(client_id)s AND "on" > %(day)s AND closed
))
"""
# The client is held: no late line is under way.
_COUNTED = """
INSERT INTO reporting_countedday (client_id, "on", closed, counted_at, late_through)
SELECT %(client_id)s, %(day)s, %(closed)s, %(now)s, coalesce(max(id), 0)
FROM reporting_lateentry WHERE client_id = %(client_id)s
ON CONFLICT (client_id, "on") DO UPDATE
SET closed = excluded.closed, counted_at = excluded.counted_at, late_through = excluded.late_through
"""


def day_count(*, client_id: int, day: dt.date, closed: bool) -> int:
    """Count a day of a book whole, whatever was counted of it before; how many cells.

    The client is held meanwhile: no line of the ledger is written, and none is missed (its trigger waits for the
    client, and then finds the day counted).
    """
    with transaction.atomic():
        client = Client.objects.select_for_update(no_key=True).get(pk=client_id)
        told = {"client_id": client_id, "day": day, "closed": closed, "now": clock.now()}
        # Taken before anything is counted: what is told meanwhile leaves a mark of its own.
        execute(_MARKS_TAKEN, told)
        cells = stock_write(client_id=client_id, day=day, stands=client.book_date == day)
        cells += flows_write(client_id=client_id, days=[day], over=closed)
        execute(_COUNTED, told)
    return cells


def day_recompute(*, client_id: int, day: dt.date) -> int:
    """Figures of a past day again, from the ledger; nothing but figures changes."""
    closed = Client.objects.filter(pk=client_id, book_date__gt=day).exists()
    return day_count(client_id=client_id, day=day, closed=closed)


def step_close(*, client_id: int, day: dt.date, since: dt.date, last: bool) -> int:
    """Before the book moves on: the day before is over, its figures stand."""
    before = day - dt.timedelta(days=1)
    book_date = Client.objects.values_list("book_date", flat=True).get(pk=client_id)
    if book_date is None or book_date < before:
        return 0
    return day_count(client_id=client_id, day=before, closed=True)


def _morning_counted(*, client_id: int, day: dt.date, since: dt.date, last: bool) -> int:
    return day_count(client_id=client_id, day=day, closed=False)


# The day's figures as they stand in the morning; closed by the next night. A day of a gap is closed at once.
step_rollup = OnLastDay(work=_morning_counted)


# Closed days that lack late lines, each with the number up to which it has them. What is no longer in the table every
# day has that it concerns.
_LACKING = """
WITH lines AS (
    SELECT id, "on" FROM reporting_lateentry WHERE client_id = %(client_id)s
), had AS (
    SELECT d."on", greatest(d.late_through, (SELECT min(id) - 1 FROM lines)) AS after
    FROM reporting_countedday d WHERE d.client_id = %(client_id)s AND d.closed
), since AS (
    SELECT h.after, (SELECT min(l."on") FROM lines l WHERE l.id > h.after) AS "on"
    FROM (SELECT DISTINCT after FROM had) h
)
SELECT h."on", h.after FROM had h JOIN since s ON s.after = h.after AND h."on" >= s."on" ORDER BY h.after, h."on"
"""

# The days whose flows late lines change: their own; days since on which their cases may be cured by them, or no longer;
# and where a line was told in time and written too late, what the house knew of its case on the days between.
_TOUCHED_BY_LATE = """
INSERT INTO reporting_touchedday (client_id, "on", stock)
WITH late AS (
    SELECT e.effective_on, (e.recorded_at AT TIME ZONE 'Asia/Riyadh')::date AS told_on, r.case_id
    FROM reporting_lateentry l
    JOIN collections_app_ledgerentry e ON e.id = l.entry_id
    JOIN collections_app_receivable r ON r.id = e.receivable_id
    WHERE l.client_id = %(client_id)s AND l.id <= %(through)s
), cases AS (
    SELECT case_id, min(effective_on) AS since FROM late GROUP BY case_id
)
SELECT %(client_id)s, d."on", false FROM reporting_countedday d
WHERE d.client_id = %(client_id)s AND d.closed AND d."on" IN (
    SELECT effective_on FROM late
    UNION
    SELECT e.effective_on FROM cases k
    JOIN collections_app_receivable r ON r.case_id = k.case_id
    JOIN collections_app_ledgerentry e ON e.receivable_id = r.id AND e.effective_on >= k.since AND e.amount < 0
    UNION
    SELECT t.day::date FROM late l CROSS JOIN LATERAL generate_series(
        greatest(l.told_on, l.effective_on), %(closed_on)s::date, interval '1 day'
    ) t (day)
)
"""

_DONE = """
DELETE FROM reporting_lateentry l
WHERE l.client_id = %(client_id)s AND NOT EXISTS (
    SELECT FROM reporting_countedday d
    WHERE d.client_id = l.client_id AND d.closed AND d."on" >= l."on" AND d.late_through < l.id
)
"""


def late_parts(*, client_id: int) -> list[Callable[[], int]]:
    """What is left to do about closed days of which something was told late: parts, each a transaction of its own.

    A part done twice, or left undone by a process that died, does no harm: what is still to be done stays marked.
    """
    closed_on = CountedDay.objects.filter(client_id=client_id, closed=True).aggregate(last=Max("on"))["last"]
    if closed_on is None:
        return []
    parts = [*_restaged(client_id=client_id, closed_on=closed_on), *_late(client_id=client_id, closed_on=closed_on)]
    if parts or TouchedDay.objects.filter(client_id=client_id, on__lte=closed_on).exists():
        parts.append(partial(_touched, client_id=client_id))
    return parts


def _restaged(*, client_id: int, closed_on: dt.date) -> list[Callable[[], int]]:
    """Days since somebody was said to hold a case, or it to be in a stage, are counted whole; the newest first."""
    marks = TouchedDay.objects.filter(client_id=client_id, stock=True, on__lte=closed_on)
    found = dict(marks.values_list("pk", "on"))
    if not found:
        return []
    days = CountedDay.objects.filter(client_id=client_id, closed=True, on__gte=min(found.values()))
    newest_first = days.order_by("-on").values_list("on", flat=True)
    counts = [partial(day_count, client_id=client_id, day=day, closed=True) for day in newest_first]
    return [*counts, partial(_marks_done, marks=list(found))]


def _marks_done(*, marks: Sequence[int]) -> int:
    """Every day they speak of has been counted since they were seen; no cell is written."""
    TouchedDay.objects.filter(pk__in=marks).delete()
    return 0


def _late(*, client_id: int, closed_on: dt.date) -> list[Callable[[], int]]:
    """Lines told late, added to the closed days from their own on: so many days at once."""
    lines = LateEntry.objects.filter(client_id=client_id).aggregate(count=Count("id"), through=Max("id"))
    if not lines["count"]:
        return []
    through: int = lines["through"]
    asked = {"client_id": client_id, "through": through, "closed_on": closed_on}
    parts: list[Callable[[], int]] = [
        partial(_of_client, partial(execute, _TOUCHED_BY_LATE, asked), client_id=client_id)
    ]
    size = max(1, LATE_AT_ONCE // lines["count"])
    for after, group in groupby(rows(_LACKING, asked), key=lambda row: row["after"]):
        days = [row["on"] for row in group]
        for start in range(0, len(days), size):
            told = {"days": days[start : start + size], "after": after, "through": through}
            parts.append(partial(_moved, client_id=client_id, **told))
    return [*parts, partial(_of_client, partial(execute, _DONE, asked), client_id=client_id)]


def _of_client(work: Callable[[], object], *, client_id: int) -> int:
    """Work that holds the client, and writes no cell."""
    with transaction.atomic():
        Client.objects.select_for_update(no_key=True).get(pk=client_id)
        work()
    return 0


def _moved(*, client_id: int, days: Sequence[dt.date], after: int, through: int) -> int:
    with transaction.atomic():
        Client.objects.select_for_update(no_key=True).get(pk=client_id)
        # Whoever counted one of them meanwhile has the lines already.
        left = CountedDay.objects.filter(client_id=client_id, on__in=days, late_through__lte=after)
        told = list(left.values_list("on", flat=True))
        cells = stock_move(client_id=client_id, days=told, after=after, through=through)
        CountedDay.objects.filter(client_id=client_id, on__in=told).update(late_through=through, counted_at=clock.now())
    return cells


def _touched(*, client_id: int) -> int:
    """What happened on closed days of which something was told since they were counted."""
    with transaction.atomic():
        closed = CountedDay.objects.filter(client_id=client_id, closed=True)
        newest = closed.aggregate(last=Max("on"))["last"]
        # Taken before anything is counted: what is told meanwhile leaves a mark of its own.
        taken = rows(
            'DELETE FROM reporting_touchedday WHERE client_id = %(client_id)s AND "on" <= %(newest)s AND NOT stock '
            'RETURNING "on"',
            {"client_id": client_id, "newest": newest},
        )
        days = list(closed.filter(on__in={row["on"] for row in taken}).values_list("on", flat=True))
        cells = flows_write(client_id=client_id, days=days, over=True)
        CountedDay.objects.filter(client_id=client_id, on__in=days).update(counted_at=clock.now())
    return cells


def days_catch_up(*, client_id: int) -> int:
    """Bring closed days up to what was told of them late; how many cells were written. Safe to stop at any moment."""
    return sum(work() for work in late_parts(client_id=client_id))


def _step_late(*, client_id: int, day: dt.date, since: dt.date, last: bool) -> list[Callable[[], int]]:
    return late_parts(client_id=client_id)


step_late = InParts(parts=_step_late)
