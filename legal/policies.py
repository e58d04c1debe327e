"""Who may do what on the way to court. What a person may not see is filtered before these are asked."""

from __future__ import annotations

from accounts.choices import Role
from accounts.models import User
from collections_app.choices import EscalationStatus
from collections_app.models import Case, EscalationRequest
from collections_app.policies import LEADS, can_work_case


def can_propose_escalation(user: User, case: Case) -> bool:
    return can_work_case(user, case)


def can_see_approvals(user: User) -> bool:
    return user.role == Role.COLLECTIONS_MANAGER


def can_decide_escalation(user: User, request: EscalationRequest) -> bool:
    """A collections manager, never the one who prepared it."""
    return (
        user.role == Role.COLLECTIONS_MANAGER
        and request.status == EscalationStatus.PROPOSED
        and request.prepared_by_id != user.pk
    )


def can_see_escalation_policy(user: User) -> bool:
    return user.role in {Role.COLLECTIONS_MANAGER, Role.GENERAL_MANAGER, Role.LEGAL_OFFICER, Role.AUDITOR}


def can_keep_escalation_policy(user: User) -> bool:
    """Change the conditions of escalation agreed with a client."""
    return user.role == Role.COLLECTIONS_MANAGER


def can_see_notices(user: User) -> bool:
    return user.role in {Role.COLLECTIONS_MANAGER, Role.LEGAL_OFFICER, Role.AUDITOR}


def can_handle_notices(user: User) -> bool:
    """Prepare and send final notices, and say what became of them."""
    return user.role in {Role.COLLECTIONS_MANAGER, Role.LEGAL_OFFICER}


def can_see_timeliness(user: User) -> bool:
    """The cases that wait for an offer or for an escalation: who leads."""
    return user.role in LEADS
