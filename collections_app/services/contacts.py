"""The only writer of contact attempts, and of the call backs that follow from them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from collections_app.choices import (
    Direction,
    HoldKind,
    Outcome,
    Reached,
    TaskKind,
    TaskStatus,
    Verdict,
)
from collections_app.events import ContactRecorded
from collections_app.models import Case, ContactAttempt, ContactPoint, Promise, Task
from collections_app.rules.contact import Decision
from collections_app.selectors.contact import contact_decisions
from collections_app.services.holds import hold_place
from collections_app.services.promises import promise_record
from common import clock
from common.audit import Actor, record
from common.clock import RIYADH
from common.events import publish
from common.exceptions import Refused

HOLDER_ONLY = frozenset({Outcome.PROMISE, Outcome.PLAN_ASKED, Outcome.OBJECTED, Outcome.HARDSHIP, Outcome.PAID_ALREADY})


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """A recorded contact and what came of it."""

    attempt: ContactAttempt
    promise: Promise | None = None


def _rules(decision: Decision) -> list[dict[str, str]]:
    return [{"rule": refusal.rule, "source": refusal.source} for refusal in decision.refusals]


def contact_refused_record(
    *, actor: Actor, user: User, case: Case, channel: str, contact_point: ContactPoint | None = None
) -> ContactAttempt | None:
    """Keep that somebody wanted to make contact and the guard said no; nothing is counted (PL-13).

    None when the guard allows it by now.
    """
    at = clock.now()
    with transaction.atomic():
        decision = contact_decisions(case=case, at=at)[channel]
        if decision.allowed:
            return None
        attempt = ContactAttempt.objects.create(
            client_id=case.client_id,
            case=case,
            at=at,
            by=user,
            channel=channel,
            direction=Direction.OUT,
            contact_point=contact_point,
            reached=Reached.NO_ONE,
            verdict=Verdict.REFUSED,
            rules=_rules(decision),
            recorded_at=at,
        )
        record(
            actor=actor,
            action="contact.refused",
            subject=attempt,
            body={"case": case.pk, "channel": channel, "rules": _rules(decision)},
        )
    return attempt


def contact_record(
    *,
    actor: Actor,
    user: User | None,
    case: Case,
    channel: str,
    reached: str,
    outcome: str,
    note: str = "",
    direction: str = Direction.OUT,
    contact_point: ContactPoint | None = None,
    at: dt.datetime | None = None,
    breach_reason: str = "",
    promise_amount: Decimal | None = None,
    promise_on: dt.date | None = None,
    call_back_at: dt.datetime | None = None,
) -> Recorded:
    """Record a contact and, with it, the promise, call back, objection or hardship it brought: all or nothing.

    What happened is always recordable: outside the policy it is kept as a breach, which needs ``breach_reason``.
    Raises Refused when the answer and the outcome do not fit, when a promise or call back lacks its date, when a
    breach lacks its reason (code ``breach_reason``, with the rules in ``details``), and for times in the future.
    """
    now = clock.now()
    at = at or now
    if at > now:
        raise Refused("contact_future", _("A contact is recorded after it happened."))
    if outcome not in Outcome.values or reached not in Reached.values:
        raise Refused("contact_outcome", _("Choose who answered and what happened."))
    if outcome in HOLDER_ONLY and reached not in {Reached.HOLDER, Reached.GUARANTOR}:
        raise Refused(
            "contact_reached",
            _("This outcome needs the account holder."),
            fields={"reached": _("This outcome needs the account holder.")},
        )
    if outcome == Outcome.PROMISE and (promise_amount is None or promise_on is None):
        raise Refused(
            "promise_incomplete",
            _("A promise has an amount and a date."),
            fields={"promise_amount": _("A promise has an amount and a date.")},
        )
    if outcome == Outcome.CALL_BACK and call_back_at is None:
        raise Refused(
            "call_back_incomplete",
            _("A call back has its time."),
            fields={"call_back_at": _("A call back has its time.")},
        )
    on = at.astimezone(RIYADH).date()
    with transaction.atomic():
        locked = (
            Case.objects.select_related("client", "debtor").select_for_update(of=("self",), no_key=True).get(pk=case.pk)
        )
        verdict, rules = Verdict.ALLOWED, []
        if direction == Direction.OUT:
            decision = contact_decisions(case=locked, at=at)[channel]
            if not decision.allowed:
                verdict, rules = Verdict.BREACH, _rules(decision)
                if not breach_reason.strip():
                    raise Refused(
                        "breach_reason",
                        _("This contact was outside the policy. Say why it was made; it goes to the team leader."),
                        fields={"breach_reason": _("Say why it was made.")},
                        details={"rules": rules},
                    )
        attempt = ContactAttempt.objects.create(
            client_id=locked.client_id,
            case=locked,
            at=at,
            by=user,
            channel=channel,
            direction=direction,
            contact_point=contact_point,
            reached=reached,
            outcome=outcome,
            note=note.strip(),
            verdict=verdict,
            rules=rules,
            breach_reason=breach_reason.strip() if verdict == Verdict.BREACH else "",
            recorded_at=now,
        )
        locked.last_contact_at = max(filter(None, (locked.last_contact_at, at)))
        locked.save(update_fields=["last_contact_at"])
        Task.objects.filter(
            case=locked, status=TaskStatus.OPEN, kind__in=[TaskKind.CALL_BACK, TaskKind.STAGE], due_on__lte=on
        ).update(status=TaskStatus.DONE, done_at=now)
        record(
            actor=actor,
            action="contact.recorded",
            subject=attempt,
            body={
                "case": locked.pk,
                "channel": channel,
                "reached": reached,
                "outcome": outcome,
                "verdict": verdict,
                "at": at,
            },
        )
        promise = None
        if outcome == Outcome.PROMISE and promise_amount is not None and promise_on is not None:
            promise = promise_record(
                actor=actor,
                case=locked,
                amount=promise_amount,
                currency=locked.currency,
                due_on=promise_on,
                made_on=on,
                attempt=attempt,
                user=user,
            )
        if outcome == Outcome.CALL_BACK and call_back_at is not None:
            Task.objects.create(
                client_id=locked.client_id,
                case=locked,
                kind=TaskKind.CALL_BACK,
                due_on=call_back_at.astimezone(RIYADH).date(),
                due_at=call_back_at,
                note=note.strip()[:300],
                created_at=now,
            )
        if outcome == Outcome.OBJECTED:
            hold_place(
                actor=actor,
                case=locked,
                kind=HoldKind.OBJECTION,
                from_on=on,
                reason=note.strip()[:300] or str(_("Objected during a contact")),
            )
        publish(ContactRecorded(attempt_id=attempt.pk, case_id=locked.pk, client_id=locked.client_id))
    return Recorded(attempt=attempt, promise=promise)
