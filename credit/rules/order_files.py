"""A client's file of orders: its fields, the headings clients give them, and the words of what is wrong. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from collections_app.rules import importing
from collections_app.rules.importing import CellRefused
from common import money
from credit.choices import CustomerKind, OrderChannel

FIELDS = ("order_ref", "account", "amount", "kind", "ordered_on", "channel", "signatory", "currency")
REQUIRED = ("order_ref", "account", "amount")
# More are sent in parts: each line is answered under its customer's lock.
MOST_LINES = 5_000

# Lower case, without spaces and marks.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "order_ref": ("orderref", "order", "orderno", "ordernumber", "رقمالطلب", "الطلب", "امرالشراء"),
    "account": ("account", "debtorref", "customer", "customerno", "customerid", "accountno", "رقمالعميل", "رقمالحساب"),
    "amount": ("amount", "orderamount", "value", "total", "المبلغ", "قيمةالطلب", "القيمة"),
    "kind": ("kind", "type", "terms", "creditorcash", "النوع", "طريقةالبيع", "نوعالبيع"),
    "ordered_on": ("orderedon", "orderdate", "date", "تاريخالطلب", "التاريخ"),
    "channel": ("channel", "receivedby", "via", "القناة", "وردعن"),
    "signatory": ("signatory", "agent", "signedby", "الموقع", "رقمالموقع", "المفوض"),
    "currency": ("currency", "العملة"),
}
KINDS = {
    "credit": CustomerKind.CREDIT, "آجل": CustomerKind.CREDIT, "اجل": CustomerKind.CREDIT,
    "cash": CustomerKind.CASH, "نقدي": CustomerKind.CASH, "نقدا": CustomerKind.CASH,
}  # fmt: skip
CHANNELS = {
    "inperson": OrderChannel.IN_PERSON, "شخصيا": OrderChannel.IN_PERSON, "حضوري": OrderChannel.IN_PERSON,
    "fax": OrderChannel.FAX, "فاكس": OrderChannel.FAX,
    "email": OrderChannel.EMAIL, "بريد": OrderChannel.EMAIL, "بريدالكتروني": OrderChannel.EMAIL,
    "system": OrderChannel.SYSTEM, "نظام": OrderChannel.SYSTEM, "file": OrderChannel.FILE, "ملف": OrderChannel.FILE,
}  # fmt: skip

REASONS: Mapping[str, Any] = {
    **importing.REASONS,
    "account_unknown": _("There is no customer of this account number."),
    "kind": _("This is neither credit nor cash."),
    "channel": _("This is not a way by which orders come."),
    "signatory": _("This is not the number of a signatory of the customer."),
    "currency_other": _("The customer's account is in another currency."),
}


def kind_of(*, raw: str) -> str:
    found = KINDS.get(_plain(raw))
    if found is None:
        raise CellRefused("kind")
    return found


def channel_of(*, raw: str) -> str:
    found = CHANNELS.get(_plain(raw))
    if found is None:
        raise CellRefused("channel")
    return found


def number_of(*, raw: str) -> int:
    """The number of a signatory, in digits of either script."""
    digits = money.latin_digits(raw)
    if not (digits.isascii() and digits.isdigit() and len(digits) < 16):
        raise CellRefused("signatory")
    return int(digits)


def _plain(raw: str) -> str:
    return "".join(letter for letter in raw.lower() if letter.isalnum()).replace("أ", "ا").replace("إ", "ا")
