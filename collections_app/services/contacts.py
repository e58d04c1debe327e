"""The only writer of contact attempts, and of the call backs that follow from them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clients.choices import Channel
from clients.models import Client
from collections_app.choices import (
    OPEN_CASE,
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
from collections_app.rules.contact import Decision, Refusal, answers, late_record
from collections_app.selectors.contact import contact_decisions, contact_guard
from collections_app.services.holds import hold_place
from collections_app.services.promises import promise_record
from common import clock
from common.audit import Actor, record
from common.clock import RIYADH
from common.events import publish
from common.exceptions import Refused

FREQUENCY = "CONTACT-FREQUENCY"
EARLIEST_YEAR = 1990


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """A recorded contact and what came of it."""

    attempt: ContactAttempt
    promise: Promise | None = None


# What is said on the phone pauses the case from that day: an objection (A18), a hardship (A27).
_PAUSES: Mapping[str, tuple[str, str | Lazy]] = {
    Outcome.OBJECTED: (HoldKind.OBJECTION, _("Objected during a contact")),
    Outcome.HARDSHIP: (HoldKind.HARDSHIP, _("Told of a hardship during a contact")),
}


def _named(refusals: Iterable[Refusal]) -> list[dict[str, str]]:
    return [{"rule": refusal.rule, "source": refusal.source} for refusal in refusals]


def _rules(decision: Decision) -> list[dict[str, str]]:
    return _named(decision.refusals)


def _broken(*, case: Case, channel: str, at: dt.datetime, now: dt.datetime) -> list[dict[str, str]]:
    """The rules this contact broke, as they stood when it was made.

    A call told of late may be the one too many of a window that others filled meanwhile: that counts as well. One told
    of days later, or from before the case was placed, is a breach by that alone: no window is evaded by telling late.
    """
    rules = _rules(contact_decisions(case=case, at=at)[channel])
    if at < now and channel == Channel.PHONE and not any(rule["rule"] == FREQUENCY for rule in rules):
        today = contact_guard(case=case, at=now)
        ago = (now.astimezone(RIYADH).date() - at.astimezone(RIYADH).date()).days
        rules += [rule for rule in _rules(today.phone) if rule["rule"] == FREQUENCY and ago < today.window_days]
    late = late_record(at=at, told_at=now, placed_on=case.placed_on)
    if late is not None:
        rules += _named([late])
    return rules


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


def _told_checked(
    *,
    case: Case,
    channel: str,
    reached: str,
    outcome: str,
    contact_point: ContactPoint | None,
    at: dt.datetime,
    now: dt.datetime,
    promise_amount: Decimal | None,
    promise_on: dt.date | None,
    call_back_at: dt.datetime | None,
) -> None:
    """Refuse what cannot have happened, does not fit together, or lacks a part."""
    if at > now:
        raise Refused("contact_future", _("A contact is recorded after it happened."), field="at")
    if at.year < EARLIEST_YEAR:
        raise Refused("contact_early", _("The date is before 1990."), field="at")
    if channel not in Channel.values:
        raise Refused("contact_channel", _("Choose a channel."), field="channel")
    if outcome not in Outcome.values or reached not in Reached.values:
        raise Refused("contact_outcome", _("Choose who answered and what happened."))
    if not answers.fits(channel=channel, reached=reached, outcome=outcome):
        words = (
            _("This outcome needs the account holder.")
            if answers.needs_the_holder(outcome=outcome)
            else _("Who answered and what happened do not fit together.")
        )
        raise Refused("contact_reached", words, field="reached")
    if contact_point is not None and (
        contact_point.debtor_id != case.debtor_id or contact_point.kind not in answers.ADDRESSES[channel]
    ):
        raise Refused("contact_point", _("This number or address is not for this contact."), field="contact_point")
    if outcome == Outcome.PROMISE:
        if promise_amount is None or promise_on is None:
            raise Refused("promise_incomplete", _("A promise has an amount and a date."), field="promise_amount")
        if promise_on < clock.today():
            raise Refused("promise", _("The date is in the past."), field="due_on")
    if outcome == Outcome.CALL_BACK:
        if call_back_at is None:
            raise Refused("call_back_incomplete", _("A call back has its time."), field="call_back_at")
        if call_back_at <= at:
            raise Refused("call_back_past", _("A call back lies ahead."), field="call_back_at")


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
    breach lacks its reason (code ``breach_reason``, with the rules in ``details``), for times in the future, and for
    an address that is not this case's or not this channel's.
    """
    now = clock.now()
    at = at or now
    _told_checked(
        case=case,
        channel=channel,
        reached=reached,
        outcome=outcome,
        contact_point=contact_point,
        at=at,
        now=now,
        promise_amount=promise_amount,
        promise_on=promise_on,
        call_back_at=call_back_at,
    )
    on = at.astimezone(RIYADH).date()
    with transaction.atomic():
        Client.held(client_id=case.client_id)
        locked = (
            Case.objects.select_related("client", "debtor").select_for_update(of=("self",), no_key=True).get(pk=case.pk)
        )
        # The clock is asked again: who waited for the lock sees what others recorded meanwhile.
        rules = _broken(case=locked, channel=channel, at=at, now=clock.now()) if direction == Direction.OUT else []
        if rules and not breach_reason.strip():
            raise Refused(
                "breach_reason",
                _("This contact was outside the policy. Say why it was made; it goes to the team leader."),
                fields={"breach_reason": _("Say why it was made.")},
                details={"rules": rules},
            )
        verdict = Verdict.BREACH if rules else Verdict.ALLOWED
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
            breach_reason=breach_reason.strip() if rules else "",
            recorded_at=now,
        )
        locked.last_contact_at = max(filter(None, (locked.last_contact_at, at)))
        locked.save(update_fields=["last_contact_at"])
        # A call back was kept by calling; a stage's action is done only when it reached somebody who can act on it.
        done = [TaskKind.CALL_BACK, *([TaskKind.STAGE] if answers.acts(reached=reached, outcome=outcome) else [])]
        Task.objects.filter(case=locked, status=TaskStatus.OPEN, kind__in=done, due_on__lte=on).update(
            status=TaskStatus.DONE, done_at=now
        )
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
        promise = _followed(
            actor=actor,
            attempt=attempt,
            promise_amount=promise_amount,
            promise_on=promise_on,
            call_back_at=call_back_at,
        )
        publish(ContactRecorded(attempt_id=attempt.pk, case_id=locked.pk, client_id=locked.client_id))
    return Recorded(attempt=attempt, promise=promise)


def _followed(
    *,
    actor: Actor,
    attempt: ContactAttempt,
    promise_amount: Decimal | None,
    promise_on: dt.date | None,
    call_back_at: dt.datetime | None,
) -> Promise | None:
    """Write the promise, the call back or the pause that the contact brought; the promise, when it was one."""
    case, outcome, on = attempt.case, attempt.outcome, attempt.at.astimezone(RIYADH).date()
    if outcome in _PAUSES:
        kind, why = _PAUSES[outcome]
        hold_place(actor=actor, case=case, kind=kind, from_on=on, reason=attempt.note[:300] or str(why))
    if outcome == Outcome.CALL_BACK and call_back_at is not None and case.status in OPEN_CASE:
        Task.objects.create(
            client_id=case.client_id,
            case=case,
            kind=TaskKind.CALL_BACK,
            due_on=call_back_at.astimezone(RIYADH).date(),
            due_at=call_back_at,
            note=attempt.note[:300],
            created_at=attempt.recorded_at,
        )
    if outcome == Outcome.PROMISE and promise_amount is not None and promise_on is not None:
        return promise_record(
            actor=actor,
            case=case,
            amount=promise_amount,
            currency=case.currency,
            due_on=promise_on,
            made_on=on,
            attempt=attempt,
            user=attempt.by,
        )
    return None
