"""The only writers of changes of holidays and of the table of deadlines, and of the answers to what they would move."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.policies import can_confirm_clock_change, can_propose_clock_change
from common import clock
from common.approvals import (
    approval_apply,
    approval_decide,
    approval_open,
    approval_withdraw,
    locked_approval,
)
from common.audit import Actor, record
from common.choices import ApprovalStatus, Decision, ProposalState
from common.clocks.changes import DEADLINES, HOLIDAYS, REMOVE, SET, change_apply, digest_of, proposal_answer
from common.exceptions import Conflict, NotAllowed, Refused
from common.models import ClockChange, ClockProposal, ClockStep, Holiday

ANSWER_WITHIN = dt.timedelta(days=3)
LONGEST_REASON = 500
# The longest holiday that is asked for at once.
MOST_DAYS = 15


def _reason_fault(reason: str) -> str | Promise:
    return "" if 0 < len(reason) <= LONGEST_REASON else _("Say why, in at most 500 characters.")


def _ask(*, user: User, kind: str, asked: Any, reason: str, about: dict[str, Any]) -> ClockChange:
    change = ClockChange.objects.create(
        kind=kind,
        asked=asked,
        reason=reason,
        digest=digest_of(kind=kind, asked=asked, reason=reason),
        prepared_by=user,
        prepared_at=clock.now(),
    )
    approval_open(
        kind=kind,
        subject=change,
        digest=change.digest,
        prepared_by=user,
        answer_by=change.prepared_at + ANSWER_WITHIN,
    )
    record(actor=Actor.person(user), action="clock_change.proposed", subject=change, body={"kind": kind, **about})
    return change


def holidays_propose(
    *,
    user: User,
    do: str,
    calendars: Collection[str],
    first: dt.date,
    last: dt.date,
    reason: str,
    name_ar: str = "",
    name_en: str = "",
    estimated: bool = False,
) -> ClockChange:
    """Ask that days off are set (added, or named otherwise) or taken away in some calendars, first to last included.

    Raises NotAllowed for anybody but an administrator, Refused without names or a reason, for more than 15 days, and
    where nothing would change.
    """
    if not can_propose_clock_change(user):
        raise NotAllowed("holidays_propose", _("Only an administrator asks for another calendar."))
    reason, name_ar, name_en = reason.strip(), name_ar.strip(), name_en.strip()
    fields: dict[str, str | Promise] = {}
    if fault := _reason_fault(reason):
        fields["reason"] = fault
    if not calendars or set(calendars) - set(Holiday.Calendar.values):
        fields["calendars"] = _("Choose a calendar.")
    if not first <= last <= first + dt.timedelta(days=MOST_DAYS - 1):
        fields["last"] = _("The last day is not before the first, and at most 15 days are asked for at once.")
    if do == SET and not (name_ar and name_en):
        fields["name_ar" if not name_ar else "name_en"] = _("A holiday has a name in both languages.")
    if do not in {SET, REMOVE}:
        fields["do"] = _("Set days off, or take them away.")
    if fields:
        raise Refused("holidays", _("The request needs a correction."), fields=fields)
    days = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    names = {"name_ar": name_ar, "name_en": name_en, "estimated": estimated} if do == SET else {}
    stands = {(row.calendar, row.on): row for row in Holiday.objects.filter(calendar__in=list(calendars), on__in=days)}
    asked = [
        {"do": do, "calendar": calendar, "on": day.isoformat(), **names}
        for calendar in sorted(calendars)
        for day in days
        if _would_change(stands.get((calendar, day)), do, names)
    ]
    if not asked:
        raise Refused("holidays_same", _("The calendar says this already."), field="first")
    with transaction.atomic():
        return _ask(user=user, kind=HOLIDAYS, asked=asked, reason=reason, about={"lines": asked})


def _would_change(row: Holiday | None, do: str, names: dict[str, Any]) -> bool:
    if do == REMOVE:
        return row is not None
    return row is None or any(getattr(row, name) != value for name, value in names.items())


# What of a step its next version may change; the rest belongs to how its app works.
STEP_FIELDS = ("amount", "unit", "calendar", "moves_on", "may_pause", "source", "verified", "in_use")


def step_propose(
    *, user: User, step: ClockStep, starts_on: dt.date, reason: str, client_id: int | None = None, **changed: Any
) -> ClockChange:
    """Ask for the next version of a deadline from a day on; with ``client_id`` one that rules this client alone.

    ``changed`` are fields of ``STEP_FIELDS``. Raises NotAllowed for anybody but an administrator, Refused for a day
    in the past, an amount that is none, no source or reason, and where nothing would change.
    """
    if not can_propose_clock_change(user):
        raise NotAllowed("step_propose", _("Only an administrator asks for another deadline."))
    if set(changed) - set(STEP_FIELDS):
        raise TypeError(f"not fields of a version: {sorted(set(changed) - set(STEP_FIELDS))}")
    reason = reason.strip()
    told = {name: changed.get(name, getattr(step, name)) for name in STEP_FIELDS}
    fields: dict[str, str | Promise] = {}
    if fault := _reason_fault(reason):
        fields["reason"] = fault
    if not 1 <= told["amount"] <= 1_000:
        fields["amount"] = _("A deadline has between 1 and 1000 of its unit.")
    if not told["source"].strip():
        fields["source"] = _("Name the source of the figure.")
    if starts_on < clock.today():
        fields["starts_on"] = _("A version begins today or later.")
    if fields:
        raise Refused("deadline", _("The request needs a correction."), fields=fields)
    whose = step.client_id if client_id is None else client_id
    if whose == step.client_id and all(told[name] == getattr(step, name) for name in STEP_FIELDS):
        raise Refused("deadline_same", _("The table says this already."), field="amount")
    kept = {
        field.attname: getattr(step, field.attname)
        for field in ClockStep._meta.concrete_fields
        if field.name not in {"id", "version", "starts_on", "client_id", *STEP_FIELDS}
    }
    asked = {**kept, **told, "client_id": whose, "starts_on": starts_on.isoformat()}
    with transaction.atomic():
        return _ask(user=user, kind=DEADLINES, asked=asked, reason=reason, about={"step": step.pk, **told})


def clock_change_decide(
    *, user: User, change: ClockChange, decision: str, digest: str, reason: str = ""
) -> list[ClockProposal]:
    """Confirm a change, which writes it and proposes the due dates it would move; or reject it, with a reason.

    Raises NotAllowed for who asked for it or may not decide, Conflict when it was decided or is another one, Refused
    without a reason to reject, and for a version that should have begun by now.
    """
    if decision not in {Decision.APPROVED, Decision.REJECTED}:
        raise Refused("clock_change_decision", _("Confirm or reject."))
    reason = reason.strip()
    if decision == Decision.REJECTED and not reason:
        raise Refused("decision_reason", _("Rejecting needs a word to who prepared it."), field="reason")
    with transaction.atomic():
        approval = approval_decide(
            user=user, approval=locked_approval(subject=change), decision=decision, digest=digest, reason=reason
        )
        record(
            actor=Actor.person(user),
            action=f"clock_change.{decision.lower()}",
            subject=change,
            body={"kind": change.kind, "digest": digest, "reason": reason},
        )
        if decision == Decision.REJECTED or approval.status != ApprovalStatus.APPROVED:
            return []
        digest_now = digest_of(kind=change.kind, asked=change.asked, reason=change.reason)
        approval_apply(approval=approval, digest=digest_now)
        return change_apply(change=change)


def clock_change_withdraw(*, user: User, change: ClockChange) -> ClockChange:
    """Take the own request back. Raises NotAllowed for anybody else's, Conflict when it was decided."""
    with transaction.atomic():
        if change.prepared_by_id != user.pk:
            raise NotAllowed("clock_change_withdraw", _("Only who prepared this request takes it back."))
        approval_withdraw(user=user, approval=locked_approval(subject=change))
        record(actor=Actor.person(user), action="clock_change.withdrawn", subject=change)
    return change


def due_dates_answer(
    *, user: User, change: ClockChange, chosen: Sequence[int], accept: bool, reason: str = ""
) -> dict[str, int]:
    """Accept or decline proposed due dates of one change, one by one; how many went which way, overtaken ones too.

    Raises NotAllowed for who asked for the change or may not confirm, Refused without a choice, and for declining
    without a word.
    """
    if not can_confirm_clock_change(user):
        raise NotAllowed("due_dates_answer", _("This is not yours to decide: nobody decides what they prepared."))
    if not chosen:
        raise Refused("due_dates_none", _("Choose the due dates you answer."))
    now, counts = clock.now(), dict[str, int]()
    with transaction.atomic():
        waiting = change.proposals.filter(pk__in=chosen, state=ProposalState.WAITING).order_by("clock_id")
        for proposal in waiting:
            answered = proposal_answer(proposal=proposal, accept=accept, user=user, at=now, reason=reason)
            counts[answered.state] = counts.get(answered.state, 0) + 1
        if not counts:
            raise Conflict("clock_proposal_answered", _("This due date was answered already."))
        record(
            actor=Actor.person(user),
            action="due_dates.answered",
            subject=change,
            body={"accept": accept, "proposals": sorted(chosen), "reason": reason, **counts},
        )
    return counts
