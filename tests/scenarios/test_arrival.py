"""Six facts in every order of arrival give one state, and it is the model's.

Every step between any two of the 64 sets of told facts is walked (192 acts): a state depends on what was told and not
on the way, which is all 720 orders by induction. With ``make machine`` every set is walked in all 720, act by act.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from tests.twin import Twin

TODAY = dt.date(2026, 3, 1)
Fact = Callable[[Twin], None]


def money(amount: str) -> Decimal:
    return Decimal(amount)


def invoice(ref: str, amount: str, ago: int, terms: int = 60, **more: Any) -> dict[str, Any]:
    issued_on = TODAY - dt.timedelta(days=ago)
    return {
        "ref": ref, "case": "D", "debt": "D/1", "issued_on": issued_on,
        "due_on": issued_on + dt.timedelta(days=terms), "amount": money(amount), **more,
    }  # fmt: skip


def begun(*, kind: str = "TRADE", behind: int = 0, method: str = "OLDEST_FIRST") -> Twin:
    """A book with three invoices, two payments, a fee, a hold and a promise; it stands so many days before today."""
    twin = Twin(start=TODAY - dt.timedelta(days=behind), kind=kind)
    twin.night()
    twin.place([
        invoice("R-B", "100.00", 120), invoice("R-A", "150.00", 95), invoice("R-C", "80.00", 70, debt="D/2"),
    ])  # fmt: skip
    twin.method(method)
    twin.pay("D", "P-base", money("120.00"), twin.day(-40))
    twin.pay("D", "P-pin", money("60.00"), twin.day(-30), {"R-C": money("60.00")})
    twin.note("R-A", "FEE", money("12.00"), twin.day(-20), "FEE")
    twin.hold("H-base", "D", twin.day(-35), twin.day(-31), debt="D/2")
    twin.promise("V-base", "D", money("70.00"), twin.day(0) if behind else twin.day(3))
    twin.wait(behind)
    return twin


def on(ago: int) -> dt.date:
    return TODAY - dt.timedelta(days=ago)


def payment(twin: Twin, ref: str) -> Any:
    return next(p for p in twin.book.payments if p.ref == ref)


def back(ref: str, amount: str | None) -> Fact:
    return lambda t: t.take_back(payment(t, ref), money(amount) if amount else None, TODAY)


SETS: dict[str, tuple[dict[str, Any], Sequence[Fact]]] = {
    "money of every kind, a late invoice, a frozen hold": (
        {},
        [
            lambda t: t.pay("D", "P-2", money("90.00"), on(60)),
            lambda t: t.pay("D", "P-1", money("100.00"), on(50), {"R-A": money("70.00"), "R-B": money("20.00")}),
            back("P-base", "45.00"),
            lambda t: t.note("R-B", "CREDIT_NOTE", money("30.00"), on(80)),
            lambda t: t.place([invoice("R-0", "55.00", 130)]),
            lambda t: t.hold("H", "D", on(35), on(5), debt="D/1", frozen=True),
        ],
    ),
    "exact amounts, money taken back whole, what a file paid": (
        {"method": "EXACT_FIRST", "kind": "BANK"},
        [
            lambda t: t.pay("D", "P-3", money("80.00"), on(45)),
            lambda t: t.pay("D", "P-1", money("150.00"), on(45)),
            back("P-base", None),
            back("P-pin", "25.00"),
            lambda t: t.place([invoice("R-0", "150.00", 110, paid_on=on(41), disputed="yes")]),
            lambda t: t.note("R-C", "DEBIT_NOTE", money("70.00"), on(44), "PROFIT"),
        ],
    ),
    "fees first, forgiven, taken back, and a night between": (
        {"method": "FEES_FIRST", "behind": 4},
        [
            lambda t: t.pay("D", "P-1", money("77.77"), on(10)),
            lambda t: t.note("R-C", "SETTLEMENT_DISCOUNT", money("5.00"), on(12)),
            lambda t: t.note("R-A", "WRITE_OFF", money("9.99"), on(15)),
            lambda t: t.note_back(next(iter(t.note_ids))),
            lambda t: t.night(TODAY),
            lambda t: t.hold("H", "D", on(2), receivable="R-B"),
        ],
    ),
}  # fmt: skip


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def after(twin: Twin, fact: Fact) -> Iterator[Twin]:
    """The book with one more fact; afterwards it was never told."""
    with rolled_back():
        other = twin.fork()
        fact(other)
        yield other


class Walk:
    """Every state that was seen, by the facts that had been told."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        self.facts = facts
        self.seen: dict[frozenset[int], dict[str, Any]] = {}
        self.ways = 0

    def left(self, told: Sequence[int]) -> list[int]:
        return [n for n in range(len(self.facts)) if n not in told]

    def look(self, twin: Twin, told: Sequence[int]) -> None:
        state = twin.state()
        if frozenset(told) not in self.seen:
            twin.compare(past=[on(1), on(33), on(60)])
        first = self.seen.setdefault(frozenset(told), state)
        assert state == first, told

    def every_order(self, twin: Twin, told: tuple[int, ...] = ()) -> None:
        if not self.left(told):
            self.ways += 1
            self.look(twin, told)
        for n in self.left(told):
            with after(twin, self.facts[n]) as other:
                self.every_order(other, (*told, n))

    def every_step(self, twin: Twin, told: tuple[int, ...] = ()) -> None:
        """From each set of facts, one more. A set is come to by its numbers in order, and looked at from every side."""
        for n in self.left(told):
            with after(twin, self.facts[n]) as other:
                self.ways += 1
                self.look(other, (*told, n))
                if all(n > before for before in told):
                    self.every_step(other, (*told, n))


@pytest.mark.django_db
@pytest.mark.requirement("CM-10", "CM-11", "CM-41")
@pytest.mark.parametrize("name", SETS)
def test_six_facts_give_one_state_in_whatever_order_they_arrive(name: str) -> None:
    options, facts = SETS[name]
    twin, walk = begun(**options), Walk(facts)
    if "MACHINE_EXAMPLES" in os.environ:
        walk.every_order(twin)
        assert (walk.ways, len(walk.seen)) == (720, 1)
    else:
        walk.every_step(twin)
        assert (walk.ways, len(walk.seen)) == (192, 63)
