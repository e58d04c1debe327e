"""The only writers of payments, notes and ledger entries. Who pays what is replayed from the facts (ADR 0019)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clients.choices import AllocationMethod
from collections_app.choices import (
    FORGIVES,
    NOTES,
    RAISES,
    Component,
    EntryKind,
    PaymentMethod,
    ReceivedBy,
)
from collections_app.events import MoneyMoved, PaymentPosted, PaymentReversed
from collections_app.models import Case, LedgerEntry, Payment, PaymentPin, PaymentReversal, Receivable, Withdrawal
from collections_app.rules.allocation import Claim, Money, Share, Spread
from collections_app.selectors.money import Facts, together
from collections_app.services.case_money import CaseMoney
from collections_app.services.fees import fee_checked
from common import clock, money
from common.audit import Actor, record
from common.db import rows
from common.events import publish
from common.exceptions import Refused

# References of payments that a client's file reported.
OF_FILES = "FILE-"


# The id of a payment to come, and whether the case has its reference already.
_NEXT = """
SELECT nextval(pg_get_serial_sequence('collections_app_payment', 'id')) AS id, EXISTS (
    SELECT FROM collections_app_payment WHERE case_id = %(case_id)s AND reference = %(reference)s
) AS taken
"""


def _own_reference(*, case: Case) -> str:
    """A reference for money that came without one, not yet taken on the case (which is locked)."""
    taken = set(Payment.objects.filter(case=case).values_list("reference", flat=True))
    number = len(taken) + 1
    while f"R{case.pk}-{number}" in taken:
        number += 1
    return f"R{case.pk}-{number}"


def _amount_checked(*, amount: Decimal, code: str) -> None:
    if not amount.is_finite() or amount <= 0 or amount != money.rounded(amount):
        raise Refused(code, _("An amount is more than zero, with two decimals."), field="amount")


def _payment_checked(*, amount: Decimal, value_on: dt.date, reference: str) -> None:
    if not amount.is_finite() or amount <= 0 or amount != money.rounded(amount):
        raise Refused("payment_amount", _("A payment is more than zero, with two decimals."), field="amount")
    if reference.upper().startswith(OF_FILES):
        raise Refused(
            "payment_reference",
            _("References that begin with FILE- are kept for the files of clients."),
            field="reference",
        )
    if value_on > clock.today():
        raise Refused("payment_future", _("The value date cannot be in the future."), field="value_on")


def _pins_checked(*, facts: Facts, pins: Sequence[Share], most: Decimal) -> None:
    """Pins name receivables of this case and currency, and together no more than there is."""
    known = {item.receivable_id for item in facts.items}
    if any(pin.receivable_id not in known for pin in pins):
        raise Refused("payment_receivable", _("This receivable is not of this case and currency."))
    for pin in pins:
        _amount_checked(amount=pin.amount, code="pin_amount")
    if sum((pin.amount for pin in pins), money.ZERO) > most:
        raise Refused("pins_above", _("More is given to receivables than the payment has."), field="amount")


def _shares_told(*, spread: Spread, payment_id: int) -> list[list[object]]:
    """A payment's shares as the audit trail keeps them: receivable and amount."""
    found: dict[int, Decimal] = {}
    for key, amount in spread.shares.items():
        if key.payment_id == payment_id:
            found[key.receivable_id] = found.get(key.receivable_id, money.ZERO) + amount
    return [[receivable_id, amount] for receivable_id, amount in sorted(found.items()) if amount]


def payment_post(
    *,
    actor: Actor,
    case: Case,
    amount: Decimal,
    currency: str,
    value_on: dt.date,
    method: str = PaymentMethod.TRANSFER,
    received_by: str = ReceivedBy.CLIENT,
    reference: str = "",
    payer_name: str = "",
    receivable: Receivable | None = None,
    pins: Sequence[Share] = (),
    user: User | None = None,
) -> Payment:
    """Post money that came: to what it is for when that is said, else by the client's method.

    ``amount`` in ``currency``, positive; ``value_on`` is the day the money counts, not later than today: a past day
    replays the case, as if it had been told then. ``receivable`` is what all of it is for, ``pins`` name several with
    their parts; the rest of such a payment waits for a person. What nothing open can take stays in suspense. Raises
    Refused for a wrong amount, currency or date, pins above the payment or on other receivables, and a reference the
    case has already (the same payment twice).
    """
    reference = reference.strip()
    _payment_checked(amount=amount, value_on=value_on, reference=reference)
    if receivable is not None:
        pins = (Share(receivable_id=receivable.pk, amount=amount),)
    with transaction.atomic():
        held = CaseMoney.held(client_id=case.client_id, case_id=case.pk)
        client, locked = held.client, held.case
        asked = rows(_NEXT, {"case_id": locked.pk, "reference": reference}, kept=True)[0]
        if asked["taken"]:
            raise Refused(
                "payment_twice", _("A payment with this reference is on this case already."), field="reference"
            )
        now = clock.now()
        payment = Payment(
            id=asked["id"],
            client_id=locked.client_id,
            case=locked,
            reference=reference or _own_reference(case=locked),
            value_on=value_on,
            amount=amount,
            currency=currency,
            method=method,
            received_by=received_by,
            payer_name=payer_name,
            allocation_method=AllocationMethod.AS_SPECIFIED if pins else client.allocation_method,
            suspense_owner_id=locked.owner_id or (user.pk if user is not None else None),
            recorded_at=now,
            recorded_by=user,
        )
        facts = held.facts(currency=currency)
        if not facts.items:
            raise Refused("payment_currency", _("This case owes nothing in this currency."), field="currency")
        _pins_checked(facts=facts, pins=pins, most=amount)
        # Replayed before it is written, so that it is written once, with what of it waits.
        facts, spread = facts.joined(
            money=Money(
                payment_id=payment.pk,
                reference=payment.reference,
                value_on=value_on,
                amount=money.rounded(amount),
                method=payment.allocation_method,
                pins=together(pins),
            )
        )
        payment.suspense = spread.suspense[payment.pk]
        payment.save(force_insert=True)
        event = record(
            actor=actor,
            action="payment.posted",
            subject=payment,
            body={
                "case": locked.pk,
                "amount": amount,
                "currency": currency,
                "value_on": value_on,
                "suspense": payment.suspense,
                "shares": _shares_told(spread=spread, payment_id=payment.pk),
            },
        )
        _pins_write(payment=payment, pins=pins, event_id=event.pk)
        moved = CaseMoney.write(facts=facts, spread=spread, event_id=event.pk, now=now)
        held.settle(reopened=moved)
        publish(
            PaymentPosted(
                payment_id=payment.pk,
                case_id=locked.pk,
                client_id=locked.client_id,
                amount=amount,
                currency=currency,
                value_on=value_on,
            )
        )
    return payment


def _pins_write(*, payment: Payment, pins: Sequence[Share], event_id: int) -> None:
    PaymentPin.objects.bulk_create(
        PaymentPin(
            client_id=payment.client_id,
            payment=payment,
            receivable_id=pin.receivable_id,
            amount=pin.amount,
            event_id=event_id,
        )
        for pin in pins
    )


def payment_pin(*, actor: Actor, payment: Payment, pins: Sequence[Share], reason: str) -> Payment:
    """Say what waiting money is for: it goes to these receivables, and is not moved from there again.

    Raises Refused without a reason, for more than waits, and for receivables of another case or currency.
    """
    if not reason.strip():
        raise Refused("pin_reason", _("Say how you know what this money is for."), field="reason")
    with transaction.atomic():
        held = CaseMoney.held(client_id=payment.client_id, case_id=payment.case_id)
        case = held.case
        locked = Payment.objects.select_for_update().get(pk=payment.pk)
        facts = held.facts(currency=locked.currency)
        _pins_checked(facts=facts, pins=pins, most=locked.suspense)
        pins = (*pins, *facts.no_longer_wanted(payment_id=locked.pk, waiting=locked.suspense, pins=pins))
        facts = facts.pinned(payment_id=locked.pk, pins=pins)
        spread = facts.replayed()
        event = record(
            actor=actor,
            action="payment.pinned",
            subject=locked,
            body={
                "case": case.pk,
                "reason": reason.strip(),
                "pins": [[pin.receivable_id, pin.amount] for pin in pins],
                "suspense": spread.suspense[locked.pk],
            },
        )
        _pins_write(payment=locked, pins=pins, event_id=event.pk)
        moved = CaseMoney.write(facts=facts, spread=spread, event_id=event.pk, now=clock.now())
        held.settle(reopened=moved)
        publish(MoneyMoved(client_id=case.client_id, case_ids=(case.pk,)))
    locked.refresh_from_db()
    return locked


def payment_reverse(
    *, actor: Actor, payment: Payment, on: dt.date, reason: str, amount: Decimal | None = None
) -> Payment:
    """Take a payment back, or ``amount`` of it: from its value date on it counts as if that had never come.

    The case is replayed: what later money pays may move up. Nothing is edited. Raises Refused without a reason, when
    nothing is left of the payment, for more than is left, and for a day before the money came or ahead.
    """
    if not reason.strip():
        raise Refused("reversal_reason", _("A reversal needs its reason."))
    with transaction.atomic():
        held = CaseMoney.held(client_id=payment.client_id, case_id=payment.case_id)
        locked = Payment.objects.select_for_update().get(pk=payment.pk)
        left = locked.amount - locked.reversed_amount
        if not left:
            raise Refused("reversed_already", _("This payment is reversed already."))
        taken = left if amount is None else amount
        _amount_checked(amount=taken, code="reversal_amount")
        if taken > left:
            raise Refused("reversal_above", _("More cannot be taken back than is left of the payment."), field="amount")
        if not locked.value_on <= on <= clock.today():
            raise Refused("reversal_date", _("A reversal lies between the payment and today."))
        event = record(
            actor=actor,
            action="payment.reversed",
            subject=locked,
            body={"reason": reason, "amount": taken, "left": left - taken},
        )
        now = clock.now()
        PaymentReversal.objects.create(
            client_id=locked.client_id,
            payment=locked,
            amount=taken,
            on=on,
            reason=reason.strip()[:300],
            recorded_at=now,
            event_id=event.pk,
        )
        locked.reversed_amount += taken
        locked.reversed_on = on if taken == left else None
        # The old suspense may be more than is left now; the replay says the new one.
        locked.suspense = min(locked.suspense, left - taken)
        locked.save(update_fields=["reversed_amount", "reversed_on", "suspense"])
        facts = held.facts(currency=locked.currency)
        moved = CaseMoney.write(facts=facts, spread=facts.replayed(), event_id=event.pk, now=now, reversing=locked.pk)
        held.settle(reopened=moved)
        publish(PaymentReversed(payment_id=locked.pk, case_id=locked.case_id, client_id=locked.client_id))
    locked.refresh_from_db()
    return locked


def _note_checked(
    *, receivable: Receivable, kind: str, component: str, amount: Decimal, value_on: dt.date, reason: str
) -> None:
    """What a note itself must be, whatever the case says."""
    if kind not in NOTES:
        raise Refused("note_kind", _("There is no such kind of note."), field="kind")
    if component not in Component.values:
        raise Refused("note_component", _("There is no such part of a receivable."), field="component")
    if not reason.strip():
        raise Refused("note_reason", _("A note needs its reason."), field="reason")
    _amount_checked(amount=amount, code="note_amount")
    if not receivable.issued_on <= value_on <= clock.today():
        raise Refused(
            "note_date", _("A note's value date lies between the receivable's issue and today."), field="value_on"
        )


def note_post(
    *,
    actor: Actor,
    receivable: Receivable,
    kind: str,
    amount: Decimal,
    value_on: dt.date,
    reason: str,
    reference: str = "",
    component: str = "",
) -> LedgerEntry:
    """Post a debit note or fee (more is owed), or a credit note, settlement discount or write-off (less is).

    ``amount`` is positive, in the receivable's currency; ``component`` is the fee for fees, else the principal, unless
    given. On a past ``value_on`` the case is replayed; money that paid what is no longer owed pays what else is open.
    Raises Refused for an unknown kind, a wrong amount, no reason, a day before the issue or ahead, a number the
    receivable has already, for forgiving more than is open, for a credit above what was ever claimed, and for a
    fee above what its contract may bear (rule FEE-CAP).
    """
    component = component or (Component.FEE if kind == EntryKind.FEE else Component.PRINCIPAL)
    _note_checked(
        receivable=receivable, kind=kind, component=component, amount=amount, value_on=value_on, reason=reason
    )
    reference = reference.strip()
    with transaction.atomic():
        held = CaseMoney.held(client_id=receivable.client_id, case_id=receivable.case_id)
        case = held.case
        if Withdrawal.objects.filter(receivable=receivable, until_on=None).exists():
            raise Refused("note_withdrawn", _("This receivable is out of collection."))
        if (
            reference
            and LedgerEntry.objects.filter(
                receivable=receivable, kind=kind, component=component, reference=reference
            ).exists()
        ):
            raise Refused("note_twice", _("A note with this number is on this receivable already."), field="reference")
        signed = amount if kind in RAISES else -amount
        facts = held.facts(currency=receivable.currency)
        if kind in FORGIVES and amount > facts.open_of(receivable_id=receivable.pk, component=component):
            raise Refused("note_above_open", _("More cannot be forgiven than is open."), field="amount")
        if kind == EntryKind.FEE or (kind in RAISES and component == Component.FEE):
            fee_checked(held=held, facts=facts, receivable=receivable, amount=amount, on=value_on)
        facts = held.claimed(
            facts=facts, claim=Claim(receivable_id=receivable.pk, component=component, on=value_on, amount=signed)
        )
        event = record(
            actor=actor,
            action="note.posted",
            subject=receivable,
            body={
                "case": case.pk,
                "kind": kind,
                "component": component,
                "amount": amount,
                "currency": receivable.currency,
                "value_on": value_on,
                "reference": reference,
                "reason": reason.strip(),
            },
        )
        return held.claim(
            facts=facts,
            entry=LedgerEntry(
                client_id=receivable.client_id,
                receivable_id=receivable.pk,
                kind=kind,
                component=component,
                amount=signed,
                currency=receivable.currency,
                effective_on=value_on,
                recorded_at=clock.now(),
                event_id=event.pk,
                reference=reference,
            ),
        )


def note_reverse(*, actor: Actor, entry: LedgerEntry, reason: str) -> LedgerEntry:
    """Take a note back whole, on its own value date. Raises Refused for anything but a note, for one that was taken
    back already, where what was claimed would not cover what is credited, and where fees would stand again that their
    contract may not bear.
    """
    if not reason.strip():
        raise Refused("reversal_reason", _("A reversal needs its reason."))
    if entry.kind not in NOTES or entry.payment_id is not None:
        raise Refused("reversal_of_note", _("Only notes are taken back; a reversal is not reversed."))
    with transaction.atomic():
        receivable = Receivable.objects.get(pk=entry.receivable_id)
        held = CaseMoney.held(client_id=entry.client_id, case_id=receivable.case_id)
        case = held.case
        if LedgerEntry.objects.filter(reverses=entry).exists():
            raise Refused("reversed_already", _("This note is reversed already."))
        facts = held.facts(currency=entry.currency)
        if entry.kind == EntryKind.CREDIT_NOTE and entry.component == Component.FEE:
            fee_checked(held=held, facts=facts, receivable=receivable, amount=-entry.amount, on=entry.effective_on)
        facts = held.claimed(
            facts=facts,
            claim=Claim(
                receivable_id=entry.receivable_id,
                component=entry.component,
                on=entry.effective_on,
                amount=-entry.amount,
            ),
        )
        event = record(
            actor=actor,
            action="note.reversed",
            subject=receivable,
            body={"case": case.pk, "kind": entry.kind, "amount": entry.amount, "reason": reason.strip()},
        )
        return held.claim(
            facts=facts,
            entry=LedgerEntry(
                client_id=entry.client_id,
                receivable_id=entry.receivable_id,
                kind=EntryKind.REVERSAL,
                component=entry.component,
                amount=-entry.amount,
                currency=entry.currency,
                effective_on=entry.effective_on,
                recorded_at=clock.now(),
                event_id=event.pk,
                reverses=entry,
            ),
        )


# Cases whose money can still move: something was computed, or waits. Where all is pinned and placed, nothing does.
_MOVABLE = """
SELECT DISTINCT case_id, currency FROM collections_app_payment
WHERE case_id = ANY(%(case_ids)s) AND (allocation_method <> 'AS_SPECIFIED' OR suspense > 0)
ORDER BY case_id, currency
"""


def money_replay(*, actor: Actor, client_id: int, case_ids: Sequence[int]) -> list[int]:
    """Replay cases after facts came in bulk (a file): what their free money and pins now pay; which moved.

    The caller holds the client and these cases. A case whose ledger says already what its facts say is not touched.
    """
    moved = set()
    for row in rows(_MOVABLE, {"case_ids": list(case_ids)}):
        facts = Facts.of(client_id=client_id, case_id=row["case_id"], currency=row["currency"])
        spread = facts.replayed()
        if facts.says(spread=spread):
            continue
        event = record(
            actor=actor,
            action="money.replayed",
            subject_type="collections_app.Case",
            subject_id=row["case_id"],
            client_id=client_id,
            body={"currency": row["currency"]},
        )
        CaseMoney.write(facts=facts, spread=spread, event_id=event.pk, now=clock.now())
        moved.add(row["case_id"])
    return sorted(moved)
