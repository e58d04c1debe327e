"""From bytes to rows: decoding, splitting, reading cells. Writes nothing."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterator, Sequence
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


def quiet(step: str, done: int, total: int) -> None:
    """Nobody watches."""


def file_read(
    *, content: bytes, name: str, layout: Layout, terms_days: int, today: dt.date, progress: Progress = quiet
) -> Reading:
    """Read a whole file. Every fault is a refusal with its line; only good rows stand in ``rows``.

    Raises Refused when the file as a whole is not what the layout says (no such column, an unreadable workbook).
    """
    reading, expected = Reading(), 0
    if is_workbook(content=content, name=name):
        records = _workbook_records(content=content, layout=layout)
    else:
        text = _decode(content=content, layout=layout, reading=reading)
        if text is None:
            return reading
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
        row = _row(
            line=line, fields=fields, places=places, layout=layout, terms_days=terms_days, reading=reading, today=today
        )
        if row is not None:
            reading.rows.append(row)
    if not places and not reading.refusals:
        raise Refused("empty", _("The file is empty."))
    reading.refusals.sort(key=lambda refusal: refusal.line)
    return reading


def _row(
    *,
    line: int,
    fields: Sequence[str],
    places: dict[str, int],
    layout: Layout,
    terms_days: int,
    reading: Reading,
    today: dt.date,
) -> Row | None:
    """One line's cells, each read once; None when any of them is refused."""
    before = len(reading.refusals)
    for number, cell in enumerate(fields):
        if number in places.values():
            continue
        try:
            importing.text_of(name="", raw=cell)
        except CellRefused as error:
            reading.refuse(line=line, code=error.code, value=MASKED)
    hidden = {places[name] for name in importing.PERSONAL if name in places}

    def refuse(name: str, code: str, raw: str = "") -> None:
        value = MASKED if name in importing.PERSONAL or places.get(name) in hidden else raw
        reading.refuse(line=line, code=code, column=layout.columns.get(name, name), value=value)

    def text(name: str) -> str:
        raw = fields[places[name]] if name in places else ""
        if isinstance(raw, Rounded) and name in importing.REFERENCES:
            refuse(name, "digits_lost", raw)
            return ""
        try:
            value = importing.text_of(name=name, raw=raw)
        except CellRefused as error:
            refuse(name, error.code, ascii(raw))
            return ""
        if not value and name in importing.REQUIRED:
            refuse(name, "missing")
        return value

    def read(name: str, reader: Any, **options: Any) -> Any:
        raw = text(name)
        if not raw:
            return None
        try:
            return reader(raw=raw, **options)
        except CellRefused as error:
            refuse(name, error.code, raw)
            return None

    debtor_ref, debtor_name, receivable_ref = text("debtor_ref"), text("debtor_name"), text("receivable_ref")
    debt_ref, city, product = text("debt_ref"), text("city"), text("product")
    due_on = read("due_on", importing.date_of, date_format=layout.date_format)
    issued_on = read("issued_on", importing.date_of, date_format=layout.date_format)
    paid_on = read("paid_on", importing.date_of, date_format=layout.date_format)
    amount = read("amount", importing.amount_of)
    open_amount = read("open_amount", importing.amount_of)
    disputed = bool(read("disputed", importing.truth_of))
    currency = read("currency", importing.currency_of) or layout.currency
    if currency in money.NOT_TWO_DECIMALS:
        refuse("currency", "currency_decimals", currency)
    id_kind = id_value = ""
    kind = PartyKind.PERSON
    raw_id = text("national_id")
    if raw_id:
        try:
            identifier_kind, kind, id_value = identifiers.normalise_identifier(raw_id)
            id_kind = str(identifier_kind)
        except ValueError:
            refuse("national_id", "national_id")
    mobile, email = text("mobile"), text("email")
    if mobile:
        try:
            mobile = identifiers.normalise_mobile(mobile)
        except ValueError:
            reading.warn(code="mobile", line=line)
            mobile = ""
    if email:
        try:
            email = identifiers.normalise_email(email)
        except ValueError:
            reading.warn(code="email", line=line)
            email = ""
    if amount is not None and amount <= 0:
        refuse("amount", "amount_positive", str(amount))
    if amount is not None and open_amount is not None and not money.ZERO <= open_amount <= amount:
        refuse("open_amount", "open_amount", str(open_amount))
    if due_on is not None and issued_on is None and len(reading.refusals) == before:
        issued_on = due_on - dt.timedelta(days=terms_days)
        reading.warn(code="issued_on", line=line)
    if due_on is not None and issued_on is not None and due_on < issued_on:
        refuse("due_on", "due_before_issue", due_on.isoformat())
    if paid_on is not None:
        if issued_on is not None and paid_on < issued_on:
            refuse("paid_on", "paid_before_issue", paid_on.isoformat())
        if paid_on > today:
            refuse("paid_on", "paid_in_future", paid_on.isoformat())
        if open_amount == money.ZERO:
            refuse("paid_on", "paid_nothing_open", paid_on.isoformat())
    if any(importing.looks_mojibake(cell) for cell in (debtor_name, debtor_ref, city)):
        reading.warn(code="mojibake", line=line)
    if len(reading.refusals) > before:
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
