"""A case's payments with where their money went, and what a payment would do before it is posted (ADR 0019)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeVar

from django.db.models import QuerySet, Sum

from clients.choices import AllocationMethod
from collections_app.choices import Allocation, Component, EntryKind
from collections_app.models import Case, LedgerEntry, Payment, PaymentPin, PaymentReversal, Receivable
from collections_app.rules.allocation import Money, Share, corrections
from collections_app.selectors.money import Facts
from collections_app.selectors.reasons import Told, reasons_of
from common.money import ZERO

Row = TypeVar("Row", LedgerEntry, PaymentReversal, PaymentPin)

# The key of a payment that is not written yet: the newest of all, as its row will be.
NEW = 2**63 - 1


@dataclass(frozen=True, kw_only=True)
class Given:
    """What of a payment is on one receivable and component now, from which day on, and who said so."""

    receivable: Receivable
    component: str
    amount: Decimal
    on: dt.date
    pinned: bool
    # Set when it came here only after the payment was recorded.
    since: dt.datetime | None


@dataclass(frozen=True, kw_only=True)
class Moved:
    """What once was on a receivable and was moved away when something became known later."""

    receivable: Receivable
    amount: Decimal
    at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class Followed:
    """One payment and what became of its money."""

    payment: Payment
    given: list[Given]
    moved: list[Moved]
    reversals: list[PaymentReversal]
    # What was named for receivables that do not owe it yet.
    wanted: list[tuple[Receivable, Decimal]]
    # Who said what it is for, and how they knew.
    named: list[Told]

    @property
    def left(self) -> Decimal:
        """What was not taken back."""
        return self.payment.amount - self.payment.reversed_amount


def payments_of(*, case: Case) -> QuerySet[Payment]:
    """The case's payments, the newest value date first."""
    return (
        Payment.objects.filter(case=case).select_related("recorded_by", "suspense_owner").order_by("-value_on", "-pk")
    )


def payments_followed(*, payments: Sequence[Payment]) -> list[Followed]:
    """These payments with where each riyal went, in a handful of queries whatever their number."""
    entries = _by_payment(
        LedgerEntry.objects.filter(payment__in=payments).select_related("receivable").order_by("effective_on", "pk")
    )
    reversals = _by_payment(PaymentReversal.objects.filter(payment__in=payments).order_by("on", "pk"))
    pins = _by_payment(PaymentPin.objects.filter(payment__in=payments).select_related("receivable").order_by("pk"))
    told = reasons_of(event_ids=[pin.event_id for found in pins.values() for pin in found])
    return [
        Followed(
            payment=payment,
            given=_given(payment=payment, entries=entries[payment.pk]),
            moved=[
                Moved(receivable=entry.receivable, amount=entry.amount, at=entry.recorded_at)
                for entry in entries[payment.pk]
                if entry.kind == EntryKind.REALLOCATION
            ],
            reversals=reversals[payment.pk],
            wanted=_wanted(pins=pins[payment.pk], entries=entries[payment.pk]),
            named=[
                said
                for event_id in dict.fromkeys(pin.event_id for pin in pins[payment.pk])
                if (said := told.get(event_id)) and said.reason
            ],
        )
        for payment in payments
    ]


def _by_payment(rows: Iterable[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        if row.payment_id is not None:
            found[row.payment_id].append(row)
    return found


def _given(*, payment: Payment, entries: Sequence[LedgerEntry]) -> list[Given]:
    places: dict[tuple[int, str, str], list[LedgerEntry]] = defaultdict(list)
    for entry in entries:
        places[(entry.receivable_id, entry.component, entry.allocation)].append(entry)
    found = []
    for (_receivable, component, allocation), there in places.items():
        amount = -sum((entry.amount for entry in there), ZERO)
        if not amount:
            continue
        last = [entry for entry in there if entry.amount < ZERO][-1]
        found.append(
            Given(
                receivable=last.receivable,
                component=str(Component(component).label) if component != Component.PRINCIPAL else "",
                amount=amount,
                on=last.effective_on,
                pinned=allocation == Allocation.PINNED,
                since=last.recorded_at if last.recorded_at > payment.recorded_at else None,
            )
        )
    return sorted(found, key=lambda given: (given.receivable.due_on, given.receivable.pk, given.component))


def _wanted(*, pins: Sequence[PaymentPin], entries: Sequence[LedgerEntry]) -> list[tuple[Receivable, Decimal]]:
    open_pins: dict[int, Decimal] = defaultdict(lambda: ZERO)
    receivables = {pin.receivable_id: pin.receivable for pin in pins}
    for pin in pins:
        open_pins[pin.receivable_id] += pin.amount
    for entry in entries:
        if entry.allocation == Allocation.PINNED:
            open_pins[entry.receivable_id] += entry.amount
    return [(receivables[pk], amount) for pk, amount in open_pins.items() if amount > ZERO and pk in receivables]


@dataclass(frozen=True, kw_only=True)
class Shift:
    """Another payment whose money would move: off which receivables, onto which."""

    payment: Payment
    off: list[tuple[str, Decimal]]
    onto: list[tuple[str, Decimal]]


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What a payment would do: where its money goes, what waits, which other money moves, and what to ask first."""

    amount: Decimal
    currency: str
    value_on: dt.date
    owed: Decimal
    shares: list[tuple[str, Decimal]]
    suspense: Decimal
    shifts: list[Shift]
    same: list[Payment]

    @property
    def above(self) -> bool:
        """More than is owed in its currency."""
        return self.amount > self.owed

    @property
    def questions(self) -> list[str]:
        """Why a person is asked before it is posted."""
        asked = (("above", self.above), ("same", bool(self.same)), ("moves", bool(self.shifts)))
        return [code for code, is_so in asked if is_so]

    @property
    def mark(self) -> str:
        """What a person says yes to: these questions about this money; another amount or day is asked anew."""
        if not self.questions:
            return ""
        return f"{'+'.join(self.questions)} {self.amount} {self.currency} {self.value_on}"


def payment_preview(
    *,
    case: Case,
    amount: Decimal,
    currency: str,
    value_on: dt.date,
    reference: str = "",
    receivable: Receivable | None = None,
) -> Preview:
    """Replay the case with this payment in it, writing nothing.

    It reads without the case's lock: what is true when it is shown may have changed when the payment is posted.
    """
    facts = Facts.of(client_id=case.client_id, case_id=case.pk, currency=currency)
    pins = () if receivable is None else (Share(receivable_id=receivable.pk, amount=amount),)
    coming = Money(
        payment_id=NEW,
        reference=reference,
        value_on=value_on,
        amount=amount,
        method=AllocationMethod.AS_SPECIFIED if pins else case.client.allocation_method,
        pins=tuple(pin for pin in pins if pin.receivable_id in {item.receivable_id for item in facts.items}),
    )
    spread = replace(facts, payments=(*facts.payments, coming)).replayed()
    # In the order in which receivables are paid.
    refs = {item.receivable_id: item.ref for item in sorted(facts.items, key=lambda item: item.order)}
    changes: dict[int, dict[int, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    for key, change in corrections(wanted=spread.shares, written=facts.written).items():
        changes[key.payment_id][key.receivable_id] += change
    own = changes.pop(NEW, {})
    others = Payment.objects.filter(pk__in=changes).order_by("value_on", "pk")
    owed = Receivable.objects.filter(case=case, currency=currency, balance__gt=0).aggregate(sum=Sum("balance"))["sum"]
    return Preview(
        amount=amount,
        currency=currency,
        value_on=value_on,
        owed=owed or ZERO,
        shares=[(ref, part) for pk, ref in refs.items() if (part := own.get(pk))],
        suspense=spread.suspense.get(NEW, ZERO),
        shifts=[
            Shift(
                payment=other,
                off=[(ref, -places[pk]) for pk, ref in refs.items() if places.get(pk, ZERO) < ZERO],
                onto=[(ref, places[pk]) for pk, ref in refs.items() if places.get(pk, ZERO) > ZERO],
            )
            for other, places in ((other, changes[other.pk]) for other in others)
            if any(places.values())
        ],
        same=list(
            Payment.objects.filter(
                case=case, amount=amount, currency=currency, value_on=value_on, reversed_on__isnull=True
            ).select_related("recorded_by")[:5]
        ),
    )
