"""What each act on credit files leaves in the audit trail (``tests/test_acts_are_recorded.py``)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from accounts.choices import Role
from common import clock
from common.audit import Actor
from credit.choices import CustomerKind, PaperKind
from credit.selectors.applications import application_version
from credit.services.agents import agent_add, agent_revoke
from credit.services.applications import (
    application_analyse,
    application_edit,
    application_return,
    application_submit,
    application_withdraw,
    cash_admit,
)
from credit.services.collateral import collateral_add, collateral_release
from credit.services.customers import customer_close, customer_edit, customer_reopen
from credit.services.facts import (
    bank_account_remove,
    bank_account_save,
    bank_months_set,
    criteria_judge,
    reference_answer,
    reference_ask,
    reference_remove,
    statement_remove,
    statement_save,
)
from credit.services.papers import credit_paper_add, credit_paper_made
from credit.services.remote_terms import (
    remote_address_add,
    remote_address_remove,
    remote_terms_accept,
    remote_terms_revoke,
)
from credit.tests.file_worlds import (
    FIGURES_OF_A_YEAR,
    a_file,
    a_filled_application,
    a_signer,
    a_submitted_application,
    an_upload,
    found_out,
    its_papers,
    month,
)
from credit.tests.worlds import a_customer, an_application
from tests.world import a_pdf, make_user

Act = tuple[Callable[[Any], Any] | None, Callable[..., Any], dict[str, int]]


def _officer(w: Any) -> Any:
    return make_user(Role.CREDIT_OFFICER)


def _customer(w: Any) -> Any:
    return a_customer(w.client, by=_officer(w), ref="C-9")


def _application(w: Any) -> Any:
    customer = _customer(w)
    return an_application(customer, by=customer.opened_by)


def _file(w: Any) -> Any:
    return a_file(w.client, by=_officer(w))


def _filled(w: Any) -> Any:
    customer = _customer(w)
    return a_filled_application(customer, by=customer.opened_by)


def _found_out(w: Any) -> Any:
    customer = _customer(w)
    application = a_submitted_application(customer, by=customer.opened_by)
    found_out(application, by=customer.opened_by)
    return application


def _cash(w: Any) -> Any:
    customer = a_customer(w.client, by=_officer(w), ref="C-9", kind=CustomerKind.CASH)
    its_papers(customer, by=customer.opened_by)
    application = an_application(customer, by=customer.opened_by)
    application_submit(user=customer.opened_by, application=application, on=clock.today())
    return application, make_user(Role.FINANCE_MANAGER)


def _closed(w: Any) -> Any:
    customer = _customer(w)
    return customer_close(user=customer.opened_by, customer=customer, on=clock.today(), reason="اختبار")


def _signed(w: Any) -> Any:
    customer = _customer(w)
    return a_signer(customer, by=customer.opened_by)


ACTS: dict[str, Act] = {
    "credit.customer_open": (
        _officer,
        lambda w, by: a_customer(w.client, by=by, ref="C-9"),
        {"customer.opened": 1},
    ),
    "credit.customer_edit": (
        _customer,
        lambda w, c: customer_edit(user=c.opened_by, customer=c, kind=c.kind, region="الشرقية"),
        {"customer.edited": 1},
    ),
    "credit.customer_close": (
        _customer,
        lambda w, c: customer_close(user=c.opened_by, customer=c, on=clock.today(), reason="اختبار"),
        {"customer.closed": 1},
    ),
    "credit.customer_reopen": (
        _closed,
        lambda w, c: customer_reopen(user=c.opened_by, customer=c, reason="اختبار"),
        {"customer.reopened": 1},
    ),
    "credit.credit_paper_add": (
        _customer,
        lambda w, customer: credit_paper_add(
            user=w.manager, customer=customer, kind=PaperKind.OTHER, title="ورقة", name="p.pdf", content=a_pdf()
        ),
        {"credit_paper.kept": 1},
    ),
    "credit.credit_paper_made": (
        _customer,
        lambda w, customer: credit_paper_made(
            actor=Actor.system("test"), customer=customer, kind=PaperKind.WORKSHEET, number="W-1", title="ورقة",
            content=a_pdf(), pages=1, language="ar",
        ),
        {"credit_paper.kept": 1},
    ),
    "credit.agent_add": (
        _customer,
        lambda w, c: agent_add(
            user=c.opened_by, customer=c, name="ماجد", scopes=["ORDERS"], valid_from=clock.today(),
            valid_until=clock.today(), power=an_upload(), specimen=an_upload(),
        ),
        {"agent.added": 1, "credit_paper.kept": 2},
    ),
    "credit.agent_revoke": (
        _signed,
        lambda w, a: agent_revoke(user=a.recorded_by, agent=a, on=clock.today(), reason="اختبار"),
        {"agent.revoked": 1},
    ),
    "credit.collateral_add": (
        _customer,
        lambda w, c: collateral_add(
            user=c.opened_by, customer=c, kind="BANK_GUARANTEE", issuer="بنك", amount=Decimal(5),
            valid_from=clock.today(), paper=an_upload(),
        ),
        {"collateral.added": 1, "credit_paper.kept": 1},
    ),
    "credit.collateral_release": (
        _file,
        lambda w, f: collateral_release(user=f.customer.opened_by, collateral=f.collateral, on=clock.today()),
        {"collateral.released": 1},
    ),
    "credit.remote_terms_accept": (
        _signed,
        lambda w, a: remote_terms_accept(
            user=a.recorded_by, customer=a.customer, version="1", accepted_on=clock.today(), agent=a, paper=an_upload()
        ),
        {"remote_terms.accepted": 1, "credit_paper.kept": 1},
    ),
    "credit.remote_terms_revoke": (
        _file,
        lambda w, f: remote_terms_revoke(user=f.customer.opened_by, terms=f.terms, on=clock.today()),
        {"remote_terms.revoked": 1},
    ),
    "credit.remote_address_add": (
        _customer,
        lambda w, c: remote_address_add(user=c.opened_by, customer=c, value="a@b.example"),
        {"remote_address.added": 1},
    ),
    "credit.remote_address_remove": (
        _file,
        lambda w, f: remote_address_remove(user=f.customer.opened_by, address=f.address),
        {"remote_address.removed": 1},
    ),
    "credit.application_open": (
        _customer,
        lambda w, customer: an_application(customer, by=customer.opened_by),
        {"application.opened": 1},
    ),
    "credit.application_edit": (
        _application,
        lambda w, a: application_edit(
            user=a.prepared_by, application=a, seen=application_version(application=a), capital=Decimal(7)
        ),
        {"application.edited": 1},
    ),
    "credit.application_submit": (
        _filled,
        lambda w, a: application_submit(user=a.prepared_by, application=a, on=clock.today()),
        {"application.moved": 1},
    ),
    "credit.application_return": (
        _found_out,
        lambda w, a: application_return(user=a.prepared_by, application=a, reason="اختبار"),
        {"application.moved": 1},
    ),
    "credit.application_analyse": (
        _found_out,
        lambda w, a: application_analyse(user=a.prepared_by, application=a, on=clock.today()),
        {"application.moved": 1},
    ),
    "credit.application_withdraw": (
        _application,
        lambda w, a: application_withdraw(user=a.prepared_by, application=a, reason="اختبار"),
        {"application.moved": 1},
    ),
    "credit.cash_admit": (
        _cash,
        lambda w, made: cash_admit(user=made[1], application=made[0], on=clock.today()),
        {"application.moved": 1},
    ),
    "credit.bank_account_save": (
        _application,
        lambda w, a: bank_account_save(
            user=a.prepared_by, application=a, bank="بنك", is_local=True, from_month=month(3), until_month=month(1),
            average_balance=Decimal(1),
        ),
        {"bank_account.saved": 1},
    ),
    "credit.bank_account_remove": (
        _file,
        lambda w, f: bank_account_remove(user=f.customer.opened_by, account=f.bank),
        {"bank_account.removed": 1},
    ),
    "credit.bank_months_set": (
        _file,
        lambda w, f: bank_months_set(user=f.customer.opened_by, account=f.bank, months=[]),
        {"bank_months.set": 1},
    ),
    "credit.statement_save": (
        _application,
        lambda w, a: statement_save(user=a.prepared_by, application=a, year=2024, **FIGURES_OF_A_YEAR),
        {"financial_statement.saved": 1},
    ),
    "credit.statement_remove": (
        _file,
        lambda w, f: statement_remove(user=f.customer.opened_by, statement=f.statement),
        {"financial_statement.removed": 1},
    ),
    "credit.reference_ask": (
        _application,
        lambda w, a: reference_ask(user=a.prepared_by, application=a, kind="BANK", name="ب", asked_on=clock.today()),
        {"reference.asked": 1},
    ),
    "credit.reference_answer": (
        _file,
        lambda w, f: reference_answer(
            user=f.customer.opened_by, reference=f.reference, answered_on=clock.today(), judgement="WEAK"
        ),
        {"reference.answered": 1},
    ),
    "credit.reference_remove": (
        _file,
        lambda w, f: reference_remove(user=f.customer.opened_by, reference=f.reference),
        {"reference.removed": 1},
    ),
    "credit.criteria_judge": (
        _application,
        lambda w, a: criteria_judge(user=a.prepared_by, application=a, judged={"ECONOMY": ("GOOD", "مستقرة")}),
        {"criteria.judged": 1},
    ),
}  # fmt: skip
# Parts of other acts, which leave no row of their own, and why.
WITHIN: dict[str, str] = {
    "credit.application_move": "its row is part of the act that moves",
    "credit.application_held": "holds the row for another act",
    "credit.editor": "asks who acts",
}
