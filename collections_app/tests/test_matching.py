"""Which receivables a payment pays: by name, by amount, by the one set; and what is left to a person."""

from __future__ import annotations

import datetime as dt
import itertools
import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collections_app.rules import matching
from collections_app.rules.matching import Decision, Incoming, Item, some_ways, take, ways_to
from collections_app.rules.payment_files import Named, is_weak, text_says, tokens_of

DAY = dt.date(2026, 3, 1)
AGO = DAY - dt.timedelta(days=60)


def item(pk: int, amount: str, *, issued: dt.date = AGO, due: int = 0, currency: str = "SAR", moves: Any = ()) -> Item:
    return Item(
        receivable_id=pk,
        ref=f"R{pk}",
        issued_on=issued,
        due_on=DAY + dt.timedelta(days=due or pk),
        currency=currency,
        movements=((issued, Decimal(amount)), *((day, Decimal(moved)) for day, moved in moves)),
    )


def money(amount: str, *, key: int = 1, on: dt.date = DAY, holder: int | None = 7, **more: Any) -> Incoming:
    return Incoming(
        key=key, reference=more.pop("reference", f"P{key}"), value_on=on, amount=Decimal(amount),
        currency=more.pop("currency", "SAR"), holder=holder, **more,
    )  # fmt: skip


def decide(*payments: Incoming, items: list[Item]) -> list[Decision]:
    return take(payments=payments, items={7: items})


def shares(decision: Decision) -> dict[int, str]:
    return {share.receivable_id: f"{share.amount:.0f}" for share in decision.shares}


def only(payment: Incoming, *items: Item) -> Decision:
    (decision,) = decide(payment, items=list(items))
    assert decision.reason in {**matching.MATCHES, **matching.WAITS}
    return decision


# What is posted


def test_the_named_receivable_is_paid_though_another_has_the_amount() -> None:
    found = only(money("50", named=((1,),)), item(1, "100"), item(2, "50"))
    assert (found.outcome, found.reason, shares(found)) == ("MATCHED", "reference", {1: "50"})


def test_more_than_the_named_one_owes_goes_to_it_as_far_as_it_takes() -> None:
    found = only(money("150", named=((1,),)), item(1, "100"), item(2, "50"))
    assert (found.outcome, shares(found)) == ("MATCHED", {1: "100"}), "the rest waits on the payment, on nothing"


def test_what_stands_in_a_text_is_not_taken_at_its_word_beyond_the_amount() -> None:
    over = only(money("150", named=((1,),), firm=False), item(1, "100"), item(2, "50"))
    assert (over.outcome, over.reason) == ("SUGGESTED", "named_over")
    part = only(money("40", named=((1,),), firm=False), item(1, "100"))
    assert (part.outcome, shares(part)) == ("MATCHED", {1: "40"})
    chance = only(money("40", named=((1,),), firm=False, weak=True), item(1, "100"))
    assert (chance.outcome, chance.reason) == ("SUGGESTED", "named_weak")


def test_several_named_are_paid_when_they_come_to_the_amount() -> None:
    items = [item(1, "100"), item(2, "50"), item(3, "150")]
    assert shares(only(money("150", named=((1,), (2,)), firm=False), *items)) == {1: "100", 2: "50"}
    assert only(money("151", named=((1,), (2,)), firm=False), *items).reason == "named_sum"


def test_one_receivable_of_the_amount_wins_over_a_set_that_comes_to_it() -> None:
    found = only(money("150"), item(1, "100"), item(2, "50"), item(3, "150"))
    assert (found.outcome, found.reason, shares(found)) == ("MATCHED", "amount", {3: "150"})


def test_the_one_set_that_comes_to_the_amount() -> None:
    found = only(money("130"), item(1, "100"), item(2, "50"), item(3, "30"))
    assert (found.outcome, found.reason, shares(found)) == ("MATCHED", "subset", {1: "100", 3: "30"})


# What is asked


@pytest.mark.parametrize(
    ("amount", "items", "reason", "first"),
    [
        ("50", [("50", 1), ("50", 2)], "amount_twice", {1: "50"}),
        ("150", [("100", 1), ("50", 2), ("90", 3), ("60", 4)], "subset_twice", {1: "100", 2: "50"}),
        ("40", [("100", 1), ("60", 2)], "no_sum", {2: "40"}),
        ("999", [("100", 1), ("60", 2)], "no_sum", {1: "100", 2: "60"}),
    ],
)
def test_what_could_be_two_things_is_nobodys_guess(amount: str, items: Any, reason: str, first: dict[int, str]) -> None:
    found = only(money(amount), *(item(pk, owed) for owed, pk in items))
    assert (found.outcome, found.reason, found.shares) == ("SUGGESTED", reason, ())
    best = found.suggestions[0]
    assert {share.receivable_id: f"{share.amount:.0f}" for share in best.shares} == first
    assert len(found.suggestions) <= matching.MOST_SHOWN
    assert all(suggestion.reason in matching.SUGGESTIONS for suggestion in found.suggestions)


@pytest.mark.parametrize(
    ("more", "reason", "outcome"),
    [
        ({"holder": None}, "holder_unknown", "UNMATCHED"),
        ({"holder": None, "stop": "holder_many"}, "holder_many", "UNMATCHED"),
        ({"currency": "USD"}, "nothing_open", "UNMATCHED"),
        ({"on": AGO - dt.timedelta(days=1)}, "nothing_open", "UNMATCHED"),
        ({"astray": True}, "named_unknown", "SUGGESTED"),
        ({"named": ((9,),)}, "named_closed", "SUGGESTED"),
        ({"named": ((1, 2),)}, "named_twice", "SUGGESTED"),
        ({"stop": "case_ended"}, "case_ended", "SUGGESTED"),
        ({"stop": "reversal"}, "reversal", "SUGGESTED"),
    ],
)
def test_what_only_a_person_can_know(more: dict[str, Any], reason: str, outcome: str) -> None:
    found = only(money("100", **more), item(1, "100"), item(2, "60"))
    assert (found.reason, found.outcome, found.shares) == (reason, outcome, ())


def test_one_choice_is_shown_once_for_its_best_reason() -> None:
    (choice,) = only(money("40"), item(1, "100")).suggestions
    assert choice.reason == "nearest", "oldest first would come to the same"


def test_a_receivable_named_under_two_contracts_is_asked_and_its_equal_comes_first() -> None:
    found = only(money("60", named=((1, 2),)), item(1, "100"), item(2, "60"))
    assert found.suggestions[0].shares[0].receivable_id == 2


# In the order of value dates


def test_payments_are_taken_in_the_order_of_their_days_whatever_the_file_says() -> None:
    items = [item(1, "100"), item(2, "50", issued=DAY)]
    late, early = money("50", key=1, on=DAY), money("100", key=2, on=DAY - dt.timedelta(days=9))
    assert [(d.payment.key, d.outcome) for d in decide(late, early, items=items)] == [(2, "MATCHED"), (1, "MATCHED")]


def test_what_was_issued_later_was_not_open() -> None:
    before, on = DAY - dt.timedelta(days=1), DAY
    assert only(money("50", on=before), item(1, "50", issued=DAY), item(2, "70")).reason == "no_sum"
    assert only(money("50", on=on), item(1, "50", issued=DAY), item(2, "70")).reason == "amount"


def test_what_an_earlier_payment_took_is_gone_and_the_rest_is_the_rest() -> None:
    items = [item(1, "100"), item(2, "70")]
    named = money("30", key=1, named=((1,),))
    first, second, third = decide(
        named, money("70", key=2, on=DAY + dt.timedelta(days=1)), money("70", key=3, on=DAY + dt.timedelta(days=2)),
        items=items,
    )  # fmt: skip
    assert (first.outcome, second.reason) == ("MATCHED", "amount_twice"), "both owe 70 by then"
    assert third.reason == "amount_twice"


def test_what_was_open_then_and_is_paid_by_now_is_not_paid_again() -> None:
    paid_later = item(1, "100", moves=[(DAY + dt.timedelta(days=5), "-100")])
    assert only(money("100"), paid_later).reason == "nothing_open"
    paid_in_part = item(1, "100", moves=[(DAY + dt.timedelta(days=5), "-40")])
    assert shares(only(money("60"), paid_in_part)) == {1: "60"}


def test_what_was_paid_then_and_owed_again_now_was_not_open_then() -> None:
    bounced = item(1, "100", moves=[(DAY - dt.timedelta(days=5), "-100"), (DAY + dt.timedelta(days=5), "100")])
    assert only(money("100"), bounced).reason == "nothing_open"


def test_money_that_waits_contests_what_it_may_have_paid() -> None:
    items = [item(1, "100"), item(2, "100"), item(3, "40")]
    asked, by_sum, free = decide(
        money("100", key=1), money("140", key=2, on=DAY + dt.timedelta(days=1)),
        money("40", key=3, on=DAY + dt.timedelta(days=2)), items=items,
    )  # fmt: skip
    assert asked.reason == "amount_twice"
    assert by_sum.reason == "subset_twice"
    assert free.reason == "contested", "the 140 may have paid the 40"
    assert free.suggestions[0].shares[0].receivable_id == 3


def test_what_waited_before_contests_too_and_is_not_decided_again() -> None:
    items = [item(1, "100"), item(2, "100")]
    before = money("100", key=-5, on=DAY - dt.timedelta(days=1), waiting=True)
    (decision,) = decide(before, money("100", key=1, named=((2,),)), items=items)
    assert (decision.payment.key, decision.outcome) == (1, "MATCHED"), "a name is stronger than a doubt"
    (decision,) = decide(before, money("200", key=1), items=items)
    assert decision.reason == "contested"


# The search


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(1, 60), max_size=11), st.integers(1, 200))
def test_ways_are_counted_as_by_trying_all(amounts: list[int], target: int) -> None:
    every = [
        way
        for size in range(1, len(amounts) + 1)
        for way in itertools.combinations(range(len(amounts)), size)
        if sum(amounts[place] for place in way) == target
    ]
    found = ways_to(amounts=amounts, target=target)
    assert found.count == min(len(every), 2) and not found.passed
    if len(every) == 1:
        assert found.first == every[0]
    if every:
        assert found.first in every
    assert set(some_ways(amounts=amounts, target=target)) <= set(every)
    assert bool(some_ways(amounts=amounts, target=target)) == bool(every)


def test_thirty_six_receivables_are_searched_whole_and_more_equal_ones_too() -> None:
    # Powers of two: every set comes to its own sum, the worst there is.
    amounts = [2**place for place in range(36)]
    target = sum(amounts[place] for place in (0, 9, 17, 18, 35))
    started = time.perf_counter()
    found = ways_to(amounts=amounts, target=target)
    assert (found.count, found.first) == (1, (0, 9, 17, 18, 35))
    assert time.perf_counter() - started < 10
    assert ways_to(amounts=[500_00] * 400 + [7], target=500_00 * 200 + 7).count == 2


def test_beyond_its_bound_the_search_gives_up_and_a_person_is_asked() -> None:
    amounts = [2**place for place in range(48)]
    assert ways_to(amounts=amounts, target=2**47 + 1).passed
    items = [item(place + 1, str(Decimal(2**place) / 100)) for place in range(44)]
    found = only(money(str(Decimal(2**43 + 3) / 100)), *items)
    assert (found.outcome, found.reason) == ("SUGGESTED", "too_many")


# What a text names


def test_the_words_of_a_text_are_whole() -> None:
    words = tokens_of("/INV/REF:8976-AMJEO, (INV-2024/001). SVWZ+Z9")
    assert {"8976-AMJEO", "INV-2024/001", "Z9"} <= words
    assert "8976" not in words and "AMJEO" not in words


@pytest.mark.parametrize(
    ("token", "weak"),
    [
        ("INV-7", False),
        ("0379-NEVHP", False),
        ("D-1", False),
        ("12345", False),
        ("1234", True),
        ("SALEM", True),
        ("R1", False),
        ("7", True),
    ],
)
def test_what_may_stand_there_by_chance(token: str, weak: bool) -> None:
    assert is_weak(token) is weak


def test_whose_money_it_is() -> None:
    d1, d2 = Named(token="D-1", case_id=1), Named(token="D-2", case_id=2)
    r1, r2 = Named(token="INV-11", case_id=1, receivable_id=11), Named(token="INV-21", case_id=2, receivable_id=21)
    year = Named(token="2026", case_id=2, receivable_id=22)
    assert text_says(debtors=[], receivables=[]).stop == "holder_none"
    assert text_says(debtors=[d1], receivables=[]).case_id == 1
    assert text_says(debtors=[], receivables=[r1]).named == ((11,),)
    assert text_says(debtors=[d1, d2], receivables=[]).stop == "holder_many"
    assert text_says(debtors=[d1, d2], receivables=[r1]).case_id == 1, "both a holder and a receivable of it"
    assert text_says(debtors=[d1], receivables=[r2]).stop == "holder_many"
    found = text_says(debtors=[d1], receivables=[r1, year])
    assert (found.case_id, found.named, found.stop) == (1, ((11,),), ""), "a year is no name beside a better one"
    alone = text_says(debtors=[], receivables=[year])
    assert (alone.case_id, alone.stop) == (2, "named_weak")
    number = Named(token="2026001", case_id=2, receivable_id=22)
    assert text_says(debtors=[], receivables=[number]).weak is True
    assert text_says(debtors=[d2], receivables=[number]).weak is False
