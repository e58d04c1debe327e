"""Approvals: one model for everything that one person prepares and others decide (DESIGN, ADR 0036).

A kind is one entry of the slot ``approval_kinds``. Its own service locks its subject, asks the functions here, and
leaves its own row in the audit trail: what stands here is part of an act, and is called inside its transaction.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common import clock, slots
from common.choices import ApprovalStatus, Decision
from common.db import rows
from common.exceptions import Conflict, NotAllowed, Refused
from common.models import Approval, ApprovalDecision, ApprovalStep, AuthorityLimit, Delegation

# Open, or approved and not done yet.
_STANDS = Q(status=ApprovalStatus.OPEN) | Q(status=ApprovalStatus.APPROVED, applied_at__isnull=True)


@dataclass(frozen=True, kw_only=True)
class Step:
    """A position of a kind as the house ships it: the roles that may take it."""

    roles: tuple[str, ...]
    words: str | Promise
    portal: bool = False


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a list says of one approval."""

    subject: Any
    number: str
    about: str
    # What stands beneath it, part by part.
    under: tuple[str, ...]
    url: str
    amount: Decimal | None = None
    currency: str = ""
    # What changes how it is answered.
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """Everything the house must know of one kind of approval."""

    code: str
    words: str | Promise
    icon: str
    steps: tuple[Step, ...]
    # Of some approvals of this kind, by their key.
    facts: Callable[[Sequence[Approval]], Mapping[int, Facts]]
    # The chosen one in the inbox: its template, and what it needs of (user, subject).
    template: str
    context: Callable[[Any, Any], Mapping[str, Any]]
    # The hash of what is asked, computed from the subject's rows as they stand.
    digest: Callable[[Any], str]
    # The kind's own service: ``decide(user=, subject=, decision=, digest=, reason=)``.
    decide: Callable[..., Any]
    # Of a subject: conditions met, of how many.
    conditions: Callable[[Any], tuple[int, int]] | None = None
    answers: frozenset[str] = frozenset(Decision)


def kinds() -> Sequence[Kind]:
    """Every kind, in the order of ``config/wiring.py``."""
    return slots.filled("approval_kinds")


def kind_of(code: str) -> Kind:
    """A kind by its code. Raises LookupError for one that nobody wired."""
    for kind in kinds():
        if kind.code == code:
            return kind
    raise LookupError(code)


def matrix_of(code: str) -> list[AuthorityLimit]:
    """The rows of the authority matrix for one kind; where there are none yet, those it is shipped with, not saved."""
    return list(AuthorityLimit.objects.filter(kind=code)) or [
        AuthorityLimit(kind=code, position=position, role=role, portal=step.portal)
        for position, step in enumerate(kind_of(code).steps, start=1)
        for role in step.roles
    ]


def matrix_ship(code: str) -> list[AuthorityLimit]:
    """The same, saved: before the first request of a kind, or the first change of its rows."""
    if unsaved := [row for row in matrix_of(code) if row.pk is None]:
        AuthorityLimit.objects.bulk_create(unsaved, ignore_conflicts=True)
    return matrix_of(code)


def _steps(*, code: str, amount: Decimal | None, currency: str) -> list[tuple[int, list[str], bool]]:
    """Each position with the roles whose limit reaches the amount. Raises Refused where none does."""
    positions: dict[int, tuple[list[str], bool]] = {}
    for row in matrix_ship(code):
        roles, _portal = positions.setdefault(row.position, ([], row.portal))
        reaches = row.up_to is None or (amount is not None and row.up_to >= amount)
        if row.is_active and row.currency in {"", currency} and reaches and row.role not in roles:
            roles.append(row.role)
    if any(not roles for roles, _portal in positions.values()):
        raise Refused("approval_beyond", _("This amount is beyond what anybody may approve by the authority matrix."))
    return [(position, roles, portal) for position, (roles, portal) in sorted(positions.items())]


def _subject(subject: Model) -> dict[str, Any]:
    return {"subject_type": subject._meta.label, "subject_id": subject.pk}


def approval_open(
    *,
    kind: str,
    subject: Model,
    digest: str,
    prepared_by: Any,
    answer_by: dt.datetime,
    client_id: int | None = None,
    amount: Decimal | None = None,
    currency: str = "",
    also_prepared_by: Sequence[int] = (),
) -> Approval:
    """Ask for what ``digest`` says of ``subject``. Raises Refused where the matrix lets nobody approve the amount."""
    steps = _steps(code=kind, amount=amount, currency=currency)
    approval = Approval.objects.create(
        kind=kind,
        **_subject(subject),
        client_id=client_id,
        digest=digest,
        amount=amount,
        currency=currency,
        prepared_by=prepared_by,
        also_prepared_by=sorted(set(also_prepared_by)),
        prepared_at=clock.now(),
        answer_by=answer_by,
    )
    ApprovalStep.objects.bulk_create(
        ApprovalStep(approval=approval, client_id=client_id, position=position, roles=roles, portal=portal)
        for position, roles, portal in steps
    )
    return approval


def approval_of(*, subject: Model) -> Approval | None:
    """What stands of a subject: open, or approved and not done yet; else None."""
    return Approval.objects.filter(_STANDS, **_subject(subject)).first()


def approvals_of(*, subject: Model) -> QuerySet[Approval]:
    """Every approval there was of a subject, the newest first, with its decisions."""
    return (
        Approval.objects.filter(**_subject(subject))
        .select_related("prepared_by", "ended_by")
        .prefetch_related("steps", "decisions__person", "decisions__on_behalf_of", "decisions__step")
        .order_by("-pk")
    )


def locked_approval(*, subject: Model) -> Approval:
    """What stands of a subject, under lock. Raises Conflict when nothing does."""
    found = Approval.objects.select_for_update(of=("self",)).filter(_STANDS, **_subject(subject)).first()
    if found is None:
        raise Conflict("approval_moved", _("This request was decided already."))
    return found


def delegations_to(*, user: Any, on: dt.date) -> QuerySet[Delegation]:
    """Whom this person may stand in for on a day."""
    return Delegation.objects.filter(
        to_person=user, starts_on__lte=on, ends_on__gte=on, ended_at__isnull=True, from_person__is_active=True
    ).select_related("from_person")


# Who decides: the person in their own role, and in the place of each who delegated to them.
_OWN = """
SELECT NULL::bigint AS delegation_id, %(person)s::bigint AS person_id, %(role)s::text AS role, %(portal)s AS portal,
       '{}'::text[] AS kinds, NULL::numeric AS up_to, '' AS currency
"""
_IN_PLACE = """
UNION ALL
SELECT g.id, g.from_person_id, u.role, false, g.kinds::text[], g.up_to, g.currency
FROM common_delegation g JOIN {users} u ON u.id = g.from_person_id AND u.is_active
WHERE g.to_person_id = %(person)s AND g.starts_on <= %(on)s AND g.ends_on >= %(on)s AND g.ended_at IS NULL
"""
# What is open at a step of that role, and in which neither of the two had a hand: neither preparing it, nor deciding,
# nor at another step before a change.
_WAITING = """
SELECT DISTINCT ON (a.answer_by, a.id) a.id, h.delegation_id
FROM common_approval a
JOIN common_approvalstep s ON s.approval_id = a.id AND s.position = a.step_now
JOIN ({hands}) h ON h.role = ANY(s.roles) AND h.portal = s.portal AND (h.kinds = '{{}}' OR a.kind = ANY(h.kinds))
    AND (h.up_to IS NULL OR h.currency = a.currency AND a.amount <= h.up_to)
WHERE a.status = 'OPEN' AND (%(only)s::bigint IS NULL OR a.id = %(only)s)
  AND NOT EXISTS (
      SELECT 1 FROM common_approval o
      WHERE o.subject_type = a.subject_type AND o.subject_id = a.subject_id
        AND (o.prepared_by_id IN (%(person)s, h.person_id) OR o.also_prepared_by && ARRAY[%(person)s, h.person_id])
  )
  AND NOT EXISTS (
      SELECT 1 FROM common_approvaldecision d
      JOIN common_approval o ON o.id = d.approval_id
      JOIN common_approvalstep t ON t.id = d.step_id
      WHERE o.subject_type = a.subject_type AND o.subject_id = a.subject_id
        AND (d.person_id IN (%(person)s, h.person_id) OR d.on_behalf_of_id IN (%(person)s, h.person_id))
        AND (d.approval_id = a.id OR t.position <> a.step_now)
  )
ORDER BY a.answer_by, a.id, h.delegation_id NULLS FIRST
"""


def _waiting(*, user: Any, on: dt.date, only: int | None = None) -> list[tuple[int, int | None]]:
    """What this person may decide, the nearest answer first: of each the key, and that of the delegation by which; the
    own role goes first. ``only`` asks about one.
    """
    # A person of the portal stands in for nobody, and the portal's role reads no delegations.
    hands = _OWN if user.is_portal else _OWN + _IN_PLACE.format(users=user._meta.db_table)
    found = rows(
        _WAITING.format(hands=hands),
        {"person": user.pk, "role": user.role, "portal": user.is_portal, "on": on, "only": only},
        kept=True,
    )
    return [(row["id"], row["delegation_id"]) for row in found]


def approvals_waiting(*, user: Any, on: dt.date) -> list[tuple[Approval, Delegation | None]]:
    """What this person may decide, the nearest answer first, each with the delegation it comes by.

    Of whose client a person of the portal is, the kind's own service asks, and the database.
    """
    if not user.is_active:
        return []
    found = _waiting(user=user, on=on)
    approvals = Approval.objects.select_related("prepared_by").in_bulk([pk for pk, _given in found])
    given = Delegation.objects.select_related("from_person").in_bulk([given for _pk, given in found if given])
    return [(approvals[pk], given[by] if by else None) for pk, by in found]


def approvals_waiting_count(*, user: Any, on: dt.date) -> int:
    """How many wait for this person."""
    if not user.is_active:
        return 0
    return len(_waiting(user=user, on=on))


def may_decide(*, user: Any, approval: Approval | None, on: dt.date) -> bool:
    """True when this approval waits for this person, in their own role or in somebody's place."""
    if approval is None or not user.is_active:
        return False
    return bool(_waiting(user=user, on=on, only=approval.pk))


def decides_by(*, user: Any, approval: Approval | None, on: dt.date) -> Delegation | None:
    """The delegation by which this person may decide it; None in their own role, and for who may not."""
    if approval is None:
        return None
    found = _waiting(user=user, on=on, only=approval.pk)
    return _delegation(found[0][1]) if found else None


def _delegation(pk: int | None) -> Delegation | None:
    return None if pk is None else Delegation.objects.select_related("from_person").get(pk=pk)


def approval_decide(*, user: Any, approval: Approval, decision: str, digest: str, reason: str = "") -> Approval:
    """Write one person's decision at the step that waits.

    ``approval`` is under lock, ``digest`` what the person read. Raises Conflict when it was decided or changed,
    NotAllowed for who prepared or decided it, and for who has neither the step's role nor a delegation of it.
    """
    now = clock.now()
    if approval.status != ApprovalStatus.OPEN:
        raise Conflict("approval_moved", _("This request was decided already."))
    found = _waiting(user=user, on=now.astimezone(clock.RIYADH).date(), only=approval.pk)
    if not found or not user.is_active:
        raise NotAllowed("approval_decide", _("This is not yours to decide: nobody decides what they prepared."))
    if digest != approval.digest:
        raise Conflict("approval_changed", _("This request changed since it was opened. Read it again."))
    given = _delegation(found[0][1])
    person = user if given is None else given.from_person
    ApprovalDecision.objects.create(
        approval=approval,
        step=approval.steps.get(position=approval.step_now),
        client_id=approval.client_id,
        person=user,
        role=person.role,
        on_behalf_of=None if given is None else given.from_person,
        delegation=given,
        decision=decision,
        digest=digest,
        reason=reason,
        at=now,
    )
    approval.refresh_from_db()
    return approval


def _end(*, approval: Approval, status: str, user: Any, reason: str) -> Approval:
    approval.status, approval.ended_at, approval.ended_by, approval.end_reason = status, clock.now(), user, reason
    approval.save(update_fields=["status", "ended_at", "ended_by", "end_reason"])
    return approval


def approval_withdraw(*, user: Any, approval: Approval, reason: str = "") -> Approval:
    """Take back what still waits. Raises Conflict for what was answered."""
    if approval.status != ApprovalStatus.OPEN:
        raise Conflict("approval_moved", _("This request was decided already."))
    return _end(approval=approval, status=ApprovalStatus.WITHDRAWN, user=user, reason=reason)


def approval_void(*, user: Any, approval: Approval, reason: str = "") -> Approval:
    """What was asked is another thing now: nobody's decision on it counts any more. Raises Conflict for what ended."""
    if approval.status not in {ApprovalStatus.OPEN, ApprovalStatus.APPROVED} or approval.applied_at is not None:
        raise Conflict("approval_moved", _("This request was decided already."))
    return _end(approval=approval, status=ApprovalStatus.VOID, user=user, reason=reason)


def approval_renew(*, approval: Approval, digest: str) -> bool:
    """A change by who prepared it, before anybody decided: the same approval, of what it says now. False after that,
    when only a new approval will do.
    """
    if approval.status != ApprovalStatus.OPEN or approval.decisions.exists():
        return False
    approval.digest = digest
    approval.save(update_fields=["digest"])
    return True


def approval_apply(*, approval: Approval, digest: str) -> Approval:
    """Mark as done what was approved; ``digest`` is computed by the caller from the rows under its lock.

    Raises Conflict when it is not approved, was done already, or is not what was approved.
    """
    if approval.status != ApprovalStatus.APPROVED or approval.applied_at is not None:
        raise Conflict("approval_moved", _("This was not approved, or is done already."))
    if digest != approval.digest:
        raise Conflict("approval_changed", _("This request changed since it was approved."))
    approval.applied_at = clock.now()
    approval.save(update_fields=["applied_at"])
    return approval
