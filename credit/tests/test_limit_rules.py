"""The pure rules at both sides of each boundary: increases, discounts, plans, days."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from credit.rules.discount import Sale, annual_cost, discount_effect
from credit.rules.increase import Facts, Late, Terms, increase_answer, increase_most
from credit.rules.months import months_after
from credit.rules.plans import Due, Paid, plan_standing
from credit.rules.stops import Days, days_counted, first_day_past

D = dt.date
SIGNED = D(2026, 1, 15)


def asked(on: dt.date, amount: str | None = None, **fields: object) -> list[str]:
    facts = {
        "asked_on": on, "signed_on": SIGNED, "limit": Decimal(100_000), "limit_ends_on": D(2027, 1, 14),
        "asked": Decimal(amount) if amount else None, **fields,
    }  # fmt: skip
    return [reason.code for reason in increase_answer(facts=Facts(**facts), terms=Terms()).reasons]  # type: ignore[arg-type]


@pytest.mark.requirement("CM-14")
@pytest.mark.parametrize(
    ("on", "reasons"),
    [
        (D(2026, 9, 15), ["too_early"]),  # eight months
        (D(2026, 10, 14), ["too_early"]),  # eight months and thirty days
        (D(2026, 10, 15), []),  # nine months
        (D(2027, 1, 14), []),
        (D(2027, 1, 15), ["no_limit"]),  # the year is over
    ],
)
def test_nine_calendar_months_since_the_signing(on: dt.date, reasons: list[str]) -> None:
    assert asked(on) == reasons


@pytest.mark.requirement("CM-14")
@pytest.mark.parametrize(
    ("amount", "reasons"),
    [
        ("100000.00", ["no_increase"]),
        ("100000.01", []),
        ("110000.00", []),  # 10.00 %
        ("110000.01", ["above_most"]),
        ("110010.00", ["above_most"]),  # 10.01 %
    ],
)
def test_ten_percent_of_the_limit_in_force(amount: str, reasons: list[str]) -> None:
    assert asked(D(2026, 10, 15), amount) == reasons


def test_ten_percent_go_down_to_the_whole_riyal() -> None:
    assert increase_most(limit=Decimal("4005.00"), terms=Terms()) == Decimal("4405.00")
    assert increase_most(limit=Decimal("4009.99"), terms=Terms()) == Decimal("4409.99")


@pytest.mark.requirement("CM-14")
@pytest.mark.parametrize(
    ("late", "reasons"),
    [
        (Late(since=D(2026, 5, 1), until=D(2026, 5, 2)), ["irregular"]),
        # Paid on the first day of the window: on it nothing was unpaid.
        (Late(since=D(2026, 1, 1), until=D(2026, 1, 15)), []),
        (Late(since=D(2026, 1, 1), until=D(2026, 1, 16)), ["irregular"]),
        (Late(since=D(2026, 10, 15), until=None), ["irregular"]),
        (Late(since=D(2026, 10, 16), until=None), []),
    ],
)
def test_nothing_unpaid_past_its_terms_in_the_nine_months_before(late: Late, reasons: list[str]) -> None:
    assert asked(D(2026, 10, 15), late=[late]) == reasons


@pytest.mark.requirement("CM-14")
def test_one_increase_a_year_and_every_reason_is_named() -> None:
    on = D(2026, 12, 1)
    assert asked(on, increased_on=[D(2025, 12, 1)]) == []
    assert asked(on, increased_on=[D(2025, 12, 2)]) == ["increased"]
    assert asked(
        D(2026, 2, 1), "900000", late=[Late(since=D(2026, 1, 20), until=None)], increased_on=[D(2026, 1, 20)],
        stops=["OVER_LIMIT"],
    ) == ["too_early", "irregular", "increased", "stopped", "above_most"]  # fmt: skip
    assert asked(on, signed_on=None, limit=None, limit_ends_on=None) == ["no_agreement", "no_limit"]


def test_months_end_with_the_month() -> None:
    assert months_after(D(2026, 1, 31), 1) == D(2026, 2, 28)
    assert months_after(D(2024, 1, 31), 1) == D(2024, 2, 29)
    assert months_after(D(2026, 10, 31), -8) == D(2026, 2, 28)
    assert months_after(D(2026, 12, 1), 1) == D(2027, 1, 1)


@pytest.mark.requirement("CM-25")
def test_what_a_discount_costs_in_a_year_and_what_it_brought() -> None:
    # The textbook's 2/10 net 30.
    assert annual_cost(percent=Decimal(2), discount_days=10, terms_days=30) == Decimal("44.59")
    assert annual_cost(percent=Decimal(2), discount_days=10, terms_days=60) == Decimal("15.89")
    with pytest.raises(ValueError, match="days that are won"):
        annual_cost(percent=Decimal(2), discount_days=60, terms_days=60)
    sales = [
        Sale(amount=Decimal(1000), issued_on=D(2026, 3, 1), paid_on=D(2026, 3, 11)),
        Sale(amount=Decimal(500), issued_on=D(2026, 3, 1), paid_on=D(2026, 3, 12)),
        Sale(amount=Decimal(700), issued_on=D(2026, 3, 2), paid_on=None),
        Sale(amount=Decimal(900), issued_on=D(2026, 2, 1), paid_on=D(2026, 2, 2)),
        Sale(amount=Decimal(50), issued_on=D(2025, 12, 1), paid_on=D(2026, 2, 2)),
    ]
    effect = discount_effect(sales=sales, percent=Decimal(2), discount_days=10, since=D(2026, 3, 1), on=D(2026, 4, 1))
    assert (effect.sales, effect.taken, effect.taken_sales, effect.cost) == (2200, 1, 1000, Decimal("20.00"))
    assert (effect.before, effect.more) == (900, 1300)


@pytest.mark.requirement("CM-29")
def test_payments_are_measured_against_the_plan_in_the_order_in_which_it_falls_due() -> None:
    dues = [Due(on=D(2026, month, 1), amount=Decimal(100)) for month in (1, 2, 3, 4)]
    paids = [Paid(on=D(2026, 1, 1), amount=Decimal(100)), Paid(on=D(2026, 2, 5), amount=Decimal(150))]
    found = plan_standing(dues=dues, paids=paids, on=D(2026, 3, 3))
    assert [(row.paid, row.full_on, row.late) for row in found.rows] == [
        (100, D(2026, 1, 1), 0),
        (100, D(2026, 2, 5), 4),
        (50, None, 2),
        (0, None, 0),
    ]
    assert (found.due, found.paid, found.behind, found.kept) == (300, 250, 50, 1)
    # Ahead of the plan nothing is behind, and what comes later is not there yet.
    ahead = plan_standing(dues=dues, paids=[*paids, Paid(on=D(2026, 3, 4), amount=Decimal(500))], on=D(2026, 3, 4))
    assert (ahead.behind, [row.open for row in ahead.rows]) == (0, [0, 0, 0, 0])


@pytest.mark.requirement("CM-10")
@pytest.mark.parametrize(
    ("suspended", "past"),
    [
        ((), D(2026, 3, 2)),
        ((Days(first=D(2026, 2, 1), last=D(2026, 2, 10)),), D(2026, 3, 12)),
        # On the very day: it waits for the end.
        ((Days(first=D(2026, 3, 2), last=D(2026, 3, 4)),), D(2026, 3, 5)),
        ((Days(first=D(2026, 3, 3), last=None),), D(2026, 3, 2)),
        ((Days(first=D(2026, 3, 2), last=None),), None),
    ],
)
def test_the_first_day_past_its_terms(suspended: tuple[Days, ...], past: dt.date | None) -> None:
    since = D(2025, 12, 31)
    assert first_day_past(since=since, days=60, suspended=suspended) == past
    if past is not None:
        assert days_counted(since=since, on=past, suspended=suspended) == 61
