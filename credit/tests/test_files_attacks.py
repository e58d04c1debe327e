"""What must not happen to credit files: other clients' eyes, wrong hands, stale forms, changes behind a decision."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from accounts.choices import Role
from accounts.models import AccessRecord
from common import clock
from common.exceptions import Conflict, NotAllowed, Refused
from credit.choices import ApplicationState, CustomerKind, PaperKind, Purpose
from credit.models import Agent, Application, BankAccount, Collateral, CreditPaper
from credit.policies import applications_visible_to, customers_visible_to
from credit.selectors.applications import application_version
from credit.services.applications import (
    application_analyse,
    application_edit,
    application_submit,
    cash_admit,
)
from credit.services.facts import bank_account_save, criteria_judge, reference_ask, statement_save
from credit.services.remote_terms import remote_terms_accept
from credit.tests.file_worlds import (
    FIGURES_OF_A_YEAR,
    a_filled_application,
    a_paper,
    a_signer,
    a_submitted_application,
    an_analysed_application,
    an_upload,
    its_papers,
    month,
)
from credit.tests.test_files_flow import Desk, facts_of
from credit.tests.worlds import a_customer, an_application, an_owner
from tests.doors import enter, words
from tests.world import make_client, make_user

pytestmark = pytest.mark.django_db


def test_a_clients_people_see_their_own_customers_and_no_application() -> None:
    desk = Desk()
    other = make_client("BBB")
    own, foreign = a_customer(desk.client, by=desk.officer), a_customer(other, by=desk.officer)
    an_application(own, by=desk.officer)
    person = make_user(Role.CLIENT_USER, client=desk.client)
    assert list(customers_visible_to(person)) == [own]
    assert not applications_visible_to(person).exists()
    browser = enter(person)
    for customer in (own, foreign):
        assert browser.get(reverse("credit_customer", args=[customer.pk])).status_code == 404
    for role in (Role.COLLECTOR, Role.LEGAL_OFFICER, Role.ADMINISTRATOR, Role.LAWYER):
        assert not customers_visible_to(make_user(role)).exists()


def test_who_reads_does_not_write() -> None:
    desk = Desk()
    application = an_application(a_customer(desk.client, by=desk.officer), by=desk.officer)
    for role in (Role.COLLECTIONS_MANAGER, Role.AUDITOR, Role.FINANCE_MANAGER, Role.GENERAL_MANAGER):
        person = make_user(role)
        page = enter(person).get(reverse("credit_application", args=[application.pk]))
        assert page.status_code == 200
        assert 'name="capital"' not in words(page)
        assert enter(person).post(reverse("credit_facts", args=[application.pk]), {"capital": "1"}).status_code == 404
        with pytest.raises(NotAllowed):
            application_edit(user=person, application=application, seen=0, capital=Decimal(1))


def test_each_look_at_a_paper_is_written_down_and_an_erased_party_shows_none() -> None:
    desk = Desk()
    customer = a_customer(desk.client, by=desk.officer)
    paper = a_paper(customer, PaperKind.OFFICIAL_ID, by=desk.officer)
    response = desk.get("credit_paper", paper.pk)
    assert response.content.startswith(b"%PDF")
    assert AccessRecord.objects.filter(what="credit_paper.read", subject_id=paper.pk).count() == 1
    auditor = enter(make_user(Role.AUDITOR))
    assert auditor.get(reverse("credit_paper", args=[paper.pk])).status_code == 200
    assert AccessRecord.objects.filter(what="audit.credit_paper", subject_id=paper.pk).count() == 1
    a_signer(customer, by=desk.officer)
    customer.debtor.party.wrapped_key = None
    customer.debtor.party.save(update_fields=["wrapped_key"])
    assert desk.browser.get(reverse("credit_paper", args=[paper.pk])).status_code == 404
    assert "سالم السنابل" not in words(desk.get("credit_customer", customer.pk))


def test_a_form_filled_from_an_older_version_takes_nothing_and_loses_nothing() -> None:
    desk = Desk()
    application = an_application(a_customer(desk.client, by=desk.officer), by=desk.officer)
    told = facts_of(application)
    colleague = make_user(Role.CREDIT_OFFICER, name="colleague")
    application_edit(
        user=colleague, application=application, seen=application_version(application=application),
        capital=Decimal(777_000),
    )  # fmt: skip
    response = desk.post("credit_facts", application.pk, status=422, **told)
    page = words(response)
    assert "777000" in page.replace(",", "")
    assert "١٠٠٬٠٠٠" in page
    application.refresh_from_db()
    assert application.capital == Decimal(777_000)
    # Sent again from what was shown, mine counts.
    form = response.context["parts"]
    facts = next(part.context["facts_form"] for part in form if "facts_form" in part.context)
    desk.post("credit_facts", application.pk, **(told | {"seen": facts["seen"].value()}))
    application.refresh_from_db()
    assert application.capital == Decimal(100_000)


def test_a_form_that_comes_after_the_submission_changes_nothing() -> None:
    desk = Desk()
    application = a_filled_application(a_customer(desk.client, by=desk.officer), by=desk.officer)
    told = facts_of(application, capital="900000")
    application_submit(user=desk.officer, application=application, on=clock.today())
    desk.post("credit_facts", application.pk, status=422, **told)
    desk.post("credit_submit", application.pk, status=422)
    application.refresh_from_db()
    assert application.capital == Decimal(100_000)


@pytest.mark.requirement("CM-20")
def test_a_paper_that_ran_out_since_stops_the_analysis_too() -> None:
    desk = Desk()
    today = clock.today()
    customer = a_customer(desk.client, by=desk.officer)
    application = a_filled_application(customer, by=desk.officer, but=(PaperKind.OFFICIAL_ID,))
    a_paper(customer, PaperKind.OFFICIAL_ID, by=desk.officer, valid_until=today)
    tomorrow = today + dt.timedelta(days=1)
    with pytest.raises(Refused) as refusal:
        application_submit(user=desk.officer, application=application, on=tomorrow)
    assert refusal.value.details["missing"] == ["PAPER_OFFICIAL_ID"]
    application_submit(user=desk.officer, application=application, on=today)
    with pytest.raises(Refused) as refusal:
        application_analyse(user=desk.officer, application=application, on=tomorrow)
    assert "PAPER_OFFICIAL_ID" in refusal.value.details["missing"]


@pytest.mark.requirement("CM-22")
def test_an_agent_revoked_or_without_specimen_does_not_make_an_application_whole() -> None:
    desk = Desk()
    today = clock.today()
    customer = a_customer(desk.client, by=desk.officer)
    application = a_filled_application(customer, by=desk.officer)
    desk.post("credit_agent_revoke", Agent.objects.get().pk, on=today, reason="عزل")
    an_owner(customer, by=desk.officer, since=today)  # signs, but nobody knows the hand
    with pytest.raises(Refused) as refusal:
        application_submit(user=desk.officer, application=application, on=today)
    assert refusal.value.details["missing"] == ["SIGNATORY"]


def test_what_was_analysed_stands_at_the_doors_and_in_the_database() -> None:
    desk = Desk()
    application = an_analysed_application(a_customer(desk.client, by=desk.officer), by=desk.officer)
    account = application.bank_accounts.get()
    for act in (
        lambda: criteria_judge(user=desk.officer, application=application, judged={"ECONOMY": ("WEAK", "تغيّر")}),
        lambda: reference_ask(
            user=desk.officer, application=application, kind="BANK", name="ب", asked_on=clock.today()
        ),
        lambda: statement_save(user=desk.officer, application=application, year=2020, **FIGURES_OF_A_YEAR),
        lambda: bank_account_save(
            user=desk.officer, application=application, account=account, bank="آخر", is_local=True,
            from_month=month(2), until_month=month(1), average_balance=Decimal(9),
        ),
    ):  # fmt: skip
        with pytest.raises(Conflict):
            act()
    desk.post("credit_bank_remove", account.pk)
    assert BankAccount.objects.filter(pk=account.pk).exists()
    for statement in (
        "UPDATE credit_application SET capital = capital + 50000 WHERE id = %s",
        "UPDATE credit_bankaccount SET average_balance = 1e6 WHERE application_id = %s",
        "DELETE FROM credit_reference WHERE application_id = %s",
        "UPDATE credit_financialstatement SET sales = 1e9 WHERE application_id = %s",
        "UPDATE credit_criterionjudgement SET judgement = 'WEAK' WHERE application_id = %s",
        "DELETE FROM credit_bankmonth WHERE account_id IN"
        " (SELECT id FROM credit_bankaccount WHERE application_id = %s)",
    ):
        with pytest.raises(IntegrityError, match="fixed"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [application.pk])


def test_a_submitted_applications_facts_stand_and_what_is_found_out_may_still_be_written_down() -> None:
    desk = Desk()
    application = a_submitted_application(a_customer(desk.client, by=desk.officer), by=desk.officer)
    with pytest.raises(IntegrityError, match="fixed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE credit_application SET annual_sales = 1e9 WHERE id = %s", [application.pk])
    reference_ask(user=desk.officer, application=application, kind="BANK", name="بنك", asked_on=clock.today())


def test_nothing_hangs_on_papers_or_agents_of_another_customer() -> None:
    desk = Desk()
    mine = a_customer(desk.client, by=desk.officer, ref="C-1")
    theirs = a_customer(desk.client, by=desk.officer, ref="C-2", name="آخر")
    application = an_application(mine, by=desk.officer)
    foreign = a_paper(theirs, PaperKind.BANK_STATEMENT, by=desk.officer)
    told: dict[str, Any] = {
        "bank": "بنك", "from_month": f"{month(12):%Y-%m}", "until_month": f"{month(1):%Y-%m}", "average_balance": "1",
        "returned_cheques": "0",
    }  # fmt: skip
    response = desk.post("credit_bank_new", application.pk, status=422, **told, statement=foreign.pk)
    assert list(response.context["form"].errors) == ["statement"]
    with pytest.raises(Refused):
        bank_account_save(
            user=desk.officer, application=application, bank="بنك", is_local=True, from_month=month(12),
            until_month=month(1), average_balance=Decimal(1), statement=foreign,
        )  # fmt: skip
    signer = a_signer(theirs, by=desk.officer)
    with pytest.raises(Refused):
        remote_terms_accept(
            user=desk.officer, customer=mine, version="1", accepted_on=clock.today(), agent=signer, paper=an_upload()
        )
    own = a_signer(mine, by=desk.officer)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE credit_agent SET specimen_paper_id = %s WHERE id = %s", [foreign.pk, own.pk])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.requirement("CM-21")
def test_who_prepared_a_cash_account_does_not_open_it_whatever_they_became() -> None:
    desk = Desk()
    customer = a_customer(desk.client, by=desk.officer, kind=CustomerKind.CASH)
    application = an_application(customer, by=desk.officer)
    its_papers(customer, by=desk.officer)
    application_submit(user=desk.officer, application=application, on=clock.today())
    desk.officer.role = Role.FINANCE_MANAGER
    with pytest.raises(NotAllowed):
        cash_admit(user=desk.officer, application=application, on=clock.today())
    second = make_user(Role.CREDIT_OFFICER, name="second")
    credit = a_submitted_application(a_customer(desk.client, by=second, ref="C-2"), by=second)
    with pytest.raises(Conflict):
        cash_admit(user=make_user(Role.GENERAL_MANAGER), application=credit, on=clock.today())


def test_one_customer_has_one_open_application_and_a_refused_upload_leaves_nothing() -> None:
    desk = Desk()
    customer = a_customer(desk.client, by=desk.officer)
    an_application(customer, by=desk.officer)
    desk.post("credit_application_new", customer.pk, status=422, purpose="NEW", applied_on=clock.today())
    assert Application.objects.count() == 1
    page = desk.post(
        "credit_collateral_new", customer.pk, status=422, kind="GUARANTOR", issuer="سعد", amount="5",
        valid_from=clock.today(), paper=SimpleUploadedFile("x.pdf", b"<script>alert(1)</script>"),
    )  # fmt: skip
    form = next(p.context["collateral_form"] for p in page.context["parts"] if "collateral_form" in p.context)
    assert list(form.errors) == ["paper"]
    assert not Collateral.objects.exists()
    assert not CreditPaper.objects.exists()


def test_words_of_people_are_words_on_the_page() -> None:
    desk = Desk()
    bad = "<script>alert(1)</script>"
    customer = a_customer(desk.client, by=desk.officer, name=bad, sector=bad)
    application = an_application(customer, by=desk.officer, grounds=bad)
    for name, pk in (("credit_customer", customer.pk), ("credit_application", application.pk)):
        assert bad not in words(desk.get(name, pk))
    assert application.state == ApplicationState.DRAFT


def test_judging_one_criterion_does_not_put_back_what_a_colleague_judged_meanwhile() -> None:
    desk = Desk()
    application = an_application(a_customer(desk.client, by=desk.officer), by=desk.officer)
    criteria_judge(user=desk.officer, application=application, judged={"ECONOMY": ("GOOD", "مستقرة")})
    # The page as it was opened; then a colleague thinks otherwise of the market.
    page = desk.get("credit_application", application.pk)
    form = next(part.context["criteria_form"] for part in page.context["parts"] if "criteria_form" in part.context)
    sent = {bound.html_name: bound.value() for bound in form} | {
        bound.html_initial_name: bound.initial for bound in form
    }
    colleague = make_user(Role.CREDIT_OFFICER, name="colleague")
    criteria_judge(user=colleague, application=application, judged={"ECONOMY": ("WEAK", "تراجع السوق")})
    mine = {"judgement_REPUTATION": "GOOD", "grounds_REPUTATION": "سمعة حسنة"}
    desk.post("credit_criteria", application.pk, **(sent | mine))
    assert dict(application.judgements.values_list("criterion", "judgement")) == {
        "ECONOMY": "WEAK",
        "REPUTATION": "GOOD",
    }
    # A judgement without its grounds is no judgement.
    desk.post("credit_criteria", application.pk, status=422, **(sent | {"judgement_CAPACITY": "GOOD"}))


@pytest.mark.requirement("CM-26")
def test_a_higher_limit_is_asked_for_with_its_grounds_and_nothing_that_is_scored() -> None:
    desk = Desk()
    customer = a_customer(desk.client, by=desk.officer)
    application = an_application(customer, by=desk.officer, purpose=Purpose.INCREASE)
    its_papers(customer, by=desk.officer, purpose=Purpose.INCREASE)
    page = words(desk.get("credit_application", application.pk))
    assert 'name="asked_limit"' in page
    assert 'name="capital"' not in page
    desk.post("credit_submit", application.pk, status=422)
    seen = application_version(application=application)
    desk.post("credit_facts", application.pk, seen=seen, asked_limit="11,000.00", grounds="زاد النشاط")
    desk.post("credit_submit", application.pk)
    desk.post("credit_analyse", application.pk)
    application.refresh_from_db()
    assert (application.state, application.asked_limit) == (ApplicationState.ANALYSED, Decimal(11_000))


def test_a_cash_account_is_asked_for_no_limit() -> None:
    desk = Desk()
    customer = a_customer(desk.client, by=desk.officer, kind=CustomerKind.CASH)
    assert 'name="asked_limit"' not in words(desk.get("credit_customer", customer.pk))
    desk.post("credit_application_new", customer.pk, status=422, purpose="INCREASE", applied_on=clock.today())
    desk.post("credit_application_new", customer.pk, purpose="NEW", applied_on=clock.today(), asked_limit="5")
    assert Application.objects.get().asked_limit is None
