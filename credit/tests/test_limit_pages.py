"""Agreements, limits, stops, follow-ups and reviews through the doors of those who work with them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from accounts.choices import Role
from collections_app.models import DefaultEpisode
from common import clock
from credit.choices import ApplicationState, CollateralKind, LimitGround, PaperKind, Recommendation
from credit.models import Application, Collateral, CreditLimit, CreditStop, FacilityAgreement, StopFollowUp
from credit.services.papers import credit_paper_add
from credit.services.stops import stops_follow
from credit.tests.worlds import a_customer, an_account, an_approved_application, an_owner
from tests.doors import LANGUAGES, enter, in_language, words
from tests.world import a_case, a_pdf, make_client, make_user, prove

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def desk(role: str = Role.CREDIT_OFFICER, language: str = "en") -> Any:
    browser = enter(make_user(role), language)
    prove(browser)
    return browser


@pytest.mark.requirement("CM-20", "CM-22", "CM-25", "CM-28", "CM-29")
def test_an_approved_application_becomes_an_agreement_with_its_terms_plan_discount_and_limit() -> None:
    client, officer = make_client(), make_user(Role.CREDIT_OFFICER, name="officer")
    application = an_approved_application(client, by=officer)
    customer, today = application.customer, clock.today()
    owner = an_owner(customer, by=officer, since=today - 10 * DAY)
    clerk = an_owner(customer, by=officer, since=today - 10 * DAY, scopes=("ORDERS",))
    browser = enter(officer, "en")
    address = reverse("credit_agreement_new", args=[application.pk])
    assert browser.get(address).status_code == 200
    told = {
        "signed_on": today.isoformat(), "terms_days": 45, "period_start": "DELIVERY", "discount_percent": "2",
        "discount_days": "10", "plan": f"{(today + 30 * DAY).isoformat()} 1,500.00\n{today + 60 * DAY} ٥٠٠٫٥٠",
        "signed_by": clerk.pk,
    }  # fmt: skip
    assert browser.post(address, told).status_code == 422, "who may sign orders alone signs no agreement"
    assert browser.post(address, {**told, "signed_by": owner.pk}).status_code == 302
    agreement = FacilityAgreement.objects.get(customer=customer)
    assert (agreement.terms_days, agreement.period_start, agreement.signed_by_id) == (45, "DELIVERY", owner.pk)
    assert [i.amount for i in agreement.instalments.all()] == [Decimal("1500.00"), Decimal("500.50")]
    limit = CreditLimit.objects.get(customer=customer)
    assert (limit.amount, limit.starts_on) == (Decimal(8000), today)
    assert limit.ends_on + DAY == dt.date(today.year + 1, today.month, min(today.day, 28) if today.month == 2
                                          else today.day)  # fmt: skip
    assert Application.objects.get().state == ApplicationState.ACTIVE
    page = browser.get(reverse("credit_agreement", args=[agreement.pk]))
    said = words(page)
    assert "23.45" in said, "2 % for 35 days more, in a year"
    assert "1,500" in said and "Nothing is behind" in said


@pytest.mark.requirement("CM-22")
def test_a_power_that_does_not_hold_or_reach_so_far_signs_nothing() -> None:
    client, officer = make_client(), make_user(Role.CREDIT_OFFICER, name="officer")
    application, today = an_approved_application(client, by=officer), clock.today()
    agent = an_owner(application.customer, by=officer, since=today)
    browser, address = enter(officer, "en"), reverse("credit_agreement_new", args=[application.pk])
    told = {"signed_on": today.isoformat(), "terms_days": 60, "period_start": "INVOICE", "signed_by": agent.pk}
    yesterday = browser.post(address, {**told, "signed_on": (today - DAY).isoformat()})
    assert "does not hold on that day" in words(yesterday)
    agent.up_to = Decimal("7999.99")
    agent.save()
    assert "does not reach so far" in words(browser.post(address, told))
    agent.up_to, agent.revoked_on = None, today
    agent.save()
    assert "does not hold on that day" in words(browser.post(address, told))
    assert not FacilityAgreement.objects.exists()


@pytest.mark.requirement("CM-17")
def test_a_contract_of_before_is_taken_over_with_its_terms_until_it_ends() -> None:
    client, officer = make_client(), make_user(Role.CREDIT_OFFICER, name="officer")
    customer, today = a_customer(client, by=officer), clock.today()
    paper = credit_paper_add(
        user=officer, customer=customer, kind=PaperKind.AGREEMENT, title="عقد", name="c.pdf", content=a_pdf()
    )
    browser, address = desk(Role.FINANCE_MANAGER), reverse("credit_agreement_earlier", args=[customer.pk])
    told = {
        "signed_on": (today - 300 * DAY).isoformat(), "ends_on": (today + 40 * DAY).isoformat(), "limit": "75000",
        "terms_days": 120, "period_start": "INVOICE", "reason": "عقد توريد سابق",
    }  # fmt: skip
    assert browser.post(address, told).status_code == 422, "not without its paper"
    assert browser.post(address, {**told, "paper": paper.pk}).status_code == 302
    limit = CreditLimit.objects.get()
    assert (limit.amount, limit.ends_on, limit.ground) == (75000, today + 40 * DAY, LimitGround.EARLIER_CONTRACT)
    assert "earlier contract" in words(browser.get(reverse("credit_customer", args=[customer.pk])))


@pytest.mark.requirement("CM-06", "CM-09")
def test_a_limit_by_guarantee_is_no_more_than_it_and_ends_with_it() -> None:
    client, officer = make_client(), make_user(Role.CREDIT_OFFICER, name="officer")
    application, today = an_approved_application(client, by=officer, ground=LimitGround.GUARANTEE), clock.today()
    customer = application.customer
    owner = an_owner(customer, by=officer, since=today)
    told = {"signed_on": today.isoformat(), "terms_days": 60, "period_start": "INVOICE", "signed_by": owner.pk}
    browser, address = enter(officer, "en"), reverse("credit_agreement_new", args=[application.pk])
    guarantee = Collateral.objects.create(
        client=client, customer=customer, kind=CollateralKind.BANK_GUARANTEE, issuer="بنك", amount=Decimal(5000),
        valid_from=today, valid_until=today + 100 * DAY, local_bank=True, irrevocable=True, auto_renewing=True,
        unconditional=False, recorded_by=officer, recorded_at=clock.now(),
    )  # fmt: skip
    assert "No bank guarantee" in words(browser.post(address, told)), "one with a condition is none"
    guarantee.unconditional = True
    guarantee.save()
    assert browser.post(address, told).status_code == 302
    limit = CreditLimit.objects.get()
    assert (limit.amount, limit.ends_on) == (Decimal(5000), today + 100 * DAY)
    back = {"on": today.isoformat()}
    assert browser.post(reverse("credit_collateral_release", args=[guarantee.pk]), back).status_code == 302
    assert [(limit.amount, limit.ground) for limit in CreditLimit.objects.order_by("pk")][1:] == [(0, "DECREASE")]


@pytest.mark.requirement("CM-26", "CM-14")
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_increase_says_whether_it_may_be_and_why_not_and_begins_its_application(language: str) -> None:
    client, officer = make_client(), make_user(Role.CREDIT_OFFICER, name="officer")
    account = an_account(client, by=officer, signed_on=clock.today() - 100 * DAY)
    browser, address = enter(officer, language), reverse("credit_increase", args=[account.customer.pk])
    page = browser.get(address)
    assert in_language(page, language)
    assert [reason.code for reason in page.context["answer"].reasons] == ["too_early"]
    older = an_account(client, by=officer, ref="C-2", signed_on=clock.today() - 300 * DAY)
    address = reverse("credit_increase", args=[older.customer.pk])
    page = browser.get(address)
    assert page.context["answer"].eligible
    assert page.context["answer"].most == Decimal(11_000)
    assert browser.post(address, {"asked_limit": "11000", "grounds": "زادت المبيعات"}).status_code == 302
    application = Application.objects.get()
    assert (application.purpose, application.asked_limit) == ("INCREASE", Decimal(11_000))


@pytest.mark.requirement("CM-14", "CM-26")
def test_a_decrease_is_a_new_version_and_the_old_one_stays() -> None:
    client, officer = make_client(), make_user(Role.CREDIT_OFFICER, name="officer")
    account = an_account(client, by=officer)
    browser, today = desk(Role.GENERAL_MANAGER), clock.today()
    address = reverse("credit_limit_lower", args=[account.customer.pk])
    told = {"amount": "10000", "starts_on": today.isoformat(), "reason": "تراجع المبيعات"}
    assert browser.post(address, told).status_code == 422, "the same is no decrease"
    assert browser.post(address, {**told, "amount": "4000"}).status_code == 302
    assert [(limit.amount, limit.ends_on) for limit in account.customer.limits.order_by("pk")] == [
        (Decimal(10_000), account.limit.ends_on),
        (Decimal(4_000), account.limit.ends_on),
    ]
    assert "4,000" in words(browser.get(reverse("credit_limits", args=[account.customer.pk])))


@pytest.mark.requirement("CM-17", "CM-47")
def test_a_breach_stops_at_once_claims_everything_and_another_person_releases_it() -> None:
    client, officer = make_client(), make_user(Role.CREDIT_OFFICER, name="officer")
    account, today = an_account(client, by=officer), clock.today()
    a_case(client, ref="C-1", days_late=-20, amount="700.00")
    manager = make_user(Role.FINANCE_MANAGER, name="one")
    browser, address = enter(manager, "en"), reverse("credit_stop_new", args=[account.customer.pk])
    prove(browser)
    told = {"kind": "BREACH", "began_on": today.isoformat(), "reason": "باع خارج منطقته"}
    assert browser.post(address, {**told, "kind": "OVERDUE"}).status_code == 422
    assert browser.post(address, told).status_code == 302
    stop, follow_up = CreditStop.objects.get(), StopFollowUp.objects.get()
    assert (follow_up.claims, follow_up.due_on) == (Decimal(700), today)
    release = reverse("credit_stop_release", args=[stop.pk])
    assert browser.post(release, {"reason": "تراجع"}).status_code == 422, "not who stopped it"
    assert desk(Role.GENERAL_MANAGER).post(release, {"reason": "صُحح الوضع"}).status_code == 302
    stop.refresh_from_db()
    follow_up.refresh_from_db()
    assert (stop.end, follow_up.state) == ("RELEASED", "ENDED")


@pytest.mark.requirement("CM-44", "CM-47", "CM-11")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_demand_of_day_61_asks_for_payment_now_and_never_speaks_of_a_grace(language: str) -> None:
    client, officer = make_client(), make_user(Role.CREDIT_OFFICER, name="officer")
    account = an_account(client, by=officer)
    a_case(client, ref="C-1", days_late=1, amount="300.00")
    follow_up = StopFollowUp.objects.get()
    assert (follow_up.stop.kind, follow_up.claims) == ("OVERDUE", Decimal(300))
    browser = enter(officer, language)
    row = words(browser.get(reverse("credit_follow_ups")))
    assert account.customer.debtor.name in row
    address = reverse("credit_follow_up", args=[follow_up.pk])
    page = browser.get(address)
    assert in_language(page, language)
    said = words(page)
    assert "C-1-1" in said and "300" in said
    for word in ("90 ", "grace", "مهلة", "سماح", "إضافي", "more days"):
        assert word not in said, "the grace is time to pay, and no paper shows it (I-04)"
    tomorrow = clock.today() + DAY
    assert browser.post(address, {"note": "", "next_on": tomorrow.isoformat()}).status_code == 422
    assert browser.post(address, {"note": "وعد بالسداد غداً", "next_on": tomorrow.isoformat()}).status_code == 302
    assert list(StopFollowUp.objects.order_by("pk").values_list("state", "due_on")) == [
        ("DONE", follow_up.due_on), ("OPEN", tomorrow)
    ]  # fmt: skip


@pytest.mark.requirement("CM-09")
@pytest.mark.parametrize("language", LANGUAGES)
def test_limits_that_end_are_reviewed_by_regularity_and_sales_and_renewed(language: str) -> None:
    client, officer = make_client(), make_user(Role.CREDIT_OFFICER, name="officer")
    soon = an_account(client, by=officer, signed_on=clock.today() - 320 * DAY)
    an_account(client, by=officer, ref="C-2", signed_on=clock.today() - 200 * DAY)
    a_case(client, ref="C-1", days_late=2, amount="300.00")
    browser = enter(officer, language)
    page = browser.get(reverse("credit_reviews"))
    assert in_language(page, language)
    (row,) = page.context["rows"]
    assert (row.customer_id, row.sales, row.owed, row.times, row.days) == (soon.customer.pk, 300, 300, 1, 1)
    assert browser.post(reverse("credit_renewal", args=[soon.customer.pk])).status_code == 302
    assert Application.objects.get().purpose == "RENEWAL"
    assert Application.objects.get().number in words(browser.get(reverse("credit_reviews")))


@pytest.mark.requirement("CM-13", "CM-15")
def test_credit_that_was_cancelled_is_opened_again_by_an_exception_alone() -> None:
    client, officer = make_client(), make_user(Role.CREDIT_OFFICER, name="officer")
    account, today = an_account(client, by=officer), clock.today()

    case = a_case(client, ref="C-1", days_late=-20)
    for ago in (100, 50):
        DefaultEpisode.objects.create(
            client=client, case=case, rule="TRADE_90", began_on=today - ago * DAY, ended_on=today - (ago - 5) * DAY,
            recorded_at=clock.now(),
        )  # fmt: skip
    stops_follow(client_id=client.pk, customer_ids=[account.customer.pk], cause="DEFAULT")
    assert CreditStop.objects.get(kind="CANCELLED").ended_on is None
    again = an_approved_application(client, by=officer, customer=account.customer)
    browser, address = enter(officer, "en"), reverse("credit_agreement_new", args=[again.pk])
    told = {"signed_on": today.isoformat(), "terms_days": 60, "period_start": "INVOICE", "signed_by": account.owner.pk}
    assert "only an exception" in words(browser.post(address, told))
    again.state = ApplicationState.WITHDRAWN
    again.save()
    again = an_approved_application(
        client,
        by=officer,
        customer=account.customer,
        recommendation=Recommendation.EXCEPTION,
        ground=LimitGround.EXCEPTION,
    )
    address = reverse("credit_agreement_new", args=[again.pk])
    assert browser.post(address, told).status_code == 302
    cancelled = CreditStop.objects.get(kind="CANCELLED")
    assert (cancelled.ended_on, cancelled.end) == (today, "EXCEPTION")
