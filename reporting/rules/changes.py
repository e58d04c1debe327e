"""How a figure moved against the week before. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

TENTH = Decimal("0.1")


@dataclass(frozen=True, kw_only=True)
class Change:
    """A move: by how much, in percent of what was or in points, and whether that is what one wishes."""

    by: Decimal
    unit: str
    good: bool

    @property
    def direction(self) -> int:
        """1 up, -1 down, 0 as before."""
        return (self.by > 0) - (self.by < 0)


def change_percent(*, now: Decimal | int, before: Decimal | int, more_is_better: bool = True) -> Change | None:
    """The move in percent of what was before; None when there was nothing."""
    if not before:
        return None
    by = ((Decimal(now) - before) / before * 100).quantize(TENTH)
    return Change(by=by, unit="percent", good=(by >= 0) == more_is_better or by == 0)


def change_points(*, now: Decimal | None, before: Decimal | None, more_is_better: bool = True) -> Change | None:
    """The move of a share, in points; None when either week had nothing to take a share of."""
    if now is None or before is None:
        return None
    by = (now - before).quantize(TENTH)
    return Change(by=by, unit="points", good=(by >= 0) == more_is_better or by == 0)
