"""A case's statement of account: its ledger as people read it, by value date, with a running balance per currency."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.utils.translation import gettext as _

from collections_app.choices import Component, EntryKind
from collections_app.models import Case, LedgerEntry, Payment
from common.money import ZERO


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line: what it is, whose it is, what it changes, and what is owed after it (None while it waits)."""

    on: dt.date
    what: str
    reference: str
    receivables: tuple[str, ...]
    detail: str
    amount: Decimal
    # What of a payment is in suspense.
    waits: Decimal
    recorded_at: dt.datetime
    balance: Decimal | None = None


@dataclass(kw_only=True)
class Account:
    """The lines of one currency: those that count by the day asked for, and those whose day comes."""

    currency: str
    closing: Decimal = ZERO
    lines: list[Line] = field(default_factory=list)
    later: list[Line] = field(default_factory=list)
    # How many later lines a statement of a past day leaves out.
    left_out: int = 0

    @property
    def suspense(self) -> Decimal:
        """What waits of the payments that count."""
        return sum((line.waits for line in self.lines), ZERO)


def statement_of(*, case: Case, as_of: dt.date, today: dt.date) -> list[Account]:
    """What is owed at the end of ``as_of`` and how it came to that, one account a currency.

    A charge or note is a line. A payment is one line on each day on which it changes what is owed, however many
    receivables it is spread over; money that only moved between them is no line. What was taken back stands beside
    it. What is valued after ``as_of`` waits for its day; of a past day it is left out, and counted.
    """
    found: dict[str, list[tuple[tuple[dt.date, int, int], Line]]] = defaultdict(list)
    grouped: dict[tuple[int, dt.date, bool], list[LedgerEntry]] = defaultdict(list)
    entries = LedgerEntry.objects.filter(receivable__case=case).select_related("receivable")
    for entry in entries.order_by("effective_on", "pk"):
        if entry.payment_id is None:
            found[entry.currency].append(((entry.effective_on, 0, entry.pk), _claim(entry)))
        else:
            back = entry.kind == EntryKind.REVERSAL
            grouped[(entry.payment_id, entry.effective_on, back)].append(entry)
    for payment in Payment.objects.filter(case=case).order_by("pk"):
        # A payment that is whole in suspense has no entry, and is a line all the same.
        days = {on for pk, on, _back in grouped if pk == payment.pk} | {payment.value_on}
        for on in sorted(days):
            for back in (False, True):
                line = _of_payment(payment=payment, on=on, back=back, entries=grouped[(payment.pk, on, back)])
                if line is not None:
                    found[payment.currency].append(((on, 2 if back else 1, payment.pk), line))
    return [
        _account(currency=currency, lines=[line for _key, line in sorted(lines, key=lambda pair: pair[0])], as_of=as_of,
                 today=today)
        for currency, lines in sorted(found.items())
    ]  # fmt: skip


def _account(*, currency: str, lines: list[Line], as_of: dt.date, today: dt.date) -> Account:
    account = Account(currency=currency)
    for line in lines:
        if line.on <= as_of:
            account.closing += line.amount
            account.lines.append(replace(line, balance=account.closing))
        elif as_of >= today:
            account.later.append(line)
        else:
            account.left_out += 1
    return account


def _claim(entry: LedgerEntry) -> Line:
    what = _("Note taken back") if entry.kind == EntryKind.REVERSAL else str(entry.get_kind_display())
    return Line(
        on=entry.effective_on,
        what=what,
        reference=entry.reference,
        receivables=(entry.receivable.receivable_ref,),
        detail="" if entry.component == Component.PRINCIPAL else str(Component(entry.component).label),
        amount=entry.amount,
        waits=ZERO,
        recorded_at=entry.recorded_at,
    )


def _of_payment(*, payment: Payment, on: dt.date, back: bool, entries: list[LedgerEntry]) -> Line | None:
    amount = sum((entry.amount for entry in entries), ZERO)
    first = on == payment.value_on and not back
    if not amount and not first:
        return None
    moved: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for entry in entries:
        moved[entry.receivable.receivable_ref] += entry.amount
    if back:
        what = _("Payment taken back")
    elif first:
        what = _("Payment")
    else:
        what = _("From waiting money") if amount < ZERO else _("Back to waiting money")
    return Line(
        on=on,
        what=what,
        reference=payment.reference,
        receivables=tuple(ref for ref, part in moved.items() if part),
        detail=str(payment.get_method_display()) if first else "",
        amount=amount,
        waits=payment.suspense if first else ZERO,
        recorded_at=payment.recorded_at if first else max(entry.recorded_at for entry in entries),
    )
