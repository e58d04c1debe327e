"""What charts share in telling their cells."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from reporting.kpis.base import Row

_PLACES = Decimal("0.0001")


def by_currency(cells: Iterable[Row]) -> dict[str, list[Row]]:
    """Cells of each currency, that with the most in it first; currencies are never added."""
    found: dict[str, list[Row]] = {}
    for row in cells:
        found.setdefault(row["currency"], []).append(row)
    return dict(sorted(found.items(), key=lambda item: (-sum(row["count"] for row in item[1]), item[0])))


def share_of(part: Decimal | int | None, whole: Decimal | int | None) -> Decimal | None:
    """A share of 1, to a hundredth of a percent; None of nothing."""
    if not whole or part is None:
        return None
    return (Decimal(part) / Decimal(whole)).quantize(_PLACES)
