"""How a customer has paid, from the ledger, and how regular the bank's statements are: beside the points, never in
them. Pure.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from common.money import rounded

# What is compared: the invoices that fell due in the last half year with those of the half year before.
HALF_YEAR = dt.timedelta(days=182)
TENTH = Decimal("0.1")


@dataclass(frozen=True, kw_only=True)
class Invoice:
    """An invoice and what changed it: each line's day and signed amount, its charge included."""

    due_on: dt.date
    amount: Decimal
    lines: Sequence[tuple[dt.date, Decimal]]


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """Days are weighted by riyals: each riyal counts the days it stayed open after its due date, until today."""

    invoices: int
    billed: Decimal
    average_days_late: Decimal | None
    # The percentage of riyals that were still open when their due date was over.
    share_late: Decimal | None
    recent_days_late: Decimal | None
    earlier_days_late: Decimal | None

    @property
    def trend(self) -> Decimal | None:
        """By how many days the last half year is later than the one before; below zero it is better."""
        if self.recent_days_late is None or self.earlier_days_late is None:
            return None
        return self.recent_days_late - self.earlier_days_late


def behaviour(*, invoices: Sequence[Invoice], today: dt.date) -> Behaviour:
    """Of every invoice whose due date is over by the end of the day before ``today``."""
    due = [invoice for invoice in invoices if invoice.due_on < today and invoice.amount > 0]
    recent = [invoice for invoice in due if invoice.due_on >= today - HALF_YEAR]
    earlier = [invoice for invoice in due if today - 2 * HALF_YEAR <= invoice.due_on < today - HALF_YEAR]
    billed = sum((invoice.amount for invoice in due), Decimal(0))
    late = sum((_open_at(invoice, invoice.due_on) for invoice in due), Decimal(0))
    return Behaviour(
        invoices=len(due),
        billed=billed,
        average_days_late=_average(due, today),
        share_late=(late / billed * 100).quantize(TENTH, rounding=ROUND_HALF_UP) if billed else None,
        recent_days_late=_average(recent, today),
        earlier_days_late=_average(earlier, today),
    )


def _average(invoices: Sequence[Invoice], today: dt.date) -> Decimal | None:
    billed = sum((invoice.amount for invoice in invoices), Decimal(0))
    if not billed:
        return None
    days = sum((_riyal_days(invoice, today) for invoice in invoices), Decimal(0))
    return (days / billed).quantize(TENTH, rounding=ROUND_HALF_UP)


def _open_at(invoice: Invoice, day: dt.date) -> Decimal:
    """What was open at the end of a day; never below zero, nor above what was billed."""
    balance = sum((amount for on, amount in invoice.lines if on <= day), Decimal(0))
    return min(max(balance, Decimal(0)), invoice.amount)


def _riyal_days(invoice: Invoice, today: dt.date) -> Decimal:
    """Riyals times days that they stayed open after the due date."""
    edges = sorted({invoice.due_on, today} | {on for on, _amount in invoice.lines if invoice.due_on < on < today})
    return sum(
        (_open_at(invoice, begin) * (end - begin).days for begin, end in pairwise(edges)),
        Decimal(0),
    )


@dataclass(frozen=True, kw_only=True)
class Month:
    """A month of a bank statement."""

    month: dt.date
    credits: Decimal
    lowest: Decimal
    closing: Decimal


@dataclass(frozen=True, kw_only=True)
class Regularity:
    """How regular an account is: months told, with money coming in, never overdrawn; and months left out between."""

    months: int
    with_credits: int
    never_overdrawn: int
    missing: int
    # Of the closing balances, to read beside what the bank certifies.
    mean: Decimal | None


def regularity(*, months: Sequence[Month], first: dt.date, last: dt.date) -> Regularity:
    """Of the months that were told, against those that the statement covers, first and last included."""
    covered = (last.year - first.year) * 12 + last.month - first.month + 1
    closing = sum((month.closing for month in months), Decimal(0))
    return Regularity(
        months=covered,
        with_credits=sum(1 for month in months if month.credits > 0),
        never_overdrawn=sum(1 for month in months if month.lowest >= 0),
        missing=max(covered - len({(month.month.year, month.month.month) for month in months}), 0),
        mean=rounded(closing / len(months)) if months else None,
    )
