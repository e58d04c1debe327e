"""The proof of a figure: the rows behind it, their number, and a hash that anybody can compute again (ADR 0042).

The canonical form is the file itself, as it is given out: UTF-8 with its mark, a line of column names, one line a row
in the order of the family, CRLF; days and moments in ISO 8601 (moments in UTC), amounts as stored, true and false,
nothing for nothing; text that a spreadsheet would take for a formula behind an apostrophe. ``sha256sum`` of the file is
the hash.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from common.spreadsheets import guarded
from reporting.kpis.base import Ask, Family, Kpi, Row
from reporting.kpis.reading import proof_columns, proof_streamed

MARK = "\ufeff"


@dataclass(frozen=True, kw_only=True)
class Proof:
    """How many rows stand behind a figure, the SHA-256 of their file, and a page of them."""

    count: int
    sha256: str
    numerator: Decimal | int
    denominator: Decimal | int
    page: Sequence[Row]


def cell_text(value: Any) -> str:
    """One value in its canonical form."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return guarded(value) if isinstance(value, str) else str(value)


def _text(lines: Sequence[Sequence[Any]]) -> str:
    page = io.StringIO(newline="")
    csv.writer(page).writerows([[cell_text(cell) for cell in line] for line in lines])
    return page.getvalue()


def proof_file(*, family: Family, kpi: Kpi, ask: Ask, narrowed: Mapping[str, str]) -> Iterator[bytes]:
    """The canonical file in parts; must run inside a transaction."""
    yield (MARK + _text([proof_columns(family=family)])).encode()
    for chunk in proof_streamed(family=family, kpi=kpi, ask=ask, narrowed=narrowed):
        yield _text(chunk).encode()


def proof_of(
    *, family: Family, kpi: Kpi, ask: Ask, narrowed: Mapping[str, str], first: int = 0, most: int = 50
) -> Proof:
    """Number, hash and sums of all the rows, and ``most`` of them from ``first`` on, in one reading.

    Must run inside a transaction.
    """
    names = proof_columns(family=family)
    digest = hashlib.sha256((MARK + _text([names])).encode())
    count, page = 0, list[Row]()
    over: Decimal | int = 0
    under: Decimal | int = 0
    for chunk in proof_streamed(family=family, kpi=kpi, ask=ask, narrowed=narrowed):
        digest.update(_text(chunk).encode())
        wanted = chunk[max(first - count, 0) : max(first + most - count, 0)]
        page += [dict(zip(names, line, strict=True)) for line in wanted]
        count += len(chunk)
        over += sum(line[-2] or 0 for line in chunk)
        under += sum(line[-1] or 0 for line in chunk)
    return Proof(count=count, sha256=digest.hexdigest(), numerator=over, denominator=under, page=page)
