"""Money that waits in suspense: whose it may be, since when, and who finds out what it is for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum

from accounts.models import User
from collections_app.choices import ReceivableStatus
from collections_app.models import Payment, Receivable
from collections_app.policies import cases_visible_to

# How many receivables a row proposes.
MOST_SHOWN = 3


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One payment that waits, with the receivables it may be for, and how many more there are."""

    payment: Payment
    may_be: list[tuple[Receivable, bool]]
    more: int


def suspense_visible_to(*, user: User, whose: str = "") -> QuerySet[Payment]:
    """Payments with waiting money on the cases the user sees, the longest waiting first.

    ``whose`` is "mine" for the user's own, "nobody" for those without an owner, else everybody's.
    """
    waiting = (
        Payment.objects.filter(suspense__gt=0, case__in=cases_visible_to(user))
        .select_related("case__debtor", "case__client", "suspense_owner")
        .order_by("value_on", "pk")
    )
    if whose == "mine":
        return waiting.filter(suspense_owner=user)
    return waiting.filter(suspense_owner=None) if whose == "nobody" else waiting


def suspense_sums(*, payments: QuerySet[Payment]) -> list[tuple[str, Decimal]]:
    """What waits, by currency."""
    found: Any = payments.order_by().values_list("currency").annotate(Sum("suspense")).order_by("currency")
    return [(currency, amount) for currency, amount in found]


def suspense_rows(*, payments: Sequence[Payment]) -> list[Waiting]:
    """These payments with the open receivables of their case and currency; of just the waiting amount first."""
    found: dict[tuple[int, str], list[Receivable]] = defaultdict(list)
    for receivable in Receivable.objects.filter(
        case__in={payment.case_id for payment in payments}, status=ReceivableStatus.OPEN
    ).order_by("due_on", "pk"):
        found[(receivable.case_id, receivable.currency)].append(receivable)
    rows = []
    for payment in payments:
        open_ones = found[(payment.case_id, payment.currency)]
        ranked = sorted(
            ((receivable, receivable.balance == payment.suspense) for receivable in open_ones),
            key=lambda pair: not pair[1],
        )
        rows.append(Waiting(payment=payment, may_be=ranked[:MOST_SHOWN], more=max(len(ranked) - MOST_SHOWN, 0)))
    return rows
