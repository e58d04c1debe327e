"""Who sees what of reports, the audit desk and the portal."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.choices import Role
from accounts.models import User
from clients.models import Client
from reporting.models import Review


def can_use_portal(user: User) -> bool:
    return user.is_portal


def can_sign(user: User) -> bool:
    return user.role == Role.CLIENT_SIGNATORY


def can_audit(user: User) -> bool:
    return user.role == Role.AUDITOR


def can_read_reports(user: User) -> bool:
    return user.role in {Role.COLLECTIONS_MANAGER, Role.GENERAL_MANAGER}


def can_read_figures(user: User) -> bool:
    """Every client's figures and the rows behind them: who sees all cases and answers for them, and the auditor."""
    return can_read_reports(user) or can_audit(user)


def figures_clients_visible_to(user: User) -> QuerySet[Client]:
    """The clients whose figures a person may open; none for everybody else."""
    return Client.objects.all() if can_read_figures(user) else Client.objects.none()


def reviews_visible_to(user: User) -> QuerySet[Review]:
    """Meetings with every client, for who answers for them; none for everybody else."""
    return Review.objects.all() if can_read_reports(user) else Review.objects.none()
