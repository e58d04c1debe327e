"""What leaves in a table opens nothing by itself."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import IO, Any

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Of these the first letter says that they are what they are: a spreadsheet takes Arabic in UTF-8 for something else
# without it. The others write it themselves, or have none.
_MARKED = frozenset({"utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"})
_GUARDED = re.compile(r"\'+ *[=+\-@\t\r\n]")
_STARTERS = ("=", "+", "-", "@", "\t", "\r", "\n")


def inert(value: Any) -> Any:
    """A cell's text made harmless: a spreadsheet takes text that begins like a formula for text.

    Numbers stay numbers; text that begins with =, +, -, @ or a control character gets an apostrophe before it.
    """
    if isinstance(value, str) and value.lstrip(" ").startswith(_STARTERS):
        return "'" + value
    return value


def guarded(text: str) -> str:
    """A cell's text made harmless so that ``unguarded`` gives it back as it was, whatever it was."""
    return "'" + text if text.lstrip(" ").startswith(_STARTERS) or _GUARDED.match(text) else text


def unguarded(text: str) -> str:
    """A cell as it was before ``guarded``."""
    return text[1:] if _GUARDED.match(text) else text


def _safe(cell: Any) -> Any:
    return guarded(cell) if isinstance(cell, str) else cell


def text_write(
    *, content: IO[bytes], rows: Iterable[Sequence[Any]], encoding: str = "utf-8", delimiter: str = ","
) -> None:
    """Write rows as text, a row at a time; cells that look like formulas are guarded."""
    encoder = codecs.getincrementalencoder(encoding)()
    page = io.StringIO(newline="")
    if codecs.lookup(encoding).name in _MARKED:
        page.write("\ufeff")
    writer = csv.writer(page, delimiter=delimiter)
    for cells in rows:
        writer.writerow([_safe(cell) for cell in cells])
        content.write(encoder.encode(page.getvalue()))
        page.seek(0)
        page.truncate()


def workbook_write(*, content: IO[bytes], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows as a workbook. Text stays text, whatever it looks like: no formula, no number that loses its zeros."""
    # Only when one is written: every worker would hold it otherwise.
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for cells in rows:
        shown = []
        for cell in cells:
            place = WriteOnlyCell(sheet, value=_safe(cell))
            if isinstance(cell, str):
                place.data_type, place.number_format = "s", "@"
            shown.append(place)
        sheet.append(shown)
    book.save(content)
