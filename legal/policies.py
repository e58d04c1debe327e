"""Who may do what on the way to court. What a person may not see is filtered before these are asked."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.choices import Role
from accounts.models import User
from accounts.policies import stands_in_for
from clients.selectors.clients import client_of
from collections_app.choices import OPEN_ESCALATION, EscalationStatus
from collections_app.models import Authorisation, Case, EscalationRequest
from collections_app.policies import can_work_case, cases_visible_to
from common import clock
from common.approvals import approval_of, may_decide

LEGAL_DESK = frozenset({Role.LEGAL_OFFICER, Role.COLLECTIONS_MANAGER})
SEES_AUTHORISATIONS = LEGAL_DESK | {Role.GENERAL_MANAGER, Role.AUDITOR}


def can_propose_escalation(user: User, case: Case) -> bool:
    """Who works the case; the legal officer asks again for what was signed once."""
    return can_work_case(user, case) or (user.role == Role.LEGAL_OFFICER and case.authorisation_id is not None)


def can_see_authorisations(user: User) -> bool:
    return user.role in SEES_AUTHORISATIONS


def authorisations_visible_to(user: User) -> QuerySet[Authorisation]:
    """The authorisations of the cases this person sees; none for who is not of the legal desk and above."""
    if not can_see_authorisations(user):
        return Authorisation.objects.none()
    return Authorisation.objects.filter(case__in=cases_visible_to(user))


def can_act_legally(user: User, case: Case) -> bool:
    """Record acts, claims and costs: the legal desk, on cases it sees."""
    return user.role in LEGAL_DESK and cases_visible_to(user).filter(pk=case.pk).exists()


def can_revoke_authorisation(user: User, authorisation: Authorisation) -> bool:
    """The client's own signatory, and a collections manager to whom the client said so."""
    if user.role == Role.COLLECTIONS_MANAGER:
        return True
    client = client_of(user) if user.role == Role.CLIENT_SIGNATORY and user.is_active else None
    return client is not None and client.pk == authorisation.client_id


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
