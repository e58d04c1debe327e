"""What stands beside the points: ratios, regularity and payment history; and the back-test of a policy. Pure rules,
then the same from the ledger."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.choices import Role
from clients.choices import DefaultRule
from collections_app.models import DefaultEpisode
from collections_app.services.ledger import payment_post
from common import clock
from common.approvals import approval_of
from common.choices import Decision
from common.exceptions import Conflict, NotAllowed, Refused
from credit.choices import Recommendation
from credit.models import CreditPolicy
from credit.rules.backtest import Limits, Past, back_test
from credit.rules.behaviour import Invoice, Month, behaviour, regularity
from credit.rules.ratios import Ratio, Statement, ratios
from credit.rules.scorecard import PointsTerms
from credit.selectors.backtest import policy_back_test
from credit.selectors.behaviour import history_of
from credit.selectors.policies import credit_policy_on
from credit.services.policies import credit_policy_decide, credit_policy_withdraw
from credit.tests.scores_world import ZERO_FIGURES, a_policy, decided, proposed, the
from credit.tests.test_scorecard import EXAMPLE
from credit.tests.worlds import a_customer
from tests.world import ACTOR, a_case, make_client

D = dt.date
TODAY = D(2026, 11, 1)


def an_invoice(due: dt.date, amount: int, *paid: tuple[dt.date, int]) -> Invoice:
    lines = [(due - dt.timedelta(days=60), Decimal(amount)), *((on, Decimal(-part)) for on, part in paid)]
    return Invoice(due_on=due, amount=Decimal(amount), lines=lines)


@pytest.mark.parametrize(
    ("invoices", "late", "share"),
    [
        ([an_invoice(D(2026, 10, 1), 100, (D(2026, 10, 1), 100))], "0.0", "0.0"),
        ([an_invoice(D(2026, 10, 1), 100, (D(2026, 10, 2), 100))], "1.0", "100.0"),
        # Half on time, half ten days late.
        ([an_invoice(D(2026, 10, 1), 100, (D(2026, 9, 1), 50), (D(2026, 10, 11), 50))], "5.0", "50.0"),
        # Never paid: until today.
        ([an_invoice(D(2026, 10, 22), 100)], "10.0", "100.0"),
        # A large one on time outweighs a small one late.
        (
            [
                an_invoice(D(2026, 10, 1), 900, (D(2026, 9, 1), 900)),
                an_invoice(D(2026, 10, 1), 100, (D(2026, 10, 21), 100)),
            ],
            "2.0",
            "10.0",
        ),
        # A cheque that bounced: open again from its day on.
        (
            [an_invoice(D(2026, 10, 1), 100, (D(2026, 10, 1), 100), (D(2026, 10, 11), -100), (D(2026, 10, 16), 100))],
            "5.0",
            "0.0",
        ),
    ],
)
def test_days_late_are_those_of_riyals(invoices: list[Invoice], late: str, share: str) -> None:
    found = behaviour(invoices=invoices, today=TODAY)
    assert (found.average_days_late, found.share_late) == (Decimal(late), Decimal(share))


def test_an_invoice_due_today_is_no_history_yet() -> None:
    found = behaviour(invoices=[an_invoice(TODAY, 100)], today=TODAY)
    assert (found.invoices, found.average_days_late, found.share_late, found.trend) == (0, None, None, None)
    assert behaviour(invoices=[an_invoice(TODAY - dt.timedelta(days=1), 100)], today=TODAY).invoices == 1


def test_the_trend_compares_half_years() -> None:
    found = behaviour(
        invoices=[
            an_invoice(D(2026, 10, 1), 100, (D(2026, 10, 5), 100)),
            an_invoice(D(2026, 2, 1), 100, (D(2026, 2, 11), 100)),
            an_invoice(D(2024, 2, 1), 100, (D(2024, 5, 11), 100)),
        ],
        today=TODAY,
    )
    assert (found.recent_days_late, found.earlier_days_late, found.trend) == (4, 10, -6)


@given(
    amount=st.integers(1, 10_000),
    parts=st.lists(st.tuples(st.integers(-60, 60), st.integers(1, 3_000)), max_size=6),
)
def test_days_late_are_what_a_day_by_day_count_gives(amount: int, parts: list[tuple[int, int]]) -> None:
    due = D(2026, 8, 1)
    invoice = an_invoice(due, amount, *((due + dt.timedelta(days=days), part) for days, part in parts))
    days = Decimal(0)
    on = due
    while on < TODAY:
        paid = sum(part for after, part in parts if due + dt.timedelta(days=after) <= on)
        days += max(amount - paid, 0)
        on += dt.timedelta(days=1)
    found = behaviour(invoices=[invoice], today=TODAY)
    assert found.average_days_late is not None
    assert abs(found.average_days_late - days / amount) <= Decimal("0.05")


def test_ratios_of_a_year() -> None:
    figures = {
        **ZERO_FIGURES, "current_assets": Decimal(300), "inventory": Decimal(120), "receivables": Decimal(100),
        "total_assets": Decimal(1_000), "current_liabilities": Decimal(150), "total_liabilities": Decimal(400),
        "payables": Decimal(80), "equity": Decimal(600), "sales": Decimal(2_000), "cost_of_sales": Decimal(1_500),
        "net_profit": Decimal(-90),
    }  # fmt: skip
    assert {name.value: str(value) for name, value in ratios(Statement(**figures)).items()} == {
        "CURRENT": "2.00", "QUICK": "1.20", "DEBT": "40.0", "LEVERAGE": "0.67", "GROSS_MARGIN": "25.0",
        "NET_MARGIN": "-4.5", "RETURN_ON_ASSETS": "-9.0", "RETURN_ON_EQUITY": "-15.0", "ASSET_TURNOVER": "2.00",
        "INVENTORY_DAYS": "29", "COLLECTION_DAYS": "18", "PAYABLE_DAYS": "19",
    }  # fmt: skip
    nothing = ratios(Statement(**{**ZERO_FIGURES, "equity": Decimal(-5), "total_liabilities": Decimal(9)}))
    assert nothing[Ratio.LEVERAGE] is None
    assert set(nothing.values()) == {None}


def test_regularity_counts_the_months_that_were_told_against_those_covered() -> None:
    months = [
        Month(month=D(2026, n, 1), credits=Decimal(5 * (n != 3)), lowest=Decimal(-(n == 4)), closing=Decimal(100 * n))
        for n in (1, 2, 3, 4)
    ]
    found = regularity(months=months, first=D(2025, 12, 1), last=D(2026, 5, 1))
    assert (found.months, found.with_credits, found.never_overdrawn, found.missing) == (6, 3, 3, 2)
    assert found.average_closing == Decimal(250)


def test_a_minimum_of_fifty_refuses_forty_and_says_who_defaulted() -> None:
    forty = replace(EXAMPLE, capital=Decimal(50_000), average_bank_balance=Decimal(0), annual_sales=Decimal(0))
    fifty = replace(forty, capital=Decimal(100_000))
    past = [
        Past(key=1, currency="SAR", facts=forty, granted=Decimal(4_000), by_points=True, defaulted=True),
        Past(key=2, currency="SAR", facts=forty, granted=Decimal(4_000), by_points=True, defaulted=False),
        # A guarantee carried it: no points can refuse it.
        Past(
            key=3,
            currency="SAR",
            facts=replace(forty, resident=False),
            granted=Decimal(9_000),
            by_points=False,
            defaulted=True,
        ),
        Past(key=4, currency="SAR", facts=fifty, granted=Decimal(5_000), by_points=True, defaulted=False),
        Past(
            key=5,
            currency="SAR",
            facts=replace(forty, resident=False),
            granted=Decimal(0),
            by_points=False,
            defaulted=False,
        ),
    ]
    found = back_test(past=past, before=PointsTerms(), after=PointsTerms(minimum_points=50))
    assert [line.past.key for line in found.refused] == [1, 2]
    assert (found.refused_defaulted, found.admitted) == (1, [])
    assert found.limits == [Limits(currency="SAR", before=13_000, after=4_000)]
    abroad = [replace(one, currency="USD") if one.key == 4 else one for one in past]
    assert back_test(past=abroad, before=PointsTerms(), after=PointsTerms(minimum_points=50)).limits == [
        Limits(currency="SAR", before=8_000, after=0),
        Limits(currency="USD", before=5_000, after=4_000),
    ]
    lower = back_test(past=past, before=PointsTerms(), after=PointsTerms(minimum_points=10))
    assert [line.past.key for line in lower.admitted] == [5]


@pytest.mark.django_db
class TestHistory:
    def test_it_is_read_from_the_ledger_and_never_counts_as_points(self) -> None:
        client = make_client("AAA")
        customer = a_customer(client, by=the(Role.CREDIT_OFFICER), ref="D-1")
        assert history_of(customer=customer, today=clock.today()) is None
        case = a_case(client, ref="D-1", amount="1000.00", days_late=20)
        payment_post(
            actor=ACTOR, case=case, amount=Decimal(500), currency="SAR",
            value_on=clock.today() - dt.timedelta(days=10), reference="P-1",
        )  # fmt: skip
        found = history_of(customer=customer, today=clock.today())
        assert found is not None
        # 1,000 for ten days, then 500 for ten.
        assert (found.paid.average_days_late, found.paid.share_late) == (Decimal("15.0"), Decimal("100.0"))
        assert (found.defaults, found.in_default) == (0, False)
        DefaultEpisode.objects.create(
            client=client, case=case, rule=DefaultRule.TRADE_90, began_on=clock.today(), recorded_at=clock.now()
        )
        again = history_of(customer=customer, today=clock.today())
        assert again is not None and (again.defaults, again.in_default) == (1, True)


@pytest.mark.django_db
class TestPolicies:
    def test_a_version_is_tried_on_last_years_customers(self) -> None:
        client = make_client("AAA")
        low = {"capital": Decimal(50_000), "balance": 0, "annual_sales": Decimal(0), "limit": Decimal(4_000)}
        first, second = decided(client, ref="D-1", **low), decided(client, ref="D-2", **low)
        decided(client, ref="D-3")
        decided(make_client("BBB"), ref="D-1", **low)
        decided(client, ref="D-4", **low, recommendation=Recommendation.REJECT, decision=Decision.REJECTED)
        case = a_case(client, ref="D-1", days_late=40)
        DefaultEpisode.objects.create(
            client=client, case=case, rule=DefaultRule.TRADE_90, began_on=clock.today(), recorded_at=clock.now()
        )
        before = credit_policy_on(client=client, on=clock.today())
        after = proposed(client, minimum_points=50)
        found, applications = policy_back_test(client=client, before=before, after=after, until=clock.today())
        assert {applications[line.past.key] for line in found.refused} == {first, second}
        assert found.refused_defaulted == 1
        # A year on, they are no longer last year's.
        later = clock.today() + dt.timedelta(days=366)
        assert policy_back_test(client=client, before=before, after=after, until=later)[0].lines == []

    def test_one_proposes_and_another_approves(self) -> None:
        client = make_client("AAA")
        today = clock.today()
        version = proposed(client, minimum_points=50)
        with pytest.raises(Conflict):
            proposed(client, minimum_points=60)
        approval = approval_of(subject=version)
        assert approval is not None
        told = {"policy": version, "digest": approval.digest, "today": today}
        for person in (Role.CREDIT_OFFICER, Role.FINANCE_MANAGER, Role.AUDITOR):
            with pytest.raises(NotAllowed):
                credit_policy_decide(user=the(person), decision=Decision.APPROVED, **told)
        with pytest.raises(Refused):
            credit_policy_decide(user=the(Role.GENERAL_MANAGER), decision=Decision.REJECTED, **told)
        assert credit_policy_on(client=client, on=today).version == 0
        credit_policy_decide(user=the(Role.GENERAL_MANAGER), decision=Decision.APPROVED, **told)
        assert credit_policy_on(client=client, on=today).minimum_points == 50
        yesterday = today - dt.timedelta(days=1)
        assert credit_policy_on(client=client, on=yesterday).minimum_points == 40

    def test_figures_that_cannot_be_and_changes_of_nothing_are_refused(self) -> None:
        client = make_client("AAA")
        for terms, fault in (
            ({"minimum_points": 0}, {"minimum_points"}),
            ({"rounds_to": 0}, {"rounds_to"}),
            ({"step_amount": Decimal(-1)}, {"step_amount"}),
            ({"increase_percent": Decimal("100.01")}, {"increase_percent"}),
            ({"minimum_points": 50, "starts_on": clock.today() - dt.timedelta(days=1)}, {"starts_on"}),
        ):
            with pytest.raises(Refused) as refusal:
                proposed(client, **terms)
            assert set(refusal.value.fields) == fault
        with pytest.raises(Refused, match="credit_policy_same"):
            proposed(client)
        with pytest.raises(NotAllowed):
            proposed(client, by=the(Role.GENERAL_MANAGER), minimum_points=50)

    def test_its_first_day_over_it_is_proposed_anew(self) -> None:
        client = make_client("AAA")
        version = proposed(client, minimum_points=50)
        approval = approval_of(subject=version)
        assert approval is not None
        with pytest.raises(Refused, match="credit_policy_late"):
            credit_policy_decide(
                user=the(Role.GENERAL_MANAGER), policy=version, decision=Decision.APPROVED, digest=approval.digest,
                today=clock.today() + dt.timedelta(days=1),
            )  # fmt: skip
        with pytest.raises(NotAllowed):
            credit_policy_withdraw(user=the(Role.FINANCE_MANAGER), policy=version)
        credit_policy_withdraw(user=the(Role.CREDIT_OFFICER), policy=version)
        assert approval_of(subject=version) is None
        assert a_policy(client, minimum_points=60).version == 2
        assert CreditPolicy.objects.get(version=1).rejected_at is not None
