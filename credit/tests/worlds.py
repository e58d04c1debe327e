"""Worlds of trade credit for tests: an account with its agreement, its limit and who may sign."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounts.choices import Role
from accounts.models import User
from clients.models import Client
from common import clock, crypto
from credit.choices import (
    AgentScope,
    ApplicationState,
    CustomerKind,
    LegalForm,
    LimitGround,
    OrderChannel,
    OrderState,
    Purpose,
    Recommendation,
    StopKind,
)
from credit.models import Agent, Application, CreditLimit, CreditStop, Customer, FacilityAgreement, Order, OrderInvoice
from credit.services.applications import application_open
from credit.services.customers import customer_open
from credit.tests.approved import approval_given


@dataclass(frozen=True, kw_only=True)
class Account:
    """A customer who may buy on credit."""

    customer: Customer
    agreement: FacilityAgreement
    limit: CreditLimit
    owner: Agent


def a_customer(
    client: Client, *, ref: str = "C-1", by: User, kind: str = CustomerKind.CREDIT, **fields: Any
) -> Customer:
    return customer_open(
        user=by,
        client=client,
        debtor_ref=ref,
        name=fields.pop("name", "مؤسسة السنابل التجارية"),
        kind=kind,
        legal_form=fields.pop("legal_form", LegalForm.LLC),
        **fields,
    )


def an_owner(
    customer: Customer, *, by: User, since: dt.date, scopes: tuple[str, ...] = tuple(AgentScope.values)
) -> Agent:
    wrapped = customer.debtor.party.wrapped_key
    assert wrapped is not None
    key = crypto.unwrap(wrapped=bytes(wrapped))
    return Agent.objects.create(
        client_id=customer.client_id,
        customer=customer,
        name_sealed=crypto.encrypt(key=key, value="سالم السنابل", column="agent_name"),
        is_owner=True,
        scopes=list(scopes),
        valid_from=since,
        recorded_by=by,
        recorded_at=clock.now(),
    )


def an_account(
    client: Client,
    *,
    by: User,
    ref: str = "C-1",
    limit: Decimal = Decimal(10_000),
    signed_on: dt.date | None = None,
    terms_days: int = 60,
    agreed: dict[str, Any] | None = None,
    **fields: Any,
) -> Account:
    """Rows as the services leave them, without the way there: for tests of what comes after."""
    signed_on = signed_on or clock.today() - dt.timedelta(days=200)
    customer = a_customer(client, ref=ref, by=by, **fields)
    owner = an_owner(customer, by=by, since=signed_on)
    agreement = FacilityAgreement.objects.create(
        client=client,
        customer=customer,
        number=f"FA-{client.code}-{ref}",
        signed_on=signed_on,
        signed_by=owner,
        terms_days=terms_days,
        recorded_by=by,
        recorded_at=clock.now(),
        **agreed or {},
    )
    granted = CreditLimit.objects.create(
        client=client,
        customer=customer,
        agreement=agreement,
        amount=limit,
        ground=LimitGround.POINTS,
        starts_on=signed_on,
        ends_on=signed_on.replace(year=signed_on.year + 1) - dt.timedelta(days=1),
        granted_by=by,
        recorded_at=clock.now(),
    )
    return Account(customer=customer, agreement=agreement, limit=granted, owner=owner)


def a_credit_book(client: Client, *, by: User, ref: str) -> Account:
    """An account with a stop, an order and its invoice: a row in every table that the portal reads."""
    account = an_account(client, by=by, ref=ref)
    now, today = clock.now(), clock.today()
    CreditStop.objects.create(
        client=client,
        customer=account.customer,
        kind=StopKind.SUSPENDED,
        began_on=today,
        reason="اختبار",
        opened_by=by,
        opened_at=now,
    )
    order = Order.objects.create(
        client=client,
        customer=account.customer,
        order_ref=f"O-{ref}",
        kind=CustomerKind.CREDIT,
        amount=Decimal(500),
        ordered_on=today,
        channel=OrderChannel.IN_PERSON,
        state=OrderState.INVOICED,
        answered_at=now,
        answered_by=by,
    )
    OrderInvoice.objects.create(
        client=client, order=order, receivable_ref=f"I-{ref}", amount=Decimal(500), recorded_at=now, recorded_by=by
    )
    return account


CREDIT_DESK = (Role.CREDIT_OFFICER, Role.FINANCE_MANAGER, Role.GENERAL_MANAGER)


def an_application(customer: Customer, *, by: User, purpose: str = Purpose.NEW, **fields: Any) -> Application:
    """A draft that says nothing yet."""
    return application_open(user=by, customer=customer, purpose=purpose, applied_on=clock.today(), **fields)


def an_approved_application(
    client: Client,
    *,
    by: User,
    ref: str = "C-APPROVED",
    customer: Customer | None = None,
    purpose: str = Purpose.NEW,
    limit: Decimal = Decimal(8_000),
    ground: str = LimitGround.POINTS,
    recommendation: str = Recommendation.APPROVE,
) -> Application:
    """Decided, and not signed: as the decision leaves it."""
    application = an_application(customer or a_customer(client, ref=ref, by=by), by=by, purpose=purpose)
    application.recommended_limit = limit
    application.recommended_ground, application.recommendation = ground, recommendation
    application.save()
    approval_given(application)
    application.state = ApplicationState.APPROVED
    application.save()
    return application
