"""What a cash discount costs, beside what it brings (CM-25, source 001 §4.3.2). Pure.

«2 % within 10 days, else 60» lets the customer pay 98 for 50 days more of 100: the creditor borrows at that price. The
source calls a discount ideal when what it costs more equals what it brings more; both stand side by side, and people
judge.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from common.money import ZERO, rounded

YEAR = 365


def annual_cost(*, percent: Decimal, discount_days: int, terms_days: int) -> Decimal:
    """The effective annual cost in percent, two decimals, compounded over a year of 365 days.

    (1 + p / (100 - p)) ^ (365 / (terms - discount days)) - 1. Raises ValueError where no day is won.
    """
    if not 0 < percent < 100 or discount_days >= terms_days:
        raise ValueError("a discount is a part of the price, for days that are won")
    won = Decimal(YEAR) / (terms_days - discount_days)
    return rounded(((1 + percent / (100 - percent)) ** won - 1) * 100)


@dataclass(frozen=True, kw_only=True)
class Sale:
    """An invoice, and the day on which nothing of it was open any more."""

    amount: Decimal
    issued_on: dt.date
    paid_on: dt.date | None


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What a discount did in a span of days."""

    sales: Decimal
    # Invoices that were paid early enough, what was sold by them, and what the discount on it comes to.
    taken: int
    taken_sales: Decimal
    cost: Decimal
    # Sales of the span of equal length before the discount, and what there is more.
    before: Decimal
    more: Decimal


def discount_effect(
    *,
    sales: Sequence[Sale],
    percent: Decimal,
    discount_days: int,
    since: dt.date,
    on: dt.date,
) -> Effect:
    """The cost of a discount since a day, beside the sales it brought over the span of equal length before."""
    length = on - since
    now = [sale for sale in sales if since <= sale.issued_on <= on]
    before = sum((sale.amount for sale in sales if since - length <= sale.issued_on < since), ZERO)
    taken = [s for s in now if s.paid_on is not None and (s.paid_on - s.issued_on).days <= discount_days]
    total, early = sum((s.amount for s in now), ZERO), sum((s.amount for s in taken), ZERO)
    return Effect(
        sales=total, taken=len(taken), taken_sales=early, cost=rounded(early * percent / 100), before=before,
        more=total - before,
    )  # fmt: skip
