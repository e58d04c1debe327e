"""The only writers of payments and ledger entries."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clients.models import Client
from collections_app.choices import Allocation, EntryKind, PaymentMethod, ReceivedBy
from collections_app.events import PaymentPosted, PaymentReversed
from collections_app.models import Case, LedgerEntry, Payment, Receivable
from collections_app.rules import allocation
from collections_app.services import stages
from collections_app.services.cases import cases_refresh
from collections_app.services.promises import promises_judge_again
from common import clock, money
from common.audit import Actor, record
from common.events import publish
from common.exceptions import Refused

# References of payments that a client's file reported.
OF_FILES = "FILE-"


def _book_held(*, client_id: int) -> Client:
    """The client, held where its book stands until we commit; taken before any case, as the night does."""
    return Client.objects.raw("SELECT * FROM clients_client WHERE id = %s FOR SHARE", [client_id])[0]


def _open_items(*, case: Case, currency: str) -> list[allocation.Open]:
    """What each receivable still owes over all its entries, later-valued ones too."""
    receivables = Receivable.objects.filter(case=case, currency=currency)
    owed = dict(
        LedgerEntry.objects.filter(receivable__in=receivables)
        .values_list("receivable_id")
        .annotate(owed=Sum("amount"))
        .values_list("receivable_id", "owed")
    )
    return [
        allocation.Open(
            receivable_id=r.pk, due_on=r.due_on, issued_on=r.issued_on, remaining=owed.get(r.pk, money.ZERO)
        )
        for r in receivables
    ]


def _own_reference(*, case: Case) -> str:
    """A reference for money that came without one, not yet taken on the case (which is locked)."""
    taken = set(Payment.objects.filter(case=case).values_list("reference", flat=True))
    number = len(taken) + 1
    while f"R{case.pk}-{number}" in taken:
        number += 1
    return f"R{case.pk}-{number}"


def _payment_checked(*, amount: Decimal, value_on: dt.date, reference: str) -> None:
    if amount <= 0 or amount != money.rounded(amount):
        raise Refused("payment_amount", _("A payment is more than zero, with two decimals."), field="amount")
    if reference.upper().startswith(OF_FILES):
        raise Refused(
            "payment_reference",
            _("References that begin with FILE- are kept for the files of clients."),
            field="reference",
        )
    if value_on > clock.today():
        raise Refused("payment_future", _("The value date cannot be in the future."), field="value_on")


def _spread(
    *, amount: Decimal, items: list[allocation.Open], receivable: Receivable | None, value_on: dt.date
) -> allocation.Spread:
    """To the receivable that is named, else oldest first."""
    if receivable is None:
        return allocation.oldest_first(amount=amount, items=items, value_on=value_on)
    named = next((item for item in items if item.receivable_id == receivable.pk), None)
    if named is None:
        raise Refused("payment_receivable", _("This receivable is not of this case and currency."))
    return allocation.pinned(amount=amount, item=named, value_on=value_on)


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
    user: User | None = None,
) -> Payment:
    """Post money that came, spread over what is open: to ``receivable`` when it is named, else oldest first.

    ``amount`` in ``currency``, positive; ``value_on`` is the day the money counts, not later than today. What nothing
    open can take stays in suspense on the payment. Raises Refused for a wrong amount, currency or date, and for
    a reference the case has already (the same payment twice).
    """
    reference = reference.strip()
    _payment_checked(amount=amount, value_on=value_on, reference=reference)
    with transaction.atomic():
        _book_held(client_id=case.client_id)
        locked = Case.objects.select_for_update(no_key=True).get(pk=case.pk)
        items = _open_items(case=locked, currency=currency)
        if not items:
            raise Refused("payment_currency", _("This case owes nothing in this currency."), field="currency")
        if reference and Payment.objects.filter(case=locked, reference=reference).exists():
            raise Refused(
                "payment_twice", _("A payment with this reference is on this case already."), field="reference"
            )
        spread = _spread(amount=amount, items=items, receivable=receivable, value_on=value_on)
        now = clock.now()
        payment = Payment.objects.create(
            client_id=locked.client_id,
            case=locked,
            reference=reference or _own_reference(case=locked),
            value_on=value_on,
            amount=amount,
            currency=currency,
            suspense=spread.suspense,
            method=method,
            received_by=received_by,
            payer_name=payer_name,
            recorded_at=now,
            recorded_by=user,
        )
        event = record(
            actor=actor,
            action="payment.posted",
            subject=payment,
            body={
                "case": locked.pk,
                "amount": amount,
                "currency": currency,
                "value_on": value_on,
                "suspense": spread.suspense,
                "shares": [[share.receivable_id, share.amount] for share in spread.shares],
            },
        )
        LedgerEntry.objects.bulk_create(
            LedgerEntry(
                client_id=locked.client_id,
                receivable_id=share.receivable_id,
                kind=EntryKind.PAYMENT,
                amount=-share.amount,
                currency=currency,
                effective_on=value_on,
                recorded_at=now,
                event_id=event.pk,
                payment=payment,
                allocation=Allocation.PINNED if receivable is not None else Allocation.COMPUTED,
            )
            for share in spread.shares
        )
        cases_refresh(case_ids=[locked.pk])
        promises_judge_again(case_ids=[locked.pk])
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


def payment_reverse(*, actor: Actor, payment: Payment, on: dt.date, reason: str) -> Payment:
    """Take a payment back with mirrored entries on the same value dates; nothing is edited.

    Raises Refused when it is reversed already, no reason is given, or the date is before the money came or ahead.
    """
    if not reason.strip():
        raise Refused("reversal_reason", _("A reversal needs its reason."))
    with transaction.atomic():
        client = _book_held(client_id=payment.client_id)
        Case.objects.select_for_update(no_key=True).get(pk=payment.case_id)
        locked = Payment.objects.select_for_update().get(pk=payment.pk)
        if locked.reversed_on is not None:
            raise Refused("reversed_already", _("This payment is reversed already."))
        if not locked.value_on <= on <= clock.today():
            raise Refused("reversal_date", _("A reversal lies between the payment and today."))
        event = record(
            actor=actor, action="payment.reversed", subject=locked, body={"reason": reason, "amount": locked.amount}
        )
        now = clock.now()
        LedgerEntry.objects.bulk_create(
            LedgerEntry(
                client_id=locked.client_id,
                receivable_id=entry.receivable_id,
                kind=EntryKind.REVERSAL,
                component=entry.component,
                amount=-entry.amount,
                currency=entry.currency,
                effective_on=entry.effective_on,
                recorded_at=now,
                event_id=event.pk,
                payment=locked,
                allocation=entry.allocation,
                reverses=entry,
            )
            for entry in locked.entries.filter(kind=EntryKind.PAYMENT)
        )
        locked.reversed_on, locked.suspense = on, money.ZERO
        locked.save(update_fields=["reversed_on", "suspense"])
        # What is owed again takes the stage of its age now, not with the next night.
        book_date = client.book_date
        if book_date is not None:
            stages.receivables_look_again(case_id=locked.case_id, day=book_date)
            stages.receivables_age(client_id=locked.client_id, day=book_date, case_ids=[locked.case_id])
            stages.stage_tasks_fire(client_id=locked.client_id, since=book_date - dt.timedelta(days=1), day=book_date)
        cases_refresh(case_ids=[locked.case_id])
        stages.stage_tasks_reopen(case_id=locked.case_id)
        promises_judge_again(case_ids=[locked.case_id])
        publish(PaymentReversed(payment_id=locked.pk, case_id=locked.case_id, client_id=locked.client_id))
    return locked
