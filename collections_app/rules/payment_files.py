"""What a client's payment file may hold, and what tokens of a bank's text may name. Pure."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from collections_app.rules import importing
from collections_app.rules.importing import Layout

COLUMN_WORDS: Mapping[str, Any] = {
    "payment_ref": _("Payment reference"),
    "value_date": _("Value date"),
    "debtor_ref": _("Account number"),
    "amount": _("Amount"),
    "receivable_ref": _("Invoice or instalment"),
    "currency": _("Currency"),
}
COLUMNS = tuple(COLUMN_WORDS)
REQUIRED = ("payment_ref", "value_date", "debtor_ref", "amount")
# Words by which clients head a column, lower case, without spaces and marks.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "payment_ref": ("paymentref", "paymentid", "paymentno", "receiptno", "transactionid", "رقمالدفعة", "رقمالسند"),
    "value_date": ("valuedate", "valueon", "paymentdate", "paidon", "date", "تاريخالسداد", "تاريخالدفع", "التاريخ"),
    "debtor_ref": ("debtorref", "customer", "customerid", "customerno", "accountno", "cif", "رقمالعميل", "رقمالحساب"),
    "amount": ("amount", "paidamount", "paymentamount", "المبلغ", "مبلغالدفعة", "المبلغالمدفوع"),
    "receivable_ref": ("receivableref", "invoiceno", "invoicenumber", "instalmentno", "رقمالفاتورة", "رقمالقسط"),
    "currency": ("currency", "العملة"),
}


@dataclass(frozen=True, kw_only=True)
class PaymentRow:
    """One line of a payment file, read."""

    line: int
    payment_ref: str
    value_on: dt.date
    debtor_ref: str
    amount: Decimal
    receivable_ref: str
    currency: str


def layout_read(*, definition: Any) -> Layout:
    """A payment file's layout from its JSON form. Raises Refused naming the first thing that is wrong."""
    return importing.layout_read(definition=definition, known=COLUMNS, required=REQUIRED)


# One letter, no digit, or a short number: such a token may stand in a text by chance.
_SHORTEST, _SHORTEST_NUMBER = 2, 5
MOST_TOKENS = 400
_EDGES = ".,;:()[]{}<>\"'«»*#?!_-/+"
_INSIDE = re.compile(r"[,;:=+/|()\[\]\"']")


def tokens_of(*texts: str) -> set[str]:
    """The words of a bank's text that may be a reference: whole, without the marks around them, and their parts."""
    found: set[str] = set()
    for piece in " ".join(texts).split():
        for part in (piece, piece.strip(_EDGES), *_INSIDE.split(piece)):
            word = part.strip(_EDGES)
            found.update(one for one in (part, word) if one)
        if len(found) >= MOST_TOKENS:
            break
    return found


def is_weak(token: str) -> bool:
    """True for what may stand in a text by chance: a word without a digit, a short number, a single sign."""
    if len(token) < _SHORTEST or not any(character.isdigit() for character in token):
        return True
    return token.isdecimal() and len(token) < _SHORTEST_NUMBER


def identity(*parts: object) -> str:
    """One payment's digest: the same parts, the same payment."""
    return hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Named:
    """A debtor or receivable whose reference stands in a text."""

    token: str
    case_id: int
    receivable_id: int = 0


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a text says about whose money it is: the case, the receivables it names, and why a person must look."""

    case_id: int | None
    named: tuple[tuple[int, ...], ...] = ()
    weak: bool = False
    stop: str = ""


def text_says(*, debtors: Iterable[Named], receivables: Iterable[Named]) -> Reading:
    """Whose money it is by the references that stand in its text.

    Names that could stand there by chance count only beside a better one. More than one account holder is a question.
    """
    holders, items = list(debtors), list(receivables)
    sure = {one.case_id for one in (*holders, *items) if not is_weak(one.token)}
    cases = sure or {one.case_id for one in (*holders, *items)}
    if not cases:
        return Reading(case_id=None, stop="holder_none")
    if len(cases) > 1:
        agreed = {one.case_id for one in holders} & {one.case_id for one in items}
        if len(agreed) != 1:
            return Reading(case_id=None, stop="holder_many")
        cases = agreed
    (case_id,) = cases
    agrees = any(one.case_id == case_id for one in holders)
    by_token: dict[str, list[int]] = {}
    for one in items:
        if one.case_id == case_id and (agrees or not is_weak(one.token) or not sure):
            by_token.setdefault(one.token, []).append(one.receivable_id)
    numbers = bool(by_token) and all(token.isdecimal() for token in by_token)
    return Reading(
        case_id=case_id,
        named=tuple(tuple(sorted(ids)) for _token, ids in sorted(by_token.items())),
        weak=numbers and not agrees,
        stop="" if sure else "named_weak",
    )
