"""Which money pays what: a case's facts in one currency, walked in the order of their value dates. Pure (ADR 0019).

Every payment, note and pin is a fact; who pays what is arithmetic over them. The same facts give the same shares in
whatever order they were told.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

from clients.choices import AllocationMethod
from collections_app.choices import Allocation, Component
from common.money import ZERO

# Costs and fees before profit, profit before principal.
COMPONENTS = (Component.COST, Component.FEE, Component.PROFIT, Component.PRINCIPAL)
_FEES = (Component.COST, Component.FEE)


@dataclass(frozen=True, kw_only=True)
class Item:
    """One receivable. Items are paid in the order of their due dates, then issue dates, references and ids."""

    receivable_id: int
    ref: str
    due_on: dt.date
    issued_on: dt.date

    @property
    def order(self) -> tuple[dt.date, dt.date, str, int]:
        return (self.due_on, self.issued_on, self.ref, self.receivable_id)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What an entry without a payment adds to a receivable (or, negative, takes off) on its value date."""

    receivable_id: int
    component: str
    on: dt.date
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class Share:
    """How much of a payment is for one receivable, as somebody said."""

    receivable_id: int
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class Away:
    """A receivable is out of collection from a day to before another: what is open of it is taken off, and comes back.

    ``on`` None: it should never have come, so that nothing is ever owed on it.
    """

    receivable_id: int
    on: dt.date | None
    until: dt.date | None = None

    def began_before(self, day: dt.date) -> bool:
        return (self.on is None or self.on < day) and (self.until is None or day < self.until)


@dataclass(frozen=True, kw_only=True)
class Money:
    """One payment: ``amount`` is what is left of it after what was taken back."""

    payment_id: int
    reference: str
    value_on: dt.date
    amount: Decimal
    method: str = AllocationMethod.OLDEST_FIRST
    pins: tuple[Share, ...] = ()

    @property
    def order(self) -> tuple[dt.date, str, int]:
        return (self.value_on, self.reference, self.payment_id)


@dataclass(frozen=True, kw_only=True)
class Key:
    """Where a share stands: which payment, on which receivable and component, given on which day, by whom."""

    payment_id: int
    receivable_id: int
    component: str
    on: dt.date
    allocation: str


# A receivable's component on a day.
Place = tuple[int, str, dt.date]


@dataclass(frozen=True, kw_only=True)
class Spread:
    """All shares of a case's payments, and what of each payment nobody takes yet."""

    shares: Mapping[Key, Decimal]
    suspense: Mapping[int, Decimal]
    # What left collection, by receivable, component and day; negative where it came back.
    withdrawn: Mapping[Place, Decimal] = field(default_factory=dict)


@dataclass(kw_only=True)
class _Book:
    """The state at the end of the day that is being walked."""

    items: dict[int, Item]
    # What a receivable's component still owes.
    open: dict[tuple[int, str], Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    # What was given to it, by payment and kind.
    given: dict[tuple[int, str], dict[tuple[int, str], Decimal]] = field(default_factory=lambda: defaultdict(dict))
    free: dict[int, Decimal] = field(default_factory=dict)
    wanted: dict[int, dict[int, Decimal]] = field(default_factory=dict)
    joined: dict[int, Money] = field(default_factory=dict)
    shares: dict[Key, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    withdrawn: dict[Place, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    out: dict[tuple[int, str], Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))

    def take_out(self, *, receivable_id: int, on: dt.date, back: bool = False) -> None:
        """What is open of a receivable leaves collection; less than nothing comes back, or all of it."""
        for component in COMPONENTS:
            place = (receivable_id, component)
            part = -self.out[place] if back else max(self.open[place], -self.out[place])
            if part:
                self.open[place] -= part
                self.out[place] += part
                self.withdrawn[(receivable_id, component, on)] += part

    def move(self, *, money: Money, place: tuple[int, str], kind: str, amount: Decimal, on: dt.date) -> None:
        """Give ``amount`` of a payment to a place, or take it back when negative."""
        receivable_id, component = place
        self.open[place] -= amount
        held = self.given[place]
        held[(money.payment_id, kind)] = held.get((money.payment_id, kind), ZERO) + amount
        if not held[(money.payment_id, kind)]:
            del held[(money.payment_id, kind)]
        if kind == Allocation.COMPUTED:
            self.free[money.payment_id] = self.free.get(money.payment_id, ZERO) - amount
        else:
            self.wanted[money.payment_id][receivable_id] -= amount
        self.shares[
            Key(payment_id=money.payment_id, receivable_id=receivable_id, component=component, on=on, allocation=kind)
        ] += amount

    def newest(self, place: tuple[int, str], kind: str) -> Iterator[tuple[Money, Decimal]]:
        """The payments that gave to a place, the newest first."""
        found = [(self.joined[pk], amount) for (pk, of), amount in self.given[place].items() if of == kind]
        return iter(sorted(found, key=lambda pair: pair[0].order, reverse=True))

    def waterfall(self, method: str) -> list[tuple[int, str]]:
        """Every place in the order in which a method fills them."""
        items = sorted(self.items.values(), key=lambda item: item.order)
        if method == AllocationMethod.FEES_FIRST:
            return [
                (item.receivable_id, component)
                for group in (_FEES, (Component.PROFIT,), (Component.PRINCIPAL,))
                for item in items
                for component in group
            ]
        return [(item.receivable_id, component) for item in items for component in COMPONENTS]


def replay(
    *, items: Sequence[Item], claims: Sequence[Claim], payments: Sequence[Money], aways: Sequence[Away] = ()
) -> Spread:
    """The shares that follow from the facts of one case in one currency, whatever the order they were told in.

    Amounts in that currency; claims positive when owed. Each day with facts is walked to its end, as ADR 0019 says.
    """
    book = _Book(items={item.receivable_id: item for item in items})
    order = sorted(payments, key=lambda money: money.order)
    places = {method: book.waterfall(method) for method in {money.method for money in order}}
    claims_on: dict[dt.date, list[Claim]] = defaultdict(list)
    for claim in claims:
        claims_on[claim.on].append(claim)
    coming = list(reversed(order))
    present: list[Money] = []
    aways = [away for away in aways if away.on is None or away.on != away.until]
    turns = {day for away in aways for day in (away.on, away.until) if day is not None}
    for day in sorted({*claims_on, *turns, *(money.value_on for money in order)}):
        for claim in claims_on[day]:
            book.open[(claim.receivable_id, claim.component)] += claim.amount
        for away in aways:
            if away.until == day or away.began_before(day):
                book.take_out(receivable_id=away.receivable_id, on=day, back=away.until == day)
        _give_back(book=book, day=day)
        joining = []
        while coming and coming[-1].value_on == day:
            joining.append(coming.pop())
        for money in joining:
            _join(book=book, money=money)
        present += joining
        _pins(book=book, present=present, day=day)
        for money in joining:
            _exact(book=book, money=money, day=day)
        for money in present:
            _fill(book=book, money=money, places=places[money.method], day=day)
        # What was paid on the day it left is paid.
        for away in aways:
            if away.on == day:
                book.take_out(receivable_id=away.receivable_id, on=day)
    return Spread(
        withdrawn={place: amount for place, amount in book.withdrawn.items() if amount},
        shares={key: amount for key, amount in book.shares.items() if amount},
        suspense={
            money.payment_id: money.amount
            - sum((amount for key, amount in book.shares.items() if key.payment_id == money.payment_id), ZERO)
            for money in order
        },
    )


def _give_back(*, book: _Book, day: dt.date) -> None:
    """Where less is owed than was given: computed shares leave first, then pinned, of the newest payment first."""
    for place in [place for place, left in book.open.items() if left < ZERO]:
        for kind in (Allocation.COMPUTED, Allocation.PINNED):
            for money, amount in book.newest(place, kind):
                part = min(amount, -book.open[place])
                if part > ZERO:
                    book.move(money=money, place=place, kind=kind, amount=-part, on=day)


def _join(*, book: _Book, money: Money) -> None:
    """A payment's day has come: what its pins speak of waits for their receivables, the rest is free or waits too."""
    book.joined[money.payment_id] = money
    wanted: dict[int, Decimal] = {}
    left = money.amount
    for pin in sorted(money.pins, key=lambda pin: book.items[pin.receivable_id].order):
        part = min(left, pin.amount)
        wanted[pin.receivable_id] = wanted.get(pin.receivable_id, ZERO) + part
        left -= part
    book.wanted[money.payment_id] = wanted
    book.free[money.payment_id] = ZERO if money.method == AllocationMethod.AS_SPECIFIED else left


def _pins(*, book: _Book, present: Sequence[Money], day: dt.date) -> None:
    """Pins take what their receivables owe; for what they still want computed money makes room, the newest first."""
    for money in present:
        wanted = book.wanted[money.payment_id]
        for receivable_id in sorted(wanted, key=lambda pk: book.items[pk].order):
            places = [(receivable_id, component) for component in COMPONENTS]
            for place in places:
                _pinned(book=book, money=money, place=place, day=day)
            for place in places:
                for other, amount in book.newest(place, Allocation.COMPUTED):
                    part = min(wanted[receivable_id], amount)
                    if part > ZERO:
                        book.move(money=other, place=place, kind=Allocation.COMPUTED, amount=-part, on=day)
                        _pinned(book=book, money=money, place=place, day=day)


def _pinned(*, book: _Book, money: Money, place: tuple[int, str], day: dt.date) -> None:
    part = min(book.wanted[money.payment_id][place[0]], book.open[place])
    if part > ZERO:
        book.move(money=money, place=place, kind=Allocation.PINNED, amount=part, on=day)


def _exact(*, book: _Book, money: Money, day: dt.date) -> None:
    """By EXACT_FIRST a payment goes whole to the one receivable that owes just its amount, when there is one."""
    free = book.free[money.payment_id]
    if money.method != AllocationMethod.EXACT_FIRST or free <= ZERO:
        return
    fitting = [pk for pk in book.items if sum((book.open[(pk, component)] for component in COMPONENTS), ZERO) == free]
    if len(fitting) == 1:
        _fill(book=book, money=money, places=[(fitting[0], component) for component in COMPONENTS], day=day)


def _fill(*, book: _Book, money: Money, places: Sequence[tuple[int, str]], day: dt.date) -> None:
    """Free money goes to what is open, place by place."""
    for place in places:
        free = book.free[money.payment_id]
        if free <= ZERO:
            return
        part = min(free, book.open[place])
        if part > ZERO:
            book.move(money=money, place=place, kind=Allocation.COMPUTED, amount=part, on=day)


Where = TypeVar("Where", bound=Hashable)


def corrections(*, wanted: Mapping[Where, Decimal], written: Mapping[Where, Decimal]) -> dict[Where, Decimal]:
    """What must be written so that what is written becomes what is wanted; positive gives, negative takes back."""
    found = {key: wanted.get(key, ZERO) - written.get(key, ZERO) for key in {*wanted, *written}}
    return {key: amount for key, amount in found.items() if amount}
