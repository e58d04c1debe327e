"""What the portal's first page says of the balances."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum

from clients.choices import AgeBasis
from clients.models import Client
from collections_app.choices import PromiseStatus
from collections_app.models import Case, Promise, Receivable
from collections_app.rules.aging import BUCKETS
from common.components.charts import aging_bars, columns
from reporting.selectors.days import last_day, stock

WIDTH = 180
PROMISE_DAYS = 14


def portal_aging(*, client: Client, rtl: bool) -> tuple[dt.date | None, list[dict[str, Any]]]:
    """The newest day's balances by days past due, one sheet a currency, with those of a week before as ticks.

    The day is None, and there are no sheets, before the first night.
    """
    mine = Client.objects.filter(pk=client.pk)
    as_of = last_day(clients=mine)
    if as_of is None:
        return None, []
    week_ago = as_of - dt.timedelta(days=7)
    found: dict[dt.date, dict[str, dict[str, Any]]] = {as_of: {}, week_ago: {}}
    for row in stock(clients=mine, on=[as_of, week_ago], by=("on", "bucket")):
        found[row["on"]].setdefault(row["currency"], {})[row["bucket"]] = row
    sheets = []
    for currency, now in sorted(found[as_of].items()):
        then = found[week_ago].get(currency, {})
        bars = aging_bars(
            rows=[
                (b.code, b.depth, now[b.code]["amount"], now[b.code]["receivables"])
                if b.code in now
                else (b.code, b.depth, Decimal(0), 0)
                for b in BUCKETS[AgeBasis.DUE]
            ],
            before=[then[b.code]["amount"] if b.code in then else Decimal(0) for b in BUCKETS[AgeBasis.DUE]]
            if then
            else (),
            width=WIDTH,
            rtl=rtl,
        )
        sheets.append({"currency": currency, "bars": bars, "total": sum((bar.amount for bar in bars), Decimal(0))})
    return as_of, sheets


def portfolio_stands_apart(*, client: Client, placed_on: dt.date, until: dt.date) -> bool:
    """Whether accounts placed on a day and items that came with its files are the same, as things lay at the end of
    ``until``: only then are figures of the items those of the accounts.
    """
    items = Receivable.objects.filter(client=client, struck=False).exclude(file__placed_on__gt=until)
    came, of_accounts = Q(file__placed_on=placed_on), Q(case__placed_on=placed_on)
    mixed = items.filter((came & ~of_accounts) | (of_accounts & ~came))
    accounts = Case.objects.filter(client=client, placed_on=placed_on)
    return not mixed.exists() and not accounts.exclude(pk__in=items.filter(came).values("case")).exists()


def portal_changes(*, now: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """How a week's figures stand to those of the week before: money in percent, rates in points; None where either
    week has nothing to compare. The money compared is that of the week's first currency."""
    collected = None
    if now["payments"]:
        currency, amount = now["payments"][0]["currency"], now["payments"][0]["amount"]
        earlier = next((row["amount"] for row in before["payments"] if row["currency"] == currency), None)
        collected = ((amount - earlier) / earlier * 100).quantize(Decimal("0.1")) if earlier else None

    def points(name: str) -> Decimal | None:
        return now[name] - before[name] if now[name] is not None and before[name] is not None else None

    return {
        "collected": collected,
        "right_party_rate": points("right_party_rate"),
        "kept_rate": points("kept_rate"),
        "made": now["promises"]["made"] - before["promises"]["made"],
    }


def portal_promises(*, client: Client, today: dt.date, rtl: bool) -> dict[str, Any] | None:
    """Open promises by their day over the next two weeks, in the currency that has most; None without any.

    Days without a promise stand as well: the axis is time.
    """
    found: dict[str, dict[dt.date, Decimal]] = {}
    count: dict[str, int] = {}
    last = today + dt.timedelta(days=PROMISE_DAYS - 1)
    for row in (
        Promise.objects.filter(client=client, status=PromiseStatus.OPEN, due_on__range=(today, last))
        .values("currency", "due_on")
        .annotate(amount=Sum("amount"), n=Count("pk"))
    ):
        found.setdefault(row["currency"], {})[row["due_on"]] = row["amount"]
        count[row["currency"]] = count.get(row["currency"], 0) + row["n"]
    if not found:
        return None
    currency = max(found, key=lambda code: sum(found[code].values()))
    days = [today + dt.timedelta(days=ahead) for ahead in range(PROMISE_DAYS)]
    amounts = [found[currency].get(day, Decimal(0)) for day in days]
    return {
        "currency": currency,
        "columns": columns(values=list(zip(days, amounts, strict=True)), rtl=rtl),
        "total": sum(amounts, Decimal(0)),
        "count": count[currency],
    }
