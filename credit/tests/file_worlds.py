"""Credit files that are complete, made by the services, less what a test wants to miss."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounts.models import User
from clients.models import Client
from common import clock
from credit.choices import AgentScope, Criterion, PaperKind
from credit.models import (
    Agent,
    Application,
    BankAccount,
    Collateral,
    CreditPaper,
    Customer,
    FinancialStatement,
    Reference,
    RemoteAddress,
    RemoteTerms,
)
from credit.rules.checklist import papers_asked
from credit.selectors.applications import application_version
from credit.services.agents import Upload, agent_add
from credit.services.applications import (
    application_analyse,
    application_edit,
    application_submit,
)
from credit.services.collateral import collateral_add
from credit.services.facts import (
    FIGURES,
    Month,
    bank_account_save,
    bank_months_set,
    criteria_judge,
    reference_answer,
    reference_ask,
    statement_save,
)
from credit.services.papers import credit_paper_add
from credit.services.remote_terms import remote_address_add, remote_terms_accept
from credit.tests.worlds import a_customer, an_application
from tests.world import a_pdf

# A balance sheet that adds up; its sales are the application's.
FIGURES_OF_A_YEAR = dict(
    zip(
        FIGURES,
        map(Decimal, (1800, 600, 700, 3000, 900, 500, 1400, 1600, 6200, 4700, 310)),
        strict=True,
    )
)


def a_paper(customer: Customer, kind: str, *, by: User, **fields: Any) -> CreditPaper:
    return credit_paper_add(
        user=by, customer=customer, kind=kind, title=str(PaperKind(kind).label), name="p.pdf", content=a_pdf(), **fields
    )


def an_upload(name: str = "p.pdf") -> Upload:
    return Upload(name=name, content=a_pdf())


def its_papers(customer: Customer, *, by: User, purpose: str = "NEW", but: tuple[str, ...] = ()) -> None:
    """The papers that an application of this customer needs."""
    for kind in papers_asked(kind=customer.kind, purpose=purpose):
        if kind not in but and kind != PaperKind.SPECIMEN_SIGNATURE:
            a_paper(customer, kind, by=by)


def a_signer(customer: Customer, *, by: User) -> Agent:
    return agent_add(
        user=by, customer=customer, name="سالم السنابل", scopes=AgentScope.values, valid_from=clock.today(),
        is_owner=True, specimen=an_upload(),
    )  # fmt: skip


def month(back: int) -> dt.date:
    """The first day of the month so many before this one."""
    n = clock.today().year * 12 + clock.today().month - 1 - back
    return dt.date(n // 12, n % 12 + 1, 1)


def a_bank(application: Application, *, by: User, months: int = 12, **fields: Any) -> BankAccount:
    """What a bank certifies up to last month, with the movements of the last three months."""
    customer = application.customer
    account = bank_account_save(
        user=by, application=application, bank="بنك الواحة", is_local=True, from_month=month(months),
        until_month=month(1), average_balance=fields.pop("average_balance", Decimal(60_000)),
        statement=customer.papers.filter(kind=PaperKind.BANK_STATEMENT).first(),
        certificate=customer.papers.filter(kind=PaperKind.BANK_CERTIFICATE).first(), **fields,
    )  # fmt: skip
    bank_months_set(
        user=by, account=account,
        months=[
            Month(month=month(n), credits=Decimal(5), debits=Decimal(4), lowest=Decimal(1), closing=Decimal(2))
            for n in range(1, min(months, 3) + 1)
        ],
    )  # fmt: skip
    return account


def a_filled_application(customer: Customer, *, by: User, but: tuple[str, ...] = (), **facts: Any) -> Application:
    """A draft that lacks nothing but what the customer's papers of ``but`` are."""
    its_papers(customer, by=by, but=but)
    if PaperKind.SPECIMEN_SIGNATURE not in but:
        a_signer(customer, by=by)
    application = an_application(customer, by=by)
    year = clock.today().year - 1
    told = {"capital": Decimal(100_000), "annual_sales": Decimal(6200), "sales_year": year, "has_official_papers": True}
    application_edit(
        user=by, application=application, seen=application_version(application=application), **told | facts
    )
    a_bank(application, by=by)
    statement_save(user=by, application=application, year=year, auditor="مراجع", **FIGURES_OF_A_YEAR)
    for kind in ("BANK", "TRADE"):
        reference_ask(user=by, application=application, kind=kind, name=f"جهة {kind}", asked_on=clock.today())
    application.refresh_from_db()
    return application


def found_out(application: Application, *, by: User) -> None:
    """The references answered, the criteria judged."""
    for reference in application.references.all():
        reference_answer(user=by, reference=reference, answered_on=clock.today(), judgement="GOOD", years_known=4)
    criteria_judge(user=by, application=application, judged=dict.fromkeys(Criterion.values, ("GOOD", "سجل منتظم")))


def a_submitted_application(customer: Customer, *, by: User, **facts: Any) -> Application:
    application = a_filled_application(customer, by=by, **facts)
    return application_submit(user=by, application=application, on=clock.today())


def an_analysed_application(customer: Customer, *, by: User, **facts: Any) -> Application:
    """One that waits for the finance manager's recommendation."""
    application = a_submitted_application(customer, by=by, **facts)
    found_out(application, by=by)
    return application_analyse(user=by, application=application, on=clock.today())


@dataclass(frozen=True, kw_only=True)
class File:
    """One of everything that hangs on a customer and its draft."""

    customer: Customer
    paper: CreditPaper
    agent: Agent
    collateral: Collateral
    terms: RemoteTerms
    address: RemoteAddress
    application: Application
    bank: BankAccount
    statement: FinancialStatement
    reference: Reference


def a_file(client: Client, *, by: User, ref: str = "F-1") -> File:
    customer = a_customer(client, by=by, ref=ref)
    agent = a_signer(customer, by=by)
    application = an_application(customer, by=by)
    today = clock.today()
    return File(
        customer=customer,
        paper=a_paper(customer, PaperKind.OFFICIAL_ID, by=by),
        agent=agent,
        collateral=collateral_add(
            user=by, customer=customer, kind="GUARANTOR", issuer="سعد", amount=Decimal(5), valid_from=today
        ),
        terms=remote_terms_accept(
            user=by, customer=customer, version="1", accepted_on=today, agent=agent, paper=an_upload()
        ),
        address=remote_address_add(user=by, customer=customer, value="orders@sanabil.example"),
        application=application,
        bank=a_bank(application, by=by),
        statement=statement_save(user=by, application=application, year=today.year - 1, **FIGURES_OF_A_YEAR),
        reference=reference_ask(user=by, application=application, kind="BANK", name="بنك", asked_on=today),
    )
