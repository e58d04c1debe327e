"""What a book must say, told a second time: written from the rules (ADR 0019, DESIGN §3) and apart from the code.

Pure, plain and slow on purpose. Everything is worked out anew from the facts as they were told; days are walked one by
one; nothing is kept that follows from something else. The tests compare the product with it.

A ``Book`` is what it was told, in the order of telling. ``Book.of(facts[:n])`` is what was known after the n-th.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

ZERO = Decimal("0.00")
ONE_DAY = dt.timedelta(days=1)
COMPONENTS = ("COST", "FEE", "PROFIT", "PRINCIPAL")
FRIDAY, SATURDAY = 5, 6
BUCKETS = {
    "DUE": ((0, "not_due"), (30, "1-30"), (60, "31-60"), (90, "61-90"), (120, "91-120"), (150, "121-150")),
    "INVOICE": ((60, "0-60"), (90, "61-90"), (120, "91-120"), (150, "121-150")),
}
OLDEST = "151+"


# ---- facts: what somebody told ---------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Receivable:
    """An invoice or instalment of a case, under a debt."""

    ref: str
    case: str
    debt: str
    issued_on: dt.date
    due_on: dt.date
    currency: str = "SAR"
    product: str = ""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A charge, note, fee, discount, write-off, prior payment, or what takes one back: so much more or less is owed."""

    receivable: str
    amount: Decimal
    value_on: dt.date
    component: str = "PRINCIPAL"
    kind: str = "CHARGE"


@dataclass(frozen=True, kw_only=True)
class Payment:
    """Money that came. ``pins``: so much of it is for that receivable; without pins all of it is free, unless the
    method is that the payer must say."""

    ref: str
    case: str
    amount: Decimal
    value_on: dt.date
    currency: str = "SAR"
    method: str = "OLDEST_FIRST"
    pins: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Pinned:
    """So much of money that waits is for these receivables; less than nothing where an earlier word gives way."""

    case: str
    payment: str
    pins: Mapping[str, Decimal]


@dataclass(frozen=True, kw_only=True)
class TakenBack:
    """So much of a payment never came."""

    case: str
    payment: str
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class Hold:
    """Days on which a case, a debt of it or a receivable of it stands still."""

    name: str
    case: str
    from_on: dt.date
    until_on: dt.date | None = None
    debt: str | None = None
    receivable: str | None = None
    frozen: bool = False


@dataclass(frozen=True, kw_only=True)
class HoldEnded:
    """The last held day of a hold that had none."""

    name: str
    until_on: dt.date


@dataclass(frozen=True, kw_only=True)
class Decided:
    """An objection was accepted (its days do not count) or rejected (it never held anything)."""

    name: str
    accepted: bool


@dataclass(frozen=True, kw_only=True)
class Policy:
    """A ladder of stages from a day on: rungs are (position, first day of it or None)."""

    starts_on: dt.date
    basis: str
    rungs: tuple[tuple[int, int | None], ...]
    default_after_days: int = 90
    default_rules: tuple[str, ...] = ()
    product: str = ""


@dataclass(frozen=True, kw_only=True)
class Owner:
    """A case was given to somebody."""

    case: str


@dataclass(frozen=True, kw_only=True)
class Promise:
    """An account holder commits to an amount by a day."""

    name: str
    case: str
    amount: Decimal
    made_on: dt.date
    due_on: dt.date
    currency: str = "SAR"


@dataclass(frozen=True, kw_only=True)
class Night:
    """The book was brought to a day, through every day between."""

    day: dt.date


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A person ended a case: what is open of it leaves collection on the day."""

    case: str
    status: str
    on: dt.date


@dataclass(frozen=True, kw_only=True)
class Reopened:
    """The end was taken back on the book's day."""

    case: str


@dataclass(frozen=True, kw_only=True)
class NeverCame:
    """A receivable that should not have been told."""

    receivable: str


@dataclass(frozen=True, kw_only=True)
class File:
    """Facts that came together: nothing is concluded between them."""

    facts: tuple[Fact, ...]


Fact = (
    Receivable
    | Claim
    | Payment
    | Pinned
    | TakenBack
    | Hold
    | HoldEnded
    | Decided
    | Policy
    | Owner
    | Promise
    | Ended
    | Reopened
    | NeverCame
    | File
    | Night
)


@dataclass
class Away:
    """When a receivable was out of collection: from a day (None: always) until before another, and by which end."""

    receivable: str
    on: dt.date | None
    until: dt.date | None = None
    end: Ended | None = None

    def covers(self, day: dt.date) -> bool:
        return (self.on is None or self.on <= day) and (self.until is None or day < self.until)


# ---- answers ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, order=True)
class Share:
    """So much of a payment was given to a component of a receivable on a day, or went back on it."""

    day: dt.date
    payment: str
    receivable: str
    component: str
    pinned: bool
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class CaseSummary:
    """One line of a worklist."""

    status: str
    position: int | None
    currency: str | None
    balance: Decimal
    closed_on: dt.date | None


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What a promise came to."""

    status: str
    paid: Decimal
    judged_on: dt.date | None


# ---- money -----------------------------------------------------------------------------------------------------------


def days_between(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    """Every day from the first to the last, both included."""
    day = first
    while day <= last:
        yield day
        day += ONE_DAY


def in_order_of_receivables(receivables: Iterable[Receivable]) -> list[Receivable]:
    return sorted(receivables, key=lambda r: (r.due_on, r.issued_on, r.ref))


def in_order_of_payments(payments: Iterable[Payment]) -> list[Payment]:
    return sorted(payments, key=lambda p: (p.value_on, p.ref))


class Spreading:
    """The money of one case and currency, walked through day by day (ADR 0019, the five steps)."""

    def __init__(
        self,
        *,
        receivables: Sequence[Receivable],
        claims: Sequence[Claim],
        payments: Sequence[Payment],
        taken_back: Mapping[str, Decimal],
        aways: Sequence[Away] = (),
        every_day: bool = True,
    ) -> None:
        self.aways = [a for a in aways if a.until is None or a.on is None or a.on < a.until]
        self.out: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
        self.went: dict[tuple[dt.date, str, str], Decimal] = defaultdict(lambda: ZERO)
        self.receivables = in_order_of_receivables(receivables)
        self.claims = claims
        self.payments = in_order_of_payments(payments)
        self.net = {p.ref: p.amount - taken_back.get(p.ref, ZERO) for p in payments}
        self.owed: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
        self.given: dict[tuple[str, str, str, bool], Decimal] = defaultdict(lambda: ZERO)
        self.wanted: dict[tuple[str, str], Decimal] = {}
        self.written: dict[tuple[dt.date, str, str, str, bool], Decimal] = defaultdict(lambda: ZERO)
        self.got: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
        self.spent: dict[str, Decimal] = defaultdict(lambda: ZERO)
        told = {c.value_on for c in claims} | {p.value_on for p in payments}
        told |= {day for a in self.aways for day in (a.on, a.until) if day is not None}
        for day in days_between(min(told), max(told)) if told else ():
            if every_day or day in told:
                self.walk(day)
        self.all_shares = sorted(
            Share(day=day, payment=p, receivable=r, component=c, pinned=pinned, amount=amount)
            for (day, p, r, c, pinned), amount in self.written.items()
            if amount != 0
        )

    def shares(self) -> list[Share]:
        return self.all_shares

    def suspense(self, payment: str) -> Decimal:
        """What of a payment lies with nobody."""
        return self.net[payment] - self.spent[payment]

    def still_open(self, receivable: str, component: str) -> Decimal:
        place = (receivable, component)
        return self.owed[place] - self.got[place] - self.out[place]

    def goes(self, day: dt.date, r: str, *, back: bool = False) -> None:
        """While a receivable is away nothing of it is open: what is claimed leaves, what is not any more had not."""
        for component in COMPONENTS:
            had = self.out[r, component]
            part = -had if back else max(-had, self.still_open(r, component))
            self.out[r, component] += part
            self.went[day, r, component] += part

    def free(self, payment: Payment) -> Decimal:
        """What of a payment that has come no pin speaks of, and nobody has yet."""
        if payment.method == "AS_SPECIFIED":
            return ZERO
        spoken = sum((amount for (p, _r), amount in self.wanted.items() if p == payment.ref), ZERO)
        given = sum((amount for (p, _r, _c, pin), amount in self.given.items() if p == payment.ref and not pin), ZERO)
        return self.net[payment.ref] - spoken - given

    def give(self, day: dt.date, p: str, r: str, c: str, pinned: bool, amount: Decimal) -> None:
        self.given[p, r, c, pinned] += amount
        self.written[day, p, r, c, pinned] += amount
        self.got[r, c] += amount
        self.spent[p] += amount

    def walk(self, day: dt.date) -> None:
        for claim in self.claims:  # 1
            if claim.value_on == day:
                self.owed[claim.receivable, claim.component] += claim.amount
        for away in self.aways:
            if away.until == day:
                self.goes(day, away.receivable, back=True)
        for away in self.aways:
            if away.covers(day) and away.on != day:
                self.goes(day, away.receivable)
        for receivable in self.receivables:  # 2
            for component in COMPONENTS:
                self.money_goes_back(day, receivable.ref, component)
        for payment in self.payments:  # 3
            if payment.value_on == day and payment.pins:
                self.pins_are_met(payment)
        here = [p for p in self.payments if p.value_on <= day]
        for payment in here:  # 4
            for receivable in self.receivables:
                if receivable.ref in payment.pins:
                    self.pin_takes(day, payment.ref, receivable.ref, here)
        for payment in here:  # 5
            self.free_money_goes(day, payment)
        for away in self.aways:  # what was paid on the day it left is paid
            if away.on == day:
                self.goes(day, away.receivable)

    def money_goes_back(self, day: dt.date, r: str, c: str) -> None:
        """Computed shares first, then pinned, the newest payment first."""
        for pinned in (False, True):
            for payment in reversed(self.payments):
                too_much = -self.still_open(r, c)
                back = min(too_much, self.given[payment.ref, r, c, pinned])
                if back > 0:
                    self.give(day, payment.ref, r, c, pinned, -back)

    def pins_are_met(self, payment: Payment) -> None:
        """In the order of receivables while the money lasts."""
        left = self.net[payment.ref]
        for receivable in self.receivables:
            if receivable.ref in payment.pins:
                got = min(left, payment.pins[receivable.ref])
                self.wanted[payment.ref, receivable.ref] = got
                left -= got

    def still_wants(self, p: str, r: str) -> Decimal:
        return self.wanted[p, r] - sum((self.given[p, r, c, True] for c in COMPONENTS), ZERO)

    def pin_takes(self, day: dt.date, p: str, r: str, here: Sequence[Payment]) -> None:
        """What the receivable owes; then what computed money of others sits on it: by component, the newest first."""
        for component in COMPONENTS:
            takes = min(self.still_wants(p, r), self.still_open(r, component))
            if takes > 0:
                self.give(day, p, r, component, True, takes)
        for component in COMPONENTS:
            for other in reversed(here):
                takes = min(self.still_wants(p, r), self.given[other.ref, r, component, False])
                if takes > 0:
                    self.give(day, other.ref, r, component, False, -takes)
                    self.give(day, p, r, component, True, takes)

    def free_money_goes(self, day: dt.date, payment: Payment) -> None:
        for receivable, component in self.path(day, payment):
            takes = min(self.free(payment), self.still_open(receivable, component))
            if takes > 0:
                self.give(day, payment.ref, receivable, component, False, takes)

    def path(self, day: dt.date, payment: Payment) -> list[tuple[str, str]]:
        """Where free money looks, one place after another."""
        refs = [r.ref for r in self.receivables]
        oldest_first = [(ref, component) for ref in refs for component in COMPONENTS]
        if payment.method == "FEES_FIRST":
            first = [(ref, component) for ref in refs for component in ("COST", "FEE")]
            return first + [(ref, "PROFIT") for ref in refs] + [(ref, "PRINCIPAL") for ref in refs]
        if payment.method == "EXACT_FIRST" and payment.value_on == day:
            free = self.free(payment)
            owe_it = [ref for ref in refs if free == sum((self.still_open(ref, c) for c in COMPONENTS), ZERO)]
            if len(owe_it) == 1:
                return [(owe_it[0], component) for component in COMPONENTS] + oldest_first
        return oldest_first


# ---- the book --------------------------------------------------------------------------------------------------------


class Book:
    """One client's book: what was told of it, and every answer worked out from that."""

    def __init__(
        self, *, holidays: Iterable[dt.date] = (), every_day: bool = True, fees_at_most: int | None = None
    ) -> None:
        self.holidays = frozenset(holidays)
        # In instalments of the contract; None: nobody caps them.
        self.fees_at_most = fees_at_most
        self.every_day = every_day
        self.facts: list[Fact] = []
        self.receivables: dict[str, Receivable] = {}
        self.claims: list[Claim] = []
        self.payments: list[Payment] = []
        self.taken_back: list[TakenBack] = []
        self.holds: dict[str, Hold] = {}
        self.rejected: set[str] = set()
        self.policies: list[Policy] = []
        self.owned: set[str] = set()
        self.promises: dict[str, Promise] = {}
        self.promise_judged_on: dict[str, dt.date] = {}
        self.promise_cancelled: set[str] = set()
        self.promise_told_at: dict[str, int] = {}
        self.aways: list[Away] = []
        self.ended: dict[str, Ended] = {}
        # Cases that are closed, and the promise that the closing of each ended.
        self.closed: dict[str, str | None] = {}
        self.book_date: dt.date | None = None
        self.told_at: dict[tuple[str, str], int] = {}
        self._spread: dict[tuple[str, str], Spreading] = {}
        self._met: dict[tuple[str, dt.date], set[str]] = {}

    @classmethod
    def of(cls, facts: Iterable[Fact], **options: object) -> Book:
        book = cls(**options)  # type: ignore[arg-type]
        for fact in facts:
            book.tell(fact)
        return book

    def tell(self, fact: Fact) -> None:
        """One more fact. What follows from it is worked out when somebody asks."""
        self.facts.append(fact)
        self._take(fact)
        self._conclude()

    def _take(self, fact: Fact) -> None:
        self._spread, self._met = {}, {}
        match fact:
            case File():
                for one in fact.facts:
                    self._take(one)
                self._placed_again({f.case for f in fact.facts if isinstance(f, Receivable | Payment)})
            case Ended():
                self.ended[fact.case] = fact
                mine = [r.ref for r in self.receivables.values() if r.case == fact.case]
                self.aways += [Away(ref, fact.on, end=fact) for ref in mine if not self.is_away(ref)]
            case Reopened():
                end = self.ended.pop(fact.case)
                day = max(end.on, self.book_date or end.on)
                for away in self.aways:
                    # What left with an earlier end, after which new business came, stays out.
                    if away.end is end and away.until is None:
                        away.until = day
            case NeverCame():
                if not self.is_away(fact.receivable):
                    self.aways.append(Away(fact.receivable, None))
            case Receivable():
                self.receivables[fact.ref] = fact
            case Claim():
                self.claims.append(fact)
            case Payment():
                # Told with pins, the rest waits for a person; a pin that comes later leaves the method as it was.
                method = "AS_SPECIFIED" if fact.pins else fact.method
                self.payments.append(Payment(**{**vars(fact), "method": method}))
                self.told_at[fact.case, fact.ref] = len(self.facts)
            case Pinned():
                at = next(n for n, p in enumerate(self.payments) if (p.case, p.ref) == (fact.case, fact.payment))
                pins = dict(self.payments[at].pins)
                for ref, amount in fact.pins.items():
                    pins[ref] = pins.get(ref, ZERO) + amount
                self.payments[at] = Payment(**{**vars(self.payments[at]), "pins": pins})
            case TakenBack():
                self.taken_back.append(fact)
            case Hold():
                self.holds[fact.name] = fact
            case HoldEnded():
                old = self.holds[fact.name]
                self.holds[fact.name] = Hold(**{**vars(old), "until_on": fact.until_on})
            case Decided(accepted=True):
                self.holds[fact.name] = Hold(**{**vars(self.holds[fact.name]), "frozen": True})
            case Decided():
                self.rejected.add(fact.name)
            case Policy():
                self.policies.append(fact)
            case Owner():
                self.owned.add(fact.case)
            case Promise():
                self.promise_told(fact)
            case Night():
                self.night(fact.day)

    # -- ends

    def is_away(self, ref: str) -> bool:
        """Out of collection, as was told last."""
        return any(a.receivable == ref and a.until is None for a in self.aways)

    def _placed_again(self, cases: set[str]) -> None:
        """New business ends a decided end, save that of somebody who died."""
        for case in cases & set(self.ended):
            mine = [r.ref for r in self.receivables.values() if r.case == case]
            day = self.book_date or dt.date.max
            if self.ended[case].status != "DECEASED" and any(self.status(ref, day) == "OPEN" for ref in mine):
                del self.ended[case]

    def _conclude(self) -> None:
        """A case that closes ends its open promise: kept when its money came, else nobody asks for it any more. One
        that opens again has it back while its day is not over."""
        if self.book_date is None:
            return
        for case in self.cases:
            closed = self.case(case, self.book_date).status not in {"PLACED", "ACTIVE", "ON_HOLD"}
            if closed:
                self.closed.setdefault(case, None)
                if (name := self.open_promise(case)) is not None:
                    if self.came(name) >= self.promises[name].amount:
                        self.promise_judged_on[name] = self.book_date
                    else:
                        self.promise_cancelled.add(name)
                    self.closed[case] = name
            elif case in self.closed:
                name = self.closed.pop(case)
                if name is not None and self.promises[name].due_on >= self.book_date:
                    self.promise_judged_on.pop(name, None)
                    self.promise_cancelled.discard(name)

    def open_promise(self, case: str) -> str | None:
        for name, promise in self.promises.items():
            if promise.case == case and name not in self.promise_cancelled and name not in self.promise_judged_on:
                return name
        return None

    # -- money

    @property
    def cases(self) -> list[str]:
        return sorted({r.case for r in self.receivables.values()})

    def spreading(self, case: str, currency: str) -> Spreading:
        if (case, currency) not in self._spread:
            back: dict[str, Decimal] = defaultdict(lambda: ZERO)
            for taken in self.taken_back:
                if taken.case == case:
                    back[taken.payment] += taken.amount
            mine = [r for r in self.receivables.values() if (r.case, r.currency) == (case, currency)]
            refs = {r.ref for r in mine}
            self._spread[case, currency] = Spreading(
                receivables=mine,
                claims=[c for c in self.claims if c.receivable in refs],
                payments=[p for p in self.payments if (p.case, p.currency) == (case, currency)],
                taken_back=back,
                aways=[a for a in self.aways if a.receivable in refs],
                every_day=self.every_day,
            )
        return self._spread[case, currency]

    def shares(self, case: str) -> list[Share]:
        """Every share of a case's payments, in all currencies."""
        return sorted(s for currency in self.currencies(case) for s in self.spreading(case, currency).shares())

    def currencies(self, case: str) -> list[str]:
        return sorted({r.currency for r in self.receivables.values() if r.case == case})

    def suspense(self, payment: Payment) -> Decimal:
        return self.spreading(payment.case, payment.currency).suspense(payment.ref)

    def claims_of(self, ref: str, day: dt.date) -> list[Claim]:
        return [c for c in self.claims if c.receivable == ref and c.value_on <= day]

    def shares_of(self, ref: str, day: dt.date) -> list[Share]:
        r = self.receivables[ref]
        return [s for s in self.spreading(r.case, r.currency).shares() if s.receivable == ref and s.day <= day]

    def exists(self, ref: str, day: dt.date) -> bool:
        """Charged already."""
        return bool(self.claims_of(ref, day))

    def balance(self, ref: str, day: dt.date) -> Decimal:
        """Its claims valued by the day, less the shares given by the day."""
        claimed = sum((c.amount for c in self.claims_of(ref, day)), ZERO) - self.left(ref, day)
        return claimed - sum((s.amount for s in self.shares_of(ref, day)), ZERO)

    def went_of(self, ref: str, day: dt.date) -> dict[dt.date, Decimal]:
        """What of a receivable left collection by the day, and on which."""
        r = self.receivables[ref]
        found: dict[dt.date, Decimal] = defaultdict(lambda: ZERO)
        for (on, one, _component), amount in self.spreading(r.case, r.currency).went.items():
            if one == ref and on <= day and amount:
                found[on] += amount
        return found

    def left(self, ref: str, day: dt.date) -> Decimal:
        return sum(self.went_of(ref, day).values(), ZERO)

    def status(self, ref: str, day: dt.date) -> str:
        if not self.exists(ref, day) or self.balance(ref, day) > 0:
            return "OPEN"
        if self.left(ref, day) != 0:
            return "WITHDRAWN"
        if self.net_of(ref, day, "WRITE_OFF") != 0:
            return "WRITTEN_OFF"
        if self.net_of(ref, day, "SETTLEMENT_DISCOUNT") != 0:
            return "SETTLED"
        return "PAID"

    def net_of(self, ref: str, day: dt.date, kind: str) -> Decimal:
        """What is left of a kind of claim; what takes one back is told with its kind."""
        return sum((c.amount for c in self.claims_of(ref, day) if c.kind == kind), ZERO)

    def closed_on(self, ref: str, day: dt.date) -> dt.date | None:
        """The day from which nothing was owed any more."""
        if self.status(ref, day) == "OPEN":
            return None
        moved = {c.value_on for c in self.claims_of(ref, day)} | {s.day for s in self.shares_of(ref, day)}
        moved |= set(self.went_of(ref, day))
        closed = day
        for one in sorted(moved, reverse=True):
            if self.balance(ref, one) != 0:
                break
            closed = one
        return closed

    def least_claimed(self, ref: str, component: str, since: dt.date) -> Decimal:
        """The least that is claimed for a component on any day from this one on: no lowering note may be larger."""
        mine = [c for c in self.claims if (c.receivable, c.component) == (ref, component)]
        days = {since} | {c.value_on for c in mine if c.value_on > since}
        return min(sum((c.amount for c in mine if c.value_on <= day), ZERO) for day in days)

    def fees_left(self, debt: str, day: dt.date) -> Decimal | None:
        """What may still be charged in fees on a contract, valued on a day (FEE-CAP): all ever charged and not taken
        back stay below what was due then, and below its smallest instalment as often as fees are allowed."""
        if self.fees_at_most is None:
            return None
        mine = [r for r in self.receivables.values() if r.debt == debt and not self.never_came(r.ref)]
        smallest = min(c.amount for r in mine for c in self.claims if c.receivable == r.ref and c.kind == "CHARGE")
        due = charged = ZERO
        for r in mine:
            for c in self.claims:
                is_fee = c.kind == "FEE" or (c.component == "FEE" and c.kind in {"DEBIT_NOTE", "CREDIT_NOTE"})
                if c.receivable == r.ref and is_fee:
                    charged += c.amount
            if r.due_on <= day:
                due += self.owed_without_fees(r.ref, day)
        return max(min(due, smallest * self.fees_at_most) - charged, ZERO)

    def owed_without_fees(self, ref: str, day: dt.date) -> Decimal:
        """Principal and profit that were open at the end of a day."""
        r, parts = self.receivables[ref], {"PRINCIPAL", "PROFIT"}
        went = self.spreading(r.case, r.currency).went.items()
        return (
            sum((c.amount for c in self.claims_of(ref, day) if c.component in parts), ZERO)
            - sum((s.amount for s in self.shares_of(ref, day) if s.component in parts), ZERO)
            - sum((amount for (on, one, c), amount in went if one == ref and on <= day and c in parts), ZERO)
        )

    def never_came(self, ref: str) -> bool:
        return any(a.receivable == ref and a.on is None for a in self.aways)

    def aging(self, day: dt.date, basis: str) -> dict[tuple[str, str], tuple[int, Decimal]]:
        """Count and amount of what was open at the end of the day, by currency and bucket."""
        found: dict[tuple[str, str], tuple[int, Decimal]] = {}
        for r in self.receivables.values():
            balance = self.balance(r.ref, day)
            if balance > 0:
                age = (day - (r.due_on if basis == "DUE" else r.issued_on)).days
                bucket = next((name for last, name in BUCKETS[basis] if age <= last), OLDEST)
                count, amount = found.get((r.currency, bucket), (0, ZERO))
                found[r.currency, bucket] = (count + 1, amount + balance)
        return found

    # -- days

    def policy(self, day: dt.date, product: str = "") -> Policy:
        """The last version that started by the day, told last among equals: the product's own when there is one."""
        own = [p for p in self.policies if p.starts_on <= day and p.product == product]
        general = [p for p in self.policies if p.starts_on <= day and p.product == ""]
        return sorted(own or general, key=lambda p: p.starts_on)[-1]

    def covers(self, hold: Hold, ref: str, day: dt.date) -> bool:
        r = self.receivables[ref]
        if hold.receivable is not None:
            mine = hold.receivable == ref
        elif hold.debt is not None:
            mine = hold.debt == r.debt
        else:
            mine = hold.case == r.case
        return mine and hold.from_on <= day and (hold.until_on is None or day <= hold.until_on)

    def held(self, ref: str, day: dt.date) -> bool:
        return any(self.covers(hold, ref, day) for hold in self.holds.values() if hold.name not in self.rejected)

    def frozen(self, ref: str, day: dt.date) -> bool:
        return any(
            self.covers(hold, ref, day)
            for hold in self.holds.values()
            if hold.frozen and hold.name not in self.rejected
        )

    def effective_day(self, ref: str, day: dt.date) -> dt.date:
        """The first day of the unbroken run of held days that holds this one; the day itself when it is not held."""
        if not self.held(ref, day):
            return day
        first = day
        while self.held(ref, first - ONE_DAY):
            first -= ONE_DAY
        return first

    def since(self, ref: str, policy: Policy) -> dt.date:
        r = self.receivables[ref]
        return r.issued_on if policy.basis == "INVOICE" else r.due_on

    def stage_days(self, ref: str, day: dt.date, policy: Policy) -> int:
        since = self.since(ref, policy)
        frozen = sum(self.frozen(ref, x) for x in days_between(since + ONE_DAY, day))
        return (day - since).days - frozen

    def position(self, ref: str, day: dt.date) -> int | None:
        r = self.receivables[ref]
        if r.issued_on > day:
            return None
        policy = self.policy(day, r.product)
        days = self.stage_days(ref, self.effective_day(ref, day), policy)
        return max(position for position, first in policy.rungs if first is None or first <= days)

    def in_default(self, ref: str, day: dt.date) -> bool:
        """TRADE_90: more days than the policy's, of an open receivable on which something is owed."""
        if self.balance(ref, day) <= 0:
            return False
        policy = self.policy(day, self.receivables[ref].product)
        return self.stage_days(ref, self.effective_day(ref, day), policy) > policy.default_after_days

    def standing(self, day: dt.date) -> dict[str, tuple[Decimal, int | None, bool, bool]]:
        """Everything that was open at the end of a day: what is owed, stage, held, in default."""
        return {
            ref: (self.balance(ref, day), self.position(ref, day), self.held(ref, day), self.in_default(ref, day))
            for ref in self.receivables
            if self.balance(ref, day) > 0
        }

    # -- the case

    def case(self, case: str, day: dt.date) -> CaseSummary:
        mine = [r.ref for r in self.receivables.values() if r.case == case]
        open_ = [ref for ref in mine if self.status(ref, day) == "OPEN"]
        # What is not charged yet is open, so that the case goes on, but says nothing of where it stands.
        charged = [ref for ref in open_ if self.exists(ref, day)]
        free = [ref for ref in charged if not self.held(ref, day)]
        positions = [p for p in (self.position(ref, day) for ref in free) if p is not None]
        currency = min((self.receivables[ref].currency for ref in charged), default=None)
        balance = sum((self.balance(ref, day) for ref in charged if self.receivables[ref].currency == currency), ZERO)
        closed_on = None
        if not open_:
            status = self.ending({self.status(ref, day) for ref in mine})
            closed_on = max(closed for ref in mine if (closed := self.closed_on(ref, day)) is not None)
        elif charged and not free:
            status = "ON_HOLD"
        else:
            status = "ACTIVE" if case in self.owned else "PLACED"
        if case in self.ended:
            status, closed_on = self.ended[case].status, self.ended[case].on
        return CaseSummary(
            status=status,
            position=max(positions, default=None),
            currency=currency,
            balance=balance,
            closed_on=closed_on,
        )

    @staticmethod
    def ending(statuses: set[str]) -> str:
        """How a case ended of which nothing is open."""
        if "WRITTEN_OFF" in statuses:
            return "UNCOLLECTIBLE"
        if "SETTLED" in statuses:
            return "SETTLED"
        return "WITHDRAWN" if statuses == {"WITHDRAWN"} else "PAID"

    # -- default of a debt

    def delay(self, ref: str, day: dt.date) -> int:
        """Working days after the due date up to and including the day; those under a frozen hold are no delay, and
        while it is held the count stands still as on the day the run of holds began.
        """
        return sum(
            x.isoweekday() not in {FRIDAY, SATURDAY} and x not in self.holidays and not self.frozen(ref, x)
            for x in days_between(self.receivables[ref].due_on + ONE_DAY, self.effective_day(ref, day))
        )

    def late_and_open(self, debt: str, day: dt.date) -> list[Receivable]:
        return [
            r
            for r in self.receivables.values()
            if r.debt == debt and r.due_on < day and self.balance(r.ref, day) > 0 and not self.held(r.ref, day)
        ]

    def were_late(self, debt: str, day: dt.date, least: int) -> int:
        """How many instalments were, or are, at least so many working days late: paid off then, or open and late."""
        count = 0
        for r in self.receivables.values():
            if r.debt == debt and r.due_on < day and self.exists(r.ref, day):
                closed = self.closed_on(r.ref, day)
                if self.delay(r.ref, closed or day) >= least:
                    count += 1
        return count

    def defaults(self, debt: str, day: dt.date) -> set[str]:
        """The rules of default a debt meets on a day, of those its policy names."""
        if (debt, day) not in self._met:
            self._met[debt, day] = self.met(debt, day)
        return self._met[debt, day]

    def met(self, debt: str, day: dt.date) -> set[str]:
        late = self.late_and_open(debt, day)
        months = {r.due_on.year * 12 + r.due_on.month for r in late}
        three_in_a_row = any({m, m + 1, m + 2} <= months for m in months)
        met = {
            "MONTHLY_3_IN_A_ROW": three_in_a_row,
            "FIVE_LATE_7WD": bool(late) and self.were_late(debt, day, 7) >= 5,
            "UNPAID_60WD": any(self.delay(r.ref, day) > 60 for r in late),
            "FOUR_LATE_20WD": bool(late) and self.were_late(debt, day, 20) >= 4,
            "MORE_THAN_5_MONTHS": len(months) > 5,
            "NOTE_3_OR_MORE_THAN_5": three_in_a_row or len(months) > 5,
        }
        product = next(r.product for r in self.receivables.values() if r.debt == debt)
        named = self.policy(day, product).default_rules
        return {rule for rule, is_met in met.items() if is_met and rule in named}

    def trade_default(self, ref: str, day: dt.date) -> bool:
        """In default by the trade's rule, where the policy of the day names it."""
        named = self.policy(day, self.receivables[ref].product).default_rules
        return "TRADE_90" in named and self.in_default(ref, day)

    def trade_episodes(self, case: str, day: dt.date) -> list[tuple[dt.date, dt.date | None]]:
        """When default of the trade (TRADE_90) began and ended for a case, by this day."""
        mine = [r for r in self.receivables.values() if r.case == case]
        return self.episodes(
            min(r.issued_on for r in mine), day, lambda x: any(self.trade_default(r.ref, x) for r in mine)
        )

    def debt_episodes(self, debt: str, rule: str, day: dt.date) -> list[tuple[dt.date, dt.date | None]]:
        first = min(r.issued_on for r in self.receivables.values() if r.debt == debt)
        return self.episodes(first, day, lambda x: rule in self.defaults(debt, x))

    def defaulted(self, day: dt.date) -> dict[tuple[str, str, str], bool]:
        """All that stands in default on a day: (case, debt, rule), the trade's rule of the whole case."""
        found = {(r.case, "", "TRADE_90"): True for r in self.receivables.values() if self.trade_default(r.ref, day)}
        for debt, case in {r.debt: r.case for r in self.receivables.values()}.items():
            found |= {(case, debt, rule): True for rule in self.defaults(debt, day)}
        return found

    @staticmethod
    def episodes(first: dt.date, last: dt.date, stands: object) -> list[tuple[dt.date, dt.date | None]]:
        """From the first day on which it stands to the first on which it does not."""
        found: list[tuple[dt.date, dt.date | None]] = []
        for day in days_between(first, last):
            running = bool(found) and found[-1][1] is None
            now = stands(day)  # type: ignore[operator]
            if now and not running:
                found.append((day, None))
            if running and not now:
                found[-1] = (found[-1][0], day)
        return found

    # -- promises

    def promise_told(self, promise: Promise) -> None:
        """A new promise takes the place of the case's open one."""
        for name, old in self.promises.items():
            if old.case == promise.case and name not in self.promise_judged_on:
                self.promise_cancelled.add(name)
        self.promises[promise.name] = promise
        self.promise_told_at[promise.name] = len(self.facts)

    def came(self, name: str) -> Decimal:
        """What was paid for a promise by its day."""
        p = self.promises[name]
        told, came = self.promise_told_at[name], ZERO
        for payment in self.payments:
            if (payment.case, payment.currency) != (p.case, p.currency):
                continue
            in_time = p.made_on <= payment.value_on <= p.due_on
            if in_time and self.told_at[payment.case, payment.ref] > told:
                came += payment.amount
                for taken in self.taken_back:
                    if (taken.case, taken.payment) == (payment.case, payment.ref):
                        came -= taken.amount
        return came

    def promise(self, name: str) -> Judged:
        """What it came to, from the payments known now that were not told before it."""
        p = self.promises[name]
        if name in self.promise_cancelled:
            return Judged(status="CANCELLED", paid=ZERO, judged_on=None)
        if name not in self.promise_judged_on:
            return Judged(status="OPEN", paid=ZERO, judged_on=None)
        came = self.came(name)
        status = "KEPT" if came >= p.amount else "PARTLY" if came > 0 else "MISSED"
        return Judged(status=status, paid=min(came, p.amount), judged_on=self.promise_judged_on[name])

    # -- the night

    def night(self, day: dt.date) -> None:
        """Brings the book to the day; gaps day by day; a day at or before the book's changes nothing."""
        if self.book_date is not None and day <= self.book_date:
            return
        for each in days_between(day if self.book_date is None else self.book_date + ONE_DAY, day):
            for name, promise in self.promises.items():
                if name not in self.promise_cancelled and promise.due_on < each:
                    self.promise_judged_on.setdefault(name, each)
            self.book_date = each
            self._conclude()
