"""What reading a file makes: one line's cells, each read once, the row they come to, and all that was refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from collections_app.rules import importing
from collections_app.rules.importing import CellRefused, Layout, Refusal
from common import money
from parties.choices import PartyKind
from parties.rules import identifiers

MASKED = "•••"
# The kind of an identity number that has ten digits only with the zeros before it that a spreadsheet drops. Whether it
# is one at all says the book.
SHORT_ID = "SHORT"
_FEWEST_DIGITS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the client's file, read."""

    line: int
    debtor_ref: str
    debtor_name: str
    debtor_kind: str
    debt_ref: str
    receivable_ref: str
    currency: str
    product: str
    city: str
    issued_on: dt.date
    due_on: dt.date
    amount: Decimal
    open_amount: Decimal | None
    paid_on: dt.date | None
    disputed: bool
    id_kind: str
    id_value: str
    mobile: str
    email: str


@dataclass(kw_only=True)
class Reading:
    """All that came of reading a file, or of the part of it that nobody has taken up yet."""

    rows: list[Row] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    warnings: dict[str, list[int]] = field(default_factory=dict)
    total: int = 0
    refused: bool = False

    def refuse(self, *, line: int, code: str, column: str = "", value: str = "") -> None:
        self.refused = True
        self.refusals.append(Refusal(line=line, column=column, value=value[:120], code=code))

    def warn(self, *, code: str, line: int) -> None:
        self.warnings.setdefault(code, []).append(line)


class Rounded(str):
    """A number of more digits than a workbook keeps exactly, as text."""

    __slots__ = ()


@dataclass(slots=True, kw_only=True)
class Cells:
    """One line's cells, each read once; what is wrong with one is said in ``reading``."""

    line: int
    fields: Sequence[str]
    places: dict[str, int]
    layout: Layout
    reading: Reading
    required: Collection[str] = importing.REQUIRED

    def refuse(self, name: str, code: str, raw: object = "") -> None:
        hidden = {self.places[personal] for personal in importing.PERSONAL if personal in self.places}
        value = MASKED if name in importing.PERSONAL or self.places.get(name) in hidden else str(raw)
        self.reading.refuse(line=self.line, code=code, column=self.layout.columns.get(name, name), value=value)

    def text(self, name: str) -> str:
        raw = self.fields[self.places[name]] if name in self.places else ""
        if isinstance(raw, Rounded) and name in importing.REFERENCES:
            self.refuse(name, "digits_lost", raw)
            return ""
        try:
            value = importing.text_of(name=name, raw=raw)
        except CellRefused as error:
            self.refuse(name, error.code, ascii(raw))
            return ""
        if not value and name in self.required:
            self.refuse(name, "missing")
        return value

    def read(self, name: str, reader: Any, **options: Any) -> Any:
        raw = self.text(name)
        if not raw:
            return None
        try:
            return reader(raw=raw, **options)
        except CellRefused as error:
            self.refuse(name, error.code, raw)
            return None

    def date(self, name: str) -> dt.date | None:
        found: dt.date | None = self.read(name, importing.date_of, date_format=self.layout.date_format)
        return found

    def point(self, name: str, normalise: Callable[[str], str]) -> str:
        """A number or address; a wrong one is left out with a warning."""
        raw = self.text(name)
        try:
            return normalise(raw) if raw else ""
        except ValueError:
            self.reading.warn(code=name, line=self.line)
            return ""

    def identity(self) -> tuple[str, PartyKind, str]:
        """Kind and value of the identity number, and whose such a number is; a person's when there is none.

        One that lacks leading zeros is of the kind ``SHORT_ID``.
        """
        raw = self.text("national_id")
        try:
            if raw:
                kind, owner, value = identifiers.normalise_identifier(raw)
                return str(kind), owner, value
        except ValueError:
            digits = money.latin_digits(raw.strip())
            if digits.isascii() and digits.isdigit() and _FEWEST_DIGITS <= len(digits) < 10:
                return SHORT_ID, PartyKind.COMPANY, digits.zfill(10)
            self.refuse("national_id", "national_id")
        return "", PartyKind.PERSON, ""

    def others_checked(self) -> None:
        """Refuse what cannot be kept as text in the columns that nobody asked for."""
        for number, cell in enumerate(self.fields):
            if number in self.places.values():
                continue
            try:
                importing.text_of(name="", raw=cell)
            except CellRefused as error:
                self.reading.refuse(line=self.line, code=error.code, value=MASKED)

    def amounts_checked(self, *, amount: Decimal | None, open_amount: Decimal | None) -> None:
        if amount is not None and amount <= 0:
            self.refuse("amount", "amount_positive", amount)
        if amount is not None and open_amount is not None and not money.ZERO <= open_amount <= amount:
            self.refuse("open_amount", "open_amount", open_amount)

    def dates_checked(
        self,
        *,
        issued_on: dt.date | None,
        due_on: dt.date | None,
        paid_on: dt.date | None,
        open_amount: Decimal | None,
        today: dt.date,
    ) -> None:
        if due_on is not None and issued_on is not None and due_on < issued_on:
            self.refuse("due_on", "due_before_issue", due_on)
        if paid_on is None:
            return
        if issued_on is not None and paid_on < issued_on:
            self.refuse("paid_on", "paid_before_issue", paid_on)
        if paid_on > today:
            self.refuse("paid_on", "paid_in_future", paid_on)
        if open_amount == money.ZERO:
            self.refuse("paid_on", "paid_nothing_open", paid_on)
