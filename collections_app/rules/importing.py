"""What a layout may say, what a cell may hold, and the words of every refusal. Pure."""

from __future__ import annotations

import codecs
import datetime as dt
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from common import money
from common.exceptions import Refused

COLUMNS = [
    "debtor_ref",
    "debtor_name",
    "national_id",
    "mobile",
    "email",
    "city",
    "product",
    "debt_ref",
    "receivable_ref",
    "issued_on",
    "due_on",
    "amount",
    "open_amount",
    "paid_on",
    "disputed",
    "currency",
]
# What each field holds, as a person reads it.
COLUMN_WORDS: Mapping[str, Any] = {
    "debtor_ref": _("Account number"),
    "debtor_name": _("Name of the account holder"),
    "national_id": _("Identity or register number"),
    "mobile": _("Mobile"),
    "email": _("E-mail"),
    "city": _("City"),
    "product": _("Product"),
    "debt_ref": _("Contract"),
    "receivable_ref": _("Invoice or instalment"),
    "issued_on": _("Issued on"),
    "due_on": _("Due on"),
    "amount": _("Amount"),
    "open_amount": _("Still open"),
    "paid_on": _("Paid on"),
    "disputed": _("Disputed"),
    "currency": _("Currency"),
}
REQUIRED = ("debtor_ref", "receivable_ref", "due_on", "amount")
LONGEST = {
    "debtor_ref": 200,
    "debtor_name": 200,
    "debt_ref": 200,
    "receivable_ref": 200,
    "payment_ref": 200,
    "note_ref": 80,
    "reason": 200,
    "city": 80,
    "product": 80,
}
# Far above any debt, and far enough below the column's end that a case's sum still fits.
LARGEST = Decimal(10) ** 12
# What names a thing: its digits must be the client's to the last one.
REFERENCES = frozenset(
    {
        "debtor_ref", "debt_ref", "receivable_ref", "payment_ref", "note_ref", "national_id", "mobile", "phone",
        "wrong_mobile", "wrong_phone",
    }
)  # fmt: skip
PERSONAL = frozenset(
    {
        "national_id", "mobile", "phone", "email", "address", "wrong_mobile", "wrong_phone", "wrong_email",
        "wrong_address",
    }
)  # fmt: skip

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029]")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f]")
_NOT_OF_FILES = frozenset(["undefined", "idna", "punycode", "unicode-escape", "raw-unicode-escape", "utf-7"])
# What JSON can say and neither a page nor the database can hold.
_NOT_PLAIN = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")
_PROBES = (dt.date(2026, 11, 24), dt.date(2025, 1, 2))
TRUE = frozenset({"yes", "y", "true", "t", "1", "x", "نعم", "صح"})
FALSE = frozenset({"", "no", "n", "false", "f", "0", "لا", "خطأ"})

# The letters that Arabic in UTF-8 turns into when it is read as a Western single-byte text.
_MOJIBAKE = re.compile(
    r"(?:[\u00d8\u00d9\u0637\u0638\u00e2][\u0080-\u00bf\u0192\u0152\u0153\u2018-\u2022\u2020\u2026"
    r"\u0161\u0178\u02c6\u0160\u017d\u017e\u20ac\u2039\u203a\u2122]){2,}"
)

REASONS = {
    "undecodable": _("The bytes of this line are not in the declared encoding."),
    "field_count": _("This line has another number of fields than the header."),
    "open_quote": _("A quotation mark opens on this line and never closes."),
    "missing": _("A value is required here."),
    "too_long": _("The value is too long."),
    "control": _("The value holds an invisible control character."),
    "bidi": _("The value holds invisible marks that turn the reading direction."),
    "date": _("This is not a date of the declared form."),
    "date_range": _("The date is outside 1990 to 2099."),
    "amount": _("This is not an amount with at most two decimals."),
    "amount_large": _("The amount is larger than any that is kept here."),
    "amount_positive": _("The amount must be more than zero."),
    "open_amount": _("The open amount must lie between zero and the amount."),
    "currency": _("This is not the code of a currency in use (ISO 4217)."),
    "currency_decimals": _("Currencies without exactly two decimals are not kept here."),
    "truth": _("This is neither yes nor no."),
    "due_before_issue": _("The due date is before the issue date."),
    "paid_before_issue": _("It was paid before it was issued."),
    "paid_in_future": _("The payment date is in the future."),
    "paid_nothing_open": _("A payment date stands beside an open amount of zero."),
    "repeats": _("This line repeats an earlier line of the file."),
    "ref_twice": _("The same receivable stands on an earlier line with other values."),
    "debt_currency": _("One debt reference stands in two currencies."),
    "debt_of_other": _("This debt reference belongs to another account holder."),
    "digits_lost": _("The workbook keeps this long number as a rounded one. Save the column as text."),
    "national_id": _("The identity number does not pass its check digit."),
    "value_in_future": _("The value date is in the future."),
    "payment_reserved": _("References that begin with FILE- are kept for the files of clients."),
    "payment_twice": _("The same payment reference stands on an earlier line with other values."),
    "debtor_unknown": _("There is no account holder of this reference."),
    "debtor_zeros": _("There is no account holder of this reference; one with other leading zeros is known."),
    "nothing_told": _("Nothing but the account number stands on this line."),
    "phone": _("This is not a phone number that exists."),
    "email": _("This is not a complete e-mail address."),
    "contact_both": _("The file gives this as right and as no longer right."),
    "receivable_unknown": _("The account holder has no receivable of this reference."),
    "receivable_many": _("The account holder has several receivables of this reference; name the contract."),
    "receivable_out": _("This receivable is out of collection."),
    "balance_negative": _("A balance is not below zero."),
    "balance_currency": _("The receivable is in another currency."),
    "value_before_issue": _("The value date is before the receivable was issued."),
    "balance_twice": _("The balance of this receivable stands on an earlier line."),
    "note_twice": _("A note with this number is on this receivable already."),
    "case_closed": _("This case is closed."),
    "not_posted": _("The difference cannot be posted on this receivable."),
    "payment_otherwise": _("A payment with this reference is known with another amount, date or currency."),
}
# What differs from a known one by leading zeros alone: a spreadsheet or a column of numbers drops them. One a row, the
# first of these; a person says whether it is the known one.
ZEROS = {
    "debtor_ref": "zeros_debtor",
    "national_id": "zeros_id",
    "debt_ref": "zeros_debt",
    "receivable_ref": "zeros_receivable",
}
# What stands over the column of reasons in a file of refused rows: the house's own, left out when it comes back.
WHY_REFUSED = _("Why it was refused")


def is_reason_heading(heading: str) -> bool:
    """True for the heading of our own column of reasons, in either language."""
    return heading.strip() in in_both(WHY_REFUSED).values()


# Why a row is neither taken nor refused but left for a person to look at.
SUSPECTS = {
    "zeros_debtor": _("But for leading zeros this account number is a known one."),
    "zeros_id": _("With leading zeros this register number is that of a known account holder."),
    "zeros_debt": _("But for leading zeros this contract is a known one of this account holder."),
    "zeros_receivable": _("But for leading zeros this invoice or instalment is a known one of this contract."),
    "withdrawn": _("This receivable was taken back with the file that brought it, and stays so."),
    "values": _("This receivable is known with another amount or other dates."),
    "disputed": _("The client now says that this known receivable is disputed."),
    "undisputed": _("The client no longer says that it is disputed, and it is still held as disputed."),
    "open_amount": _("The open amount is neither what the client first told nor what is open now."),
    "moved": _("It comes as paid, and other movements are booked on it."),
    "paid_closed": _("It comes as paid, and nothing was open on it."),
    "twin": _("The same receivable of this account holder stands under another contract."),
}
WARNINGS = {
    "mojibake": _("The text looks wrongly encoded (letters like ط§ or Ø§). Check the layout's encoding."),
    "issued_on": _("The issue date was missing and taken as the due date less the client's terms."),
    "mobile": _("The phone number is not one that exists; it was left out."),
    "email": _("The e-mail address is not complete; it was left out."),
    "blank": _("Empty lines were passed over."),
    "point_unknown": _("What is no longer right was not known; nothing to mark."),
    "same_file": _("This very file was imported before."),
}


# Words by which clients head a column, lower case, without spaces and marks; the first that fits is proposed.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "debtor_ref": ("debtorref", "customerid", "customerno", "accountno", "cif", "رقمالعميل", "رقمالحساب"),
    "debtor_name": ("debtorname", "customername", "name", "اسمالعميل", "الاسم", "اسمالمدين"),
    "national_id": ("nationalid", "idnumber", "id", "رقمالهوية", "الهوية", "السجلالتجاري"),
    "mobile": ("mobile", "mobileno", "phone", "الجوال", "رقمالجوال"),
    "email": ("email", "البريد", "البريدالالكتروني"),
    "city": ("city", "المدينة"),
    "product": ("product", "producttype", "المنتج", "نوعالمنتج"),
    "debt_ref": ("debtref", "contractno", "contract", "loanno", "رقمالعقد", "العقد"),
    "receivable_ref": ("receivableref", "invoiceno", "invoicenumber", "instalmentno", "رقمالفاتورة", "رقمالقسط"),
    "issued_on": ("issuedon", "invoicedate", "issuedate", "تاريخالفاتورة", "تاريخالاصدار"),
    "due_on": ("dueon", "duedate", "تاريخالاستحقاق", "الاستحقاق"),
    "amount": ("amount", "invoiceamount", "المبلغ", "مبلغالفاتورة", "قيمةالفاتورة"),
    "open_amount": ("openamount", "balance", "outstanding", "الرصيد", "المتبقي"),
    "paid_on": ("paidon", "settleddate", "paymentdate", "تاريخالسداد"),
    "disputed": ("disputed", "dispute", "معترضعليها", "اعتراض"),
    "currency": ("currency", "invoicecurrency", "العملة"),
}


def columns_proposed(
    *,
    header: Sequence[str],
    before: Mapping[str, str],
    headings: Mapping[str, tuple[str, ...]] | None = None,
) -> dict[str, str]:
    """Which column of a header probably holds what: as the client's last layout said, else by its words.

    A proposal for a person to confirm; a column is proposed once. ``headings`` are the words by which the fields of
    this kind of file are known; a portfolio's when nothing is said.
    """
    words_of = HEADINGS if headings is None else headings
    plain = {re.sub(r"[\W_]+", "", name.lower()).replace("أ", "ا").replace("إ", "ا"): name for name in reversed(header)}
    found: dict[str, str] = {}
    for name in words_of:
        if before.get(name) in header:
            found[name] = before[name]
            continue
        column = next((plain[word] for word in words_of[name] if word in plain), None)
        if column is not None and column not in found.values():
            found[name] = column
    return found


# The forms of dates a page offers; a layout may name any other.
DATE_FORMATS = ("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y/%m/%d", "%d.%m.%Y", "%Y%m%d")


def date_format_proposed(*, values: Sequence[str], before: str | None = None) -> str | None:
    """The form that reads most of these dates, so that one slip does not hide it; the last file's wins a draw.

    ``before`` when there is nothing to go by; None when no form reads any.
    """
    filled = [value for value in values if value.strip()]
    if not filled:
        return before
    forms = [before, *DATE_FORMATS] if before else list(DATE_FORMATS)
    counts = [sum(_reads(raw=value, date_format=form) for value in filled) for form in forms]
    return forms[counts.index(max(counts))] if max(counts) else None


def _reads(*, raw: str, date_format: str) -> bool:
    try:
        date_of(raw=raw, date_format=date_format)
    except CellRefused:
        return False
    return True


def share_done(*, step: str, done: int, total: int) -> int:
    """How much of an import is behind it, in percent, by its step and the rows of that step."""
    starts = {"wait": 0, "read": 0, "check": 45, "write": 55, "age": 92}
    ends = {"wait": 0, "read": 45, "check": 55, "write": 92, "age": 100}
    first, last = starts.get(step, 0), ends.get(step, 0)
    return first + int((last - first) * min(done / total, 1)) if total else first


def in_both(text: Any) -> dict[str, str]:
    """A translated sentence in Arabic and English."""
    with translation.override("ar"):
        ar = str(text)
    with translation.override("en"):
        en = str(text)
    return {"ar": ar, "en": en}


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How one client writes its files."""

    encoding: str = "utf-8"
    delimiter: str = ","
    date_format: str = "%Y-%m-%d"
    currency: str = "SAR"
    columns: Mapping[str, str] = field(default_factory=dict)


def _is_text_encoding(name: str) -> bool:
    """True for what turns bytes into text; the standard library also lists codecs that do other things."""
    try:
        return codecs.lookup(name).name not in _NOT_OF_FILES and isinstance("".encode(name), bytes)
    except (LookupError, UnicodeError, ValueError):
        return False


def _shown(text: Any) -> str:
    """Whatever a layout held, as text that a page can show."""
    return _NOT_PLAIN.sub("\ufffd", str(text))[:80]


def _said(*, definition: Mapping[str, Any], key: str, default: str) -> str:
    """A layout's text for a key; the default where it says nothing. Raises Refused for what is no plain text."""
    value = definition.get(key)
    if value is None or value == "":
        return default
    if not isinstance(value, str) or _NOT_PLAIN.search(value):
        raise Refused(f"layout_{key}", _("The layout's «%(key)s» is not plain text.") % {"key": key})
    return value


def _writes_dates(date_format: str) -> bool:
    """True for a form that holds a whole date: what it writes it reads back as the same day."""
    try:
        return all(dt.datetime.strptime(day.strftime(date_format), date_format).date() == day for day in _PROBES)
    except (ValueError, re.error, OverflowError):
        return False


def layout_read(*, definition: Any, known: Collection[str] = COLUMNS, required: Sequence[str] = REQUIRED) -> Layout:
    """A layout from its JSON form. Raises Refused naming the first thing that is wrong.

    ``known`` and ``required`` are the fields of this kind of file; a portfolio's when nothing is said.
    """
    if not isinstance(definition, Mapping):
        raise Refused("layout", _("A layout is a JSON object."))
    unknown = set(definition) - {"encoding", "delimiter", "date_format", "currency", "columns"}
    if unknown:
        raise Refused("layout_key", _("The layout has an unknown key: %(key)s.") % {"key": _shown(min(unknown))})
    columns = definition.get("columns")
    if not isinstance(columns, Mapping) or not all(
        isinstance(name, str) and not _NOT_PLAIN.search(name) for name in columns.values()
    ):
        raise Refused("layout_columns", _("The layout must say which column holds what."))
    strange = set(columns) - set(known)
    if strange:
        raise Refused(
            "layout_column", _("The layout names an unknown field: %(name)s.") % {"name": _shown(min(strange))}
        )
    lacking = [name for name in required if not columns.get(name)]
    if lacking:
        raise Refused("layout_required", _("The layout lacks a required field: %(name)s.") % {"name": lacking[0]})
    encoding = _said(definition=definition, key="encoding", default="utf-8")
    if not _is_text_encoding(encoding):
        raise Refused("layout_encoding", _("The layout names an unknown encoding: %(name)s.") % {"name": encoding})
    delimiter = _said(definition=definition, key="delimiter", default=",")
    delimiter = "\t" if delimiter.upper() in {"TAB", "\\T"} else delimiter
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise Refused("layout_delimiter", _("A delimiter is one character."))
    currency = _said(definition=definition, key="currency", default="SAR").upper()
    if currency not in money.IN_USE | money.NOT_TWO_DECIMALS:
        raise Refused("layout_currency", _("The layout's currency is not the code of one in use (ISO 4217)."))
    date_format = _said(definition=definition, key="date_format", default="%Y-%m-%d")
    if not _writes_dates(date_format):
        raise Refused("layout_date_format", _("The layout's date_format does not write a whole date."))
    return Layout(
        encoding=encoding,
        delimiter=delimiter,
        date_format=date_format,
        currency=currency,
        columns={name: column for name, column in columns.items() if column},
    )


def placed_on_checked(*, placed_on: dt.date, today: dt.date) -> None:
    """Raise Refused for a placement date that lies ahead."""
    if placed_on > today:
        words = _("The placement date cannot be in the future.")
        raise Refused("placed_ahead", words, field="placed_on")


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """One cell or line that is not accepted: where, what, why."""

    line: int
    column: str
    value: str
    code: str

    def as_json(self) -> dict[str, Any]:
        """The refusal with its reason in both languages; personal values are masked."""
        words = in_both(REASONS[self.code])
        return {
            "line": self.line,
            "column": self.column,
            "value": self.value,
            "code": self.code,
            "reason": f"{words['en']} / {words['ar']}",
            "reason_ar": words["ar"],
            "reason_en": words["en"],
        }


class CellRefused(ValueError):
    """A cell cannot be read; the code names the reason."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def text_of(*, name: str, raw: str) -> str:
    """A cell as text: trimmed, nothing invisible in it, not longer than its column."""
    if _CONTROL.search(raw):
        raise CellRefused("control")
    if _BIDI.search(raw):
        raise CellRefused("bidi")
    value = raw.strip()
    if len(value) > LONGEST.get(name, 400):
        raise CellRefused("too_long")
    return value


def date_of(*, raw: str, date_format: str) -> dt.date:
    """A date in the layout's form, digits of either script."""
    try:
        value = dt.datetime.strptime(money.latin_digits(raw.strip()), date_format).date()
    except ValueError as error:
        raise CellRefused("date") from error
    if not 1990 <= value.year <= 2099:
        raise CellRefused("date_range")
    return value


def amount_of(*, raw: str) -> Decimal:
    """An amount with at most two decimals, digits of either script."""
    try:
        amount = money.parse_amount(raw)
    except ValueError as error:
        raise CellRefused("amount") from error
    if abs(amount) >= LARGEST:
        raise CellRefused("amount_large")
    return amount


def truth_of(*, raw: str) -> bool:
    """Yes or no, in the words files use."""
    value = raw.strip().lower()
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise CellRefused("truth")


def currency_of(*, raw: str) -> str:
    """A currency code with two decimals."""
    value = raw.strip().upper()
    if value in money.NOT_TWO_DECIMALS:
        raise CellRefused("currency_decimals")
    if value not in money.IN_USE:
        raise CellRefused("currency")
    return value


def looks_mojibake(text: str) -> bool:
    """True for text that was encoded twice: Arabic that reads like «Ø¹Ù…Ø§Ø¯»."""
    return bool(_MOJIBAKE.search(text))
