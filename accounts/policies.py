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
# The working calendar and the table of deadlines: who reads them, who asks for a change, and who confirms it and
# answers the due dates that it would move.
DEADLINE_READERS = frozenset(
    {
        Role.ADMINISTRATOR,
        Role.GENERAL_MANAGER,
        Role.QUALITY_OFFICER,
        Role.COMPLAINTS_OFFICER,
        Role.BUREAU_OFFICER,
        Role.AUDITOR,
    }
)
CONFIRMS_CLOCK_CHANGES = (Role.GENERAL_MANAGER, Role.QUALITY_OFFICER)


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


def can_see_deadlines(user: User) -> bool:
    return user.role in DEADLINE_READERS


def can_propose_clock_change(user: User) -> bool:
    return user.role == Role.ADMINISTRATOR


def can_confirm_clock_change(user: User) -> bool:
    """By role, or in the place of somebody of such a role; never what they prepared (``approval_decide``)."""
    return stands_in_for(user, *CONFIRMS_CLOCK_CHANGES)
