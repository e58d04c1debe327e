"""Who may do what on the way to court. What a person may not see is filtered before these are asked."""

from __future__ import annotations

from accounts.choices import Role
from accounts.models import User
from accounts.policies import stands_in_for
from collections_app.choices import OPEN_ESCALATION, EscalationStatus
from collections_app.models import Case, EscalationRequest
from collections_app.policies import can_work_case
from common import clock
from common.approvals import approval_of, may_decide


def can_propose_escalation(user: User, case: Case) -> bool:
    return can_work_case(user, case)


def can_amend_escalation(user: User, request: EscalationRequest) -> bool:
    """Who works the case, as for proposing it."""
    return request.status in OPEN_ESCALATION and can_work_case(user, request.case)


def can_see_escalations(user: User) -> bool:
    """A collections manager, and who stands in for one."""
    return stands_in_for(user, Role.COLLECTIONS_MANAGER)


def can_decide_escalation(user: User, request: EscalationRequest) -> bool:
    """Whoever its step waits for, in their own role or in somebody's place; never who prepared it."""
    return request.status == EscalationStatus.PROPOSED and may_decide(
        user=user, approval=approval_of(subject=request), on=clock.today()
    )
