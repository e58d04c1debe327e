"""What a client's files beside new debts may hold: contact data, balances. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from collections_app.choices import ContactPointKind, FileKind
from collections_app.rules import importing
from collections_app.rules.importing import Layout


@dataclass(frozen=True, kw_only=True)
class Fields:
    """The fields of one kind of file: their words, which must be there, and the headings that clients give them."""

    words: Mapping[str, Any]
    required: tuple[str, ...]
    headings: Mapping[str, tuple[str, ...]]


_DEBTOR = ("debtorref", "customer", "customerid", "customerno", "accountno", "cif", "رقمالعميل", "رقمالحساب")
# Columns that bring a number or address, and those that say which is no longer right.
ADDS: Mapping[str, ContactPointKind] = {
    "mobile": ContactPointKind.MOBILE,
    "phone": ContactPointKind.PHONE,
    "email": ContactPointKind.EMAIL,
    "address": ContactPointKind.ADDRESS,
}
ENDS: Mapping[str, ContactPointKind] = {f"wrong_{name}": kind for name, kind in ADDS.items()}
NOTE_REFERENCE = 80

FIELDS: Mapping[str, Fields] = {
    FileKind.PLACEMENT: Fields(words=importing.COLUMN_WORDS, required=importing.REQUIRED, headings=importing.HEADINGS),
    FileKind.CONTACTS: Fields(
        words={
            "debtor_ref": _("Account number"),
            "mobile": _("Mobile"),
            "phone": _("Phone"),
            "email": _("E-mail"),
            "address": _("Address"),
            "wrong_mobile": _("Mobile no longer right"),
            "wrong_phone": _("Phone no longer right"),
            "wrong_email": _("E-mail no longer right"),
            "wrong_address": _("Address no longer right"),
        },
        required=("debtor_ref",),
        headings={
            "debtor_ref": _DEBTOR,
            "mobile": ("mobile", "newmobile", "mobileno", "الجوال", "رقمالجوال", "الجوالالجديد"),
            "phone": ("phone", "newphone", "landline", "الهاتف"),
            "email": ("email", "newemail", "البريد", "البريدالالكتروني"),
            "address": ("address", "newaddress", "العنوان", "العنوانالجديد"),
            "wrong_mobile": ("wrongmobile", "oldmobile", "invalidmobile", "الجوالالسابق", "جوالغيرصحيح"),
            "wrong_phone": ("wrongphone", "oldphone", "invalidphone", "الهاتفالسابق"),
            "wrong_email": ("wrongemail", "oldemail", "invalidemail", "البريدالسابق"),
            "wrong_address": ("wrongaddress", "oldaddress", "العنوانالسابق"),
        },
    ),
    FileKind.BALANCES: Fields(
        words={
            "debtor_ref": _("Account number"),
            "receivable_ref": _("Invoice or instalment"),
            "debt_ref": _("Contract"),
            "balance": _("Right balance"),
            "value_date": _("Value date"),
            "currency": _("Currency"),
            "note_ref": _("Number of the client's note"),
            "reason": _("Reason"),
        },
        required=("debtor_ref", "receivable_ref", "balance", "value_date"),
        headings={
            "debtor_ref": _DEBTOR,
            "receivable_ref": importing.HEADINGS["receivable_ref"],
            "debt_ref": importing.HEADINGS["debt_ref"],
            "balance": ("balance", "rightbalance", "newbalance", "outstanding", "openamount", "الرصيد", "الرصيدالصحيح"),
            "value_date": ("valuedate", "asof", "date", "تاريخالحق", "التاريخ"),
            "currency": importing.HEADINGS["currency"],
            "note_ref": ("noteref", "noteno", "creditnote", "رقمالاشعار"),
            "reason": ("reason", "السبب"),
        },
    ),
    FileKind.RECALLS: Fields(
        words={"debtor_ref": _("Account number"), "reason": _("Reason")},
        required=("debtor_ref",),
        headings={"debtor_ref": _DEBTOR, "reason": ("reason", "السبب", "سببالسحب")},
    ),
}


def layout_read(*, kind: str, definition: Any) -> Layout:
    """A layout of this kind of file from its JSON form. Raises Refused naming the first thing that is wrong."""
    fields = FIELDS[kind]
    return importing.layout_read(definition=definition, known=tuple(fields.words), required=fields.required)
