"""What the portal's first page says of the balances."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from clients.choices import AgeBasis
from clients.models import Client
from collections_app.rules.aging import BUCKETS
from common.components.charts import aging_bars
from reporting.models import AgingRollup

WIDTH = 180


def portal_aging(*, client: Client, rtl: bool) -> tuple[dt.date | None, list[dict[str, Any]]]:
    """The newest day's balances by days past due, one sheet a currency, with those of a week before as ticks.

    The day is None, and there are no sheets, before the first night.
    """
    rollups = AgingRollup.objects.filter(client=client, basis=AgeBasis.DUE)
    as_of = rollups.order_by("-on").values_list("on", flat=True).first()
    if as_of is None:
        return None, []
    week_ago = as_of - dt.timedelta(days=7)
    found: dict[dt.date, dict[str, dict[str, AgingRollup]]] = {as_of: {}, week_ago: {}}
    for row in rollups.filter(on__in=list(found)):
        found[row.on].setdefault(row.currency, {})[row.bucket] = row
    sheets = []
    for currency, now in sorted(found[as_of].items()):
        then = found[week_ago].get(currency, {})
        bars = aging_bars(
            rows=[
                (b.code, b.depth, now[b.code].amount, now[b.code].count)
                if b.code in now
                else (b.code, b.depth, Decimal(0), 0)
                for b in BUCKETS[AgeBasis.DUE]
            ],
            before=[then[b.code].amount if b.code in then else Decimal(0) for b in BUCKETS[AgeBasis.DUE]]
            if then
            else (),
            width=WIDTH,
            rtl=rtl,
        )
        sheets.append({"currency": currency, "bars": bars, "total": sum((bar.amount for bar in bars), Decimal(0))})
    return as_of, sheets
