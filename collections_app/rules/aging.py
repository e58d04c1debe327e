"""Age buckets, and which stage a number of days belongs to. Pure: dates are arguments (I-01, I-02)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from clients.choices import AgeBasis


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """A band of days, both ends included; an open end is None."""

    code: str
    first: int | None
    last: int | None
    depth: int


BUCKETS: dict[str, tuple[Bucket, ...]] = {
    AgeBasis.DUE: (
        Bucket(code="not_due", first=None, last=0, depth=0),
        Bucket(code="1-30", first=1, last=30, depth=1),
        Bucket(code="31-60", first=31, last=60, depth=2),
        Bucket(code="61-90", first=61, last=90, depth=3),
        Bucket(code="91-120", first=91, last=120, depth=4),
        Bucket(code="121-150", first=121, last=150, depth=5),
        Bucket(code="151+", first=151, last=None, depth=6),
    ),
    AgeBasis.INVOICE: (
        Bucket(code="0-60", first=None, last=60, depth=0),
        Bucket(code="61-90", first=61, last=90, depth=2),
        Bucket(code="91-120", first=91, last=120, depth=4),
        Bucket(code="121-150", first=121, last=150, depth=5),
        Bucket(code="151+", first=151, last=None, depth=6),
    ),
}

BASIS_COLUMN = {AgeBasis.DUE: "due_on", AgeBasis.INVOICE: "issued_on"}


def bucket_for(*, basis: str, days: int) -> Bucket:
    """The bucket of a number of days since the basis date."""
    return next(b for b in BUCKETS[basis] if b.last is None or days <= b.last)


def aged_since(*, basis: str, issued_on: dt.date | None, due_on: dt.date | None) -> dt.date | None:
    """The day that age is counted from: day 0. Of one basis alone, never mixed (I-02)."""
    return issued_on if basis == AgeBasis.INVOICE else due_on


def bucket_sql(*, basis: str, day: str, column: str) -> str:
    """The CASE expression that names the bucket of ``column`` at the date expression ``day``.

    Built from ``BUCKETS`` alone, so that Python and SQL cannot disagree; both arguments are our own literals.
    """
    whens = " ".join(f"WHEN {day} - {column} <= {b.last} THEN '{b.code}'" for b in BUCKETS[basis] if b.last is not None)
    return f"(CASE {whens} ELSE '{BUCKETS[basis][-1].code}' END)"


@dataclass(frozen=True, kw_only=True)
class Rung:
    """One stage of a ladder: its position and the first day that belongs to it (None: from the beginning)."""

    position: int
    from_day: int | None


def stage_for(*, ladder: Sequence[Rung], days: int) -> int:
    """The position of the stage a number of days belongs to."""
    return max(rung.position for rung in ladder if rung.from_day is None or days >= rung.from_day)


def next_stage_day(*, ladder: Sequence[Rung], days: int) -> int | None:
    """The first later day count at which the stage changes; None on the last stage."""
    return min((rung.from_day for rung in ladder if rung.from_day is not None and rung.from_day > days), default=None)
