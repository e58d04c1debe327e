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


@dataclass(frozen=True, kw_only=True)
class _Told:
    """What somebody tells of a contact."""

    channel: str
    reached: str
    outcome: str
    note: str
    direction: str
    contact_point: ContactPoint | None
    at: dt.datetime
    promise_amount: Decimal | None
    promise_on: dt.date | None
    call_back_at: dt.datetime | None

    @property
    def on(self) -> dt.date:
        return self.at.astimezone(RIYADH).date()


def _told_checked(*, told: _Told, case: Case, now: dt.datetime) -> None:
    """Refuse what cannot have happened, does not fit together, or lacks a part."""
    if told.at > now:
        raise Refused("contact_future", _("A contact is recorded after it happened."), field="at")
    if told.at.year < EARLIEST_YEAR:
        raise Refused("contact_early", _("The date is before 1990."), field="at")
    if told.channel not in Channel.values:
        raise Refused("contact_channel", _("Choose a channel."), field="channel")
    if told.outcome not in Outcome.values or told.reached not in Reached.values:
        raise Refused("contact_outcome", _("Choose who answered and what happened."))
    if not answers.fits(channel=told.channel, reached=told.reached, outcome=told.outcome):
        words = (
            _("This outcome needs the account holder.")
            if answers.needs_the_holder(outcome=told.outcome)
            else _("Who answered and what happened do not fit together.")
        )
        raise Refused("contact_reached", words, field="reached")
    point = told.contact_point
    if point is not None and (point.debtor_id != case.debtor_id or point.kind not in answers.ADDRESSES[told.channel]):
        raise Refused("contact_point", _("This number or address is not for this contact."), field="contact_point")
    if told.outcome == Outcome.PROMISE:
        if told.promise_amount is None or told.promise_on is None:
            raise Refused("promise_incomplete", _("A promise has an amount and a date."), field="promise_amount")
        if told.promise_on < clock.today():
            raise Refused("promise", _("The date is in the past."), field="due_on")
    if told.outcome == Outcome.CALL_BACK:
        if told.call_back_at is None:
            raise Refused("call_back_incomplete", _("A call back has its time."), field="call_back_at")
        if told.call_back_at <= told.at:
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
    told = _Told(
        channel=channel,
        reached=reached,
        outcome=outcome,
        note=note.strip(),
        direction=direction,
        contact_point=contact_point,
        at=at or now,
        promise_amount=promise_amount,
        promise_on=promise_on,
        call_back_at=call_back_at,
    )
    _told_checked(told=told, case=case, now=now)
    with transaction.atomic():
        Client.held(client_id=case.client_id)
        locked = (
            Case.objects.select_related("client", "debtor").select_for_update(of=("self",), no_key=True).get(pk=case.pk)
        )
        rules = _rules_broken(told=told, case=locked, reason=breach_reason)
        attempt = _kept(told=told, case=locked, user=user, rules=rules, reason=breach_reason, now=now)
        _case_follows(told=told, case=locked, now=now)
        record(
            actor=actor,
            action="contact.recorded",
            subject=attempt,
            body={
                "case": locked.pk,
                "channel": channel,
                "reached": reached,
                "outcome": outcome,
                "verdict": attempt.verdict,
                "at": told.at,
            },
        )
        promise = _followed(actor=actor, attempt=attempt, told=told)
        publish(ContactRecorded(attempt_id=attempt.pk, case_id=locked.pk, client_id=locked.client_id))
    return Recorded(attempt=attempt, promise=promise)


def _rules_broken(*, told: _Told, case: Case, reason: str) -> list[dict[str, str]]:
    """The rules that the contact broke. Raises Refused for a breach without its reason."""
    if told.direction != Direction.OUT:
        return []
    # The clock is asked again: who waited for the lock sees what others recorded meanwhile.
    rules = _broken(case=case, channel=told.channel, at=told.at, now=clock.now())
    if rules and not reason.strip():
        raise Refused(
            "breach_reason",
            _("This contact was outside the policy. Say why it was made; it goes to the team leader."),
            fields={"breach_reason": _("Say why it was made.")},
            details={"rules": rules},
        )
    return rules


def _kept(
    *, told: _Told, case: Case, user: User | None, rules: list[dict[str, str]], reason: str, now: dt.datetime
) -> ContactAttempt:
    """The contact as its row."""
    return ContactAttempt.objects.create(
        client_id=case.client_id,
        case=case,
        at=told.at,
        by=user,
        channel=told.channel,
        direction=told.direction,
        contact_point=told.contact_point,
        reached=told.reached,
        outcome=told.outcome,
        note=told.note,
        verdict=Verdict.BREACH if rules else Verdict.ALLOWED,
        rules=rules,
        breach_reason=reason.strip() if rules else "",
        recorded_at=now,
    )


def _case_follows(*, told: _Told, case: Case, now: dt.datetime) -> None:
    """What the contact settles on its case: when it was last sought, and the tasks it did."""
    case.last_contact_at = max(filter(None, (case.last_contact_at, told.at)))
    case.save(update_fields=["last_contact_at"])
    # A call back was kept by calling; a stage's action is done only when it reached somebody who can act on it.
    acted = answers.acts(reached=told.reached, outcome=told.outcome)
    done = [TaskKind.CALL_BACK, *([TaskKind.STAGE] if acted else [])]
    Task.objects.filter(case=case, status=TaskStatus.OPEN, kind__in=done, due_on__lte=told.on).update(
        status=TaskStatus.DONE, done_at=now
    )


def _followed(*, actor: Actor, attempt: ContactAttempt, told: _Told) -> Promise | None:
    """Write the promise, the call back or the pause that the contact brought; the promise, when it was one."""
    case, back = attempt.case, told.call_back_at
    if told.outcome in _PAUSES:
        kind, why = _PAUSES[told.outcome]
        hold_place(actor=actor, case=case, kind=kind, from_on=told.on, reason=told.note[:300] or str(why))
    if told.outcome == Outcome.CALL_BACK and back is not None and case.status in OPEN_CASE:
        Task.objects.create(
            client_id=case.client_id,
            case=case,
            kind=TaskKind.CALL_BACK,
            due_on=back.astimezone(RIYADH).date(),
            due_at=back,
            note=told.note[:300],
            created_at=attempt.recorded_at,
        )
    if told.outcome == Outcome.PROMISE and told.promise_amount is not None and told.promise_on is not None:
        return promise_record(
            actor=actor,
            case=case,
            amount=told.promise_amount,
            currency=case.currency,
            due_on=told.promise_on,
            made_on=told.on,
            attempt=attempt,
            user=attempt.by,
        )
    return None
