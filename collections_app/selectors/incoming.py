"""What matching reads: what each case owes and owed, whom a text names; and the money that waits."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from clients.choices import ClientStatus
from collections_app.choices import INCOMING_WAITS
from collections_app.models import Case, IncomingPayment, LedgerEntry, Payment, Receivable
from collections_app.rules.allocation import Share
from collections_app.rules.matching import SUGGESTIONS, Incoming, Item, Suggestion
from collections_app.rules.payment_files import Named
from common.money import ZERO

# How far the day a person noted may lie from the bank's value date, for both to be one payment.
NOTED_WITHIN = dt.timedelta(days=10)


def items_of(*, case_ids: Collection[int]) -> dict[int, list[Item]]:
    """Every receivable of these cases, with what moved on it by day."""
    moves: dict[int, list[tuple[dt.date, Decimal]]] = defaultdict(list)
    summed = (
        LedgerEntry.objects.filter(receivable__case__in=case_ids)
        .values_list("receivable_id", "effective_on")
        .annotate(moved=Sum("amount"))
        .order_by("receivable_id", "effective_on")
    )
    for receivable_id, day, moved in summed:
        moves[receivable_id].append((day, moved))
    found: dict[int, list[Item]] = {case_id: [] for case_id in case_ids}
    for receivable in Receivable.objects.filter(case__in=case_ids, struck=False).order_by("pk"):
        found[receivable.case_id].append(
            Item(
                receivable_id=receivable.pk,
                ref=receivable.receivable_ref,
                issued_on=receivable.issued_on,
                due_on=receivable.due_on,
                currency=receivable.currency,
                movements=tuple(moves[receivable.pk]),
            )
        )
    return found


def cases_by_debtor_ref(*, client_id: int, refs: Collection[str]) -> dict[str, Case]:
    """The cases of a client's account holders by the client's own number."""
    cases = Case.objects.filter(client=client_id, debtor__client=client_id, debtor__debtor_ref__in=refs)
    return {case.debtor.debtor_ref: case for case in cases.select_related("debtor")}


def debtors_named(*, client_ids: Collection[int], tokens: Collection[str]) -> list[Named]:
    """Account holders whose number is one of these words."""
    cases = Case.objects.filter(debtor__client__in=client_ids, debtor__debtor_ref__in=tokens)
    return [Named(token=ref, case_id=pk) for ref, pk in cases.values_list("debtor__debtor_ref", "pk")]


def receivables_named(*, client_ids: Collection[int], tokens: Collection[str]) -> list[Named]:
    """Receivables whose reference is one of these words."""
    found = Receivable.objects.filter(client__in=client_ids, receivable_ref__in=tokens, struck=False)
    rows = found.values_list("receivable_ref", "case_id", "pk")
    return [Named(token=ref, case_id=case_id, receivable_id=pk) for ref, case_id, pk in rows]


def payments_noted(
    *, client_ids: Collection[int], tokens: Collection[str], since: dt.date, until: dt.date
) -> list[Payment]:
    """Payments on the book whose reference is one of these words: somebody may have noted the same money by hand."""
    return list(
        Payment.objects.filter(
            client__in=client_ids,
            value_on__range=(since - NOTED_WITHIN, until + NOTED_WITHIN),
            reference__in=tokens,
        )
    )


def payments_on(*, case_ids: Collection[int], references: Collection[str]) -> dict[tuple[int, str], Payment]:
    """Payments of these cases by case and reference."""
    found = Payment.objects.filter(case__in=case_ids, reference__in=references)
    return {(payment.case_id, payment.reference): payment for payment in found}


def waiting_of(*, case_ids: Collection[int], but: Collection[str]) -> list[Incoming]:
    """What still waits with a person for these cases, as matching sees it; ``but`` are identities decided now."""
    rows = IncomingPayment.objects.filter(case__in=case_ids, state__in=INCOMING_WAITS).exclude(identity__in=but)
    return [
        Incoming(
            key=-row.pk,
            reference=row.reference,
            value_on=row.value_on,
            amount=row.amount,
            currency=row.currency,
            holder=row.case_id,
            waiting=True,
        )
        for row in rows
    ]


def suggestions_of(row: IncomingPayment) -> list[Suggestion]:
    """What was proposed for a payment that waits, best first."""
    return [
        Suggestion(
            reason=found["reason"],
            shares=tuple(Share(receivable_id=pk, amount=Decimal(amount)) for pk, amount in found["shares"]),
        )
        for found in row.suggestions
    ]


def shares_key(shares: Iterable[Share]) -> str:
    """A choice as a form sends it back: what was shown is what is posted."""
    return ",".join(f"{share.receivable_id}:{share.amount}" for share in shares)


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One receivable of a choice: how much of the payment it would take, of what it owes."""

    ref: str
    due_on: dt.date
    amount: Decimal
    left: Decimal


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A suggestion as a page shows it; ``key`` is what its button sends."""

    key: str
    words: Any
    pieces: tuple[Piece, ...]
    over: Decimal


def choices_of(*, row: IncomingPayment) -> list[Choice]:
    """The suggestions for a payment that waits, with what their receivables owe by now."""
    found = suggestions_of(row)
    ids = {share.receivable_id for suggestion in found for share in suggestion.shares}
    receivables = {r.pk: r for r in Receivable.objects.filter(pk__in=ids)}
    owed = dict(
        LedgerEntry.objects.filter(receivable__in=ids)
        .values_list("receivable_id")
        .annotate(owed=Sum("amount"))
        .values_list("receivable_id", "owed")
    )
    return [
        Choice(
            key=shares_key(suggestion.shares),
            words=SUGGESTIONS[suggestion.reason],
            pieces=tuple(
                Piece(
                    ref=receivables[share.receivable_id].receivable_ref,
                    due_on=receivables[share.receivable_id].due_on,
                    amount=share.amount,
                    left=owed.get(share.receivable_id, ZERO),
                )
                for share in suggestion.shares
            ),
            over=row.amount - sum((share.amount for share in suggestion.shares), ZERO),
        )
        for suggestion in found
    ]


@dataclass(frozen=True, kw_only=True)
class OpenItem:
    """A receivable that can take money on a payment's value date."""

    receivable_id: int
    ref: str
    due_on: dt.date
    left: Decimal


@dataclass(frozen=True, kw_only=True)
class Holder:
    """An account holder that somebody looks for, with what is open."""

    case: Case
    items: tuple[OpenItem, ...]


MOST_HOLDERS = 5


def holder_found(*, row: IncomingPayment, find: str) -> list[Holder]:
    """The account holders of a number, or of a receivable's number; without one, the one the payment is for.

    Of the payment's own client where it has one. What is open is told for its value date and currency.
    """
    cases = Case.objects.select_related("debtor", "client").filter(client__status=ClientStatus.ACTIVE)
    if row.client_id is not None:
        cases = cases.filter(client=row.client_id)
    if find:
        named = Receivable.objects.filter(client__status=ClientStatus.ACTIVE, receivable_ref=find)
        if row.client_id is not None:
            named = named.filter(client=row.client_id)
        by_item = list(named.values_list("case_id", flat=True)[: MOST_HOLDERS + 1])
        by_number = list(cases.filter(debtor__debtor_ref=find).values_list("pk", flat=True)[: MOST_HOLDERS + 1])
        cases = cases.filter(pk__in=[*by_item, *by_number])
    elif row.case_id is not None:
        cases = cases.filter(pk=row.case_id)
    else:
        return []
    chosen = list(cases.order_by("pk")[: MOST_HOLDERS + 1])
    items = items_of(case_ids=[case.pk for case in chosen])
    return [Holder(case=case, items=_open_for(row=row, items=items[case.pk])) for case in chosen]


def _open_for(*, row: IncomingPayment, items: Iterable[Item]) -> tuple[OpenItem, ...]:
    """What is open by now of what was issued by the value date, oldest first."""
    found = []
    for item in sorted(items, key=lambda i: (i.due_on, i.receivable_id)):
        left = sum((amount for _day, amount in item.movements), ZERO)
        if item.currency == row.currency and item.issued_on <= row.value_on and left > ZERO:
            found.append(OpenItem(receivable_id=item.receivable_id, ref=item.ref, due_on=item.due_on, left=left))
    return tuple(found)
