"""What boards must say, counted day by day from plain rows, without any of the project's rules or SQL."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal

from reporting.tests.kpi_model import ZERO, Facts, bucket

DAY = dt.timedelta(days=1)
PLACING = {"CHARGE", "PRIOR_PAYMENT"}
GONE = {"WRITE_OFF", "WITHDRAWAL"}
Cells = dict[tuple[str, str], tuple[int, Decimal]]


def waterfall(facts: Facts, first: dt.date, last: dt.date) -> Cells:
    """Of each currency and step, how many receivables and how much: every receivable walked from day to day."""
    found: Cells = {}
    for key, receivable in facts.receivables.items():
        for step, amount in _steps(facts, key, first, last).items():
            if amount:
                count, total = found.get((receivable.currency, step), (0, ZERO))
                found[receivable.currency, step] = (count + 1, total + amount)
    return found


def _steps(facts: Facts, key: int, first: dt.date, last: dt.date) -> dict[str, Decimal]:
    receivable = facts.receivables[key]
    entries = [entry for entry in facts.entries if entry.receivable == key]
    steps: dict[str, Decimal] = defaultdict(lambda: ZERO)

    def late(day: dt.date) -> bool:
        """With us, and its day has passed."""
        return receivable.placed_on <= day and receivable.due_on < day

    came_late = receivable.due_on < receivable.placed_on
    inside = late(first - DAY)
    begun = inside
    if inside:
        steps["open"] = facts.balance(key, first - DAY)
    day = first
    while day <= last:
        today = [entry for entry in entries if entry.on == day]
        if not inside and late(day):
            inside = True
            if came_late:
                steps["placed"] = sum((e.amount for e in entries if e.on < day), ZERO)
            else:
                steps["rolled"] = facts.balance(key, day - DAY)
        for entry in today if inside else []:
            if came_late and not begun and entry.kind in PLACING:
                steps["placed"] += entry.amount
            elif entry.is_money:
                steps["collected"] += entry.amount
            else:
                steps["gone" if entry.kind in GONE else "adjusted"] += entry.amount
        day += DAY
    if late(last):
        steps["end"] = facts.balance(key, last)
    return steps


def late_payments(facts: Facts, first: dt.date, last: dt.date) -> Cells:
    """Entries of payments valued in the period, by how late their receivable was on that day."""
    found: Cells = {}
    for entry in facts.entries:
        receivable = facts.receivables[entry.receivable]
        if entry.is_money and first <= entry.on <= last:
            key = (receivable.currency, bucket(receivable.due_on, entry.on))
            count, total = found.get(key, (0, ZERO))
            found[key] = (count + 1, total - entry.amount)
    return found
