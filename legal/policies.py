"""Who may do what on the way to court. What a person may not see is filtered before these are asked."""

from __future__ import annotations

from accounts.choices import Role
from accounts.models import User
from collections_app.choices import EscalationStatus
from collections_app.models import Case, EscalationRequest
from collections_app.policies import can_work_case


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
