"""Who may do what on the way to court. What a person may not see is filtered before these are asked."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from accounts.choices import Role
from accounts.models import User
from collections_app.choices import EscalationStatus
from collections_app.models import Case, EscalationRequest
from collections_app.policies import can_work_case
from legal.choices import FileState
from legal.models import LegalFile, Paper

# Who reads files, the court calendar and the register; who keeps them.
SEES_LEGAL = frozenset({Role.LEGAL_OFFICER, Role.COLLECTIONS_MANAGER, Role.GENERAL_MANAGER, Role.AUDITOR})
KEEPS_LEGAL = frozenset({Role.LEGAL_OFFICER, Role.COLLECTIONS_MANAGER})


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


def can_see_legal(user: User) -> bool:
    """Read the files of every client, the court calendar, and the register of lawyers."""
    return user.role in SEES_LEGAL


def can_keep_legal(user: User) -> bool:
    """Keep the register, give files out, plan the days in court, enter instruments."""
    return user.role in KEEPS_LEGAL


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
