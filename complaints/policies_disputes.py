"""Who may do what with disputes. What a person may not see is filtered before these are asked."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.choices import Role
from accounts.models import User
from clients.selectors.clients import client_of
from complaints.models import Dispute

READS_DISPUTES = frozenset(
    {
        Role.BUREAU_OFFICER,
        Role.COMPLAINTS_OFFICER,
        Role.QUALITY_OFFICER,
        Role.COLLECTIONS_MANAGER,
        Role.GENERAL_MANAGER,
        Role.AUDITOR,
    }
)
REVIEWS_PACKS = frozenset({Role.BUREAU_OFFICER, Role.COMPLAINTS_OFFICER, Role.COLLECTIONS_MANAGER})


def sees_disputes(user: User) -> bool:
    """Read the disputes of every client."""
    return user.role in READS_DISPUTES


def can_handle_disputes(user: User) -> bool:
    """File, notify, decide, correct, tell: the bureau officer."""
    return user.role == Role.BUREAU_OFFICER


def can_review_packs(user: User) -> bool:
    """Look an answer pack through before it leaves; never one's own."""
    return user.role in REVIEWS_PACKS


def disputes_visible_to(user: User) -> QuerySet[Dispute]:
    """The disputes of every client for who handles or reads them; a client's own people see theirs."""
    if sees_disputes(user):
        return Dispute.objects.all()
    client = client_of(user) if user.is_active else None
    return Dispute.objects.none() if client is None else Dispute.objects.filter(client=client)
