"""What every statement comes to, whatever form the bank writes."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext_lazy as _

from collections_app.rules.importing import LARGEST
from common import money

# Why a file is no statement, or not one that may be trusted.
REASONS: Mapping[str, Any] = {
    "empty": _("The file is empty."),
    "unknown_form": _("This is neither an MT940 nor a camt.052, 053 or 054 statement."),
    "nothing": _("There is no statement in this file: no account, no balance, no entry."),
    "field": _("This field cannot be read as the standard writes it."),
    "amount": _("This is not an amount with at most two decimals."),
    "amount_missing": _("An amount is missing here."),
    "currency": _("A currency is three letters."),
    "date": _("This is not a date that exists."),
    "date_missing": _("The value date is missing here."),
    "mark": _("It is not said whether this is credit or debit."),
    "account_again": _("A second account is named inside one statement."),
    "xml": _("This is not well-formed XML."),
    "xml_hostile": _("The XML declares a document type or entities; bank statements never do."),
}
# What a person should know of a statement that was read all the same.
WARNINGS: Mapping[str, Any] = {
    "no_account": _("The statement does not name its account."),
    "no_opening": _("The statement has no opening balance."),
    "no_closing": _("The statement has no closing balance."),
    "no_currency": _("The statement does not say its currency; nothing of it is posted."),
    "not_balanced": _("Opening balance and entries do not come to the closing balance."),
    "balance_again": _("A second balance of the same kind was passed over."),
    "balance_unread": _("A balance that does not say its currency was passed over."),
    "balance_currency": _("The balances of this statement are in different currencies."),
    "entry_currency": _("An entry is in another currency than its statement; the sum leaves it out."),
    "entry_pending": _("An entry is not booked yet; it is neither summed nor posted."),
    "february": _("The value date is a day that February does not have; its last day was taken."),
    "bytes": _("Some bytes are not UTF-8; they are shown as �."),
    "control": _("Invisible control characters were taken out."),
    "before_first": _("Lines before the first field were passed over."),
}

_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\u200e\u200f\u2028\u2029]")
_PLAIN = re.compile(r"\d{1,18}(\.\d{1,5})?")


class Unreadable(ValueError):
    """The file is not a statement, or one that may not be trusted: which line, and why."""

    def __init__(self, code: str, *, line: int) -> None:
        super().__init__(f"line {line}: {code}")
        self.code, self.line = code, line


@dataclass(frozen=True, kw_only=True)
class Warned:
    """What a person should know, and the line it stands on."""

    code: str
    line: int


@dataclass(frozen=True, kw_only=True)
class Part:
    """One payment inside an entry in which a bank put several together."""

    amount: Decimal
    reference: str
    name: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of a statement. Money that came is positive, money that went is negative."""

    line: int
    value_on: dt.date
    amount: Decimal
    currency: str
    reference: str
    name: str
    text: str
    # The bank takes back what it booked before: a person looks at it.
    reversal: bool = False
    booked: bool = True
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One account over one period. A balance the bank did not tell is None."""

    account: str
    currency: str
    opening: Decimal | None
    closing: Decimal | None
    entries: tuple[Entry, ...]
    warnings: tuple[Warned, ...] = ()

    @property
    def sum(self) -> Decimal:
        """What the booked entries in the statement's own currency come to."""
        own = (entry.amount for entry in self.entries if entry.booked and entry.currency == self.currency)
        return sum(own, money.ZERO)

    @property
    def balanced(self) -> bool | None:
        """Whether opening and entries come to the closing balance; None when one of the balances is not told."""
        if self.opening is None or self.closing is None:
            return None
        if any(warned.code == "balance_currency" for warned in self.warnings):
            return False
        return self.opening + self.sum == self.closing


@dataclass(frozen=True, kw_only=True)
class Statements:
    """A whole file: which standard it is written in, and its statements."""

    form: str
    statements: tuple[Statement, ...]
    warnings: tuple[Warned, ...] = ()


def statement_of(
    *,
    line: int,
    account: str,
    currency: str,
    opening: tuple[Decimal, str] | None,
    closing: tuple[Decimal, str] | None,
    entries: tuple[Entry, ...],
    warnings: tuple[Warned, ...],
) -> Statement:
    """A statement with the warnings that follow from its figures; balances come with their currency."""
    told = [*warnings]
    currencies = {balance[1] for balance in (opening, closing) if balance is not None}
    if not account:
        told.append(Warned(code="no_account", line=line))
    if opening is None:
        told.append(Warned(code="no_opening", line=line))
    if closing is None:
        told.append(Warned(code="no_closing", line=line))
    if not currency:
        told.append(Warned(code="no_currency", line=line))
    if len(currencies) > 1:
        told.append(Warned(code="balance_currency", line=line))
    told += [Warned(code="entry_currency", line=e.line) for e in entries if e.currency and e.currency != currency]
    made = Statement(
        account=account,
        currency=currency,
        opening=opening[0] if opening else None,
        closing=closing[0] if closing else None,
        entries=entries,
        warnings=tuple(told),
    )
    if made.balanced is False and len(currencies) == 1:
        told.append(Warned(code="not_balanced", line=line))
    return Statement(
        account=made.account,
        currency=made.currency,
        opening=made.opening,
        closing=made.closing,
        entries=made.entries,
        warnings=tuple(sorted(told, key=lambda warned: (warned.line, warned.code))),
    )


def amount_read(*, text: str, line: int) -> Decimal:
    """An amount with a point, not negative. A third decimal is taken only when it is a zero. Raises Unreadable."""
    if not _PLAIN.fullmatch(text):
        raise Unreadable("amount", line=line)
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise Unreadable("amount", line=line) from error
    if amount != money.rounded(amount) or amount >= LARGEST:
        raise Unreadable("amount", line=line)
    return money.rounded(amount)


def visible(text: str) -> str:
    """A bank's text as one line that a page and the database can hold."""
    return " ".join(_INVISIBLE.sub("", text).split())


def has_invisible(text: str) -> bool:
    """True for text with characters that nobody sees and that could turn what is read around."""
    return bool(_INVISIBLE.search(text))
