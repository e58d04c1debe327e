"""The scorecard: the source's example, both sides of every boundary, and what holds of all facts (CM-02 to CM-08)."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.models import Client
from credit.choices import LegalForm
from credit.rules.scorecard import (
    MONTHS,
    PAPERS,
    RIYALS,
    Component,
    PointsTerms,
    ScoreFacts,
    changes,
    next_steps,
    score,
)
from credit.selectors.policies import points_terms, shipped

TERMS = PointsTerms()
NOTHING = ScoreFacts(
    capital=Decimal(0),
    legal_form=LegalForm.LLC,
    resident=False,
    average_bank_balance=Decimal(0),
    bank_months=12,
    annual_sales=Decimal(0),
)
# Source 001 §4.4.3.
EXAMPLE = ScoreFacts(
    capital=Decimal(1_000_000),
    legal_form=LegalForm.LLC,
    resident=True,
    average_bank_balance=Decimal(5_000_000),
    bank_months=12,
    annual_sales=Decimal(50_000_000),
)
BOUNDARY = [("0", 0), ("49999", 0), ("49999.99", 0), ("50000", 10), ("50000.01", 10), ("50001", 10), ("99999.99", 10),
            ("100000", 20), ("-50000", 0)]  # fmt: skip


def test_the_example_of_the_source() -> None:
    found = score(facts=EXAMPLE, terms=TERMS)
    assert [found.points[component] for component in Component] == [200, 30, 1000, 10000]
    assert (found.total, found.eligible, found.limit) == (11_230, True, 1_123_000)


@pytest.mark.parametrize(("amount", "points"), BOUNDARY)
@pytest.mark.parametrize(
    ("name", "component"),
    [
        ("capital", Component.CAPITAL),
        ("average_bank_balance", Component.BANK_BALANCE),
        ("annual_sales", Component.SALES),
    ],
)
def test_both_sides_of_each_full_step(name: str, component: Component, amount: str, points: int) -> None:
    found = score(facts=replace(NOTHING, **{name: Decimal(amount)}), terms=TERMS)
    assert found.points[component] == points == found.total


@pytest.mark.parametrize(
    ("form", "points"), [("JOINT_STOCK", 40), ("LLC", 30), ("PARTNERSHIP", 20), ("SOLE_PROPRIETOR", 10)]
)
def test_the_form_counts_for_residents_with_papers_alone(form: str, points: int) -> None:
    facts = replace(NOTHING, legal_form=form)
    assert score(facts=replace(facts, resident=True), terms=TERMS).total == points
    assert score(facts=facts, terms=TERMS).total == 0
    assert score(facts=replace(facts, resident=True, has_official_papers=False), terms=TERMS).total == 0


@pytest.mark.parametrize(("months", "points"), [(0, 0), (11, 0), (12, 10), (13, 10)])
def test_the_balance_counts_from_twelve_months_on(months: int, points: int) -> None:
    facts = replace(NOTHING, average_bank_balance=Decimal(50_000), bank_months=months)
    assert score(facts=facts, terms=TERMS).points[Component.BANK_BALANCE] == points


@pytest.mark.parametrize(
    ("capital", "total", "eligible", "limit"),
    [("150000", 30, False, 0), ("199999.99", 30, False, 0), ("200000", 40, True, 4_000), ("250000", 50, True, 5_000)],
)
def test_the_minimum_admits_with_its_limit(capital: str, total: int, eligible: bool, limit: int) -> None:
    found = score(facts=replace(NOTHING, capital=Decimal(capital)), terms=TERMS)
    assert (found.total, found.eligible, found.limit) == (total, eligible, limit)


def test_a_limit_is_rounded_down_never_up() -> None:
    facts = replace(NOTHING, capital=Decimal(350_000))
    found = score(facts=facts, terms=PointsTerms(minimum_points=30, minimum_limit=Decimal("4000.55")))
    # 70 x 4,000.55 / 30 = 9,334.616…
    assert (found.limit, float(found.exact_limit)) == (9_334, pytest.approx(9_334.61666667))
    assert score(facts=facts, terms=PointsTerms(minimum_points=30, rounds_to=500)).limit == 9_000
    assert score(facts=facts, terms=PointsTerms(rounds_to=10_000)).limit == 0


def test_the_shipped_policy_is_that_of_the_source() -> None:
    assert points_terms(policy=shipped(client=Client(code="AAA"))) == TERMS
    assert shipped(client=Client(code="AAA")).starts_on < dt.date(1980, 1, 1)


def test_what_would_admit_is_told_of_each_input_alone() -> None:
    facts = ScoreFacts(
        capital=Decimal(40_000),
        legal_form=LegalForm.LLC,
        resident=True,
        average_bank_balance=Decimal(70_000),
        bank_months=10,
        annual_sales=Decimal(0),
    )
    found = {(c.component, c.unit): c for c in changes(facts=facts, terms=TERMS)}
    told = found[Component.CAPITAL, RIYALS]
    assert (told.by, told.score.total, told.score.limit) == (Decimal(10_000), 40, 4_000)
    assert found[Component.SALES, RIYALS].by == Decimal(50_000)
    assert found[Component.BANK_BALANCE, MONTHS].by == 2
    # More balance under a statement that is too short changes nothing.
    assert (Component.BANK_BALANCE, RIYALS) not in found
    abroad = changes(facts=replace(facts, resident=False, capital=Decimal(50_000)), terms=TERMS)
    assert [c.score.total for c in abroad if c.unit == PAPERS] == [40]


def test_what_would_refuse_is_told_of_each_input_alone() -> None:
    facts = replace(NOTHING, capital=Decimal(60_000), resident=True)
    told = {c.component: c for c in changes(facts=facts, terms=TERMS)}
    assert told[Component.CAPITAL].by == Decimal("-10000.01")
    assert told[Component.LEGAL_FORM].score.total == 10
    assert set(told) == {Component.CAPITAL, Component.LEGAL_FORM}
    # No single input of the example, lost, would leave less than the minimum.
    assert changes(facts=EXAMPLE, terms=TERMS) == []


def test_the_next_step_of_each_input_raises_the_limit() -> None:
    told = {c.component: c for c in next_steps(facts=EXAMPLE, terms=TERMS)}
    assert told[Component.CAPITAL].by == Decimal(50_000)
    assert all(c.score.limit == 1_124_000 for c in told.values())


AMOUNTS = st.decimals(min_value=0, max_value=Decimal("9999999999999999.99"), places=2)
FACTS = st.builds(
    ScoreFacts,
    capital=AMOUNTS,
    legal_form=st.sampled_from(LegalForm.values),
    resident=st.booleans(),
    average_bank_balance=AMOUNTS,
    bank_months=st.integers(0, 30),
    annual_sales=AMOUNTS,
    has_official_papers=st.booleans(),
)
POLICIES = st.builds(
    PointsTerms,
    step_amount=st.integers(1, 500_000).map(Decimal),
    step_points=st.integers(0, 50),
    bank_months=st.integers(0, 24),
    minimum_points=st.integers(1, 200),
    minimum_limit=st.decimals(min_value=1, max_value=100_000, places=2),
    rounds_to=st.integers(1, 10_000),
)


@given(facts=FACTS)
def test_points_are_those_of_whole_halalas_counted_by_hand(facts: ScoreFacts) -> None:
    """The same by whole numbers of halalas, written another way."""

    def tens(amount: Decimal) -> int:
        return int(amount * 100) // 5_000_000 * 10

    found = score(facts=facts, terms=TERMS)
    form = {"JOINT_STOCK": 40, "LLC": 30, "PARTNERSHIP": 20, "SOLE_PROPRIETOR": 10}[facts.legal_form]
    total = tens(facts.capital) + tens(facts.annual_sales)
    total += tens(facts.average_bank_balance) if facts.bank_months >= 12 else 0
    total += form if facts.resident and facts.has_official_papers else 0
    assert found.total == total
    assert found.limit == (total * 100 if total >= 40 else 0)
    assert found.limit % 1_000 == 0


@given(facts=FACTS, terms=POLICIES, more=AMOUNTS)
def test_more_of_anything_never_lowers_a_limit(facts: ScoreFacts, terms: PointsTerms, more: Decimal) -> None:
    now = score(facts=facts, terms=terms)
    for name in ("capital", "average_bank_balance", "annual_sales"):
        then = score(facts=replace(facts, **{name: getattr(facts, name) + more}), terms=terms)
        assert (then.total, then.limit) >= (now.total, now.limit)
    assert now.limit % terms.rounds_to == 0
    assert now.limit <= now.exact_limit < now.limit + terms.rounds_to or not now.eligible


@given(facts=FACTS, terms=POLICIES)
def test_what_would_change_the_decision_is_true_and_the_least(facts: ScoreFacts, terms: PointsTerms) -> None:
    now = score(facts=facts, terms=terms)
    names = {
        Component.CAPITAL: "capital",
        Component.BANK_BALANCE: "average_bank_balance",
        Component.SALES: "annual_sales",
    }
    for change in changes(facts=facts, terms=terms):
        assert change.score.eligible is not now.eligible
        if change.unit != RIYALS:
            continue
        name = names[change.component]
        assert change.score == score(facts=replace(facts, **{name: getattr(facts, name) + change.by}), terms=terms)
        # A halala less of the change, and the decision stays as it is.
        near = change.by - Decimal("0.01") if change.by > 0 else change.by + Decimal("0.01")
        assert score(facts=replace(facts, **{name: getattr(facts, name) + near}), terms=terms).eligible is now.eligible


def told(**changed: Any) -> dict[str, Any]:
    """The example as programs write it."""
    return {
        "capital": 1_000_000, "legal_form": "LLC", "resident": True, "average_bank_balance": 5_000_000,
        "bank_months": 12, "annual_sales": 50_000_000, **changed,
    }  # fmt: skip
