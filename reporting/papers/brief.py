"""The early brief of a placed portfolio: its first ten days, and what is changed after them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from clients.models import Client
from common.components.charts import aging_bars
from reporting.papers.base import Paper, head
from reporting.rules.periods import BRIEF_DUE_ON, Brief
from reporting.selectors.first_days import first_days

_WIDTH = 150.0


def _figures(client: Client, period: Brief, language: str) -> dict[str, Any]:
    return first_days(client_id=client.pk, period=period)


def _page(client: Client, period: Brief, figures: dict[str, Any], language: str) -> dict[str, Any]:
    days = figures["days"]
    bars = aging_bars(
        rows=[(str(day["on"]), 3, Decimal(day["attempts"]), day["reached"]) for day in days],
        width=_WIDTH,
        rtl=language == "ar",
    )
    return {
        **head(client=client, on=period.ends_on, language=language),
        "figures": figures,
        "accounts": figures["whom"]["items"],
        "days": [
            {**day, "number": n, "bar": bar} for n, (day, bar) in enumerate(zip(days, bars, strict=True), start=1)
        ],
        "due_on": period.day(BRIEF_DUE_ON),
        "width": _WIDTH,
    }


BRIEF = Paper(template="pdf/brief.html", code=lambda period: f"B-{period.on:%Y%m%d}", figures=_figures, drawn=_page)
