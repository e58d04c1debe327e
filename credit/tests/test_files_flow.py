"""Credit files through the doors of who works with them: from a new customer to the analysis, and a cash account."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation
from django.utils.html import escape

from accounts.choices import Role
from accounts.models import AccessRecord
from common import clock
from common.models import AuditEvent
from credit.choices import NEEDED_PAPERS, ApplicationState, Criterion, CustomerKind, PaperKind
from credit.models import Agent, Application, ApplicationMove, BankAccount, Collateral, Customer
from credit.selectors.agents import agents_who_may
from credit.selectors.applications import application_version, lateness_by_role
from credit.selectors.remote_terms import remote_address_known, remote_terms_on
from credit.services.facts import FIGURES
from credit.tests.file_worlds import (
    FIGURES_OF_A_YEAR,
    a_filled_application,
    a_signer,
    a_submitted_application,
    an_analysed_application,
    found_out,
    its_papers,
    month,
)
from credit.tests.worlds import a_customer, an_application
from tests.doors import LANGUAGES, enter, in_language, queries, words
from tests.world import a_case, a_pdf, make_client, make_user

pytestmark = pytest.mark.django_db


def a_file(name: str = "p.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, a_pdf(), content_type="application/pdf")


class Desk:
    """An officer at the browser."""

    def __init__(self, language: str = "ar") -> None:
        self.client = make_client("AAA")
        self.officer = make_user(Role.CREDIT_OFFICER)
        self.browser = enter(self.officer, language)

    def post(self, door: str, pk: int, /, status: int = 302, **data: Any) -> Any:
        response = self.browser.post(reverse(door, args=[pk]), data)
        assert response.status_code == status, words(response)[-3000:]
        return response

    def get(self, name: str, pk: int) -> Any:
        response = self.browser.get(reverse(name, args=[pk]))
        assert response.status_code == 200
        return response


def facts_of(application: Application, **other: Any) -> dict[str, Any]:
    return {
        "seen": application_version(application=application), "capital": "١٠٠٬٠٠٠", "legal_form": "LLC",
        "resident": "on", "has_official_papers": "on", "annual_sales": "6,200", "sales_year": clock.today().year - 1,
    } | other  # fmt: skip


@pytest.mark.requirement("CM-20", "CM-01", "CM-46")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_credit_customer_from_the_first_page_to_the_end_of_the_analysis(language: str) -> None:
    desk = Desk(language)
    today = clock.today()
    assert desk.browser.get("/").url == reverse("credit_desk")
    response = desk.browser.post(
        reverse("credit_customer_new"),
        {"client": desk.client.pk, "debtor_ref": "C-1", "name": "مؤسسة السنابل", "kind": "CREDIT", "legal_form": "LLC",
         "resident": "on", "identifier": "7001234567", "city": "الرياض"},
    )  # fmt: skip
    customer = Customer.objects.get()
    assert response.url == reverse("credit_customer", args=[customer.pk])
    desk.post("credit_application_new", customer.pk, purpose="NEW", applied_on=today, asked_limit="250,000.00")
    application = Application.objects.get()
    # Submitted with nothing in it, it names everything that is missing.
    response = desk.post("credit_submit", application.pk, status=422)
    for kind in NEEDED_PAPERS[CustomerKind.CREDIT]:
        with translation.override(language):
            assert escape(str(PaperKind(kind).label)) in words(response)
    assert in_language(response, language)

    for kind in NEEDED_PAPERS[CustomerKind.CREDIT]:
        if kind != PaperKind.SPECIMEN_SIGNATURE:
            desk.post("credit_application_paper", application.pk, kind=kind, file=a_file())
    desk.post(
        "credit_agent_new", customer.pk, name="سالم السنابل", scopes=["AGREEMENTS", "ORDERS"], is_owner="on",
        valid_from=today, specimen=a_file(),
    )  # fmt: skip
    desk.post("credit_facts", application.pk, **facts_of(application))
    statement, certificate = (
        customer.papers.get(kind=kind).pk for kind in (PaperKind.BANK_STATEMENT, PaperKind.BANK_CERTIFICATE)
    )
    desk.post(
        "credit_bank_new", application.pk, bank="بنك الواحة", is_local="on", from_month=f"{month(12):%Y-%m}",
        until_month=f"{month(1):%Y-%m}", average_balance="60000", returned_cheques="0", statement=statement,
        certificate=certificate,
    )  # fmt: skip
    account = BankAccount.objects.get()
    assert account.months == 12
    moved = {
        f"{name}_{month(n):%Y%m}": "10.00" for n in (1, 2, 3) for name in ("credits", "debits", "lowest", "closing")
    }
    desk.post("credit_bank_months", account.pk, **moved)
    desk.post(
        "credit_statement_new", application.pk, year=today.year - 1, auditor="مراجع",
        **{name: str(value) for name, value in FIGURES_OF_A_YEAR.items()},
    )  # fmt: skip
    for kind in ("BANK", "TRADE"):
        desk.post("credit_reference_new", application.pk, kind=kind, name=f"جهة {kind}", asked_on=today)
    desk.post("credit_submit", application.pk)
    application.refresh_from_db()
    assert application.state == ApplicationState.SUBMITTED
    assert application.capital == Decimal(100_000)

    response = desk.post("credit_analyse", application.pk, status=422)
    for criterion in Criterion:
        with translation.override(language):
            assert str(criterion.label) in words(response)
    for reference in application.references.all():
        desk.post(
            "credit_reference_answer", reference.pk, answered_on=today, judgement="GOOD", years_known=5,
            usual_limit="100000",
        )  # fmt: skip
    judged = {f"judgement_{c}": "GOOD" for c in Criterion.values} | {f"grounds_{c}": "سجل" for c in Criterion.values}
    desk.post("credit_criteria", application.pk, **judged)
    desk.post("credit_analyse", application.pk)
    application.refresh_from_db()
    assert application.state == ApplicationState.ANALYSED

    moves = list(ApplicationMove.objects.values_list("to_state", "role", "waits_for"))
    assert moves == [
        ("DRAFT", "CREDIT_OFFICER", "CREDIT_OFFICER"),
        ("SUBMITTED", "CREDIT_OFFICER", "CREDIT_OFFICER"),
        ("ANALYSED", "CREDIT_OFFICER", "FINANCE_MANAGER"),
    ]
    trail = AuditEvent.objects.filter(action="application.moved").order_by("pk").values_list("body", flat=True)
    assert [(body["from"], body["to"]) for body in trail] == [("DRAFT", "SUBMITTED"), ("SUBMITTED", "ANALYSED")]
    # The finance manager finds it on the same first page, and reads all of it.
    manager = enter(make_user(Role.FINANCE_MANAGER), language)
    assert [m.application for m in manager.get(reverse("credit_desk")).context["mine"]] == [application]
    page = manager.get(reverse("credit_application", args=[application.pk]))
    assert page.status_code == 200
    assert "سجل" in words(page)


@pytest.mark.requirement("CM-21", "CM-18")
def test_a_cash_account_opens_on_its_form_and_papers_by_a_manager_who_did_not_prepare_it() -> None:
    desk = Desk()
    customer = a_customer(desk.client, by=desk.officer, kind=CustomerKind.CASH)
    application = an_application(customer, by=desk.officer)
    response = desk.post("credit_submit", application.pk, status=422)
    assert str(PaperKind.OFFICIAL_ID.label) in words(response)
    its_papers(customer, by=desk.officer)
    page = words(desk.get("credit_application", application.pk))
    assert 'id="criteria"' not in page
    assert 'id="banks"' not in page
    desk.post("credit_submit", application.pk)
    desk.post("credit_admit", application.pk, status=404)
    desk.post("credit_analyse", application.pk, status=422)
    finance = enter(make_user(Role.FINANCE_MANAGER))
    # An invoice of before was placed meanwhile: nothing opens while it is owed.
    a_case(desk.client, ref="C-1")
    assert finance.post(reverse("credit_admit", args=[application.pk])).status_code == 422
    application.refresh_from_db()
    assert application.state == ApplicationState.SUBMITTED


@pytest.mark.requirement("CM-21")
def test_a_cash_account_without_debt_is_admitted() -> None:
    desk = Desk()
    customer = a_customer(desk.client, by=desk.officer, kind=CustomerKind.CASH)
    application = an_application(customer, by=desk.officer)
    its_papers(customer, by=desk.officer)
    desk.post("credit_submit", application.pk)
    boss = make_user(Role.FINANCE_MANAGER)
    # It waits for a manager, not for the analysis.
    assert [m.application for m in enter(boss).get(reverse("credit_desk")).context["mine"]] == [application]
    assert enter(boss).post(reverse("credit_admit", args=[application.pk])).status_code == 302
    application.refresh_from_db()
    assert (application.state, application.decided_by) == (ApplicationState.ACTIVE, boss)
    # A second press finds it done.
    assert enter(boss).post(reverse("credit_admit", args=[application.pk])).status_code == 422


@pytest.mark.requirement("CM-18")
def test_a_debt_on_another_account_of_the_same_customer_counts_too() -> None:
    desk = Desk()
    case = a_case(desk.client, ref="C-2")
    customer = a_customer(desk.client, by=desk.officer, kind=CustomerKind.CASH)
    customer.debtor.party_id = case.debtor.party_id
    customer.debtor.save(update_fields=["party"])
    application = an_application(customer, by=desk.officer)
    its_papers(customer, by=desk.officer)
    response = desk.post("credit_submit", application.pk, status=422)
    refused = next(part.context for part in response.context["parts"] if "refused" in part.context)
    assert [line.code for line, _place in refused["unmet"]] == ["EARLIER_DEBT"]


@pytest.mark.requirement("CM-22")
def test_who_may_sign_what_until_when_and_up_to_which_amount() -> None:
    desk = Desk()
    today = clock.today()
    customer = a_customer(desk.client, by=desk.officer)
    given = {"name": "ماجد", "scopes": ["ORDERS"], "valid_from": today, "valid_until": today + dt.timedelta(days=30)}
    # Without a power, and with one that never ends, nobody but the owner signs.
    desk.post("credit_agent_new", customer.pk, status=422, **given)
    desk.post("credit_agent_new", customer.pk, status=422, **(given | {"valid_until": ""}), power=a_file())
    desk.post("credit_agent_new", customer.pk, **given, up_to="5000", power=a_file("w.pdf"), specimen=a_file("s.pdf"))
    agent = Agent.objects.get()
    assert "ماجد" in words(desk.get("credit_customer", customer.pk))
    assert "ماجد".encode() not in bytes(agent.name_sealed)
    last = today + dt.timedelta(days=30)

    def may(scope: str, on: dt.date, amount: str | None = None) -> bool:
        at_most = Decimal(amount) if amount else None
        return agents_who_may(customer=customer, scope=scope, on=on, amount=at_most) == [agent]

    assert may("ORDERS", today, "5000.00")
    assert not may("ORDERS", today, "5000.01")
    assert not may("AGREEMENTS", today)
    assert not may("ORDERS", today - dt.timedelta(days=1))
    assert may("ORDERS", last)
    assert not may("ORDERS", last + dt.timedelta(days=1))
    desk.post("credit_agent_revoke", agent.pk, status=422, on=today)
    desk.post("credit_agent_revoke", agent.pk, on=today, reason="عزله الموكّل")
    assert not may("ORDERS", today)
    assert "عزله الموكّل" in words(desk.get("credit_customer", customer.pk))
    desk.post("credit_agent_revoke", agent.pk, status=422, on=today, reason="مرة أخرى")


@pytest.mark.requirement("CM-22")
def test_a_power_does_not_end_before_what_was_signed_under_it() -> None:
    desk = Desk()
    today = clock.today()
    customer = a_customer(desk.client, by=desk.officer)
    agent = a_signer(customer, by=desk.officer)
    desk.post("credit_terms_new", customer.pk, version="1", accepted_on=today, agent=agent.pk, paper=a_file())
    desk.post("credit_agent_revoke", agent.pk, status=422, on=today, reason="عزل")
    desk.post("credit_agent_revoke", agent.pk, on=today + dt.timedelta(days=1), reason="عزل")
    agent.refresh_from_db()
    assert agent.stands_on(today)
    assert not agent.stands_on(today + dt.timedelta(days=1))


@pytest.mark.requirement("CM-27", "CM-19")
def test_terms_of_remote_orders_are_accepted_by_who_may_sign_and_taken_back() -> None:
    desk = Desk()
    today = clock.today()
    customer = a_customer(desk.client, by=desk.officer)
    agent = a_signer(customer, by=desk.officer)
    desk.post("credit_terms_new", customer.pk, status=422, version="2026-1", accepted_on=today, agent=agent.pk)
    desk.post(
        "credit_terms_new", customer.pk, status=422, version="2026-1", accepted_on=today - dt.timedelta(days=1),
        agent=agent.pk, paper=a_file(),
    )  # fmt: skip
    desk.post("credit_terms_new", customer.pk, version="2026-1", accepted_on=today, agent=agent.pk, paper=a_file())
    first = remote_terms_on(customer=customer, on=today)
    assert first is not None
    assert remote_terms_on(customer=customer, on=today - dt.timedelta(days=1)) is None
    # A newer version takes its place; the day it was taken back, nothing stands.
    desk.post("credit_terms_new", customer.pk, version="2026-2", accepted_on=today, agent=agent.pk, paper=a_file())
    second = remote_terms_on(customer=customer, on=today)
    assert second is not None
    assert second.version == "2026-2"
    desk.post("credit_terms_revoke", second.pk, on=today)
    assert remote_terms_on(customer=customer, on=today) is None
    desk.post("credit_terms_revoke", second.pk, status=422, on=today)

    desk.post("credit_address_new", customer.pk, status=422, value="ليس رقمًا")
    desk.post("credit_address_new", customer.pk, value="Orders@Sanabil.example")
    desk.post("credit_address_new", customer.pk, status=422, value="orders@sanabil.example")
    desk.post("credit_address_new", customer.pk, value="٠١١٤٥٦٧٨٩٠")
    assert remote_address_known(customer=customer, value="ORDERS@sanabil.example")
    assert remote_address_known(customer=customer, value="+966 11 456 7890")
    assert not remote_address_known(customer=customer, value="0114567891")
    page = words(desk.get("credit_customer", customer.pk))
    assert "orders@sanabil.example" not in page
    desk.post("credit_customer_reveal", customer.pk)
    assert "orders@sanabil.example" in words(desk.get("credit_customer", customer.pk))
    assert AccessRecord.objects.filter(what="credit.reveal", subject_id=customer.pk).count() == 1
    address = customer.remote_addresses.first()
    desk.post("credit_address_remove", address.pk)
    desk.post("credit_address_remove", address.pk, status=422)
    assert not remote_address_known(customer=customer, value="orders@sanabil.example")


@pytest.mark.requirement("CM-01")
def test_securities_with_their_papers() -> None:
    desk = Desk()
    today = clock.today()
    customer = a_customer(desk.client, by=desk.officer)
    told = {"kind": "BANK_GUARANTEE", "issuer": "بنك الواحة", "amount": "100000", "valid_from": today}
    desk.post("credit_collateral_new", customer.pk, status=422, **told)
    desk.post("credit_collateral_new", customer.pk, **told, local_bank="on", irrevocable="on", paper=a_file())
    guarantee = Collateral.objects.get()
    assert (guarantee.local_bank, guarantee.irrevocable, guarantee.unconditional) == (True, True, False)
    assert guarantee.paper is not None
    # The properties of a bank guarantee are no other security's.
    desk.post("credit_collateral_new", customer.pk, **(told | {"kind": "GUARANTOR"}), local_bank="on")
    assert not Collateral.objects.latest("pk").local_bank
    desk.post("credit_collateral_release", guarantee.pk, status=422, on=today - dt.timedelta(days=1))
    desk.post("credit_collateral_release", guarantee.pk, on=today)
    desk.post("credit_collateral_release", guarantee.pk, status=422, on=today)


def test_a_balance_sheet_that_does_not_add_up_is_said_at_its_figures() -> None:
    desk = Desk()
    application = an_application(a_customer(desk.client, by=desk.officer), by=desk.officer)
    told = {name: str(value) for name, value in FIGURES_OF_A_YEAR.items()}
    year = clock.today().year - 1
    for figure, value in (("equity", "1600.01"), ("inventory", "1100.01"), ("payables", "900.01"), ("sales", "-1")):
        response = desk.post("credit_statement_new", application.pk, status=422, year=year, **(told | {figure: value}))
        assert response.context["form"].errors, figure
    desk.post("credit_statement_new", application.pk, year=year, **told)
    # The same year again takes its place.
    desk.post("credit_statement_new", application.pk, year=year, **(told | {"net_profit": "-12.50"}))
    assert [s.net_profit for s in application.statements.all()] == [Decimal("-12.50")]
    desk.post("credit_statement_remove", application.statements.get().pk)
    assert set(told) == set(FIGURES)


def test_a_row_of_movements_is_whole_or_empty_and_shorter_statements_drop_it() -> None:
    desk = Desk()
    application = a_filled_application(a_customer(desk.client, by=desk.officer), by=desk.officer)
    account = application.bank_accounts.get()
    half = {f"credits_{month(1):%Y%m}": "10"}
    response = desk.post("credit_bank_months", account.pk, status=422, **half)
    assert len(response.context["months_form"].errors) == 3
    assert account.month_rows.count() == 3
    desk.post(
        "credit_bank", account.pk, bank="بنك الواحة", from_month=f"{month(2):%Y-%m}", until_month=f"{month(1):%Y-%m}",
        average_balance="1", returned_cheques="0",
    )  # fmt: skip
    assert account.month_rows.count() == 2
    desk.post("credit_bank_remove", account.pk)
    assert not BankAccount.objects.exists()


@pytest.mark.requirement("CM-46")
def test_each_step_has_its_role_and_due_hour_and_who_is_late_is_shown() -> None:
    sunday = dt.date(2026, 3, 1)
    with clock.at(clock.at_riyadh(on=sunday)):
        desk = Desk()
        application = a_submitted_application(a_customer(desk.client, by=desk.officer), by=desk.officer)
        move = application.moves.latest("pk")
        # Two working days for the analysis; the first day is not counted.
        assert move.due_at == clock.at_riyadh(on=dt.date(2026, 3, 3), time=dt.time(16))
    with clock.at(clock.at_riyadh(on=dt.date(2026, 3, 3), time=dt.time(16))):
        [officer] = lateness_by_role(now=clock.now(), days=30)
        assert (officer.has, officer.late, officer.done, officer.done_late) == (1, 0, 1, 0)
    with clock.at(clock.at_riyadh(on=dt.date(2026, 3, 5), time=dt.time(16, 1))):
        page = desk.browser.get(reverse("credit_desk"))
        [officer] = page.context["lateness"]
        assert (officer.role, officer.late) == (Role.CREDIT_OFFICER, 1)
        assert page.context["late"] == 1
        found_out(application, by=desk.officer)
        desk.post("credit_analyse", application.pk)
        found = {row.role: row for row in lateness_by_role(now=clock.now(), days=30)}
        assert (found[Role.CREDIT_OFFICER].late, found[Role.CREDIT_OFFICER].done_late) == (0, 1)
        assert (found[Role.FINANCE_MANAGER].has, found[Role.FINANCE_MANAGER].late) == (1, 0)
        # Thursday's 24 hours end on the next working day.
        assert application.moves.latest("pk").due_at == clock.at_riyadh(on=dt.date(2026, 3, 8), time=dt.time(16))


@pytest.mark.requirement("CM-20", "CM-46")
def test_what_lacks_something_goes_back_with_the_reason_and_comes_again() -> None:
    desk = Desk()
    application = an_analysed_application(a_customer(desk.client, by=desk.officer), by=desk.officer)
    desk.post("credit_return", application.pk, status=422, reason="ليس لي")
    finance = enter(make_user(Role.FINANCE_MANAGER))
    address = reverse("credit_return", args=[application.pk])
    assert finance.post(address, {"reason": " "}).status_code == 422
    assert finance.post(address, {"reason": "القوائم غير موقعة"}).status_code == 302
    page = words(desk.get("credit_application", application.pk))
    assert "القوائم غير موقعة" in page
    desk.post("credit_submit", application.pk)
    desk.post("credit_withdraw", application.pk, status=422, reason="")
    desk.post("credit_withdraw", application.pk, reason="عدل العميل عن الطلب")
    application.refresh_from_db()
    assert application.state == ApplicationState.WITHDRAWN
    # Then a new one may be begun, and it knows the capital.
    desk.post("credit_application_new", application.customer_id, purpose="NEW", applied_on=clock.today())
    again = Application.objects.latest("pk")
    assert (again.capital, again.annual_sales) == (application.capital, None)


@pytest.mark.requirement("CM-28")
def test_creditor_debtor_value_and_period_stand_on_the_application() -> None:
    desk = Desk("en")
    customer = a_customer(desk.client, by=desk.officer)
    application = an_application(customer, by=desk.officer, asked_limit=Decimal(250_000))
    page = words(desk.get("credit_application", application.pk))
    part = page[page.index('id="parties"') :]
    for said in ("Client AAA", customer.debtor.name, "250,000", "60 days"):
        assert said in part


def test_the_list_finds_by_how_they_stand_kind_client_name_and_reference() -> None:
    desk = Desk()
    other = make_client("BBB")
    first = a_customer(desk.client, by=desk.officer, ref="C-1", name="مؤسسة الأمانة")
    second = a_customer(other, by=desk.officer, ref="X-9", name="شركة النور", kind=CustomerKind.CASH)
    an_application(first, by=desk.officer)

    def found(**asked: Any) -> list[Customer]:
        page = desk.browser.get(reverse("credit_customers"), asked)
        return [row.customer for row in page.context["rows"]]

    assert found() == [second, first]
    assert found(view="applying") == [first]
    assert found(view="stopped") == found(view="agreed") == []
    assert found(kind="CASH") == [second]
    assert found(client=other.pk) == [second]
    assert found(q="الامانه") == [first]
    assert found(q="X-") == [second]
    assert found(client="٣", kind="؟", view="؟", page="x") == [second, first]


def test_an_account_is_edited_closed_and_opened_again() -> None:
    desk = Desk()
    customer = a_customer(desk.client, by=desk.officer)
    application = an_application(customer, by=desk.officer)
    desk.post("credit_customer_edit", customer.pk, status=422, kind="CASH")
    desk.post("credit_customer_edit", customer.pk, kind="CREDIT", legal_form="JOINT_STOCK", industry="بناء")
    customer.refresh_from_db()
    assert (customer.legal_form, customer.resident, customer.industry) == ("JOINT_STOCK", False, "بناء")
    close = {"on": clock.today(), "reason": "توقف النشاط"}
    desk.post("credit_customer_close", customer.pk, status=422, **close)
    desk.post("credit_withdraw", application.pk, reason="توقف النشاط")
    desk.post("credit_customer_close", customer.pk, **close)
    desk.post("credit_application_new", customer.pk, status=422, purpose="NEW", applied_on=clock.today())
    desk.post("credit_customer_edit", customer.pk, status=422, kind="CREDIT")
    desk.post("credit_customer_reopen", customer.pk, reason="عاد")
    desk.post("credit_application_new", customer.pk, purpose="NEW", applied_on=clock.today())


def test_pages_cost_so_many_statements_however_full_they_are() -> None:
    desk = Desk()
    application = a_submitted_application(a_customer(desk.client, by=desk.officer), by=desk.officer)
    customer = application.customer
    for n in range(5):
        a_customer(desk.client, by=desk.officer, ref=f"Z-{n}")
    assert queries(lambda: desk.browser.get(reverse("credit_customers"))) <= 11
    assert queries(lambda: desk.browser.get(reverse("credit_desk"))) <= 17
    assert queries(lambda: desk.browser.get(reverse("credit_customer", args=[customer.pk]))) <= 26
    assert queries(lambda: desk.browser.get(reverse("credit_application", args=[application.pk]))) <= 34
