"""The model itself, against numbers worked out by hand: it judges the product, so somebody must judge it."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from tests.model import (
    ZERO,
    Book,
    CaseSummary,
    Claim,
    Fact,
    Hold,
    HoldEnded,
    Judged,
    Night,
    Owner,
    Payment,
    Policy,
    Promise,
    Receivable,
    TakenBack,
)

FIRST = dt.date(2026, 1, 1)  # a Thursday
TRADE = Policy(
    starts_on=dt.date(2000, 1, 1),
    basis="INVOICE",
    default_rules=("TRADE_90",),
    rungs=((0, None), (1, 61), (2, 91), (3, 121), (4, 151)),
)


def on(day: int) -> dt.date:
    return FIRST + dt.timedelta(days=day)


def money(amount: str) -> Decimal:
    return Decimal(amount)


def invoice(ref: str, amount: str, issued: int, due: int | None = None, **more: Any) -> list[Fact]:
    words = {"case": "D", "debt": "D", "currency": "SAR", **more}
    due_on = on(issued + 60 if due is None else due)
    return [
        Receivable(ref=ref, issued_on=on(issued), due_on=due_on, **words),
        Claim(receivable=ref, amount=money(amount), value_on=on(issued)),
    ]


def claim(ref: str, amount: str, day: int, component: str = "PRINCIPAL", kind: str = "CREDIT_NOTE") -> Claim:
    return Claim(receivable=ref, amount=money(amount), value_on=on(day), component=component, kind=kind)


def paid(ref: str, amount: str, day: int, method: str = "OLDEST_FIRST", **pins: str) -> Payment:
    return Payment(
        ref=ref, case="D", amount=money(amount), value_on=on(day), method=method,
        pins={name: money(pin) for name, pin in pins.items()},
    )  # fmt: skip


def back(ref: str, amount: str) -> TakenBack:
    return TakenBack(case="D", payment=ref, amount=money(amount))


def told(*facts: Fact | list[Fact], **options: Any) -> Book:
    flat: list[Fact] = []
    for fact in facts:
        flat += fact if isinstance(fact, list) else [fact]
    return Book.of(flat, **options)


def shares(book: Book) -> list[tuple[int, str, str, int, str]]:
    """Day, payment, receivable, amount, and a letter: p pinned, c computed."""
    return [
        ((s.day - FIRST).days, s.payment, s.receivable, int(s.amount), "p" if s.pinned else "c")
        for s in book.shares("D")
    ]


def balances(book: Book, day: int) -> dict[str, int]:
    return {ref: int(book.balance(ref, on(day))) for ref in book.receivables}


def suspense(book: Book) -> dict[str, int]:
    return {p.ref: int(book.suspense(p)) for p in book.payments}


# ---- money


def test_free_money_pays_the_oldest_due_first_and_waits_for_what_comes_later() -> None:
    book = told(
        invoice("B", "100", 0, 70), invoice("A", "50", 5, 60), paid("P", "180", 10), invoice("C", "100", 20, 80)
    )
    assert shares(book) == [(10, "P", "A", 50, "c"), (10, "P", "B", 100, "c"), (20, "P", "C", 30, "c")]
    assert (balances(book, 9), balances(book, 10), balances(book, 20)) == (
        {"B": 100, "A": 50, "C": 0}, {"B": 0, "A": 0, "C": 0},
        {"B": 0, "A": 0, "C": 70},
    )  # fmt: skip
    assert suspense(book) == {"P": 0}


def test_the_day_of_the_invoice_is_charged_before_the_days_money_is_spread() -> None:
    assert shares(told(paid("P", "10", 0), invoice("A", "50", 0))) == [(0, "P", "A", 10, "c")]


def test_payments_of_one_day_take_their_turn_by_reference() -> None:
    book = told(invoice("A", "10", 0), invoice("B", "10", 0, 61), paid("Q", "10", 3), paid("P", "10", 3))
    assert shares(book) == [(3, "P", "A", 10, "c"), (3, "Q", "B", 10, "c")]


def test_a_pin_takes_only_its_own_and_its_rest_waits_for_it() -> None:
    book = told(
        invoice("A", "100", 0), invoice("B", "30", 0, 61), paid("P", "50", 5, B="50"),
        claim("B", "15", 9, kind="DEBIT_NOTE"),
    )  # fmt: skip
    assert shares(book) == [(5, "P", "B", 30, "p"), (9, "P", "B", 15, "p")]
    assert suspense(book) == {"P": 5}
    assert balances(book, 9) == {"A": 100, "B": 0}


def test_what_no_pin_speaks_of_waits_for_a_person() -> None:
    book = told(invoice("A", "100", 0), invoice("B", "30", 0, 61), paid("P", "90", 5, B="20"))
    assert shares(book) == [(5, "P", "B", 20, "p")]
    assert suspense(book) == {"P": 70}


def test_pins_are_met_in_the_order_of_receivables_while_the_money_lasts() -> None:
    book = told(invoice("A", "100", 0), invoice("B", "100", 0, 50), paid("P", "120", 5, A="100", B="100"))
    assert shares(book) == [(5, "P", "A", 20, "p"), (5, "P", "B", 100, "p")]
    book.tell(back("P", "60"))
    assert shares(book) == [(5, "P", "B", 60, "p")]


def test_a_pin_makes_newer_computed_money_and_then_older_make_room_on_its_own_day() -> None:
    book = told(
        invoice("A", "100", 0), invoice("B", "100", 0, 61), paid("P", "60", 1), paid("Q", "40", 2),
        paid("R", "70", 5, A="70"),
    )  # fmt: skip
    assert shares(book) == [
        (1, "P", "A", 60, "c"), (2, "Q", "A", 40, "c"),
        (5, "P", "A", -30, "c"), (5, "P", "B", 30, "c"), (5, "Q", "A", -40, "c"), (5, "Q", "B", 40, "c"),
        (5, "R", "A", 70, "p"),
    ]  # fmt: skip
    assert balances(book, 4) == {"A": 0, "B": 100}
    assert balances(book, 5) == {"A": 0, "B": 30}


def test_room_is_made_by_component_and_in_each_by_the_newest() -> None:
    book = told(
        invoice("A", "50", 0), claim("A", "20", 0, "FEE", "FEE"), paid("P", "20", 1), paid("Q", "50", 2),
        paid("R", "30", 3, A="30"),
    )  # fmt: skip
    assert [(s.payment, s.component, int(s.amount)) for s in book.shares("D") if s.day == on(3)] == [
        ("P", "FEE", -20), ("Q", "PRINCIPAL", -10), ("R", "FEE", 20), ("R", "PRINCIPAL", 10),
    ]  # fmt: skip


def test_a_pin_never_takes_the_place_of_another_pin() -> None:
    book = told(invoice("A", "100", 0), paid("P", "80", 1, A="80"), paid("Q", "80", 2, A="80"))
    assert shares(book) == [(1, "P", "A", 80, "p"), (2, "Q", "A", 20, "p")]
    assert suspense(book) == {"P": 0, "Q": 60}


def test_a_credit_note_sends_computed_money_away_before_pinned_and_the_newest_first() -> None:
    book = told(
        invoice("A", "100", 0), invoice("B", "200", 0, 61), paid("P", "30", 1, A="30"), paid("Q", "30", 2),
        paid("R", "40", 3), claim("A", "-55", 8),
    )  # fmt: skip
    assert shares(book) == [
        (1, "P", "A", 30, "p"), (2, "Q", "A", 30, "c"), (3, "R", "A", 40, "c"),
        (8, "Q", "A", -15, "c"), (8, "Q", "B", 15, "c"), (8, "R", "A", -40, "c"), (8, "R", "B", 40, "c"),
    ]  # fmt: skip
    book.tell(claim("A", "-35", 9))
    assert [s for s in shares(book) if s[0] == 9] == [
        (9, "P", "A", -20, "p"), (9, "Q", "A", -15, "c"), (9, "Q", "B", 15, "c"),
    ]  # fmt: skip
    assert suspense(book) == {"P": 20, "Q": 0, "R": 0}


def test_money_taken_back_acts_from_the_value_date_and_the_next_takes_its_place() -> None:
    book = told(invoice("A", "100", 0), paid("P", "70", 1), paid("Q", "50", 2), back("P", "70"))
    assert shares(book) == [(2, "Q", "A", 50, "c")]
    assert balances(book, 1) == {"A": 100}
    book = told(invoice("A", "100", 0), paid("P", "70", 1), paid("Q", "50", 2), back("P", "25"), back("P", "25"))
    assert shares(book) == [(1, "P", "A", 20, "c"), (2, "Q", "A", 50, "c")]


def fees() -> list[Fact]:
    return [
        *invoice("A", "100", 0), claim("A", "7", 0, "FEE", "FEE"), claim("A", "9", 0, "PROFIT", "DEBIT_NOTE"),
        *invoice("B", "100", 0, 61), claim("B", "5", 0, "COST", "FEE"), claim("B", "3", 0, "FEE", "FEE"),
        claim("B", "11", 0, "PROFIT", "DEBIT_NOTE"),
    ]  # fmt: skip


def by_component(book: Book) -> dict[tuple[str, str], int]:
    return {(s.receivable, s.component): int(s.amount) for s in book.shares("D")}


def test_oldest_first_goes_down_one_receivable_before_the_next() -> None:
    assert by_component(told(fees(), paid("P", "121", 1))) == {
        ("A", "FEE"): 7, ("A", "PROFIT"): 9, ("A", "PRINCIPAL"): 100, ("B", "COST"): 5,
    }  # fmt: skip


def test_fees_first_goes_down_costs_and_fees_then_profit_then_principal() -> None:
    assert by_component(told(fees(), paid("P", "14", 1, "FEES_FIRST"))) == {
        ("A", "FEE"): 7, ("B", "COST"): 5, ("B", "FEE"): 2,
    }  # fmt: skip
    assert by_component(told(fees(), paid("P", "36", 1, "FEES_FIRST"))) == {
        ("A", "FEE"): 7, ("B", "COST"): 5, ("B", "FEE"): 3, ("A", "PROFIT"): 9, ("B", "PROFIT"): 11,
        ("A", "PRINCIPAL"): 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("owed", "paid_", "expected"),
    [
        (["100", "60", "80"], "80", [("C", 80)]),
        (["100", "80", "80"], "80", [("A", 80)]),
        (["100", "60", "80"], "70", [("A", 70)]),
    ],
)
def test_exact_first_pays_the_only_one_that_owes_it(owed: list[str], paid_: str, expected: list[Any]) -> None:
    invoices = [invoice(ref, amount, 0, 60 + n) for n, (ref, amount) in enumerate(zip("ABC", owed, strict=True))]
    book = told(*invoices, paid("P", paid_, 1, "EXACT_FIRST"))
    assert [(r, a) for _day, _p, r, a, _how in shares(book)] == expected


def test_exact_first_looks_once_on_the_day_the_money_joins() -> None:
    book = told(paid("P", "80", 1, "EXACT_FIRST"), invoice("A", "100", 2), invoice("B", "80", 2, 70))
    assert shares(book) == [(2, "P", "A", 80, "c")]


def test_any_order_of_arrival_gives_one_state_and_days_without_facts_change_nothing() -> None:
    first = [*invoice("A", "100", 0), *invoice("B", "60", 3, 50), *invoice("C", "60", 3, 70)]
    later: list[Fact] = [
        paid("P", "90", 4), paid("Q", "60", 4, "EXACT_FIRST"), paid("R", "50", 6, A="30", C="30"),
        claim("A", "-40", 5), back("P", "20"), claim("B", "12", 5, "FEE", "FEE"),
    ]  # fmt: skip
    found = {tuple(shares(Book.of([*first, *order], every_day=False))) for order in permutations(later)}
    assert found == {tuple(shares(told(first, later, every_day=True)))}


@pytest.mark.parametrize("seed", range(8))
def test_nothing_is_lost_or_made_whatever_is_told(seed: int) -> None:
    rng = random.Random(seed)
    book = told(
        [f for n in range(4) for f in invoice(f"R{n}", str(rng.randrange(50, 300)), rng.randrange(30))],
        every_day=False,
    )
    for n in range(25):
        ref, day = f"R{rng.randrange(4)}", rng.randrange(60)
        pins = rng.choice([{}, {ref: str(rng.randrange(1, 90))}])
        method = rng.choice(["OLDEST_FIRST", "FEES_FIRST", "EXACT_FIRST"])
        kind = rng.randrange(4)
        if kind < 2:
            book.tell(paid(f"P{rng.random()}", str(rng.randrange(1, 150)), day, method, **pins))
        elif kind == 2 and book.payments:
            one = rng.choice(book.payments)
            book.tell(back(one.ref, str(rng.randrange(0, int(book.spreading("D", "SAR").net[one.ref]) + 1))))
        elif kind == 3:
            book.tell(claim(ref, str(rng.randrange(1, 40)), day, rng.choice(["COST", "FEE", "PROFIT"]), "FEE"))
        spread = book.spreading("D", "SAR")
        for p in book.payments:
            given = sum((s.amount for s in book.shares("D") if s.payment == p.ref), ZERO)
            assert given + book.suspense(p) == spread.net[p.ref], n
            assert 0 <= book.suspense(p) <= spread.net[p.ref]
        if any(book.suspense(p) > 0 for p in book.payments if not p.pins):
            assert all(book.balance(r, on(61)) == 0 for r in book.receivables)
    assert all(book.balance(r, on(day)) >= 0 for r in book.receivables for day in range(62))


def test_currencies_never_meet() -> None:
    book = told(invoice("A", "100", 0), invoice("B", "100", 0, currency="USD"), paid("P", "150", 1))
    assert balances(book, 1) == {"A": 0, "B": 100}
    assert suspense(book) == {"P": 50}


# ---- the life of a receivable


def test_a_receivable_is_open_until_nothing_is_owed_and_says_how_it_ended() -> None:
    book = told(invoice("A", "100", 5))
    assert [book.status("A", on(d)) for d in (4, 5)] == ["OPEN", "OPEN"]
    book.tell(paid("P", "40", 10))
    book.tell(claim("A", "-60", 8, kind="SETTLEMENT_DISCOUNT"))
    assert (book.status("A", on(9)), book.status("A", on(10))) == ("OPEN", "SETTLED")
    assert (book.closed_on("A", on(9)), book.closed_on("A", on(10))) == (None, on(10))
    book.tell(claim("A", "60", 8, kind="SETTLEMENT_DISCOUNT"))
    assert book.status("A", on(10)) == "OPEN"
    book.tell(claim("A", "-60", 12, kind="WRITE_OFF"))
    assert (book.status("A", on(12)), book.closed_on("A", on(12))) == ("WRITTEN_OFF", on(12))
    book = told(invoice("A", "100", 5), paid("P", "100", 10), claim("A", "20", 20, "FEE", "FEE"))
    assert (book.status("A", on(10)), book.closed_on("A", on(19))) == ("PAID", on(10))
    assert (book.status("A", on(20)), book.closed_on("A", on(20))) == ("OPEN", None)
    book.tell(claim("A", "-20", 20, "FEE", "FEE"))  # taken back: nothing was ever owed after the money came
    assert book.closed_on("A", on(20)) == on(10)


def test_a_lowering_note_may_be_as_large_as_the_least_that_is_claimed_from_its_day_on() -> None:
    book = told(invoice("A", "100", 0), claim("A", "-30", 10), claim("A", "50", 20, kind="DEBIT_NOTE"))
    assert [book.least_claimed("A", "PRINCIPAL", on(d)) for d in (-1, 0, 10, 19, 20)] == [0, 70, 70, 70, 120]
    assert book.least_claimed("A", "FEE", on(5)) == 0


def test_fees_are_capped_by_what_was_due_and_by_the_smallest_instalment_as_often_as_allowed() -> None:
    book = told(invoice("A", "100", 0, 10), invoice("B", "80", 0, 20), paid("P", "30", 15))
    assert book.fees_left("D", on(20)) is None
    book.fees_at_most = 1
    assert [book.fees_left("D", on(d)) for d in (9, 10, 15, 20)] == [0, 80, 70, 80]
    book.tell(claim("B", "50", 20, "FEE", "FEE"))
    book.tell(claim("A", "10", 12, "FEE", "DEBIT_NOTE"))
    book.tell(claim("A", "-5", 12, "FEE", "WRITE_OFF"))  # forgiven was charged
    book.tell(claim("A", "-4", 12, "FEE", "CREDIT_NOTE"))
    book.tell(claim("A", "500", 12, "COST", "DEBIT_NOTE"))
    assert book.fees_left("D", on(20)) == 80 - 56
    book.fees_at_most = 2
    assert book.fees_left("D", on(20)) == 160 - 56, "the cost took the money: 180 are due"


def test_ages_are_those_of_the_day_in_both_measures() -> None:
    book = told(
        invoice("A", "100", 0, 30), invoice("B", "50", 0, 30), invoice("C", "10", 40, 100), paid("P", "100", 61)
    )
    assert book.aging(on(30), "DUE") == {("SAR", "not_due"): (2, money("150"))}
    assert book.aging(on(60), "DUE") == {("SAR", "1-30"): (2, money("150")), ("SAR", "not_due"): (1, money("10"))}
    assert book.aging(on(61), "DUE") == {("SAR", "31-60"): (1, money("50")), ("SAR", "not_due"): (1, money("10"))}
    assert book.aging(on(61), "INVOICE") == {("SAR", "61-90"): (1, money("50")), ("SAR", "0-60"): (1, money("10"))}
    assert book.aging(on(400), "INVOICE") == {("SAR", "151+"): (2, money("60"))}


# ---- days


def ages(book: Book, *days: int) -> list[int | None]:
    return [book.position("A", on(d)) for d in days]


def test_stages_begin_on_their_first_day() -> None:
    book = told(TRADE, invoice("A", "100", 0))
    assert ages(book, -1, 0, 60, 61, 90, 91, 120, 121, 150, 151) == [None, 0, 0, 1, 1, 2, 2, 3, 3, 4]
    assert [book.in_default("A", on(d)) for d in (90, 91)] == [False, True]
    assert not told(TRADE, invoice("A", "100", 0), paid("P", "100", 80)).in_default("A", on(91))


def test_a_hold_keeps_the_stage_of_its_first_day_and_lets_the_true_age_return() -> None:
    book = told(TRADE, invoice("A", "100", 0), Hold(name="h", case="D", from_on=on(60), until_on=on(99)))
    assert ages(book, 59, 60, 61, 99, 100) == [0, 0, 0, 0, 2]
    assert [book.in_default("A", on(d)) for d in (99, 100)] == [False, True]


def test_a_frozen_hold_gives_its_days_back() -> None:
    book = told(TRADE, invoice("A", "100", 0), Hold(name="h", case="D", from_on=on(61), until_on=on(70), frozen=True))
    # Day 61 itself is frozen: the age stands at 60 and goes on to 61 on the first day after.
    assert ages(book, 60, 61, 70, 71) == [0, 0, 0, 1]
    assert ages(book, 100, 101) == [1, 2]
    early = told(TRADE, invoice("A", "100", 0), Hold(name="h", case="D", from_on=on(-9), until_on=on(0), frozen=True))
    assert ages(early, 60, 61) == [0, 1]


def test_days_that_are_frozen_twice_count_once_and_holds_that_touch_are_one_run() -> None:
    book = told(
        TRADE, invoice("A", "100", 0),
        Hold(name="a", case="D", from_on=on(50), until_on=on(70)),
        Hold(name="b", case="D", from_on=on(71), until_on=on(80), frozen=True),
        Hold(name="c", case="D", from_on=on(75), until_on=on(90), frozen=True, receivable="A"),
    )  # fmt: skip
    assert book.effective_day("A", on(90)) == on(50)
    assert book.stage_days("A", on(91), TRADE) == 91 - 20
    assert ages(book, 80, 90, 91) == [0, 0, 1]


def test_a_hold_covers_its_own_case_debt_or_receivable() -> None:
    facts = [
        TRADE, *invoice("A", "1", 0), *invoice("B", "1", 0, debt="X"), *invoice("C", "1", 0, case="E", debt="Y"),
    ]  # fmt: skip
    for scope, expected in (({}, "AB"), ({"debt": "X"}, "B"), ({"receivable": "A"}, "A")):
        book = told(facts, Hold(name="h", case="D", from_on=on(5), **scope))  # type: ignore[arg-type]
        assert [r for r in "ABC" if book.held(r, on(400))] == list(expected)
    book.tell(HoldEnded(name="h", until_on=on(9)))
    assert [book.held("A", on(d)) for d in (4, 5, 9, 10)] == [False, True, True, False]


def test_a_policy_rules_from_its_day_and_that_of_a_product_wins() -> None:
    by_due = Policy(starts_on=on(80), basis="DUE", rungs=((0, None), (1, 1), (2, 31)))
    loans = Policy(starts_on=on(0), basis="DUE", rungs=((0, None), (7, 5)), product="loan")
    book = told(TRADE, by_due, loans, invoice("A", "1", 0, 70), invoice("B", "1", 0, 70, product="loan", debt="X"))
    assert ages(book, 79, 80, 100, 101) == [1, 1, 1, 2]
    assert [book.position("B", on(d)) for d in (74, 75, 90)] == [0, 7, 7]


# ---- case, default, promises


def test_a_case_shows_its_worst_that_is_open_and_not_held() -> None:
    book = told(TRADE, invoice("A", "100", 0), invoice("B", "50", 40, 100))
    summary = CaseSummary(status="PLACED", position=2, currency="SAR", balance=money("150"), closed_on=None)
    assert book.case("D", on(95)) == summary
    book.tell(Owner(case="D"))
    assert book.case("D", on(95)).status == "ACTIVE"
    book.tell(Hold(name="a", case="D", receivable="A", from_on=on(90)))
    assert (book.case("D", on(95)).status, book.case("D", on(95)).position) == ("ACTIVE", 0)
    book.tell(Hold(name="b", case="D", debt="D", from_on=on(95)))
    assert (book.case("D", on(95)).status, book.case("D", on(95)).position) == ("ON_HOLD", None)
    book.tell(paid("P", "150", 96))
    assert book.case("D", on(96)) == CaseSummary(
        status="PAID", position=None, currency=None, balance=ZERO, closed_on=on(96)
    )


def test_a_case_of_two_currencies_shows_the_first_that_is_open() -> None:
    book = told(TRADE, invoice("A", "100", 0), invoice("B", "50", 0, currency="EUR", debt="X"))
    assert (book.case("D", on(1)).currency, book.case("D", on(1)).balance) == ("EUR", money("50"))
    book.tell(Payment(ref="P", case="D", amount=money("50"), value_on=on(1), currency="EUR"))
    assert (book.case("D", on(1)).currency, book.case("D", on(1)).balance) == ("SAR", money("100"))


RULES = (
    "MONTHLY_3_IN_A_ROW", "FIVE_LATE_7WD", "UNPAID_60WD", "FOUR_LATE_20WD", "MORE_THAN_5_MONTHS",
    "NOTE_3_OR_MORE_THAN_5",
)  # fmt: skip
LOAN = Policy(starts_on=dt.date(2000, 1, 1), basis="DUE", rungs=((0, None),), default_rules=RULES)


def monthly(*months: int, paid_after: int | None = None) -> list[Fact]:
    """Instalments due on the first of these months of 2026, each paid so many days later when said."""
    facts: list[Fact] = [LOAN]
    for month in months:
        due = (dt.date(2026, month, 1) - FIRST).days
        facts += invoice(f"M{month:02}", "100", due - 20, due)
        if paid_after is not None:
            facts.append(paid(f"P{month:02}", "100", due + paid_after, **{f"M{month:02}": "100"}))
    return facts


def test_three_months_in_a_row() -> None:
    book = told(monthly(1, 2, 3))
    last = (dt.date(2026, 3, 1) - FIRST).days
    assert "MONTHLY_3_IN_A_ROW" not in book.defaults("D", on(last))
    assert {"MONTHLY_3_IN_A_ROW", "NOTE_3_OR_MORE_THAN_5"} <= book.defaults("D", on(last + 1))
    assert "MONTHLY_3_IN_A_ROW" not in told(monthly(1, 2, 4)).defaults("D", on(200))
    book.tell(Hold(name="h", case="D", receivable="M02", from_on=on(last)))
    assert "MONTHLY_3_IN_A_ROW" not in book.defaults("D", on(last + 1))


def test_five_that_were_late_seven_working_days_and_one_that_is_late_now() -> None:
    # 1 March 2026 is a Sunday: seven working days later is Tuesday the 10th.
    paid_late = [*monthly(1, 2, 3, 4, paid_after=20), *monthly(5)[1:]]
    may = (dt.date(2026, 5, 1) - FIRST).days  # a Friday: the seventh working day is Monday the 11th
    book = told(paid_late)
    assert [("FIVE_LATE_7WD" in book.defaults("D", on(may + d))) for d in (9, 10)] == [False, True]
    book.tell(paid("P05", "100", may + 30))
    assert not book.defaults("D", on(may + 30))
    assert "FIVE_LATE_7WD" not in told(monthly(1, 2, 3, 4, paid_after=3), monthly(5)[1:]).defaults("D", on(may + 60))


def test_an_instalment_that_is_held_was_late_all_the_same_but_is_not_late_now() -> None:
    may = (dt.date(2026, 5, 1) - FIRST).days
    book = told(monthly(1, 2, 3, 4, paid_after=20), monthly(5, 6)[1:])
    book.tell(Hold(name="h", case="D", receivable="M05", from_on=on(may + 40)))
    assert "FIVE_LATE_7WD" in book.defaults("D", on(may + 40))  # June is late, May was
    book.tell(Hold(name="i", case="D", from_on=on(may + 41)))
    assert "FIVE_LATE_7WD" not in book.defaults("D", on(may + 41))


def test_four_that_were_late_twenty_working_days() -> None:
    book = told(monthly(1, 2, 3, paid_after=40), monthly(4)[1:])
    april = (dt.date(2026, 4, 1) - FIRST).days  # a Wednesday: the twentieth working day is Wednesday the 29th
    assert [("FOUR_LATE_20WD" in book.defaults("D", on(april + d))) for d in (27, 28)] == [False, True]


def test_more_than_sixty_working_days_unpaid() -> None:
    holiday = dt.date(2026, 3, 3)
    for holidays, days in (((), 84), ((holiday,), 85)):
        # 1 March is a Sunday; 60 working days are 12 weeks: up to Sunday 24 May.
        book = told(monthly(3), holidays=holidays)
        march = (dt.date(2026, 3, 1) - FIRST).days
        assert [("UNPAID_60WD" in book.defaults("D", on(march + d))) for d in (days, days + 1)] == [False, True]


def test_more_than_five_months() -> None:
    assert "MORE_THAN_5_MONTHS" not in told(monthly(1, 2, 4, 5, 7)).defaults("D", on(300))
    assert {"MORE_THAN_5_MONTHS", "NOTE_3_OR_MORE_THAN_5"} <= told(monthly(1, 2, 4, 5, 7, 8)).defaults("D", on(300))


def test_default_of_the_trade_is_an_episode_of_the_case() -> None:
    book = told(TRADE, invoice("A", "100", 0), invoice("B", "100", 5, 65), paid("P", "100", 93))
    assert book.trade_episodes("D", on(100)) == [(on(91), on(93)), (on(96), None)]
    book.tell(paid("Q", "100", 90))  # told late: the first pays A in time, the second B
    assert book.trade_episodes("D", on(100)) == []


def test_an_episode_of_a_debt_ends_when_its_rule_is_not_met_any_more() -> None:
    book = told(monthly(1, 2, 3), paid("P", "100", 70))
    assert book.debt_episodes("D", "MONTHLY_3_IN_A_ROW", on(100)) == [(on(60), on(70))]


def test_a_promise_is_judged_the_night_after_and_again_when_more_is_told() -> None:
    promise = Promise(name="p", case="D", amount=money("100"), made_on=on(10), due_on=on(12))
    before = paid("EARLY", "100", 10)
    book = told(TRADE, invoice("A", "900", 0), Night(day=on(10)), before, promise, Night(day=on(12)))
    assert book.promise("p") == Judged(status="OPEN", paid=ZERO, judged_on=None)
    book.tell(Night(day=on(20)))
    assert book.promise("p") == Judged(status="MISSED", paid=ZERO, judged_on=on(13))
    book.tell(paid("LATE", "100", 13))
    book.tell(paid("PART", "60", 11))
    assert book.promise("p") == Judged(status="PARTLY", paid=money("60"), judged_on=on(13))
    book.tell(paid("REST", "50", 12))
    assert book.promise("p") == Judged(status="KEPT", paid=money("100"), judged_on=on(13))
    book.tell(back("PART", "20"))
    assert book.promise("p") == Judged(status="PARTLY", paid=money("90"), judged_on=on(13))


def test_a_new_promise_takes_the_place_of_the_open_one_and_of_no_judged_one() -> None:
    book = told(TRADE, invoice("A", "900", 0), Night(day=on(10)))
    for name, made in (("a", 10), ("b", 11)):
        book.tell(Promise(name=name, case="D", amount=money("1"), made_on=on(made), due_on=on(made + 3)))
    book.tell(Night(day=on(15)))
    book.tell(Promise(name="c", case="D", amount=money("1"), made_on=on(15), due_on=on(15)))
    assert [book.promise(n).status for n in "abc"] == ["CANCELLED", "MISSED", "OPEN"]


def test_a_night_at_or_before_the_book_changes_nothing() -> None:
    book = told(TRADE, invoice("A", "1", 0), Night(day=on(10)), Night(day=on(4)))
    assert book.book_date == on(10)


def test_what_was_known_before_is_what_had_been_told_by_then() -> None:
    facts = [TRADE, *invoice("A", "100", 0), paid("P", "60", 5), back("P", "60"), paid("Q", "10", 1)]
    assert [int(Book.of(facts[:n]).balance("A", on(5))) for n in (3, 4, 5, 6)] == [100, 40, 100, 90]
