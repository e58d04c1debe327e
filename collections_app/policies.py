"""Who may do what with cases. What a person may not see is filtered by ``visible_to`` before these are asked."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import Q, QuerySet

from accounts.choices import Role
from accounts.models import User
from collections_app.choices import HoldKind
from collections_app.models import Case, Hold, IncomingFile, IncomingPayment
from common.money import ZERO

SEES_ALL_CASES = frozenset(
    {
        Role.COLLECTIONS_MANAGER,
        Role.GENERAL_MANAGER,
        Role.AUDITOR,
        Role.COMPLAINTS_OFFICER,
        Role.QUALITY_OFFICER,
        Role.BUREAU_OFFICER,
    }
)
LEADS = frozenset({Role.TEAM_LEADER, Role.COLLECTIONS_MANAGER})
WORKS_CASES = frozenset({Role.COLLECTOR, Role.TEAM_LEADER, Role.COLLECTIONS_MANAGER})
# What a team leader forgives alone on one case altogether, by discounts and write-offs: small change that is not worth
# a manager's time. No document names a figure; settlements are the manager's. In other currencies nothing.
LEADER_FORGIVES = {"SAR": Decimal("500.00")}


def cases_scope(user: User) -> Q:
    """The condition on cases that a member of staff may see."""
    if user.role in SEES_ALL_CASES:
        return Q()
    if user.role == Role.TEAM_LEADER and user.team_id is not None:
        # The team's, the own, and those that nobody has taken yet: a leader gives them out.
        return Q(team_id=user.team_id) | Q(owner_id=user.pk) | Q(team__isnull=True, owner__isnull=True)
    if user.role == Role.COLLECTOR:
        return Q(owner_id=user.pk)
    if user.role == Role.LEGAL_OFFICER:
        return Q(escalations__isnull=False)
    return Q(pk__in=[])


def cases_visible_to(user: User) -> QuerySet[Case]:
    """The cases a member of staff may see; empty for everybody else."""
    cases = Case.objects.filter(cases_scope(user))
    return cases.distinct() if user.role == Role.LEGAL_OFFICER else cases


def can_work_case(user: User, case: Case) -> bool:
    """Record contacts, promises and payments: the owner, and those who lead."""
    if user.role == Role.COLLECTOR:
        return case.owner_id == user.pk
    return user.role in WORKS_CASES


def can_end_hold(user: User, hold: Hold) -> bool:
    """Who works the case; an objection is decided, and its hold ended, by who leads."""
    if hold.kind == HoldKind.OBJECTION and user.role not in LEADS:
        return False
    return can_work_case(user, hold.case)


def can_end_cases(user: User) -> bool:
    """End a case by decision, and open it again: who leads."""
    return user.role in LEADS


def can_see_periods(user: User) -> bool:
    """The closed periods of every client's account."""
    return user.role in {Role.COLLECTIONS_MANAGER, Role.FINANCE_MANAGER, Role.GENERAL_MANAGER, Role.AUDITOR}


def can_close_periods(user: User) -> bool:
    return user.role in {Role.COLLECTIONS_MANAGER, Role.FINANCE_MANAGER}


def can_use_worklist(user: User) -> bool:
    return user.role in WORKS_CASES


def can_assign_cases(user: User) -> bool:
    return user.role in {Role.TEAM_LEADER, Role.COLLECTIONS_MANAGER}


def can_import_portfolio(user: User) -> bool:
    return user.role in {Role.TEAM_LEADER, Role.COLLECTIONS_MANAGER}


def can_answer_proposal(user: User, case: Case) -> bool:
    """Take up or decline what a stage proposed for a case: who leads, and sees it."""
    return user.role in LEADS and cases_visible_to(user).filter(pk=case.pk).exists()


def can_see_jobs(user: User) -> bool:
    return user.role in {Role.ADMINISTRATOR, Role.COLLECTIONS_MANAGER}


def can_see_contact_trail(user: User) -> bool:
    return user.role == Role.AUDITOR


def can_reverse_payments(user: User) -> bool:
    """Take a payment back: never who collects, always who leads."""
    return user.role in {Role.TEAM_LEADER, Role.COLLECTIONS_MANAGER}


def can_handle_incoming(user: User) -> bool:
    """Read payment files and statements, and decide what money that waits was for: never who collects."""
    return user.role in {Role.COLLECTIONS_MANAGER, Role.FINANCE_MANAGER}


def incoming_visible_to(user: User) -> QuerySet[IncomingPayment]:
    """Money that came, for those who may decide it; nothing for everybody else."""
    return IncomingPayment.objects.all() if can_handle_incoming(user) else IncomingPayment.objects.none()


def incoming_files_visible_to(user: User) -> QuerySet[IncomingFile]:
    return IncomingFile.objects.all() if can_handle_incoming(user) else IncomingFile.objects.none()


def can_post_notes(user: User) -> bool:
    """Write notes on receivables and take them back: never who collects, always who leads."""
    return user.role in LEADS


def can_forgive(user: User, *, total: Decimal, currency: str) -> bool:
    """Whether ``total`` forgiven on one case is within what this person may forgive alone."""
    if user.role == Role.COLLECTIONS_MANAGER:
        return True
    return user.role == Role.TEAM_LEADER and total <= LEADER_FORGIVES.get(currency, ZERO)


def can_decide_objections(user: User) -> bool:
    """Accept or reject what an account holder objects to: a team leader and above."""
    return user.role in LEADS


def can_assign_suspense(user: User) -> bool:
    """Say who clears up waiting money."""
    return user.role in LEADS


def can_take_recall_back(user: User) -> bool:
    """Say that the client leaves a case with us after all: a team leader and above."""
    return user.role in LEADS


def can_withdraw_file(user: User) -> bool:
    """Take a wrongly imported file back: a collections manager."""
    return user.role == Role.COLLECTIONS_MANAGER
