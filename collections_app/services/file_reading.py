"""From bytes to rows: decoding, splitting, reading cells, a block at a time. Writes nothing."""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import hashlib
import io
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from django.utils.translation import gettext_lazy as _
from python_calamine import CalamineError, CalamineWorkbook

from collections_app.rules import importing
from collections_app.rules.importing import Layout
from collections_app.services.cells import Cells, Reading, Rounded, Row
from collections_app.services.workbooks import cells_bounded
from common import money
from common.exceptions import Refused
from common.spreadsheets import unguarded
from parties.rules import identifiers

MOST_OPEN_QUOTES = 50
# A workbook keeps fifteen digits of a number.
EXACT_BELOW = 10**15
LONGEST_CELL = 2**31 - 1
TOLD_EVERY = 2_000
BLOCK = 1024 * 1024
_MARKS = {
    "utf-16": (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE),
    "utf-32": (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE),
}
# What is read stands in its own module; who asks for reading may take both from here.
__all__ = [
    "Cells",
    "Plainly",
    "Progress",
    "Reading",
    "Rounded",
    "Row",
    "Source",
    "file_read",
    "form_proposed",
    "lines_read",
    "quiet",
    "rows_read",
    "sample_of",
]

Progress = Callable[[str, int, int], None]
# Told where the fields stand, gives what reads a plain row of that line as text for COPY; None for one that is not.
Plainly = Callable[[dict[str, int]], Callable[[int, list[str]], str | None]]


def _rounded(cell: str) -> bool:
    return isinstance(cell, Rounded)


@dataclass(frozen=True, kw_only=True)
class Source:
    """A client's file, in memory or on disk; read as often as needed and never held whole when it lies on disk."""

    content: bytes | Path
    name: str

    def opened(self) -> BinaryIO:
        return self.content.open("rb") if isinstance(self.content, Path) else io.BytesIO(self.content)

    def whole(self) -> bytes:
        return self.content.read_bytes() if isinstance(self.content, Path) else self.content

    @cached_property
    def measured(self) -> tuple[str, int]:
        """SHA-256 and size."""
        with self.opened() as stream:
            if isinstance(self.content, bytes):
                return hashlib.sha256(self.content).hexdigest(), len(self.content)
            digest = hashlib.file_digest(stream, "sha256")  # type: ignore[arg-type]
            return digest.hexdigest(), stream.tell()

    @property
    def is_workbook(self) -> bool:
        """True for an XLSX workbook, by its first bytes or its name."""
        with self.opened() as stream:
            return stream.read(4) == b"PK\x03\x04" or self.name.lower().endswith((".xlsx", ".xlsm"))


def _encoding(*, source: Source, layout: Layout) -> str:
    """The layout's encoding. UTF-16 and UTF-32 without a mark are in this machine's order, as Python takes them."""
    name = codecs.lookup(layout.encoding).name
    if name in {"utf-16", "utf-32"}:
        with source.opened() as stream:
            if not stream.read(4).startswith(_MARKS[name]):
                return f"{name}-{sys.byteorder[0]}e"
    return name


def _decodable(*, source: Source, layout: Layout, reading: Reading) -> int | None:
    """How many lines the file has when all of it is in the layout's encoding, strictly.

    None when some line is not (said in ``reading``): then nothing of the file is believed.
    """
    decoder = codecs.getincrementaldecoder(_encoding(source=source, layout=layout))()
    lines = 0
    with source.opened() as stream:
        while True:
            block = stream.read(BLOCK)
            before = decoder.getstate()
            try:
                lines += decoder.decode(block, final=not block).count("\n")
            except UnicodeDecodeError as error:
                # ``error.object`` may begin with what was left over of the block before.
                wrong = error.object[error.start : error.end]
                decoder.setstate((b"", before[1]))
                lines += decoder.decode(error.object[: error.start]).count("\n")
                reading.refuse(line=lines + 1, code="undecodable", value=wrong.hex())
                return None
            if not block:
                return lines


class _Lines:
    """The lines of a text by number, read a block at a time and kept until they are let go of."""

    def __init__(self, stream: io.TextIOWrapper) -> None:
        self._stream = stream
        self._kept: list[str] = []
        self._first = 0
        self._read()
        if self._kept:
            self._kept[0] = self._kept[0].removeprefix("\ufeff")

    def _read(self) -> bool:
        block = self._stream.readlines(BLOCK)
        self._kept += block
        return bool(block)

    def since(self, start: int) -> Iterator[str]:
        """The lines from this number on, 0 the first."""
        at = start
        while at - self._first < len(self._kept) or self._read():
            yield self._kept[at - self._first]
            at += 1

    def has(self, number: int) -> bool:
        return number - self._first < len(self._kept) or self._read()

    def let_go(self, before: int) -> None:
        """Forget the lines before this number, when they are many."""
        if before - self._first >= TOLD_EVERY:
            del self._kept[: before - self._first]
            self._first = before


def _records(*, lines: _Lines, delimiter: str, reading: Reading) -> Iterator[tuple[int, list[str]]]:
    """Lines as fields with their number. A quotation mark that never closes spoils its own line only."""
    start, opened = 0, 0
    while lines.has(start):
        reader = csv.reader(lines.since(start), delimiter=delimiter, strict=True)
        begun = start
        try:
            for fields in reader:
                number = begun + 1
                begun = start + reader.line_num
                lines.let_go(begun)
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


def _past(*, lines: _Lines, start: int, delimiter: str) -> int | None:
    """Where the record after one with a very long cell begins; None when a quotation mark in it never closes."""
    before = csv.field_size_limit(LONGEST_CELL)
    try:
        reader = csv.reader(lines.since(start), delimiter=delimiter, strict=True)
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


def _workbook_records(*, source: Source, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    content = source.whole()
    cells_bounded(content=content)
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    except (CalamineError, OSError, ValueError) as error:
        raise Refused("workbook", _("The workbook cannot be read.")) from error
    for number, cells in enumerate(sheet.to_python(skip_empty_area=False), start=1):
        yield number, [_cell(cell, layout.date_format) for cell in cells]


def _text_records(*, source: Source, layout: Layout, reading: Reading) -> Iterator[tuple[int, list[str]]]:
    encoding = _encoding(source=source, layout=layout)
    with io.TextIOWrapper(source.opened(), encoding=encoding, newline="") as stream:
        yield from _records(lines=_Lines(stream), delimiter=layout.delimiter, reading=reading)


def records_read(*, source: Source, layout: Layout, reading: Reading) -> Iterator[tuple[int, list[str]]]:
    """The records of a file by line, its heading first. One that we sent out to be corrected reads as it was sent in:
    without the marks that kept its cells from being taken for formulas."""
    if source.is_workbook:
        records = _workbook_records(source=source, layout=layout)
    else:
        records = _text_records(source=source, layout=layout, reading=reading)
    for line, heading in records:
        if any(cell.strip() for cell in heading):
            yield line, heading
            if importing.is_reason_heading(heading[-1]):
                records = ((n, [unguarded(c) if c[:1] == "'" else c for c in cells]) for n, cells in records)
            break
    yield from records


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
    source, reading = Source(content=content, name=name), Reading()
    if source.is_workbook:
        records = _workbook_records(source=source, layout=layout)
    elif _decodable(source=source, layout=layout, reading=reading) is None:
        return []
    else:
        records = _text_records(source=source, layout=layout, reading=reading)
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
    for row in rows_read(
        source=Source(content=content, name=name),
        layout=layout,
        terms_days=terms_days,
        today=today,
        reading=reading,
        progress=progress,
    ):
        if isinstance(row, Row):
            reading.rows.append(row)
    reading.refusals.sort(key=lambda refusal: refusal.line)
    return reading


def rows_read(
    *,
    source: Source,
    layout: Layout,
    terms_days: int,
    today: dt.date,
    reading: Reading,
    progress: Progress = quiet,
    plainly: Plainly | None = None,
) -> Iterator[Row | str]:
    """The good rows of a file in turn; what is wrong with the others is said in ``reading`` meanwhile.

    ``plainly`` is told where the fields stand and gives what reads a plain row its own quick way; what it does not
    read is read here. Raises Refused when the file as a whole is not what the layout says (no such column, an
    unreadable workbook).
    """
    for found in _lines(source=source, layout=layout, reading=reading, progress=progress, plainly=plainly):
        row = found if isinstance(found, str) else _row(cells=found, terms_days=terms_days, today=today)
        if row is not None:
            yield row


def lines_read(
    *,
    content: bytes | Path,
    name: str,
    layout: Layout,
    reading: Reading,
    required: Collection[str] = importing.REQUIRED,
    progress: Progress = quiet,
) -> Iterator[Cells]:
    """The lines of a file, each with its cells to be read; what is wrong with a whole line is said in ``reading``.

    Raises Refused when the file as a whole is not what the layout says.
    """
    source = Source(content=content, name=name)
    for found in _lines(source=source, layout=layout, reading=reading, progress=progress, required=required):
        if isinstance(found, Cells):
            yield found


def _lines(
    *,
    source: Source,
    layout: Layout,
    reading: Reading,
    progress: Progress,
    plainly: Plainly | None = None,
    required: Collection[str] = importing.REQUIRED,
) -> Iterator[Cells | str]:
    """Every line that has as many cells as the heading: what its quick way made of it, else its cells."""
    expected, is_workbook = 0, source.is_workbook
    if not is_workbook:
        counted = _decodable(source=source, layout=layout, reading=reading)
        if counted is None:
            return
        expected = counted
    records = records_read(source=source, layout=layout, reading=reading)
    places: dict[str, int] = {}
    width = 0
    quick: Callable[[int, list[str]], str | None] | None = None
    for line, fields in records:
        if not places:
            places, width = _places(header=fields, layout=layout), len(fields)
            quick = plainly(places) if plainly is not None else None
            continue
        if quick is not None and len(fields) == width and not (is_workbook and any(map(_rounded, fields))):
            told = quick(line, fields)
            if told is not None:
                reading.total += 1
                if reading.total % TOLD_EVERY == 0:
                    progress("read", reading.total, expected)
                yield told
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
    if not places and not reading.refused:
        raise Refused("empty", _("The file is empty."))


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
