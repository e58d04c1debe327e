"""The quick way for a row that is plain in every cell: straight to the line that COPY takes.

Nine rows in ten of a client's file hold nothing but ordinary text, dates of one form, and amounts with a point. These
are read here in a few microseconds, by looking each cell up or matching it whole. A row of which anything is out of the
ordinary is left to ``file_reading``, which knows every refusal and warning: what is read here is what would have been
read there (a test compares the two on rows of every kind).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from operator import itemgetter

from collections_app.choices import ContactPointKind
from collections_app.rules import importing
from collections_app.rules.importing import CellRefused, Layout
from collections_app.services.cells import SHORT_ID, Reading, Row
from common import crypto, money
from parties.choices import IdentifierKind, PartyKind
from parties.rules import identifiers

# Above this many different values a memory is emptied: it must not grow with the file.
MOST_REMEMBERED = 20_000
# Far below the longest cell anybody asked for; a row that is longer takes the long way.
PLAIN_LENGTH = 400
NULL = "\\N"
NOBODY = f"{PartyKind.PERSON}"
SEPARATOR = "\x1f"
COLUMNS = (
    "line", "debtor_ref", "debt_ref", "names_debt", "receivable_ref", "currency", "product", "issued_on", "due_on",
    "amount", "open_amount", "paid_on", "disputed", "debtor_name", "debtor_kind", "city", "id_kind", "id_index",
    "mobile_index", "email_index", "personal",
)  # fmt: skip

_AMOUNT = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,2}))?")
_DEBTOR = ("debtor_ref", "debtor_name", "national_id", "mobile", "email", "city")
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _hex(value: bytes | None) -> str:
    return NULL if value is None else "\\\\x" + value.hex()


def _index(value: str, kind: str) -> bytes | None:
    return crypto.blind_index(value=value, kind=kind) if value else None


def _whose(
    *, passing: crypto.Passing, name: str, kind: str, city: str, id_kind: str, id_value: str, mobile: str, email: str
) -> str:
    """The part of a staged line that tells of the debtor."""
    sealed = passing.seal(SEPARATOR.join((id_value, mobile, email))) if id_value or mobile or email else None
    return "\t".join(
        (
            name,
            kind,
            city,
            id_kind,
            _hex(_index(id_value, IdentifierKind.COMMERCIAL_REGISTER if id_kind == SHORT_ID else id_kind)),
            _hex(_index(mobile, ContactPointKind.MOBILE)),
            _hex(_index(email, ContactPointKind.EMAIL)),
            _hex(sealed),
        )
    )


class Lines:
    """Rows as the lines that COPY takes, whichever way they were read."""

    def __init__(
        self, *, layout: Layout, terms_days: int, today: dt.date, reading: Reading, passing: crypto.Passing
    ) -> None:
        self.layout, self.terms, self.today = layout, dt.timedelta(days=terms_days), today
        self.reading, self.passing = reading, passing

    def of_row(self, row: Row) -> str:
        """A row that took the long way."""
        whose = _whose(
            passing=self.passing,
            name=row.debtor_name.translate(_ESCAPES),
            kind=row.debtor_kind,
            city=row.city.translate(_ESCAPES),
            id_kind=row.id_kind,
            id_value=row.id_value,
            mobile=row.mobile,
            email=row.email,
        )
        cells = (
            str(row.line),
            row.debtor_ref.translate(_ESCAPES),
            (row.debt_ref or row.debtor_ref).translate(_ESCAPES),
            "t" if row.debt_ref else "f",
            row.receivable_ref.translate(_ESCAPES),
            row.currency,
            row.product.translate(_ESCAPES),
            row.issued_on.isoformat(),
            row.due_on.isoformat(),
            str(row.amount),
            NULL if row.open_amount is None else str(row.open_amount),
            NULL if row.paid_on is None else row.paid_on.isoformat(),
            "t" if row.disputed else "f",
            whose,
        )
        return "\t".join(cells) + "\n"

    def plainly(self, places: Mapping[str, int]) -> Callable[[int, list[str]], str | None]:
        """What reads a plain row of a file whose fields stand at ``places``; None for a row that is not plain."""
        dates = _Remembered(self._date)
        terms = _Remembered(self._issued)
        truths = _Remembered(_truth)
        currencies = _Remembered(_currency)
        debtors = _Debtors(passing=self.passing, places=places)
        today, currency_of_all = self.today.isoformat(), self.layout.currency
        if currency_of_all in money.NOT_TWO_DECIMALS:
            return lambda line, fields: None
        at = {name: places.get(name, -1) for name in importing.COLUMNS}
        debtor_ref_at, receivable_ref_at, debt_ref_at = at["debtor_ref"], at["receivable_ref"], at["debt_ref"]
        product_at, due_at, issued_at, paid_at = at["product"], at["due_on"], at["issued_on"], at["paid_on"]
        amount_at, open_at, disputed_at, currency_at = (
            at["amount"], at["open_amount"], at["disputed"], at["currency"],
        )  # fmt: skip
        amount_match, warn = _AMOUNT.fullmatch, self.reading.warn

        def read(line: int, fields: list[str]) -> str | None:
            whole = " ".join(fields)
            # Printable: no control characters, no marks of direction, no odd spaces, no ends of lines.
            if len(whole) > PLAIN_LENGTH or not whole.isprintable() or "\\" in whole:
                return None
            debtor_ref, receivable_ref = fields[debtor_ref_at].strip(), fields[receivable_ref_at].strip()
            debt_ref = fields[debt_ref_at].strip() if debt_ref_at >= 0 else ""
            product = fields[product_at].strip() if product_at >= 0 else ""
            if not debtor_ref or not receivable_ref or len(product) > 80 or (len(whole) > 200 and (
                len(debtor_ref) > 200 or len(receivable_ref) > 200 or len(debt_ref) > 200
            )):  # fmt: skip
                return None
            due_on = dates[fields[due_at]]
            if not due_on:
                return None
            issued_on = dates[fields[issued_at]] if issued_at >= 0 and fields[issued_at].strip() else ""
            if issued_on is None:
                return None
            paid_on = dates[fields[paid_at]] if paid_at >= 0 and fields[paid_at].strip() else ""
            if paid_on is None:
                return None
            told = amount_match(fields[amount_at].strip())
            if told is None:
                return None
            whole_part, cents = told.groups("0")
            amount = int(whole_part) * 100 + (int(cents) if len(cents) == 2 else int(cents) * 10)
            if not amount:
                return None
            open_amount, still_open = NULL, amount
            if open_at >= 0 and fields[open_at].strip():
                open_amount = fields[open_at].strip()
                found = amount_match(open_amount)
                if found is None:
                    return None
                whole_part, cents = found.groups("0")
                still_open = int(whole_part) * 100 + (int(cents) if len(cents) == 2 else int(cents) * 10)
                if still_open > amount:
                    return None
            disputed = truths[fields[disputed_at]] if disputed_at >= 0 else "f"
            currency = currencies[fields[currency_at]] if currency_at >= 0 else ""
            if disputed is None or currency is None:
                return None
            whose = debtors.of(fields)
            if whose is None:
                return None
            guessed = not issued_on
            if guessed:
                issued_on = terms[due_on]
                if issued_on is None:
                    return None
            # Dates as text of one form stand in the order of time.
            if due_on < issued_on or (paid_on and (paid_on < issued_on or paid_on > today or not still_open)):
                return None
            if guessed:
                warn(code="issued_on", line=line)
            return (
                f"{line}\t{debtor_ref}\t{debt_ref or debtor_ref}\t{'t' if debt_ref else 'f'}\t{receivable_ref}\t"
                f"{currency or currency_of_all}\t{product}\t{issued_on}\t{due_on}\t{told[0]}\t{open_amount}\t"
                f"{paid_on or NULL}\t{disputed}\t{whose}\n"
            )

        return read

    def _date(self, raw: str) -> str | None:
        try:
            return importing.date_of(raw=raw.strip(), date_format=self.layout.date_format).isoformat()
        except CellRefused:
            return None

    def _issued(self, due_on: str) -> str | None:
        issued = dt.date.fromisoformat(due_on) - self.terms
        return issued.isoformat() if issued.year >= 1000 else None


class _Remembered(dict[str, str | None]):
    """What a cell was read as, by its text; None for what takes the long way."""

    def __init__(self, reader: Callable[[str], str | None]) -> None:
        super().__init__()
        self._reader = reader

    def __missing__(self, raw: str) -> str | None:
        if len(self) >= MOST_REMEMBERED:
            self.clear()
        found = self[raw] = self._reader(raw)
        return found


class _Debtors(dict[object, str | None]):
    """The part of a line that tells of the debtor, by the cells that do."""

    def __init__(self, *, passing: crypto.Passing, places: Mapping[str, int]) -> None:
        super().__init__()
        self._passing = passing
        self._names = [name for name in _DEBTOR if name in places]
        self._cells = itemgetter(*(places[name] for name in self._names))

    def of(self, fields: list[str]) -> str | None:
        cells = self._cells(fields)
        try:
            return self[cells]
        except KeyError:
            if len(self) >= MOST_REMEMBERED:
                self.clear()
            found = self[cells] = self._read(cells if isinstance(cells, tuple) else (cells,))
            return found

    def _read(self, cells: tuple[str, ...]) -> str | None:
        told = dict(zip(self._names, (cell.strip() for cell in cells), strict=True))
        debtor_ref, name, city = told["debtor_ref"], told.get("debtor_name", ""), told.get("city", "")
        if (
            len(name) > 200
            or len(city) > 80
            or any(importing.looks_mojibake(text) for text in (name, debtor_ref, city))
        ):
            return None
        id_kind, kind, id_value, mobile, email = "", NOBODY, "", "", ""
        try:
            if told.get("national_id"):
                found, holder, id_value = identifiers.normalise_identifier(told["national_id"])
                id_kind, kind = str(found), str(holder)
            if told.get("mobile"):
                mobile = identifiers.normalise_mobile(told["mobile"])
            if told.get("email"):
                email = identifiers.normalise_email(told["email"])
        except ValueError:
            return None
        return _whose(
            passing=self._passing,
            name=name or debtor_ref,
            kind=kind,
            city=city,
            id_kind=id_kind,
            id_value=id_value,
            mobile=mobile,
            email=email,
        )


def _truth(raw: str) -> str | None:
    try:
        return "t" if raw.strip() and importing.truth_of(raw=raw) else "f"
    except CellRefused:
        return None


def _currency(raw: str) -> str | None:
    """The code; empty where the file is silent and the layout speaks."""
    try:
        return importing.currency_of(raw=raw.strip()) if raw.strip() else ""
    except CellRefused:
        return None
