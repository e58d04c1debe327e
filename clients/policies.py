"""Who sees and keeps clients."""

from __future__ import annotations

from accounts.choices import Role
from accounts.models import User


def can_see_clients(user: User) -> bool:
    return user.role in {Role.COLLECTIONS_MANAGER, Role.GENERAL_MANAGER, Role.ADMINISTRATOR}


def can_manage_clients(user: User) -> bool:
    return user.role in {Role.COLLECTIONS_MANAGER, Role.ADMINISTRATOR}


def can_manage_systems(user: User) -> bool:
    """Accounts of clients' systems are made like accounts of people: by the administrator."""
    return user.role == Role.ADMINISTRATOR


def can_keep_tokens(user: User) -> bool:
    """The client's own administrator, in the portal: the house never holds a token that acts for a client."""
    membership = getattr(user, "client_membership", None)
    return user.is_portal and membership is not None and membership.keeps_systems
