"""Who sees and keeps clients."""

from __future__ import annotations

from accounts.choices import Role
from accounts.models import User


def can_see_clients(user: User) -> bool:
    return user.role in {Role.COLLECTIONS_MANAGER, Role.GENERAL_MANAGER, Role.ADMINISTRATOR}


def can_manage_clients(user: User) -> bool:
    return user.role in {Role.COLLECTIONS_MANAGER, Role.ADMINISTRATOR}
