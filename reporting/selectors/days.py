"""Days told by everything people ask for: what was open at their end, and what happened on them.

Always of clients that somebody may see: pass ``figures_clients_visible_to(user)``, or what a page's own policy lets
through. Currencies are never added: every row has its ``currency`` ('' where no money is spoken of).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db.models import F, Max, Q, QuerySet, Sum

from clients.models import Client
from reporting.models import CountedDay, DayFlow, DayStock
from reporting.models.rollups import DIMENSIONS

Row = dict[str, Any]
Where = Mapping[str, Any]

# Columns that may be asked for and narrowed by; ``client`` and ``collector`` are keys, None of a case nobody held.
STOCK_BY = ("client", "on", *DIMENSIONS)
FLOW_BY = (*STOCK_BY, "name")


def stock(
    *, clients: QuerySet[Client], on: dt.date | Collection[dt.date], by: Sequence[str] = (), where: Where | None = None
) -> list[Row]:
    """What was open at the end of a day, or of each of several: ``receivables``, ``accounts`` and ``amount``.

    ``by`` names the columns of its rows (of ``STOCK_BY``), ``where`` narrows them: a value, or a list of values. A day
    that no night has counted has no rows; ``days_counted`` says which have been.
    """
    days = [on] if isinstance(on, dt.date) else list(on)
    found = DayStock.objects.filter(_narrowed(where, STOCK_BY), client__in=clients, on__in=days)
    return _summed(found, by=by, allowed=STOCK_BY, sums=("receivables", "accounts", "amount"))


def flows(
    *,
    clients: QuerySet[Client],
    first: dt.date,
    last: dt.date,
    by: Sequence[str] = (),
    where: Where | None = None,
    names: Collection[str] | None = None,
) -> list[Row]:
    """What happened from ``first`` to ``last``, both included: ``name``, ``count`` and ``amount``.

    Names are those of ``reporting.rules.flows``; different ones are never added.
    """
    found = DayFlow.objects.filter(_narrowed(where, FLOW_BY), client__in=clients, on__range=(first, last))
    if names is not None:
        found = found.filter(name__in=list(names))
    return _summed(found, by=("name", *by), allowed=FLOW_BY, sums=("count", "amount"))


def days_counted(*, clients: QuerySet[Client], first: dt.date, last: dt.date) -> dict[tuple[int, dt.date], dt.datetime]:
    """When each (client, day) of a period was last counted; what is not there has not been."""
    found = CountedDay.objects.filter(client__in=clients, on__range=(first, last))
    return {(client, on): at for client, on, at in found.values_list("client", "on", "counted_at")}


def last_day(*, clients: QuerySet[Client]) -> dt.date | None:
    """The newest day that has been counted, closed or not; None before the first night."""
    newest: dt.date | None = CountedDay.objects.filter(client__in=clients).aggregate(on=Max("on"))["on"]
    return newest


def _narrowed(where: Where | None, allowed: Sequence[str]) -> Q:
    """Raises ValueError for a column that is none."""
    found = Q()
    for name, value in (where or {}).items():
        _known([name], allowed)
        values = list(value) if isinstance(value, (list, tuple, set, frozenset)) else [value]
        one = Q(**{f"{name}__in": [v for v in values if v is not None]})
        found &= one | Q(**{f"{name}__isnull": True}) if None in values else one
    return found


def _known(names: Sequence[str], allowed: Sequence[str]) -> None:
    for name in names:
        if name not in allowed:
            raise ValueError(f"Days are not told by {name!r}.")


def _summed(
    found: QuerySet[DayStock] | QuerySet[DayFlow], *, by: Sequence[str], allowed: Sequence[str], sums: Sequence[str]
) -> list[Row]:
    _known(by, allowed)
    columns = list(dict.fromkeys((*by, "currency")))
    totals = {f"total_{name}": Sum(name) for name in sums}
    told = found.order_by(*(F(name).asc(nulls_first=True) for name in columns)).values(*columns).annotate(**totals)
    # Cells that what was told late has emptied say nothing any more.
    return [
        {**{name: row[name] for name in columns}, **{name: row[f"total_{name}"] for name in sums}}
        for row in told
        if any(row[f"total_{name}"] for name in sums)
    ]
