"""Amount bands: receivables alike in size. Age has its own buckets and stages, and a segment (PL-05) looks at both.

The bands are ours: no document names any. They are of the amount as invoiced, which never changes, in the receivable's
own currency.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, kw_only=True)
class Band:
    """A band: ``under`` is the first amount above it, None of the last."""

    code: str
    under: Decimal | None
    words: str | Promise


BANDS = (
    Band(code="small", under=Decimal(1_000), words=_("Under 1,000")),
    Band(code="medium", under=Decimal(10_000), words=_("1,000 to 10,000")),
    Band(code="large", under=Decimal(100_000), words=_("10,000 to 100,000")),
    Band(code="very_large", under=None, words=_("100,000 and more")),
)


def band_of(amount: Decimal) -> str:
    """The code of the band an amount lies in."""
    return next(s.code for s in BANDS if s.under is None or amount < s.under)


def band_sql(column: str) -> str:
    """The same over a column; our own literals."""
    whens = " ".join(f"WHEN {column} < {s.under} THEN '{s.code}'" for s in BANDS if s.under is not None)
    return f"CASE {whens} ELSE '{BANDS[-1].code}' END"
