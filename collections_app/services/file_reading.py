"""From bytes to rows: decoding, splitting, reading cells. Writes nothing."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from typing import Any

from django.utils.translation import gettext_lazy as _
from python_calamine import CalamineError, CalamineWorkbook

from collections_app.rules import importing
from collections_app.rules.importing import CellRefused, Layout, Refusal
from collections_app.services.workbooks import cells_bounded
from common import money
from common.exceptions import Refused
from parties.choices import PartyKind
from parties.rules import identifiers

MOST_OPEN_QUOTES = 50
# A workbook keeps fifteen digits of a number.
EXACT_BELOW = 10**15
MASKED = "•••"
LONGEST_CELL = 2**31 - 1
TOLD_EVERY = 2_000
Progress = Callable[[str, int, int], None]


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
    """All that came of reading a file."""

    rows: list[Row] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    warnings: dict[str, list[int]] = field(default_factory=dict)
    total: int = 0

    def refuse(self, *, line: int, code: str, column: str = "", value: str = "") -> None:
        self.refusals.append(Refusal(line=line, column=column, value=value[:120], code=code))

    def warn(self, *, code: str, line: int) -> None:
        self.warnings.setdefault(code, []).append(line)


class Rounded(str):
    """A number of more digits than a workbook keeps exactly, as text."""

    __slots__ = ()


def is_workbook(*, content: bytes, name: str) -> bool:
    """True for an XLSX workbook, by its first bytes or its name."""
    return content[:4] == b"PK\x03\x04" or name.lower().endswith((".xlsx", ".xlsm"))


def _decode(*, content: bytes, layout: Layout, reading: Reading) -> str | None:
    """The file as text, strictly; None when a line cannot be decoded (said in ``reading``)."""
    try:
        text = content.decode(layout.encoding)
    except UnicodeDecodeError as error:
        before = content[: error.start].decode(layout.encoding, errors="ignore")
        reading.refuse(line=before.count("\n") + 1, code="undecodable", value=content[error.start : error.end].hex())
        return None
    return text.removeprefix("\ufeff")


def _records(*, text: str, delimiter: str, reading: Reading) -> Iterator[tuple[int, list[str]]]:
    """Lines as fields with their number. A quotation mark that never closes spoils its own line only."""
    lines = io.StringIO(text, newline="").readlines()
    start, opened = 0, 0
    while start < len(lines):
        reader = csv.reader(iter(lines[start:]), delimiter=delimiter, strict=True)
        begun = start
        try:
            for fields in reader:
                number = begun + 1
                begun = start + reader.line_num
                yield number, fields
            return
        except csv.Error as error:
            if "field limit" in str(error):
                after = _past(lines=lines, start=begun, delimiter=delimiter)
                if after is not None:
                    reading.refuse(line=begun + 1, code="too_long")
                    reading.total += 1
                    start = after
                    continue
            opened += 1
            reading.refuse(line=begun + 1, code="open_quote")
            reading.total += 1
            if opened >= MOST_OPEN_QUOTES:
                return
            start = begun + 1


def _past(*, lines: list[str], start: int, delimiter: str) -> int | None:
    """Where the record after one with a very long cell begins; None when a quotation mark in it never closes."""
    before = csv.field_size_limit(LONGEST_CELL)
    try:
        reader = csv.reader(iter(lines[start:]), delimiter=delimiter, strict=True)
        next(reader)
    except csv.Error:
        return None
    finally:
        csv.field_size_limit(before)
    return start + reader.line_num


def _cell(value: Any, date_format: str) -> str:
    """A workbook's cell as the text a CSV would hold."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dt.datetime):
        value = value.date()
    if isinstance(value, dt.date):
        return value.strftime(date_format)
    if isinstance(value, float | int) and abs(value) >= EXACT_BELOW and value == value // 1:
        return Rounded(int(value))
    if isinstance(value, float):
        # A workbook keeps numbers in binary: the shortest decimal that reads back the same is what was typed.
        return str(int(value)) if value.is_integer() else str(Decimal(repr(value)))
    return str(value)


def _workbook_records(*, content: bytes, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    cells_bounded(content=content)
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    except (CalamineError, OSError, ValueError) as error:
        raise Refused("workbook", _("The workbook cannot be read.")) from error
    for number, cells in enumerate(sheet.to_python(skip_empty_area=False), start=1):
        yield number, [_cell(cell, layout.date_format) for cell in cells]


def _places(*, header: Sequence[str], layout: Layout) -> dict[str, int]:
    """Where each field stands. Raises Refused when the file has not the layout's columns."""
    names = [name.strip() for name in header]
    missing = [column for column in layout.columns.values() if column not in names]
    if missing:
        raise Refused(
            "header",
            _("The file has no column «%(column)s».") % {"column": missing[0]},
            details={"column": missing[0], "header": names},
        )
    twice = [column for column in layout.columns.values() if names.count(column) > 1]
    if twice:
        raise Refused(
            "header_twice",
            _("The heading «%(column)s» stands over more than one column.") % {"column": twice[0]},
            details={"column": twice[0], "header": names},
        )
    return {field_name: names.index(column) for field_name, column in layout.columns.items()}


def sample_of(*, content: bytes, name: str, layout: Layout, rows: int = 4) -> list[list[str]]:
    """The first lines' fields, the heading first, for a page on which a person says what the columns hold.

    Empty when the bytes are not in the layout's encoding.
    """
    reading = Reading()
    if is_workbook(content=content, name=name):
        records = _workbook_records(content=content, layout=layout)
    else:
        text = _decode(content=content, layout=layout, reading=reading)
        if text is None:
            return []
        records = _records(text=text, delimiter=layout.delimiter, reading=reading)
    filled = (cells for _number, cells in records if any(cell.strip() for cell in cells))
    return [[cell.strip() for cell in cells] for cells in islice(filled, rows)]


def form_proposed(
    *, content: bytes, before: Mapping[str, Any], encoding: str = "", delimiter: str = ""
) -> tuple[str, str]:
    """How a file is probably written: its encoding and what parts its fields, as a layout says it.

    What is asked for wins; else the last layout's; else UTF-8 where the bytes allow it and Windows-1256 where they do
    not; the delimiter that parts the first line most.
    """
    if not encoding:
        likely = (before.get("encoding", "utf-8"), "utf-8", "windows-1256")
        encoding = next((one for one in likely if _decodes(content=content, encoding=one)), "utf-8")
    if not delimiter:
        first = content[:4_000].decode(encoding, errors="ignore").partition("\n")[0]
        last = before.get("delimiter", ",")
        delimiter = last if ("\t" if last == "TAB" else last) in first else max(",;\t|", key=first.count)
    return encoding, "TAB" if delimiter == "\t" else delimiter


def _decodes(*, content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def quiet(step: str, done: int, total: int) -> None:
    """Nobody watches."""


def file_read(
    *, content: bytes, name: str, layout: Layout, terms_days: int, today: dt.date, progress: Progress = quiet
) -> Reading:
    """Read a whole file. Every fault is a refusal with its line; only good rows stand in ``rows``.

    Raises Refused when the file as a whole is not what the layout says (no such column, an unreadable workbook).
    """
    reading = Reading()
    for cells in lines_read(content=content, name=name, layout=layout, reading=reading, progress=progress):
        row = _row(cells=cells, terms_days=terms_days, today=today)
        if row is not None:
            reading.rows.append(row)
    reading.refusals.sort(key=lambda refusal: refusal.line)
    return reading


def lines_read(
    *,
    content: bytes,
    name: str,
    layout: Layout,
    reading: Reading,
    required: Collection[str] = importing.REQUIRED,
    progress: Progress = quiet,
) -> Iterator[Cells]:
    """The lines of a file, each with its cells to be read; what is wrong with a whole line is said in ``reading``.

    Raises Refused when the file as a whole is not what the layout says.
    """
    expected = 0
    if is_workbook(content=content, name=name):
        records = _workbook_records(content=content, layout=layout)
    else:
        text = _decode(content=content, layout=layout, reading=reading)
        if text is None:
            return
        expected = text.count("\n")
        records = _records(text=text, delimiter=layout.delimiter, reading=reading)
    places: dict[str, int] = {}
    width = 0
    for line, fields in records:
        if not places:
            if not any(cell.strip() for cell in fields):
                continue
            places, width = _places(header=fields, layout=layout), len(fields)
            continue
        if not fields or not any(cell.strip() for cell in fields):
            reading.warn(code="blank", line=line)
            continue
        reading.total += 1
        if reading.total % TOLD_EVERY == 0:
            progress("read", reading.total, expected)
        if len(fields) != width:
            reading.refuse(line=line, code="field_count", value=str(len(fields)))
            continue
        yield Cells(line=line, fields=fields, places=places, layout=layout, reading=reading, required=required)
    if not places and not reading.refusals:
        raise Refused("empty", _("The file is empty."))


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
        """Kind and value of the identity number, and whose such a number is; a person's when there is none."""
        raw = self.text("national_id")
        try:
            if raw:
                kind, owner, value = identifiers.normalise_identifier(raw)
                return str(kind), owner, value
        except ValueError:
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


def _row(*, cells: Cells, terms_days: int, today: dt.date) -> Row | None:
    """The line as a row; None when any of its cells is refused."""
    reading, line = cells.reading, cells.line
    before = len(reading.refusals)
    cells.others_checked()
    debtor_ref, debtor_name = cells.text("debtor_ref"), cells.text("debtor_name")
    receivable_ref, debt_ref = cells.text("receivable_ref"), cells.text("debt_ref")
    city, product = cells.text("city"), cells.text("product")
    due_on, issued_on, paid_on = cells.date("due_on"), cells.date("issued_on"), cells.date("paid_on")
    amount = cells.read("amount", importing.amount_of)
    open_amount = cells.read("open_amount", importing.amount_of)
    disputed = bool(cells.read("disputed", importing.truth_of))
    currency = cells.read("currency", importing.currency_of) or cells.layout.currency
    if currency in money.NOT_TWO_DECIMALS:
        cells.refuse("currency", "currency_decimals", currency)
    id_kind, kind, id_value = cells.identity()
    mobile = cells.point("mobile", identifiers.normalise_mobile)
    email = cells.point("email", identifiers.normalise_email)
    cells.amounts_checked(amount=amount, open_amount=open_amount)
    if due_on is not None and issued_on is None and len(reading.refusals) == before:
        issued_on = due_on - dt.timedelta(days=terms_days)
        reading.warn(code="issued_on", line=line)
    cells.dates_checked(issued_on=issued_on, due_on=due_on, paid_on=paid_on, open_amount=open_amount, today=today)
    if any(importing.looks_mojibake(cell) for cell in (debtor_name, debtor_ref, city)):
        reading.warn(code="mojibake", line=line)
    if due_on is None or issued_on is None or len(reading.refusals) > before:
        return None
    return Row(
        line=line,
        debtor_ref=debtor_ref,
        debtor_name=debtor_name or debtor_ref,
        debtor_kind=str(kind),
        debt_ref=debt_ref,
        receivable_ref=receivable_ref,
        currency=currency,
        product=product,
        city=city,
        issued_on=issued_on,
        due_on=due_on,
        amount=amount,
        open_amount=open_amount,
        paid_on=paid_on,
        disputed=disputed,
        id_kind=id_kind,
        id_value=id_value,
        mobile=mobile,
        email=email,
    )
