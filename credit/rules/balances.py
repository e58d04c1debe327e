"""How regular an account was, from the months of its statement (source 001 §4.2(1))."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from common.money import rounded


@dataclass(frozen=True, kw_only=True)
class Regularity:
    """What the months of one account say."""

    months: int
    # Mean of the closing balances, to read beside what the bank certifies.
    mean: Decimal
    # Months in which money came in, and in which the balance fell below nothing.
    with_income: int
    overdrawn: int


def regularity(months: Sequence[tuple[Decimal, Decimal, Decimal]]) -> Regularity:
    """Of each month what was paid in, the lowest and the closing balance. Raises ValueError for no month at all."""
    if not months:
        raise ValueError("no months")
    return Regularity(
        months=len(months),
        mean=rounded(sum((closing for _credits, _lowest, closing in months), Decimal(0)) / len(months)),
        with_income=sum(credits > 0 for credits, _lowest, _closing in months),
        overdrawn=sum(lowest < 0 for _credits, lowest, _closing in months),
    )
