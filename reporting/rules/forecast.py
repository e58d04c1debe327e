"""What may come in over the next weeks: an estimate with its interval, from what came of such balances before (PL-38).

Pure, and without chance: the same past gives the same estimate. At the end of each past week somebody could have asked
"of what is open in each age, how much is paid within four weeks?", and the answer is known by now. Each past week is
put to today's balances: that is one figure for each week. Their middle is the estimate; its interval leaves out the
lowest and the highest tenth of them. Where the weeks to come are like those that went, the next one lies within it in
about four cases of five, whatever the shape of the figures (order statistics; ADR 0050 says how often it did in a real
book).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

WEEKS_AHEAD = 4
# The share of cases on each side that the interval leaves out.
TAIL = Decimal("0.1")
# With fewer weeks not even the lowest and the highest of them reach so far.
LEAST_WEEKS = 9
CENT = Decimal("0.01")


@dataclass(frozen=True, kw_only=True)
class PastWeek:
    """The end of a week at least four weeks ago: what was open by age, and what of it was paid in four weeks."""

    on: dt.date
    open: Mapping[str, Decimal]
    paid: Mapping[str, Decimal]


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """So much, likely between two bounds; from how many past weeks."""

    low: Decimal
    middle: Decimal
    high: Decimal
    weeks: int


def estimate(*, past: Sequence[PastWeek], balances: Mapping[str, Decimal]) -> Estimate | None:
    """What may be paid of these balances, by age, within four weeks; None with too few weeks, or nothing open."""
    told = sorted(_put(week, past=past, balances=balances) for week in past if any(week.open.values()))
    if len(told) < LEAST_WEEKS or not any(balances.values()):
        return None
    left_out = int((len(told) + 1) * TAIL) - 1
    return Estimate(
        low=told[left_out].quantize(CENT),
        middle=_median(told).quantize(CENT),
        high=told[-1 - left_out].quantize(CENT),
        weeks=len(told),
    )


def _put(week: PastWeek, *, past: Sequence[PastWeek], balances: Mapping[str, Decimal]) -> Decimal:
    """What a past week says of today's balances; of an age it had nothing in, what all weeks together say."""
    return sum((amount * _rate(age, [week], past) for age, amount in balances.items() if amount), Decimal(0))


def _rate(age: str, weeks: Sequence[PastWeek], past: Sequence[PastWeek]) -> Decimal:
    for asked in (weeks, past):
        if whole := sum((week.open.get(age, Decimal(0)) for week in asked), Decimal(0)):
            return sum((week.paid.get(age, Decimal(0)) for week in asked), Decimal(0)) / whole
    return Decimal(0)


def _median(told: Sequence[Decimal]) -> Decimal:
    half = len(told) // 2
    return told[half] if len(told) % 2 else (told[half - 1] + told[half]) / 2
