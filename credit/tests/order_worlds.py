"""Worlds of orders for tests: papers, signatories, terms of remote orders, and orders placed by the service."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from accounts.models import User
from clients.models import Client
from common import clock, crypto
from common.audit import Actor
from credit.choices import CustomerKind, OrderChannel, PaperKind
from credit.models import Agent, CreditPaper, CreditStop, Customer, Order, OrderFile, RemoteAddress, RemoteTerms
from credit.rules.addresses import REMOTE_ADDRESS, address_normal
from credit.rules.orders import ORDER_PAPERS
from credit.selectors.standing import exposure_of
from credit.services.order_files import order_file_place
from credit.services.orders import order_place
from credit.services.papers import credit_paper_add
from credit.tests.worlds import Account, an_account
from tests.world import a_pdf, place

ADDRESS = "orders@sanabil.example"


def a_paper_of(customer: Customer, kind: str, *, by: User, **fields: Any) -> CreditPaper:
    return credit_paper_add(
        user=by, customer=customer, kind=kind, title=str(PaperKind(kind).label), name="p.pdf", content=a_pdf(), **fields
    )


def with_papers(customer: Customer, *, by: User, kind: str | None = None) -> None:
    """Every paper that an order of a kind asks for, none of which runs out."""
    for paper in ORDER_PAPERS[CustomerKind(kind or customer.kind)]:
        a_paper_of(customer, paper, by=by)


def a_buyer(client: Client, *, by: User, ref: str = "C-1", **fields: Any) -> Account:
    """An account whose orders on credit nothing stands against but their amount."""
    account = an_account(client, by=by, ref=ref, **fields)
    with_papers(account.customer, by=by)
    return account


def an_agent(customer: Customer, *, by: User, since: dt.date, until: dt.date, **fields: Any) -> Agent:
    """Somebody with a power of attorney."""
    power = a_paper_of(customer, PaperKind.POWER_OF_ATTORNEY, by=by)
    wrapped = customer.debtor.party.wrapped_key
    assert wrapped is not None
    sealed = crypto.encrypt(key=crypto.unwrap(wrapped=bytes(wrapped)), value="ماجد الوكيل", column="agent_name")
    return Agent.objects.create(
        client_id=customer.client_id, customer=customer, name_sealed=sealed, scopes=fields.pop("scopes", ["ORDERS"]),
        valid_from=since, valid_until=until, power_paper=power, recorded_by=by, recorded_at=clock.now(), **fields,
    )  # fmt: skip


def with_remote_terms(account: Account, *, by: User, on: dt.date, address: str = ADDRESS) -> RemoteTerms:
    """The customer agreed to the terms of remote orders, and registered an address."""
    customer = account.customer
    wrapped = customer.debtor.party.wrapped_key
    assert wrapped is not None
    value = address_normal(address)
    RemoteAddress.objects.create(
        client_id=customer.client_id, customer=customer, hint="o•••",
        value_sealed=crypto.encrypt(key=crypto.unwrap(wrapped=bytes(wrapped)), value=value, column="remote_address"),
        value_index=crypto.blind_index(value=value, kind=REMOTE_ADDRESS), recorded_by=by, recorded_at=clock.now(),
    )  # fmt: skip
    return RemoteTerms.objects.create(
        client_id=customer.client_id, customer=customer, version="1", accepted_on=on, accepted_by=account.owner,
        paper=a_paper_of(customer, PaperKind.REMOTE_TERMS, by=by), recorded_by=by, recorded_at=clock.now(),
    )  # fmt: skip


def ordered(
    account: Account, *, ref: str = "O-1", amount: str = "1000.00", by: User | None = None, **told: Any
) -> Order:
    """An order signed by the owner today, answered by the service."""
    today = clock.today()
    actor = Actor.system("tests") if by is None else Actor.person(by)
    return order_place(
        actor=actor,
        user=by,
        customer=account.customer,
        order_ref=ref,
        kind=told.pop("kind", CustomerKind.CREDIT),
        amount=Decimal(amount),
        ordered_on=told.pop("ordered_on", today),
        channel=told.pop("channel", OrderChannel.IN_PERSON),
        agent=told.pop("agent", account.owner),
        on=told.pop("on", today),
        **told,
    )


def codes(order: Order) -> list[str]:
    return [reason["code"] for reason in order.reasons]


def an_order_file(
    client: Client, *, by: User | None = None, rows: str = "O-9,C-7,1.00\n", name: str = "o.csv"
) -> OrderFile:
    """A file of orders (number, account, amount), answered."""
    content = f"order_ref,account,amount\n{rows}".encode()
    actor = Actor.system("tests") if by is None else Actor.person(by)
    return order_file_place(actor=actor, user=by, client=client, content=content, name=name, on=clock.today())


def used(account: Account, *, on: dt.date | None = None) -> tuple[Decimal, Decimal]:
    found = exposure_of(customer_id=account.customer.pk, on=on or clock.today())
    return found.invoices, found.reserved


def invoiced(account: Account, ref: str, amount: str, *, age: int = 0) -> None:
    """An invoice in the client's file: issued so many days ago, payable sixty days later."""
    issued = clock.today() - dt.timedelta(days=age)
    row = {
        "debtor_ref": account.customer.debtor.debtor_ref, "debtor_name": "مؤسسة السنابل التجارية",
        "receivable_ref": ref, "issued_on": issued, "due_on": issued + dt.timedelta(days=60), "amount": amount,
    }  # fmt: skip
    place(account.customer.client, [row])


def stopped(account: Account, kind: str, *, by: User) -> CreditStop:
    return CreditStop.objects.create(
        client=account.customer.client, customer=account.customer, kind=kind, began_on=clock.today(), reason="سبب",
        opened_by=by, opened_at=clock.now(),
    )  # fmt: skip
