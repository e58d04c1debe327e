"""The sums of a statement period: what it opened with, what moved, what it closed with. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from common.money import ZERO

# What moves an account, in the order in which it is read.
MOVES = ("charged", "paid", "adjusted", "withdrawn")


def sums_from(
    *, before: Mapping[str, Mapping[str, str]], moved: Iterable[Mapping[str, object]]
) -> dict[str, dict[str, str]]:
    """By currency, as text with two decimals: opening, each move, closing. ``before`` is the last period's."""
    by_currency = {str(row["currency"]): row for row in moved}
    found = {}
    for currency in sorted({*before, *by_currency}):
        opening = Decimal(before[currency]["closing"]) if currency in before else ZERO
        moves = {name: Decimal(str(by_currency.get(currency, {}).get(name) or ZERO)) for name in MOVES}
        closing = opening + sum(moves.values(), ZERO)
        found[currency] = {
            name: f"{amount:.2f}" for name, amount in {"opening": opening, **moves, "closing": closing}.items()
        }
    return found
