"""How a payment is spread over what is open. Pure functions over values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from common.money import ZERO


@dataclass(frozen=True, kw_only=True)
class Open:
    """One receivable that can still take money, in the payment's currency."""

    receivable_id: int
    due_on: dt.date
    issued_on: dt.date
    remaining: Decimal


@dataclass(frozen=True, kw_only=True)
class Share:
    """How much of the payment goes to one receivable."""

    receivable_id: int
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class Spread:
    """The whole payment: what is allocated, and what nobody takes yet."""

    shares: tuple[Share, ...]
    suspense: Decimal


def oldest_first(*, amount: Decimal, items: Sequence[Open], value_on: dt.date) -> Spread:
    """Fill the oldest due date first. What did not exist on the value date takes nothing; the rest is suspense."""
    left, shares = amount, []
    for item in sorted(items, key=lambda i: (i.due_on, i.issued_on, i.receivable_id)):
        if left <= ZERO:
            break
        if item.remaining <= ZERO or item.issued_on > value_on:
            continue
        part = min(left, item.remaining)
        shares.append(Share(receivable_id=item.receivable_id, amount=part))
        left -= part
    return Spread(shares=tuple(shares), suspense=left)


def pinned(*, amount: Decimal, item: Open, value_on: dt.date) -> Spread:
    """All to the one receivable that was named, up to what it still owes; the rest is suspense."""
    return oldest_first(amount=amount, items=[item], value_on=value_on)
