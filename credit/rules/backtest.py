"""What another version of the policy would have answered to applications of the past. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from credit.rules.scorecard import PointsTerms, ScoreFacts, score


@dataclass(frozen=True, kw_only=True)
class Past:
    """An application that was decided: what was scored, what was granted, and whether a default came after it."""

    key: int
    facts: ScoreFacts
    currency: str
    # The limit that was granted, in its currency; zero where it was refused.
    granted: Decimal
    # By its points, not by a guarantee or an exception.
    by_points: bool
    defaulted: bool


@dataclass(frozen=True, kw_only=True)
class Line:
    """One application under both versions; limits by points alone."""

    past: Past
    was_eligible: bool
    eligible: bool
    was_limit: int
    limit: int

    @property
    def refused_now(self) -> bool:
        """Granted by its points, and the other version would have refused it."""
        return self.past.by_points and self.past.granted > 0 and not self.eligible

    @property
    def admitted_now(self) -> bool:
        """Refused as too low, and the other version would have admitted it."""
        return not self.past.granted and not self.was_eligible and self.eligible


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Limits by points of those granted by points, under both versions: of one currency, since none are added."""

    currency: str
    before: int
    after: int


@dataclass(frozen=True, kw_only=True)
class BackTest:
    lines: Sequence[Line]

    @property
    def refused(self) -> list[Line]:
        return [line for line in self.lines if line.refused_now]

    @property
    def refused_defaulted(self) -> int:
        """Of those refused, how many defaulted later."""
        return sum(1 for line in self.refused if line.past.defaulted)

    @property
    def admitted(self) -> list[Line]:
        return [line for line in self.lines if line.admitted_now]

    @property
    def granted(self) -> list[Line]:
        return [line for line in self.lines if line.past.granted > 0]

    @property
    def limits(self) -> list[Limits]:
        """What was granted by points, currency by currency."""
        by_points = [line for line in self.granted if line.past.by_points]
        return [
            Limits(
                currency=currency,
                before=sum(line.was_limit for line in by_points if line.past.currency == currency),
                after=sum(line.limit for line in by_points if line.past.currency == currency),
            )
            for currency in sorted({line.past.currency for line in by_points})
        ]


def back_test(*, past: Sequence[Past], before: PointsTerms, after: PointsTerms) -> BackTest:
    """Every application under the version that rules and under the other one."""
    lines = []
    for one in past:
        was, then = score(facts=one.facts, terms=before), score(facts=one.facts, terms=after)
        lines.append(
            Line(past=one, was_eligible=was.eligible, eligible=then.eligible, was_limit=was.limit, limit=then.limit)
        )
    return BackTest(lines=lines)
