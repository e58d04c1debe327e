"""What KPIs must say, told a second time: from plain rows, day by day, apart from the code (ADR 0042).

Pure, plain and slow on purpose; it imports nothing of the project. Every function takes what was known, and two days.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

ZERO = Decimal("0.00")
DAY = dt.timedelta(days=1)
BUCKETS = ("not_due", "1-30", "31-60", "61-90", "91-120", "121-150", "151+")
GONE = {"WRITE_OFF", "WITHDRAWAL"}
RAISES = {"CHARGE", "DEBIT_NOTE", "FEE"}


@dataclass(frozen=True)
class Entry:
    receivable: int
    kind: str  # of a note that takes one back, the kind of that one
    amount: Decimal
    on: dt.date
    recorded_at: dt.datetime
    is_money: bool


@dataclass(frozen=True)
class Receivable:
    key: int
    case: int
    currency: str
    amount: Decimal
    issued_on: dt.date
    due_on: dt.date
    placed_on: dt.date
    segment: str


@dataclass(frozen=True)
class Attempt:
    case: int
    on: dt.date
    out: bool
    reached: str
    outcome: str
    recorded_at: dt.datetime


@dataclass(frozen=True)
class Promise:
    case: int
    currency: str
    amount: Decimal
    made_on: dt.date
    due_on: dt.date
    told_at: dt.datetime
    cancelled_on: dt.date | None


@dataclass(frozen=True)
class Payment:
    case: int
    currency: str
    amount: Decimal
    value_on: dt.date
    recorded_at: dt.datetime
    taken_back: tuple[tuple[Decimal, dt.datetime], ...] = ()


@dataclass
class Facts:
    """Everything that was ever told; ``known`` gives what was told by a moment."""

    receivables: dict[int, Receivable] = field(default_factory=dict)
    placed: dict[int, dt.date] = field(default_factory=dict)  # of each case
    buys_since: dict[int, dt.datetime] = field(default_factory=dict)  # cases of customers on credit
    complaints: list[dt.datetime] = field(default_factory=list)  # when each was received
    entries: list[Entry] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)

    def known(self, at: dt.datetime) -> Facts:
        return Facts(
            receivables=self.receivables,
            placed=self.placed,
            buys_since={case: since for case, since in self.buys_since.items() if since <= at},
            complaints=[received for received in self.complaints if received <= at],
            entries=[e for e in self.entries if e.recorded_at <= at],
            attempts=[a for a in self.attempts if a.recorded_at <= at],
            promises=[p for p in self.promises if p.told_at <= at],
            payments=[
                Payment(p.case, p.currency, p.amount, p.value_on, p.recorded_at,
                        tuple(back for back in p.taken_back if back[1] <= at))
                for p in self.payments if p.recorded_at <= at
            ],
        )  # fmt: skip

    def of(self, receivable: int, day: dt.date) -> list[Entry]:
        return [e for e in self.entries if e.receivable == receivable and e.on <= day]

    def balance(self, receivable: int, day: dt.date) -> Decimal:
        return sum((e.amount for e in self.of(receivable, day)), ZERO)

    def left(self, receivable: int, day: dt.date) -> bool:
        return sum(e.amount for e in self.of(receivable, day) if e.kind in GONE) != 0

    def late(self, case: int, day: dt.date) -> bool:
        return any(
            r.case == case and day > r.due_on and self.balance(r.key, day) > 0 for r in self.receivables.values()
        )


def bucket(due_on: dt.date, day: dt.date) -> str:
    days = (day - due_on).days
    return BUCKETS[0] if days <= 0 else BUCKETS[min((days - 1) // 30 + 1, 6)]


def ratio(over: Decimal | int | Fraction, under: Decimal | int | Fraction) -> Fraction | None:
    return Fraction(over) / Fraction(under) if under else None


Matrix = dict[tuple[str, str, str], tuple[int, Decimal]]


def places(facts: Facts, receivable: int, first: dt.date, last: dt.date) -> tuple[str, str] | None:
    """Where a receivable lay on both days; None when it was open on neither."""
    r = facts.receivables[receivable]
    before, after = facts.balance(receivable, first), facts.balance(receivable, last)
    if before <= 0 and after <= 0:
        return None
    begun = bucket(r.due_on, first) if before > 0 else "new"
    gone = "left" if facts.left(receivable, last) else "paid"
    return begun, bucket(r.due_on, last) if after > 0 else gone


def rolls(facts: Facts, first: dt.date, last: dt.date) -> Matrix:
    cells: Matrix = {}
    for key, r in facts.receivables.items():
        found = places(facts, key, first, last)
        if found:
            amount = facts.balance(key, last if found[0] == "new" else first)
            count, total = cells.get((r.currency, *found), (0, ZERO))
            cells[r.currency, *found] = (count + 1, total + amount)
    return cells


def account_moves(facts: Facts, first: dt.date, last: dt.date) -> list[tuple[int, str, str, str, str, Decimal]]:
    """Of each account and currency: where it lay, where it lies, how it moved, and its balance."""
    accounts: dict[tuple[int, str], list[int]] = defaultdict(list)
    for key, r in facts.receivables.items():
        if places(facts, key, first, last):
            accounts[r.case, r.currency].append(key)
    found = []
    for (case, currency), keys in accounts.items():
        at = {key: places(facts, key, first, last) for key in keys}
        deep = [BUCKETS.index(a) for a, _b in at.values() if a in BUCKETS]
        deep_after = [BUCKETS.index(b) for _a, b in at.values() if b in BUCKETS]
        begun = BUCKETS[max(deep)] if deep else "new"
        any_left = any(b == "left" for _a, b in at.values())
        ended = BUCKETS[max(deep_after)] if deep_after else "left" if any_left else "paid"
        late_left = any(a in BUCKETS[1:] and b == "left" for a, b in at.values())
        if begun == "new":
            moved = "new"
        elif late_left or ended == "left":
            moved = "left"
        elif max(deep) > 0 and not any(deep_after):
            moved = "cure"
        elif not deep_after:
            moved = "paid"
        else:
            moved = "forward" if max(deep_after) > max(deep) else "stable" if max(deep_after) == max(deep) else "back"
        amount = sum((facts.balance(key, first if deep else last) for key in keys), ZERO)
        found.append((case, currency, begun, ended, moved, amount))
    return found


def cure_rate(facts: Facts, first: dt.date, last: dt.date) -> tuple[int, int]:
    cured = late = 0
    for case in facts.placed:
        if facts.late(case, first):
            late += 1
            own = [r for r in facts.receivables.values() if r.case == case]
            was_late = [r.key for r in own if first > r.due_on and facts.balance(r.key, first) > 0]
            gone = any(facts.balance(key, last) <= 0 and facts.left(key, last) for key in was_late)
            cured += not facts.late(case, last) and not gone
    return cured, late


def spells(facts: Facts, first: dt.date, last: dt.date) -> list[tuple[int, bool]]:
    """Stretches of lateness that began in the period: days, and whether they ended by a cure."""
    found = []
    for case in facts.placed:
        day = first
        while day <= last:
            if facts.late(case, day) and not facts.late(case, day - DAY):
                end = day
                while end <= last and facts.late(case, end):
                    end += DAY
                own = {r.key for r in facts.receivables.values() if r.case == case}
                taken = sum(e.amount for e in facts.entries if e.receivable in own and e.kind in GONE and e.on == end)
                cured = end <= last and not taken < 0
                found.append(((end - day).days - (0 if cured else 1), cured))
                day = end
            day += DAY
    return found


def kaplan_meier(found: list[tuple[int, bool]]) -> tuple[Fraction | None, int | None]:
    """Mean up to the longest time watched, and median; by the share that has not ended on each single day."""
    if not any(cured for _days, cured in found):
        return None, None
    lasting, mean, median = Fraction(1), Fraction(0), None
    for day in range(1, max(days for days, _cured in found) + 1):
        mean += lasting
        there = sum(days >= day for days, _cured in found)
        ended = sum(cured and days == day for days, cured in found)
        lasting *= 1 - Fraction(ended, there)
        if median is None and lasting <= Fraction(1, 2):
            median = day
    return mean, median


def settled(facts: Facts, first: dt.date, last: dt.date) -> list[tuple[Receivable, int, int]]:
    """Receivables settled in the period, with days to settle and days late."""
    found = []
    for key, r in facts.receivables.items():
        days = sorted({e.on for e in facts.of(key, last)})
        if not days or facts.balance(key, last) != 0 or facts.left(key, last):
            continue
        ends = [day for day in days if facts.balance(key, day) != facts.balance(key, day - DAY)]
        on = ends[-1] if ends else days[0]
        if first <= on <= last:
            found.append((r, (on - r.issued_on).days, max((on - r.due_on).days, 0)))
    return found


def effectiveness(facts: Facts, first: dt.date, last: dt.date, currency: str) -> tuple[Decimal, Decimal]:
    over = under = ZERO
    for key, r in facts.receivables.items():
        if r.currency == currency:
            within = [e for e in facts.of(key, last) if e.on > first]
            after = facts.balance(key, last)
            could = facts.balance(key, first) + sum((e.amount for e in within if e.kind in RAISES | GONE), ZERO)
            if facts.balance(key, first) <= 0 and after <= 0 and not sum(e.amount for e in within if e.kind in RAISES):
                continue
            over += could - after
            under += could - (after if last <= r.due_on else ZERO)
    return over, under


def recovery(facts: Facts, first: dt.date, last: dt.date, currency: str) -> tuple[Decimal, Decimal]:
    over = under = ZERO
    for key, r in facts.receivables.items():
        if r.currency == currency and r.placed_on <= last:
            for e in facts.of(key, last):
                if e.kind in {"CHARGE", "PRIOR_PAYMENT"} or (e.is_money and e.on < r.placed_on):
                    under += e.amount
                elif e.is_money and e.on >= max(first, r.placed_on):
                    over -= e.amount
    return over, under


Stairs = dict[tuple[str, str, int], tuple[Decimal, Decimal]]


def stairs(facts: Facts, first: dt.date, last: dt.date, today: dt.date) -> Stairs:
    """By currency, month of placement and number of months since: collected up to then, and placed."""
    found: Stairs = {}
    for key, r in facts.receivables.items():
        told = facts.of(key, last)
        counted = [e for e in told if e.kind in {"CHARGE", "PRIOR_PAYMENT"} or e.is_money]
        if not counted or not first <= r.placed_on <= last:
            continue
        until = min(last, today)
        months = 12 * (until.year - r.placed_on.year) + until.month - r.placed_on.month
        for month in range(months + 1):
            over, under = found.get((r.currency, f"{r.placed_on:%Y-%m}", month), (ZERO, ZERO))
            for e in counted:
                if not e.is_money or e.on < r.placed_on:
                    under += e.amount
                elif 12 * (e.on.year - r.placed_on.year) + e.on.month - r.placed_on.month <= month:
                    over -= e.amount
            found[r.currency, f"{r.placed_on:%Y-%m}", month] = over, under
    # A month that brought only what was paid before it came brought nothing.
    return {step: two for step, two in found.items() if any(two)}


def collection_period(facts: Facts, last: dt.date, day_of: dict[int, dt.date]) -> tuple[Decimal, Decimal] | None:
    """What customers on credit owe in their currency, and what they bought in 365 days; None without either."""
    owed = sold = ZERO
    for key, r in facts.receivables.items():
        since = day_of.get(r.case)
        if since is None or since > last or r.currency != "SAR" or r.issued_on > last or not facts.of(key, last):
            continue
        owed += max(facts.balance(key, last), ZERO)
        sold += r.amount if (last - r.issued_on).days < 365 else ZERO
    return (owed, sold) if owed or sold else None


def kept(facts: Facts, first: dt.date, last: dt.date, today: dt.date) -> list[tuple[Promise, bool]]:
    """Promises whose day fell in the period and is over, and whether each was kept."""
    found = []
    for p in facts.promises:
        if not first <= p.due_on <= last or p.due_on >= today or (p.cancelled_on and p.cancelled_on <= today):
            continue
        paid = ZERO
        for y in facts.payments:
            its_own = (y.case, y.currency) == (p.case, p.currency) and y.recorded_at >= p.told_at
            if its_own and p.made_on <= y.value_on <= p.due_on:
                paid += y.amount - sum((back for back, _at in y.taken_back), ZERO)
        found.append((p, paid >= p.amount))
    return found


def in_hand(facts: Facts, first: dt.date, last: dt.date) -> set[int]:
    told = {facts.receivables[e.receivable].case for e in facts.entries if e.on <= last}
    return {
        case
        for case in told
        if first <= facts.placed[case] <= last
        or any(
            facts.balance(r.key, day) > 0
            for r in facts.receivables.values() if r.case == case for day in (first, last)
        )
    }  # fmt: skip
