"""Anything may be told in any order: after every act the product says what the model says.

``make test`` walks a few short lives, ``make machine`` many long ones (MACHINE_EXAMPLES, MACHINE_STEPS).
"""

from __future__ import annotations

import datetime as dt
import os
import sys
import time
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from common import clock
from tests import model
from tests.measured import keep
from tests.model import ZERO
from tests.twin import Twin

START = dt.date(2026, 1, 4)
EXAMPLES = int(os.environ.get("MACHINE_EXAMPLES", "12"))
STEPS = int(os.environ.get("MACHINE_STEPS", "18"))
CASES = ("D-A", "D-B")
# Each debtor's second debt is a product, which may come to have a ladder of its own.
PRODUCTS = ("", "Cards")
RULES = (
    None, ("TRADE_90",), ("MONTHLY_3_IN_A_ROW", "UNPAID_60WD"), ("TRADE_90", "FOUR_LATE_20WD"),
    ("FIVE_LATE_7WD", "NOTE_3_OR_MORE_THAN_5", "MORE_THAN_5_MONTHS"),
)  # fmt: skip
# Few amounts, so that sums and equal ones meet; and odd ones, so that halalas are seen.
AMOUNTS = st.one_of(
    st.sampled_from([Decimal("50.00"), Decimal("100.00"), Decimal("150.00")]),
    st.decimals(min_value="0.01", max_value="400.00", places=2),
)
SMALL = st.one_of(st.just(Decimal("25.00")), st.decimals(min_value="0.01", max_value="60.00", places=2))
COMPONENTS = st.sampled_from(["PRINCIPAL", "PROFIT", "FEE", "COST"])
METHODS = st.sampled_from(["OLDEST_FIRST", "FEES_FIRST", "EXACT_FIRST", "AS_SPECIFIED"])
INDEX = st.integers(min_value=0, max_value=40)
# How long ago: mostly near, sometimes far.
AGO = st.one_of(st.integers(min_value=0, max_value=10), st.integers(min_value=0, max_value=170))
TALLY: Counter[str] = Counter()


class Machine(RuleBasedStateMachine):
    """Acts upon one client's book with two debtors. Every life is rolled back when it ends."""

    @initialize(
        kind=st.sampled_from(["TRADE", "TRADE", "BANK", "FINANCE"]), opened=st.booleans(),
        holidays=st.sets(st.integers(-120, 60), max_size=8), fees=st.sampled_from([None, None, None, 2, 0]),
    )  # fmt: skip
    def begin(self, kind: str, opened: bool, holidays: set[int], fees: int | None) -> None:
        self.life = transaction.atomic()
        self.life.__enter__()
        days = [START + dt.timedelta(days=d) for d in holidays]
        self.twin = Twin(start=START, kind=kind, holidays=days, fees_at_most=fees)
        self.number = 0
        if opened:
            self.twin.night()
        self.place(case=0, debt=0, ago=70, terms=60, amount=Decimal("100.00"), currency="SAR")
        if not opened:
            self.twin.night()

    def teardown(self) -> None:
        if hasattr(self, "twin"):
            try:
                if not sys.exc_info()[0]:
                    self.look_back()
            finally:
                self.end()

    def look_back(self) -> None:
        """At the end of a life: defaults, and what was known when."""
        self.twin.compare_defaults()
        self.twin.compare_known(past=[self.twin.today - dt.timedelta(days=ago) for ago in (0, 20, 61)])

    def end(self) -> None:
        TALLY.update(self.twin.taken)
        TALLY.update(f"refused {name}" for name in self.twin.refused.elements())
        transaction.set_rollback(True)
        self.life.__exit__(None, None, None)

    @invariant()
    def the_product_says_what_the_model_says(self) -> None:
        if hasattr(self, "twin"):
            days = [self.twin.today - dt.timedelta(days=(37 * self.number + 53 * n) % 190) for n in range(3)]
            self.twin.compare(past=days)

    # -- choosing

    def another(self, letter: str) -> str:
        """A name whose order is not that of telling."""
        self.number += 1
        return f"{letter}{(self.number * 37) % 100:02}-{self.number}"

    def a_ref(self, index: int) -> str:
        refs = self.twin.refs
        return refs[index % len(refs)]

    def a_case(self, index: int) -> str:
        cases = self.twin.book.cases
        return cases[index % len(cases)]

    def a_payment(self, index: int) -> model.Payment:
        payments = self.twin.book.payments
        return payments[index % len(payments)]

    # -- files

    def row(self, *, case: int, debt: int, ago: int, terms: int, amount: Decimal, currency: str) -> dict[str, Any]:
        name, issued_on = CASES[case % 2], self.twin.day(-ago)
        return {
            "ref": self.another("R"), "case": name, "debt": f"{name}/{debt}{currency}", "issued_on": issued_on,
            "due_on": issued_on + dt.timedelta(days=terms), "amount": amount, "currency": currency,
            "product": PRODUCTS[debt],
        }  # fmt: skip

    def place(self, **words: Any) -> None:
        self.twin.place([self.row(**words)])

    placing = {
        "case": INDEX, "debt": st.integers(0, 1), "ago": AGO, "terms": st.sampled_from([0, 30, 60]),
        "amount": AMOUNTS, "currency": st.sampled_from(["SAR", "SAR", "SAR", "USD"]),
    }  # fmt: skip

    @rule(**placing)
    def a_receivable_is_placed(self, **words: Any) -> None:
        self.place(**words)

    @rule(**{**placing, "ago": st.integers(100, 200)})
    def a_receivable_is_placed_late(self, **words: Any) -> None:
        self.place(**words)

    @rule(**{**placing, "ago": st.integers(-20, -1)})
    def a_receivable_of_the_future_is_placed(self, **words: Any) -> None:
        self.place(**words)

    @rule(part=st.integers(0, 99), **placing)
    def a_receivable_is_placed_that_was_paid_in_part(self, part: int, **words: Any) -> None:
        row = self.row(**words)
        row["open_amount"] = max((row["amount"] * part / 100).quantize(ZERO), Decimal("0.00"))
        if row["open_amount"] == 0:
            del row["open_amount"]
        self.twin.place([row])

    @rule(after=st.integers(0, 60), disputed=st.booleans(), **{**placing, "ago": st.integers(0, 120)})
    def a_receivable_is_placed_that_was_paid(self, after: int, disputed: bool, **words: Any) -> None:
        row = self.row(**words)
        row["paid_on"] = min(row["issued_on"] + dt.timedelta(days=after), self.twin.today)
        self.twin.place([{**row, "disputed": "yes"} if disputed else row])

    @rule(**placing)
    def a_receivable_is_placed_that_is_disputed(self, **words: Any) -> None:
        self.twin.place([{**self.row(**words), "disputed": "yes"}])

    @rule(one=INDEX, other=INDEX)
    def a_file_comes_again(self, one: int, other: int) -> None:
        self.twin.place_again(sorted({self.a_ref(one), self.a_ref(other)}))

    # -- payments

    @rule(case=INDEX, amount=AMOUNTS, ago=AGO, currency=st.sampled_from(["SAR", "SAR", "SAR", "USD"]))
    def money_comes(self, case: int, amount: Decimal, ago: int, currency: str) -> None:
        self.twin.pay(self.a_case(case), self.another("P"), amount, self.twin.day(-ago), currency=currency)

    @rule(ref=INDEX, ago=AGO, more=st.sampled_from([ZERO, ZERO, Decimal("0.01"), Decimal("30.00")]))
    def money_comes_of_just_what_one_owes(self, ref: int, ago: int, more: Decimal) -> None:
        one = self.twin.book.receivables[self.a_ref(ref)]
        amount = self.twin.book.balance(one.ref, self.twin.today) + more
        self.twin.pay(one.case, self.another("P"), amount, self.twin.day(-ago), currency=one.currency)

    @rule(ref=INDEX, amount=AMOUNTS, ago=AGO)
    def money_comes_for_one(self, ref: int, amount: Decimal, ago: int) -> None:
        one = self.twin.book.receivables[self.a_ref(ref)]
        pins = {one.ref: amount}
        self.twin.pay(one.case, self.another("P"), amount, self.twin.day(-ago), pins, currency=one.currency)

    @rule(refs=st.lists(st.tuples(INDEX, SMALL), min_size=2, max_size=4), amount=AMOUNTS, ago=AGO)
    def money_comes_for_several(self, refs: list[tuple[int, Decimal]], amount: Decimal, ago: int) -> None:
        one = self.twin.book.receivables[self.a_ref(refs[0][0])]
        mine = self.twin.of_case(one.case, one.currency)
        pins = {mine[index % len(mine)]: part for index, part in refs}
        self.twin.pay(one.case, self.another("P"), amount, self.twin.day(-ago), pins, currency=one.currency)

    @rule(
        case=INDEX, wrong=st.sampled_from(["zero", "third decimal", "tomorrow", "twice", "currency", "elsewhere"])
    )  # fmt: skip
    def money_comes_that_cannot_be(self, case: int, wrong: str) -> None:
        name = self.a_case(case)
        amount = {"zero": ZERO, "third decimal": Decimal("1.001")}.get(wrong, Decimal("5.00"))
        payments = [p for p in self.twin.book.payments if p.case == name]
        ref = payments[0].ref if wrong == "twice" and payments else self.another("P")
        pins = {}
        if wrong == "elsewhere":
            pins = {r.ref: amount for r in self.twin.book.receivables.values() if r.case != name}
        self.twin.pay(
            name, ref, amount, self.twin.day(1 if wrong == "tomorrow" else 0), dict(list(pins.items())[:1]),
            currency="EUR" if wrong == "currency" else "SAR",
        )  # fmt: skip

    def any_payments(self) -> bool:
        return bool(self.twin.book.payments)

    @precondition(any_payments)
    @rule(payment=INDEX, ago=st.integers(-1, 10))
    def money_is_taken_back(self, payment: int, ago: int) -> None:
        self.twin.take_back(self.a_payment(payment), None, self.twin.day(-ago))

    @precondition(any_payments)
    @rule(payment=INDEX, amount=SMALL)
    def a_part_is_taken_back(self, payment: int, amount: Decimal) -> None:
        self.twin.take_back(self.a_payment(payment), amount, self.twin.today)

    @precondition(any_payments)
    @rule(payment=INDEX, ref=INDEX, amount=st.one_of(st.none(), SMALL))
    def somebody_says_what_money_is_for(self, payment: int, ref: int, amount: Decimal | None) -> None:
        waiting = [p for p in self.twin.book.payments if self.twin.book.suspense(p) > 0] or self.twin.book.payments
        one = waiting[payment % len(waiting)]
        mine = self.twin.of_case(one.case, one.currency)
        self.twin.pin(one, {mine[ref % len(mine)]: self.twin.book.suspense(one) if amount is None else amount})

    # -- notes

    def note(self, kind: str, ref: int, amount: Decimal, ago: int, component: str = "PRINCIPAL") -> None:
        self.twin.note(self.a_ref(ref), kind, amount, self.twin.day(-ago), component)

    @rule(ref=INDEX, amount=AMOUNTS, ago=AGO, component=st.sampled_from(["PRINCIPAL", "PRINCIPAL", "FEE", "PROFIT"]))
    def a_credit_note(self, **words: Any) -> None:
        self.note("CREDIT_NOTE", **words)

    @rule(ref=INDEX, amount=AMOUNTS, ago=AGO, component=COMPONENTS)
    def a_debit_note(self, **words: Any) -> None:
        self.note("DEBIT_NOTE", **words)

    @rule(ref=INDEX, amount=SMALL, ago=AGO, component=st.sampled_from(["FEE", "COST"]))
    def a_fee(self, **words: Any) -> None:
        self.note("FEE", **words)

    @rule(ref=INDEX, amount=AMOUNTS, ago=AGO)
    def a_settlement_discount(self, **words: Any) -> None:
        self.note("SETTLEMENT_DISCOUNT", **words)

    @rule(kind=st.sampled_from(["WRITE_OFF", "SETTLEMENT_DISCOUNT"]), ref=INDEX)
    def the_rest_is_forgiven(self, kind: str, ref: int) -> None:
        for component in model.COMPONENTS:
            amount = self.twin.still_open(self.a_ref(ref), component)
            self.note(kind, ref, amount, 0, component)

    @rule(ref=INDEX, amount=AMOUNTS, ago=AGO)
    def a_write_off(self, **words: Any) -> None:
        self.note("WRITE_OFF", **words)

    def any_notes(self) -> bool:
        return bool(self.twin.note_ids)

    @precondition(any_notes)
    @rule(note=INDEX)
    def a_note_is_taken_back(self, note: int) -> None:
        notes = list(self.twin.note_ids)
        self.twin.note_back(notes[note % len(notes)])

    # -- holds

    @rule(case=INDEX, ago=AGO, days=st.one_of(st.none(), st.integers(-3, 40)), frozen=st.booleans())
    def a_case_is_held(self, case: int, ago: int, days: int | None, frozen: bool) -> None:
        self.hold(self.a_case(case), ago, days, frozen)

    @rule(ref=INDEX, ago=AGO, days=st.one_of(st.none(), st.integers(0, 40)), frozen=st.booleans())
    def a_debt_is_held(self, ref: int, ago: int, days: int | None, frozen: bool) -> None:
        one = self.twin.book.receivables[self.a_ref(ref)]
        self.hold(one.case, ago, days, frozen, debt=one.debt)

    @rule(ref=INDEX, ago=AGO, days=st.one_of(st.none(), st.integers(0, 40)), frozen=st.booleans())
    def a_receivable_is_held(self, ref: int, ago: int, days: int | None, frozen: bool) -> None:
        one = self.twin.book.receivables[self.a_ref(ref)]
        self.hold(one.case, ago, days, frozen, receivable=one.ref)

    @rule(case=INDEX, ahead=st.integers(1, 15), frozen=st.booleans())
    def a_case_will_be_held(self, case: int, ahead: int, frozen: bool) -> None:
        self.hold(self.a_case(case), -ahead, 10, frozen)

    def hold(self, case: str, ago: int, days: int | None, frozen: bool, **scope: str) -> None:
        from_on = self.twin.day(-ago)
        until_on = None if days is None else from_on + dt.timedelta(days=days)
        self.twin.hold(self.another("H"), case, from_on, until_on, frozen=frozen, **scope)

    def any_holds(self) -> bool:
        return bool(self.twin.book.holds)

    @precondition(any_holds)
    @rule(hold=INDEX, ago=st.integers(-5, 20))
    def a_hold_ends(self, hold: int, ago: int) -> None:
        holds = [h.name for h in self.twin.book.holds.values() if h.until_on is None] or list(self.twin.book.holds)
        self.twin.release(holds[hold % len(holds)], self.twin.day(-ago))

    @precondition(any_holds)
    @rule(hold=INDEX, accepted=st.booleans())
    def an_objection_is_decided(self, hold: int, accepted: bool) -> None:
        holds = list(self.twin.book.holds)
        self.twin.decide(holds[hold % len(holds)], accepted=accepted)

    # -- the rest of a case's life

    @rule(case=INDEX, amount=SMALL, days=st.integers(-1, 20))
    def a_promise(self, case: int, amount: Decimal, days: int) -> None:
        self.twin.promise(self.another("V"), self.a_case(case), amount, self.twin.day(days))

    @rule(case=INDEX)
    def a_case_is_given_to_somebody(self, case: int) -> None:
        self.twin.assign(self.a_case(case))

    @rule(
        case=INDEX, end=st.sampled_from(["RECALLED", "UNCOLLECTIBLE", "DECEASED", "WITHDRAWN"]), ago=st.integers(-1, 9)
    )
    def a_case_is_ended(self, case: int, end: str, ago: int) -> None:
        self.twin.end(self.a_case(case), end, self.twin.day(-ago))

    def any_ended(self) -> bool:
        return bool(self.twin.book.closed)

    @precondition(any_ended)
    @rule(case=INDEX)
    def a_case_is_opened_again(self, case: int) -> None:
        closed = sorted(self.twin.book.ended) or sorted(self.twin.book.closed)
        self.twin.reopen(closed[case % len(closed)])

    @rule(ref=INDEX)
    def a_receivable_should_never_have_come(self, ref: int) -> None:
        self.twin.never_came(self.a_ref(ref))

    @rule(method=METHODS)
    def the_client_changes_its_method(self, method: str) -> None:
        self.twin.method(method)

    @rule(
        ahead=st.integers(-1, 8),
        basis=st.sampled_from(["INVOICE", "DUE"]),
        firsts=st.lists(st.integers(-20, 160), min_size=1, max_size=5, unique=True).map(sorted),
        after=st.sampled_from([30, 60, 90]),
        product=st.sampled_from(PRODUCTS),
        rules=st.sampled_from(RULES),
    )
    def the_stages_change(self, ahead: int, **words: Any) -> None:
        self.twin.policy(starts_on=self.twin.day(ahead), **words)

    # -- days

    @rule()
    def the_trail_is_sealed(self) -> None:
        self.twin.seal()

    @rule(days=st.sampled_from([1, 1, 1, 2, 7]))
    def nights(self, days: int) -> None:
        self.twin.wait(days)
        self.twin.night()

    # Not longer: each step of each night is a savepoint, and holds a lock of the server until the life ends.
    @rule(days=st.integers(8, 16))
    def nights_after_a_gap(self, days: int) -> None:
        self.twin.wait(days)
        self.twin.night()

    @rule(days=st.integers(1, 6))
    def days_without_a_night(self, days: int) -> None:
        self.twin.wait(days)

    @rule(ago=st.integers(0, 30))
    def a_night_comes_again(self, ago: int) -> None:
        day = self.twin.book.book_date
        assert day is not None
        self.twin.night(day - dt.timedelta(days=ago))


def rules() -> int:
    """How many rules the machine has."""
    return len(Machine.setup_state().rules)


@pytest.mark.django_db
@pytest.mark.requirement("DC-04", "DC-09", "CM-10", "CM-11", "CM-40", "CM-41")
def test_whatever_is_told_in_whatever_order_the_book_says_what_the_model_says() -> None:
    many = "MACHINE_EXAMPLES" in os.environ
    started = time.monotonic()
    TALLY.clear()
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            # The small run is the same every time; the large one looks for news.
            derandomize=not many,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink] if "MACHINE_SHRINK" in os.environ else [Phase.generate],
        ),
    )
    if many:
        written(seconds=time.monotonic() - started)


def written(*, seconds: float) -> None:
    """A line of what was walked, beside the other measurements."""
    keep(
        "machine.jsonl", at=clock.now().date().isoformat(), name="machine", rules=rules(), examples=EXAMPLES,
        steps=STEPS, seconds=round(seconds), acts=sum(n for k, n in TALLY.items() if "refused" not in k),
        refusals=sum(n for k, n in TALLY.items() if "refused" in k), tally=dict(sorted(TALLY.items())),
    )  # fmt: skip
