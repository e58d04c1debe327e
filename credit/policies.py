"""Who may do what with trade credit. What a person may not see is filtered before these are asked."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.choices import Role
from accounts.models import User
from clients.selectors.clients import client_of
from credit.models import Application, Customer

# Who prepares, who recommends, who decides (CM-15, CM-16); the others read.
CREDIT_DESK = frozenset({Role.CREDIT_OFFICER, Role.FINANCE_MANAGER, Role.GENERAL_MANAGER})
READS_CREDIT = CREDIT_DESK | {Role.COLLECTIONS_MANAGER, Role.AUDITOR}


def sees_credit(user: User) -> bool:
    """Read the credit files of every client."""
    return user.role in READS_CREDIT


def can_edit_credit(user: User) -> bool:
    """Fill in, analyse, score and record: who prepares, and nobody who decides on it."""
    return user.role == Role.CREDIT_OFFICER


def customers_visible_to(user: User) -> QuerySet[Customer]:
    """The customers of every client for the credit desk and who reads there; a client's own people see theirs."""
    if sees_credit(user):
        return Customer.objects.all()
    client = client_of(user) if user.is_active else None
    return Customer.objects.none() if client is None else Customer.objects.filter(client=client)


def applications_visible_to(user: User) -> QuerySet[Application]:
    """The applications of who reads credit files; a client's own people see none: they are the house's papers."""
    return Application.objects.all() if sees_credit(user) else Application.objects.none()
