"""Who may do what with trade credit. What a person may not see is filtered before these are asked."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.choices import Role
from accounts.models import User
from clients.selectors.clients import client_of
from credit.choices import ApplicationState, CustomerKind
from credit.models import Application, CreditPolicy, Customer

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
