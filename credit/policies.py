"""Who may do what with trade credit. What a person may not see is filtered before these are asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from decimal import Decimal

from django.db.models import QuerySet

from accounts.choices import Role
from accounts.models import User
from accounts.policies import DELEGATES
from clients.selectors.clients import client_of
from common.approvals import delegations_to, matrix_of
from credit.choices import ApplicationState, CustomerKind
from credit.models import Application, CreditPolicy, Customer, Order
from credit.rules.orders import OF_THE_GENERAL_MANAGER

# Who prepares, who recommends, who decides (CM-15, CM-16); the others read.
CREDIT_DESK = frozenset({Role.CREDIT_OFFICER, Role.FINANCE_MANAGER, Role.GENERAL_MANAGER})
READS_CREDIT = CREDIT_DESK | {Role.COLLECTIONS_MANAGER, Role.AUDITOR}
# The credit and collection department of the source (CM-47).
FOLLOWS_STOPS = CREDIT_DESK | {Role.COLLECTIONS_MANAGER}


def sees_credit(user: User) -> bool:
    """Read the credit files of every client."""
    return user.role in READS_CREDIT


def can_edit_credit(user: User) -> bool:
    """Fill in, analyse, score and record: who prepares, and nobody who decides on it."""
    return user.role == Role.CREDIT_OFFICER


def can_reveal_customer(user: User) -> bool:
    """See the official numbers and addresses of a customer unmasked: the credit desk. Each look is written down."""
    return user.role in CREDIT_DESK


def customers_visible_to(user: User) -> QuerySet[Customer]:
    """The customers of every client for the credit desk and who reads there; a client's own people see theirs."""
    if sees_credit(user):
        return Customer.objects.all()
    client = client_of(user) if user.is_active else None
    return Customer.objects.none() if client is None else Customer.objects.filter(client=client)


def applications_visible_to(user: User) -> QuerySet[Application]:
    """The applications of who reads credit files; a client's own people see none: they are the house's papers."""
    return Application.objects.all() if sees_credit(user) else Application.objects.none()


def can_recommend_credit(user: User) -> bool:
    """Say what should be decided: who analysed it, or the finance manager (CM-15)."""
    return user.role in {Role.CREDIT_OFFICER, Role.FINANCE_MANAGER}


def can_except_credit(user: User) -> bool:
    """Draw up an exception, which the finance manager then recommends and the general manager decides (CM-15)."""
    return user.role == Role.CREDIT_OFFICER


def can_propose_credit_policy(user: User) -> bool:
    """Propose the next version of a credit policy; somebody else approves it."""
    return user.role in {Role.CREDIT_OFFICER, Role.FINANCE_MANAGER}


def can_make_credit_letters(user: User) -> bool:
    """Make worksheets and letters: the credit desk. Who only reads opens what was made."""
    return user.role in CREDIT_DESK


def credit_policies_visible_to(user: User) -> QuerySet[CreditPolicy]:
    """Every version, for who reads credit files."""
    return CreditPolicy.objects.all() if sees_credit(user) else CreditPolicy.objects.none()


def can_return_application(user: User, application: Application) -> bool:
    """Give back what lacks something: who prepares, while it is submitted; the finance manager until recommended."""
    if user.role == Role.FINANCE_MANAGER:
        return application.state in {ApplicationState.SUBMITTED, ApplicationState.ANALYSED}
    return can_edit_credit(user) and application.state == ApplicationState.SUBMITTED


def can_admit_cash(user: User, application: Application) -> bool:
    """Open a cash account: a manager of the desk who did not prepare it. The source asks for no credit decision."""
    return (
        user.role in {Role.FINANCE_MANAGER, Role.GENERAL_MANAGER}
        and application.customer.kind == CustomerKind.CASH
        and application.state == ApplicationState.SUBMITTED
        and application.prepared_by_id != user.pk
    )


def returns_applications(user: User) -> bool:
    """Whoever may ever give one back."""
    return can_edit_credit(user) or user.role == Role.FINANCE_MANAGER


def admits_cash(user: User) -> bool:
    """Whoever may ever admit a cash account."""
    return user.role in {Role.FINANCE_MANAGER, Role.GENERAL_MANAGER}


def can_sign_agreements(user: User) -> bool:
    """Record what was signed on a decided application: who prepares files."""
    return can_edit_credit(user)


def can_set_limits(user: User) -> bool:
    """Lower a limit, and take over a contract of before the policy: the finance manager and the general manager."""
    return user.role in {Role.FINANCE_MANAGER, Role.GENERAL_MANAGER}


def can_stop_credit(user: User) -> bool:
    """Stop credit for a breach, or refused procedures, or suspend it: whoever of the desk learns of it."""
    return user.role in CREDIT_DESK


def can_release_stop(user: User) -> bool:
    """Give credit free again that a person stopped; never what they stopped themselves (the service asks)."""
    return can_set_limits(user)


def can_follow_stops(user: User) -> bool:
    """Say what was done about a stop (CM-47: the credit and collection department)."""
    return user.role in FOLLOWS_STOPS


# The rows of the authority matrix that say who takes an order in spite of the reasons against it.
OVERRIDES = "CREDIT_ORDER"


def orders_visible_to(user: User) -> QuerySet[Order]:
    """The orders of the customers that a person sees."""
    if sees_credit(user):
        return Order.objects.all()
    client = client_of(user) if user.is_active else None
    return Order.objects.none() if client is None else Order.objects.filter(client=client)


def can_place_order(user: User) -> bool:
    """Enter orders and what becomes of them, for every client; a client's own people do so in their portal."""
    return user.role == Role.CREDIT_OFFICER


def override_role(user: User, *, codes: Collection[str], amount: Decimal, currency: str, on: dt.date) -> str | None:
    """The role in which somebody may set these reasons aside for this amount, their own first; None without one."""
    reserved = not OF_THE_GENERAL_MANAGER.isdisjoint(codes)
    matrix = matrix_of(OVERRIDES)
    for role, most in _roles_on(user, on=on):
        if reserved and role != Role.GENERAL_MANAGER:
            continue
        for row in matrix:
            bounds = [bound for bound in (row.up_to, most) if bound is not None]
            if (
                row.is_active
                and row.role == role
                and row.currency in {"", currency}
                and amount <= min([*bounds, amount])
            ):
                return role
    return None


def _roles_on(user: User, *, on: dt.date) -> Iterator[tuple[str, Decimal | None]]:
    """A person's own role, and those they stand in for, each with the bound of the delegation."""
    yield user.role, None
    if user.role in DELEGATES:
        for given in delegations_to(user=user, on=on):
            if not given.kinds or OVERRIDES in given.kinds:
                yield given.from_person.role, given.up_to  # type: ignore[attr-defined]


def may_override(user: User, *, on: dt.date) -> bool:
    """Whether there is any order that this person might take in spite of reasons; which one, ``override_role`` says."""
    held = {row.role for row in matrix_of(OVERRIDES) if row.is_active}
    return any(role in held for role, _most in _roles_on(user, on=on))
