"""Who may do what on the way to court. What a person may not see is filtered before these are asked."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from accounts.choices import Role
from accounts.models import User
from accounts.policies import stands_in_for
from clients.selectors.clients import client_of
from collections_app.choices import OPEN_ESCALATION, EscalationStatus
from collections_app.models import Authorisation, Case, EscalationRequest
from collections_app.policies import LEADS, can_work_case, cases_visible_to
from common import clock
from common.approvals import approval_of, may_decide
from legal.choices import FileState
from legal.models import LegalFile, Paper

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


def can_see_legal(user: User) -> bool:
    """Read the files of every client, the court calendar, and the register of lawyers."""
    return user.role in SEES_AUTHORISATIONS


def can_have_feed(user: User) -> bool:
    """Have the court calendar at a private address: who works with it, inside and outside. An auditor looks here, where
    each look is written down."""
    return (can_see_legal(user) and user.role != Role.AUDITOR) or is_outside_lawyer(user)


def can_keep_legal(user: User) -> bool:
    """Keep the register, give files out, plan the days in court, enter instruments."""
    return user.role in LEGAL_DESK


def files_visible_to(user: User) -> QuerySet[LegalFile]:
    """The files a member of staff may see; nothing for everybody else."""
    return LegalFile.objects.all() if can_see_legal(user) else LegalFile.objects.none()


def is_outside_lawyer(user: User) -> bool:
    """A lawyer of another firm, who still works there."""
    return user.role == Role.LAWYER


def files_held_by(user: User) -> QuerySet[LegalFile]:
    """The open files that an outside lawyer has now: what was given to another is gone at once."""
    if not is_outside_lawyer(user):
        return LegalFile.objects.none()
    return LegalFile.objects.filter(
        lawyer__user=user, lawyer__is_active=True, lawyer__firm__is_active=True, state=FileState.OPEN
    )


def papers_held_by(user: User) -> QuerySet[Paper]:
    """The papers of those files: their own, and those of the authorisation they stand on and of its request."""
    held = files_held_by(user)
    return Paper.objects.filter(
        Q(file__in=held) | Q(authorisation__legal_files__in=held) | Q(request__authorisations__legal_files__in=held)
    ).distinct()


def can_record_in_file(user: User, file: LegalFile) -> bool:
    """Say what a day in court brought: the legal desk, and the lawyer who has the file now."""
    return can_keep_legal(user) or files_held_by(user).filter(pk=file.pk).exists()


def can_see_escalation_policy(user: User) -> bool:
    return user.role in {Role.COLLECTIONS_MANAGER, Role.GENERAL_MANAGER, Role.LEGAL_OFFICER, Role.AUDITOR}


def can_keep_escalation_policy(user: User) -> bool:
    """Change the conditions of escalation agreed with a client."""
    return user.role == Role.COLLECTIONS_MANAGER


def can_see_notices(user: User) -> bool:
    return user.role in {Role.COLLECTIONS_MANAGER, Role.LEGAL_OFFICER, Role.AUDITOR}


def can_handle_notices(user: User) -> bool:
    """Prepare and send final notices, and say what became of them."""
    return user.role in LEGAL_DESK


def can_see_timeliness(user: User) -> bool:
    """The cases that wait for an offer or for an escalation: who leads."""
    return user.role in LEADS
