"""Who may decide, stand in for others, and keep the authority matrix."""

from __future__ import annotations

from accounts.choices import Role
from accounts.models import User
from common import clock
from common.approvals import delegations_to

# Who decides by their role; what of a kind they may, the authority matrix says.
APPROVERS = frozenset({Role.COLLECTIONS_MANAGER, Role.GENERAL_MANAGER, Role.FINANCE_MANAGER})
# Who may stand in for one of them.
DELEGATES = APPROVERS | {Role.TEAM_LEADER}


def can_see_approvals(user: User) -> bool:
    """Who has an inbox: approvers, and who stands in for one today."""
    return user.role in APPROVERS or (user.role in DELEGATES and delegations_to(user=user, on=clock.today()).exists())


def can_delegate(user: User) -> bool:
    return user.role in APPROVERS


def can_see_authority(user: User) -> bool:
    return user.role in APPROVERS | {Role.AUDITOR}


def can_keep_authority(user: User) -> bool:
    return user.role == Role.GENERAL_MANAGER


def stands_in_for(user: User, *roles: str) -> bool:
    """True for who holds one of these roles, or stands in today for somebody who does."""
    if user.role in roles:
        return True
    given = delegations_to(user=user, on=clock.today()) if user.role in DELEGATES else ()
    return any(row.from_person.role in roles for row in given)  # type: ignore[attr-defined]
