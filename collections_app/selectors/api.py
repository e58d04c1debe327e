"""What a client's system reads of its own book; asked under the portal's role, one client's rows alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet, Sum

from clients.models import Client
from collections_app.models import Case, LedgerEntry, Payment, Receivable


def cases_of(*, client: Client) -> QuerySet[Case]:
    return Case.objects.filter(client=client).select_related("debtor", "stage")


def receivables_of(*, client: Client) -> QuerySet[Receivable]:
    return Receivable.objects.filter(client=client).select_related("debt", "case__debtor")


def payments_of(*, client: Client) -> QuerySet[Payment]:
    return Payment.objects.filter(client=client).select_related("case__debtor")


def cases_told(*, cases: Sequence[Case]) -> list[dict[str, Any]]:
    """Cases as a system reads them, each with what is owed in each of its currencies."""
    owed: dict[int, list[dict[str, Any]]] = {}
    for row in (
        Receivable.objects.filter(case__in=cases, balance__gt=0)
        .values("case_id", "currency")
        .annotate(balance=Sum("balance"))
        .order_by("case_id", "currency")
    ):
        owed.setdefault(row["case_id"], []).append({"currency": row["currency"], "amount": row["balance"]})
    return [
        {
            "debtor_ref": case.debtor.debtor_ref,
            "debtor_name": case.debtor.name,
            "status": case.status,
            "track": case.track,
            "placed_on": case.placed_on,
            "closed_on": case.closed_on,
            "balances": owed.get(case.pk, []),
            "oldest_due_on": case.oldest_due_on,
            "last_payment_on": case.last_payment_on,
            "stage": None
            if case.stage is None
            else {"code": case.stage.code, "name_ar": case.stage.name_ar, "name_en": case.stage.name_en},
        }
        for case in cases
    ]


def receivables_told(*, receivables: Sequence[Receivable]) -> list[dict[str, Any]]:
    return [
        {
            "debtor_ref": row.case.debtor.debtor_ref,
            "debt_ref": row.debt.debt_ref,
            "receivable_ref": row.receivable_ref,
            "issued_on": row.issued_on,
            "due_on": row.due_on,
            "currency": row.currency,
            "amount": row.amount,
            "balance": row.balance,
            "status": row.status,
            "held": row.held,
            "in_default": row.in_default,
            "closed_on": row.closed_on,
        }
        for row in receivables
    ]


def payments_told(*, payments: Sequence[Payment]) -> list[dict[str, Any]]:
    """Payments as a system reads them, each with what of it stands on which receivable."""
    shares: dict[int, list[dict[str, Any]]] = {}
    for row in (
        LedgerEntry.objects.filter(payment__in=payments)
        .values("payment_id", "receivable__receivable_ref", "receivable__debt__debt_ref", "receivable_id")
        .annotate(total=Sum("amount"))
        .order_by("payment_id", "receivable_id")
    ):
        if row["total"]:
            shares.setdefault(row["payment_id"], []).append(
                {
                    "debt_ref": row["receivable__debt__debt_ref"],
                    "receivable_ref": row["receivable__receivable_ref"],
                    "amount": -row["total"],
                }
            )
    return [
        {
            "reference": payment.reference,
            "debtor_ref": payment.case.debtor.debtor_ref,
            "amount": payment.amount,
            "currency": payment.currency,
            "value_on": payment.value_on,
            "received_by": payment.received_by,
            "allocations": shares.get(payment.pk, []),
            # Money that stands on no receivable.
            "unallocated": payment.suspense,
            "recorded_at": payment.recorded_at,
            "reversed_amount": payment.reversed_amount,
            "reversed_on": payment.reversed_on,
        }
        for payment in payments
    ]
