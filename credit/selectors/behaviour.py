"""A customer's payment history, read from the client's ledger, and how regular its bank accounts are: beside the
points, never in them (CM-24)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F

from clients.choices import DefaultRule
from collections_app.models import DefaultEpisode, LedgerEntry, Receivable
from credit.models import BankAccount, Customer
from credit.rules.behaviour import Behaviour, Invoice, Month, Regularity, behaviour, regularity


@dataclass(frozen=True, kw_only=True)
class History:
    """How a customer has paid until a day, and the trade's defaults that were not undone (CM-12)."""

    paid: Behaviour
    defaults: int
    in_default: bool


def history_of(*, customer: Customer, today: dt.date) -> History | None:
    """None where nothing has fallen due yet: there is no history to read."""
    invoices = {
        row["pk"]: row
        for row in Receivable.objects.filter(
            case__debtor_id=customer.debtor_id, currency=customer.currency, struck=False, due_on__lt=today
        ).values("pk", "due_on", "amount")
    }
    if not invoices:
        return None
    lines: dict[int, list[tuple[dt.date, Decimal]]] = defaultdict(list)
    entries = LedgerEntry.objects.filter(receivable_id__in=invoices, effective_on__lte=today).values_list(
        "receivable_id", "effective_on", "amount"
    )
    for receivable_id, on, amount in entries:
        lines[receivable_id].append((on, amount))
    episodes = DefaultEpisode.objects.filter(
        case__debtor_id=customer.debtor_id, rule=DefaultRule.TRADE_90, undone_on__isnull=True, began_on__lte=today
    )
    return History(
        paid=behaviour(
            invoices=[
                Invoice(due_on=row["due_on"], amount=row["amount"], lines=lines[pk]) for pk, row in invoices.items()
            ],
            today=today,
        ),
        defaults=episodes.count(),
        in_default=episodes.filter(ended_on__isnull=True).exists(),
    )


def defaults_after(*, customers: dict[int, dt.date]) -> set[int]:
    """Which of these customers went into default on or after their day."""
    if not customers:
        return set()
    begun = (
        DefaultEpisode.objects.filter(
            rule=DefaultRule.TRADE_90, undone_on__isnull=True, case__debtor__customers__in=list(customers)
        )
        .annotate(customer=F("case__debtor__customers"))
        .values_list("customer", "began_on")
    )
    return {customer for customer, began_on in begun if began_on >= customers[customer]}


def bank_regularity(*, account: BankAccount) -> Regularity:
    """What the months of a statement say, against those that it covers."""
    return regularity(
        months=[
            Month(month=row.month, credits=row.credits, lowest=row.lowest, closing=row.closing)
            for row in account.month_rows.all()
        ],
        first=account.from_month,
        last=account.until_month,
    )
