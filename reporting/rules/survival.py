"""How long something lasts when some of it is not over yet (Kaplan and Meier 1958). Pure; exact fractions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, kw_only=True)
class Duration:
    """So many ended after this number of days, and so many were watched for it and had not ended."""

    days: int
    ended: int
    censored: int


def _steps(durations: Sequence[Duration]) -> Iterator[tuple[int, Fraction]]:
    """From each number of days on, the share that has not ended; what is censored then was still there."""
    there, lasting = sum(d.ended + d.censored for d in durations), Fraction(1)
    for d in sorted(durations, key=lambda d: d.days):
        if d.ended:
            lasting *= Fraction(there - d.ended, there)
        yield d.days, lasting
        there -= d.ended + d.censored


def median_days(durations: Sequence[Duration]) -> int | None:
    """The first number of days after which at most half have not ended; None while more than half have not."""
    return next((days for days, lasting in _steps(durations) if lasting <= Fraction(1, 2)), None)


def mean_days(durations: Sequence[Duration]) -> Fraction | None:
    """The mean up to the longest time watched; None when nothing ended."""
    if not any(d.ended for d in durations):
        return None
    total, before, lasting = Fraction(0), 0, Fraction(1)
    for days, after in _steps(durations):
        total += lasting * (days - before)
        before, lasting = days, after
    return total
