"""The credit desk at a real browser: both kinds of customer, from the first page to the orders that are taken."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import pytest
from playwright.sync_api import Page, expect

from accounts.choices import Role
from clients.models import Client
from collections_app.models import Case
from collections_app.services.nightly import nightly_run
from common import clock
from credit.choices import NEEDED_PAPERS, Criterion, CustomerKind, PaperKind, StopKind
from credit.models import Application, CreditStop, Customer, Order
from credit.rules.order_words import REASONS
from credit.selectors.standing import limit_on
from credit.tests.file_worlds import FIGURES_OF_A_YEAR, month
from tests.browsing import Surfer, overflow
from tests.doors import LANGUAGES
from tests.e2e.hands import follow, says, send, the_day
from tests.e2e.test_journeys import path, prove
from tests.world import make_client, make_user, place

TERMS = 60


@dataclass(kw_only=True)
class Desk:
    """A client that sells on credit, and who works with it, each at a window of their own."""

    client: Client
    surfer: Surfer
    language: str

    def at(self, role: str) -> Page:
        return self.surfer.window(make_user(role), self.language)

    @cached_property
    def officer(self) -> Page:
        return self.at(Role.CREDIT_OFFICER)

    @cached_property
    def finance(self) -> Page:
        return self.at(Role.FINANCE_MANAGER)


@pytest.fixture
def desk(transactional_db: None, house: str, surfer: Surfer, language: str) -> Desk:
    return Desk(client=make_client("NAK"), surfer=surfer, language=language)


def opened(desk: Desk, kind: str) -> Customer:
    """The officer opens the file of a customer, and an application in it."""
    officer = desk.officer
    officer.goto("/")
    assert path(officer) == "/credit/"
    follow(officer, "main a[href='/credit/customers/new/']")
    send(
        officer, "/customers/new/", client=str(desk.client.pk), debtor_ref="C-1",
        name="مؤسسة السنابل التجارية", identifier="7001234567", kind=kind, legal_form="LLC", city="الرياض",
    )  # fmt: skip
    customer = Customer.objects.get()
    assert path(officer) == f"/credit/customers/{customer.pk}/"
    send(officer, f"/customers/{customer.pk}/applications/", applied_on=str(clock.today()))
    return customer


def signer(officer: Page, customer: Customer) -> None:
    officer.goto(f"/credit/customers/{customer.pk}/")
    send(
        officer, f"/customers/{customer.pk}/agents/", name="سالم السنابل", is_owner="on",
        scopes=("AGREEMENTS", "ORDERS"), valid_from=str(clock.today()), specimen="specimen",
    )  # fmt: skip


def asked_for_papers(officer: Page, application: Application, kinds: Iterable[str], language: str) -> None:
    """The checklist names every paper that is missing and refuses; each is added where it is missed."""
    action = f"/applications/{application.pk}/submit/"
    send(officer, action, status=422)
    expect(officer.locator("#checklist [role=alert]")).to_be_visible()
    for kind in kinds:
        says(officer, PaperKind(kind).label, language)
    for kind in kinds:
        officer.locator(f"#checklist a[href*='{kind}']").click()
        expect(officer.locator("#paper [name=kind]")).to_have_value(kind)
        send(officer, f"/applications/{application.pk}/papers/", file="paper")
    application.refresh_from_db()
    assert application.state == "DRAFT"


def filled(officer: Page, application: Application, language: str) -> None:
    """The facts of the source's own example: capital, form, bank and sales."""
    at = f"/applications/{application.pk}"
    million = "١٬٠٠٠٬٠٠٠" if language == "ar" else "1,000,000"
    year = str(clock.today().year - 1)
    send(
        officer, f"{at}/facts/", capital=million, has_official_papers="on", annual_sales="50,000,000.00",
        sales_year=year,
    )  # fmt: skip
    follow(officer, "#banks a.btn")
    send(
        officer, f"{at}/banks/", bank="بنك الواحة", from_month=f"{month(12):%Y-%m}", until_month=f"{month(1):%Y-%m}",
        average_balance="5,000,000",
    )  # fmt: skip
    assert re.search(r"/credit/banks/\d+/$", officer.url)
    columns = ("credits", "debits", "lowest", "closing")
    send(officer, "/months/", **{f"{name}_{month(n):%Y%m}": "1,000.00" for n in (1, 2, 3) for name in columns})
    officer.goto(f"/credit{at}/")
    follow(officer, "#statements a.btn")
    figures = {name: f"{value * 10_000:.2f}" for name, value in FIGURES_OF_A_YEAR.items()}
    send(officer, officer.locator("main form:has([name=year])"), year=year, **(figures | {"sales": "50,000,000"}))
    for kind in ("BANK", "TRADE"):
        send(officer, f"{at}/references/", kind=kind, name=f"جهة {kind}", asked_on=str(clock.today()))


def analysed(officer: Page, application: Application) -> None:
    """The references answer, the criteria are judged, the analysis is closed and scored."""
    today = str(clock.today())
    for reference in application.references.all():
        send(officer, f"/references/{reference.pk}/answer/", answered_on=today, judgement="GOOD", years_known="5")
    judged = {f"judgement_{criterion}": "GOOD" for criterion in Criterion.values}
    grounds = {f"grounds_{criterion}": "سجل منتظم" for criterion in Criterion.values}
    send(officer, "/criteria/", **judged, **grounds)
    send(officer, "/analyse/")
    send(officer, "/score/")


def decided(desk: Desk, application: Application, language: str) -> None:
    """The finance manager reads the worksheet and recommends; the general manager grants it in the inbox."""
    officer, finance, general = desk.officer, desk.finance, desk.at(Role.GENERAL_MANAGER)
    finance.goto("/")
    follow(finance, f"a[href='/credit/applications/{application.pk}/']")
    follow(finance, f"a[href='/credit/applications/{application.pk}/worksheet/']")
    for figure in ("11,230", "1,123,000", "200", "1,000", "10,000"):
        expect(finance.locator("main")).to_contain_text(figure)
    assert overflow(finance) <= 0
    finance.goto(f"/credit/applications/{application.pk}/")
    send(
        finance, "/recommend/", recommendation="APPROVE", limit="1,123,000", ground="POINTS",
        reason="نقاطه تفي، وسجله منتظم.",
    )  # fmt: skip
    for prepared in (officer, finance):
        prepared.goto(f"/credit/applications/{application.pk}/")
        expect(prepared.locator("main a[href*='chosen=']")).to_have_count(0)

    general.goto("/")
    follow(general, "main .counters a[href='/approvals/']")
    expect(general.locator("main")).to_contain_text("11,230")
    general.click("button[name=decision][value=APPROVED]")
    prove(general)
    general.wait_for_url(lambda url: "/confirm/" not in url)
    application.refresh_from_db()
    assert (application.state, application.decided_by.role) == ("APPROVED", Role.GENERAL_MANAGER)


def agreed(desk: Desk, application: Application) -> None:
    """The agent signs the agreement; from then on the customer has a limit."""
    officer, customer = desk.officer, application.customer
    officer.goto(f"/credit/customers/{customer.pk}/")
    follow(officer, f"a[href='/credit/applications/{application.pk}/agreement/']")
    agent = customer.agents.get()
    send(officer, f"/applications/{application.pk}/agreement/", signed_by=str(agent.pk), signed_on=str(clock.today()))
    assert path(officer) == f"/credit/customers/{customer.pk}/"
    expect(officer.locator("#standing .note-box.good")).to_contain_text("1,123,000.00")
    application.refresh_from_db()
    limit = limit_on(customer=customer, on=clock.today())
    assert (application.state, limit and limit.amount) == ("ACTIVE", Decimal(1_123_000))


def ordered(officer: Page, customer: Customer, ref: str, amount: str, **told: str) -> Order:
    """An order is entered, and answered at once."""
    officer.goto(f"/credit/customers/{customer.pk}/")
    follow(officer, f"a[href='/credit/customers/{customer.pk}/orders/new/']")
    send(officer, officer.locator("main form:has([name=order_ref])"), order_ref=ref, amount=amount, **told)
    return Order.objects.get(order_ref=ref)


def refused(order: Order, page: Page, language: str, *codes: str) -> None:
    """The answer says no, with each of these reasons and no other, in words."""
    assert (order.state, [reason["code"] for reason in order.reasons]) == ("REFUSED", list(codes))
    expect(page.locator("main .check.fail")).to_have_count(len(codes))
    for code in codes:
        says(page, REASONS[code].title, language)


@pytest.mark.requirement("CM-01", "CM-08", "CM-10", "CM-16", "CM-20", "CM-22", "CM-23", "CM-47")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_credit_customer_is_scored_decided_signed_sold_to_stopped_and_freed(
    desk: Desk, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    today, officer = clock.today(), desk.officer
    began = today - dt.timedelta(days=TERMS + 3)
    with monkeypatch.context() as then:
        the_day(then, began)
        customer = opened(desk, CustomerKind.CREDIT)
        application = Application.objects.get()
        papers = [kind for kind in NEEDED_PAPERS[CustomerKind.CREDIT] if kind != PaperKind.SPECIMEN_SIGNATURE]
        asked_for_papers(officer, application, papers, language)
        signer(officer, customer)
        officer.goto(f"/credit/applications/{application.pk}/")
        filled(officer, application, language)
        send(officer, "/submit/")
        send(officer, "/analyse/", status=422)
        says(officer, Criterion.CAPACITY.label, language)
        analysed(officer, application)
        decided(desk, application, language)
        agreed(desk, application)

        order = ordered(officer, customer, "O-1", "500,000")
        assert order.state == "ACCEPTED"
        over = ordered(officer, customer, "O-2", "623,000.01", agent="")
        refused(over, officer, language, "LIMIT_PASSED", "SIGNATORY_NONE")
        says(officer, "623,000.00", language)
        officer.goto(f"/credit/orders/{order.pk}/")
        send(officer, f"/orders/{order.pk}/invoice/", receivable_ref="INV-1", amount="500,000", is_last="on")
        place(desk.client, [
            {"debtor_ref": "C-1", "receivable_ref": "INV-1", "issued_on": began, "amount": "500000.00",
             "due_on": began + dt.timedelta(days=TERMS)},
        ])  # fmt: skip

    stopped_and_freed(desk, customer, language)


def stopped_and_freed(desk: Desk, customer: Customer, language: str) -> None:
    """The day after the terms: the night stops credit, a payment frees it in the same moment."""
    officer, collections = desk.officer, desk.at(Role.COLLECTIONS_MANAGER)
    nightly_run(date=clock.today())
    officer.goto("/credit/")
    says(officer, StopKind.OVERDUE.label, language)
    stop = CreditStop.objects.get()
    assert (stop.kind, stop.began_on, stop.ended_on) == ("OVERDUE", clock.today() - dt.timedelta(days=2), None)
    late = ordered(officer, customer, "O-3", "1,000")
    refused(late, officer, language, "OVERDUE")
    expect(officer.locator("main")).to_contain_text("INV-1")

    case = Case.objects.get()
    collections.goto(f"/cases/{case.pk}/")
    send(collections, f"/cases/{case.pk}/payment/", amount="500,000", reference="TRF-1")
    stop.refresh_from_db()
    assert (stop.ended_on, stop.end) == (clock.today(), "CAUSE_GONE")
    officer.goto(f"/credit/customers/{customer.pk}/")
    expect(officer.locator("#standing .note-box.good")).to_contain_text("1,123,000.00")
    assert ordered(officer, customer, "O-4", "1,000").state == "ACCEPTED"
    assert overflow(officer) <= 0


def remote_terms(desk: Desk, customer: Customer) -> None:
    """An order by e-mail is refused until its terms are accepted and its address is registered."""
    officer, remote = desk.officer, {"kind": "CASH", "channel": "EMAIL", "address": "orders@sanabil.example"}
    early = ordered(officer, customer, "O-3", "900", original="original", **remote)
    refused(early, officer, desk.language, "REMOTE_TERMS", "REMOTE_ADDRESS")
    signer(officer, customer)
    send(
        officer, f"/customers/{customer.pk}/remote-terms/", version="2026-1", accepted_on=str(clock.today()),
        agent=str(customer.agents.get().pk), paper="terms",
    )  # fmt: skip
    send(officer, f"/customers/{customer.pk}/remote-addresses/", value="Orders@Sanabil.example")
    assert ordered(officer, customer, "O-4", "900", original="original", **remote).state == "ACCEPTED"


@pytest.mark.requirement("CM-18", "CM-19", "CM-21", "CM-23", "CM-27")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_cash_customer_is_opened_on_fewer_papers_and_buys_for_cash_alone(desk: Desk, language: str) -> None:
    officer, finance = desk.officer, desk.finance
    customer = opened(desk, CustomerKind.CASH)
    application = Application.objects.get()
    for sheet in ("#banks", "#statements", "#references", "#criteria"):
        expect(officer.locator(sheet)).to_have_count(0)
    asked_for_papers(officer, application, NEEDED_PAPERS[CustomerKind.CASH], language)
    send(officer, "/submit/")
    expect(officer.locator("form[action$='/admit/']")).to_have_count(0)
    finance.goto("/credit/")
    follow(finance, f"a[href='/credit/applications/{application.pk}/']")
    send(finance, f"/applications/{application.pk}/admit/")
    application.refresh_from_db()
    assert application.state == "ACTIVE"

    assert ordered(officer, customer, "O-1", "900", kind="CASH").state == "ACCEPTED"
    on_credit = ordered(officer, customer, "O-2", "900", kind="CREDIT")
    assert on_credit.state == "REFUSED"
    says(officer, REASONS["ACCOUNT_CASH"].sentence, language)
    remote_terms(desk, customer)
