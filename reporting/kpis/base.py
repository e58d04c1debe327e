"""What a KPI is: two sums over facts, so that every figure opens exactly the rows it counts (ADR 0042)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrPromise

from common import clock

Words = str | StrPromise
Row = dict[str, Any]


class Unit(models.TextChoices):
    """What a value is in: a share of 1, a number (a mean may have decimals), money of one currency, or days."""

    RATIO = "RATIO", _("Share")
    COUNT = "COUNT", _("Number")
    MONEY = "MONEY", _("Money")
    DAYS = "DAYS", _("Days")


@dataclass(frozen=True, kw_only=True)
class Ask:
    """Of which client, from which day to which, as known when.

    Flows count from the beginning of ``first`` to the end of ``last``, both in Riyadh; a stock is that at the end of
    its day. ``now`` is the moment of asking; ``known_at`` an earlier moment whose knowledge is asked for, or None.
    ``placed_on`` asks for one portfolio alone: the accounts that were placed together on a day.
    """

    client_id: int
    first: dt.date
    last: dt.date
    now: dt.datetime
    known_at: dt.datetime | None = None
    placed_on: dt.date | None = None

    @property
    def moment(self) -> dt.datetime:
        """Until when anything is known."""
        return self.known_at if self.known_at is not None else self.now

    def params(self) -> dict[str, Any]:
        """The values every fact is read with."""
        return {
            "client_id": self.client_id,
            "first": self.first,
            "last": self.last,
            "starts": clock.at_riyadh(on=self.first, time=dt.time(0)),
            "ends": clock.at_riyadh(on=self.last + dt.timedelta(days=1), time=dt.time(0)),
            "known_at": "infinity" if self.known_at is None else self.known_at.isoformat(),
            "moment": self.moment,
            "placed_on": self.placed_on,
            "today": self.moment.astimezone(clock.RIYADH).date(),
        }


@dataclass(frozen=True, kw_only=True)
class Side:
    """One side of a figure: how many facts meet a condition, or the sum of an expression over these.

    Both are SQL over the columns of the family's facts, our own literals.
    """

    where: str = "true"
    sum: str = ""

    @property
    def total(self) -> str:
        """The aggregate over the facts."""
        if self.sum:
            return f"coalesce(sum({self.sum}) FILTER (WHERE {self.where}), 0)"
        return f"count(*) FILTER (WHERE {self.where})"

    @property
    def share(self) -> str:
        """What one fact adds to it."""
        return f"CASE WHEN {self.where} THEN {self.sum or '1'} ELSE 0 END"


Group = Callable[["Kpi", Ask, list[Row]], list[Row]]
Value = Callable[[list[Row]], Decimal | None]


@dataclass(frozen=True, kw_only=True)
class Kpi:
    """One figure: ``over`` divided by ``under`` times ``per``; without ``under``, ``over`` itself.

    ``formula`` says it in words. ``by_currency`` where it is about money: each currency has its own, they are never
    added. ``groups`` are the columns of facts by which its rows are broken down; with a ``matrix`` each of them counts
    its facts and sums an amount. ``arrange`` puts the rows in their order or derives them; ``value_of`` is a value that
    no division gives.
    """

    code: str
    name: Words
    formula: Words
    unit: Unit
    over: Side
    under: Side | None = None
    per: int = 1
    by_currency: bool = False
    groups: tuple[str, ...] = ()
    matrix: Side | None = None
    arrange: Group | None = None
    value_of: Value | None = None

    @property
    def counted(self) -> str:
        """The condition of the facts it looks at."""
        sides = (self.over, self.under, self.matrix)
        return " OR ".join(f"({where})" for where in dict.fromkeys(side.where for side in sides if side))


@dataclass(frozen=True, kw_only=True)
class Family:
    """KPIs over the same facts, read in one statement. ``facts`` is a SELECT that names ``columns`` and ``currency``
    (empty where a fact has none); ``order`` is a total order of its rows.
    """

    code: str
    name: Words
    facts: str
    columns: tuple[str, ...]
    order: str
    kpis: tuple[Kpi, ...]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A KPI of one client and period. ``value`` is None over nothing, and where several currencies have one each:
    these stand in ``currencies``, whatever ``rows`` are broken down by.
    """

    kpi: Kpi
    value: Decimal | None
    numerator: Decimal | int | None
    denominator: Decimal | int | None
    rows: Sequence[Row]
    currencies: Sequence[Row] = ()


PLACES: Mapping[str, Decimal] = {
    Unit.RATIO: Decimal("0.000001"),
    Unit.COUNT: Decimal("0.000001"),
    Unit.DAYS: Decimal("0.000001"),
    Unit.MONEY: Decimal("0.01"),
}


def value_of(kpi: Kpi, over: Decimal | int, under: Decimal | int | None) -> Decimal | None:
    """The value of two sums, to the places of its unit; None over nothing."""
    if kpi.under is None:
        return Decimal(over).quantize(PLACES[kpi.unit]) if over else None
    if not under:
        return None
    return (Decimal(over) * kpi.per / Decimal(under)).quantize(PLACES[kpi.unit])
