"""Reads of approvals, as an approver's inbox shows them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from common.approvals import Facts, Kind, approvals_waiting, delegations_to, kinds
from common.choices import ApprovalStatus
from common.models import Approval, ApprovalStep, Delegation


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the inbox; ``given`` is the delegation it comes by."""

    approval: Approval
    kind: Kind
    facts: Facts
    given: Delegation | None = None
    # Conditions met, of how many.
    met: tuple[int, int] | None = None


def approvals_visible_to(user: User, *, on: dt.date) -> QuerySet[Approval]:
    """What has a step of the house that this person's role takes, or the role of whom they stand in for."""
    roles = {user.role} | {row.from_person.role for row in delegations_to(user=user, on=on)}  # type: ignore[attr-defined]
    step = ApprovalStep.objects.filter(approval=OuterRef("pk"), portal=False, roles__overlap=sorted(roles))
    return Approval.objects.filter(Exists(step)).select_related("prepared_by", "ended_by")


def approval_rows(pairs: Sequence[tuple[Approval, Delegation | None]], *, measured: bool = False) -> list[Row]:
    """Approvals with what their kinds say of them, in the given order; ``measured`` counts the conditions met too."""
    rows: dict[int, Row] = {}
    for kind in kinds():
        of_kind = {approval.pk: (approval, given) for approval, given in pairs if approval.kind == kind.code}
        told = kind.facts([approval for approval, _given in of_kind.values()]) if of_kind else {}
        for pk, facts in told.items():
            met = kind.conditions(facts.subject) if measured and kind.conditions else None
            rows[pk] = Row(approval=of_kind[pk][0], given=of_kind[pk][1], kind=kind, facts=facts, met=met)
    return [rows[approval.pk] for approval, _given in pairs if approval.pk in rows]


def inbox_waiting(*, user: User, on: dt.date, limit: int = 50) -> tuple[list[Row], int]:
    """The first of what waits for this person, the nearest answer first, and how many there are."""
    pairs = approvals_waiting(user=user, on=on)
    return approval_rows(pairs[:limit], measured=True), len(pairs)


def approvals_with_clients(*, user: User, on: dt.date) -> QuerySet[Approval]:
    """What the house has agreed to, and a client's signatory has not yet."""
    step = ApprovalStep.objects.filter(approval=OuterRef("pk"), position=OuterRef("step_now"), portal=True)
    return (
        approvals_visible_to(user, on=on)
        .filter(Exists(step), status=ApprovalStatus.OPEN)
        .prefetch_related("decisions__person", "decisions__on_behalf_of")
        .order_by("answer_by", "pk")
    )


def approvals_ended(*, user: User, on: dt.date) -> QuerySet[Approval]:
    """What was decided or taken back, the newest first; what was changed and asked anew is not told here."""
    ended = ~Q(status__in=[ApprovalStatus.OPEN, ApprovalStatus.VOID])
    return (
        approvals_visible_to(user, on=on)
        .filter(ended)
        .prefetch_related("decisions__person", "decisions__on_behalf_of")
        .order_by("-ended_at", "-pk")
    )


def approvals_prepared(*, user: User) -> QuerySet[Approval]:
    """What this person asked for and waits for."""
    return Approval.objects.filter(prepared_by=user, status=ApprovalStatus.OPEN)
