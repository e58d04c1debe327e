"""Segments: receivables alike in size (PL-05). Age has its own buckets and stages, so a segment speaks of amount alone.

The bands are ours: no document names any. They are of the amount as invoiced, which never changes, in the receivable's
own currency.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A band: ``under`` is the first amount above it, None of the last."""

    code: str
    under: Decimal | None
    words: str | Promise


SEGMENTS = (
    Segment(code="small", under=Decimal(1_000), words=_("Under 1,000")),
    Segment(code="medium", under=Decimal(10_000), words=_("1,000 to 10,000")),
    Segment(code="large", under=Decimal(100_000), words=_("10,000 to 100,000")),
    Segment(code="very_large", under=None, words=_("100,000 and more")),
)


def segment_of(amount: Decimal) -> str:
    """The code of the band an amount lies in."""
    return next(s.code for s in SEGMENTS if s.under is None or amount < s.under)


def segment_sql(column: str) -> str:
    """The same over a column; our own literals."""
    whens = " ".join(f"WHEN {column} < {s.under} THEN '{s.code}'" for s in SEGMENTS if s.under is not None)
    return f"CASE {whens} ELSE '{SEGMENTS[-1].code}' END"
