"""Debts that a client's system places one by one, or a few at a time: a file of ours, through the same door."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from clients.models import Client
from collections_app.choices import ImportStatus
from collections_app.rules import importing
from collections_app.services.imports import portfolio_import
from common.audit import Actor

MOST_ROWS = 1_000
# What may come as a number: everything else would have lost its leading zeros, or was never one.
_NUMBERS = frozenset({"amount", "open_amount"})


@dataclass(frozen=True, kw_only=True)
class Placed:
    """What became of the rows: nothing of them is in the book when ``refusals`` has any. Rows count from 1."""

    result: dict[str, Any]
    refusals: list[dict[str, Any]]


def placements_post(
    *, actor: Actor, client: Client, name: str, rows: Sequence[Mapping[str, Any]], placed_on: dt.date
) -> Placed:
    """Bring rows into the book as ``portfolio_import`` brings a file, all or none (PL-04).

    A row holds the fields of ``importing.COLUMNS`` by name, text as text, dates as YYYY-MM-DD, amounts exact. The same
    row again adds nothing. ``name`` is what the house's list of imports shows. Raises Refused for a placement date that
    lies ahead; what is wrong with a row is not raised but told, as it is of a file, whose trace stays.
    """
    refusals = [_told(row=number, **fault) for number, row in enumerate(rows, start=1) for fault in _faults(row)]
    if refusals:
        return Placed(result={}, refusals=refusals)
    content, row_of = _written(rows)
    fields = [field for field in importing.COLUMNS if any(row.get(field) is not None for row in rows)]
    done = portfolio_import(
        actor=actor,
        client=client,
        content=content,
        name=name,
        layout={"columns": {field: field for field in {*importing.REQUIRED, *fields}}},
        placed_on=placed_on,
        open_book=True,
        keep_refused=False,
    )
    result = done.result
    if done.status == ImportStatus.REFUSED:
        return Placed(
            result={},
            refusals=[
                _told(row=row_of[r["line"]], field=r["column"], value=r["value"], code=r["code"])
                for r in result["refusals"]
            ],
        )
    counts = ("rows", "accepted", "unchanged", "cases", "debts", "receivables", "payments", "contacts")
    told = {count: result[count] for count in counts}
    told["import_id"] = done.file.pk if done.file is not None else None
    told["suspects"] = [_told(row=row_of[s["line"]], code=s["code"]) for s in result["suspect_rows"]]
    told["warnings"] = [
        {"rows": w["lines"], **_told(row=row_of[w["first"]], code=w["code"])} for w in result["warnings"]
    ]
    return Placed(result=told, refusals=[])


def _faults(row: Any) -> list[dict[str, str]]:
    """What keeps a row from being written as a line: fields we do not know, values that are no plain ones."""
    if not isinstance(row, Mapping):
        return [{"field": "", "code": "object"}]
    found = [{"field": str(name)[:80], "code": "unknown"} for name in row if name not in importing.COLUMNS]
    for name in importing.COLUMNS:
        value = row.get(name)
        number = isinstance(value, int | Decimal) and not isinstance(value, bool)
        plain = value is None or isinstance(value, str) or (number and name in _NUMBERS)
        if not plain and not (isinstance(value, bool) and name == "disputed"):
            found.append({"field": name, "code": "text"})
        elif isinstance(value, str) and any("\ud800" <= letter <= "\udfff" for letter in value):
            found.append({"field": name, "code": "control"})
        elif isinstance(value, str) and len(value) > csv.field_size_limit():
            found.append({"field": name, "code": "too_long"})
    if not found and not any(_cell(row.get(name)).strip() for name in importing.COLUMNS):
        # A file's empty line is passed over; a row that was sent was meant.
        found.append({"field": importing.REQUIRED[0], "code": "missing"})
    return found


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _written(rows: Sequence[Mapping[str, Any]]) -> tuple[bytes, dict[int, int]]:
    """The rows as a file of all our columns, and the row that begins on each of its lines."""
    written, row_of, line = [_line(importing.COLUMNS)], {}, 2
    for number, row in enumerate(rows, start=1):
        written.append(_line([_cell(row.get(name)) for name in importing.COLUMNS]))
        row_of[line] = number
        # A value that holds a line's end makes its row longer than one line.
        line += len(io.StringIO(written[-1], newline="").readlines())
    return "".join(written).encode(), row_of


def _line(cells: Sequence[str]) -> str:
    page = io.StringIO(newline="")
    # Whatever a value holds, a carriage return too, stays inside its quotation marks.
    csv.writer(page, lineterminator="\n", quoting=csv.QUOTE_ALL).writerow(cells)
    return page.getvalue()


def _told(*, row: int, code: str, field: str = "", value: str = "") -> dict[str, Any]:
    return {"row": row, "field": field, "value": value, "code": code}
