"""The preliminary assessment of a placed portfolio, before anybody is called: segments, priorities, channels, KPIs."""

from __future__ import annotations

from typing import Any

from clients.models import Client
from common import clock
from common.components.charts import aging_bars
from reporting.kpis import KPIS
from reporting.papers.base import Paper, head
from reporting.rules.periods import Assessment
from reporting.rules.segments import BY_CODE
from reporting.selectors.baselines import baselines_of
from reporting.selectors.portfolios import portfolio_assessed

_WIDTH = 110.0
# Depth of a segment's colour, by its priority: what comes first is darkest.
_DEPTHS = {1: 6, 2: 5, 3: 4, 4: 3, 5: 2, 6: 1, 7: 0}


def figures(client: Client, period: Assessment, language: str) -> dict[str, Any]:
    """The portfolio as it came, what was found before, and the targets proposed."""
    return {
        **portfolio_assessed(client=client, on=period.on),
        "baselines": baselines_of(client_id=client.pk, on=period.on, now=clock.now()),
    }


def drawn(client: Client, period: Assessment, figures: dict[str, Any], language: str) -> dict[str, Any]:
    """What the pages show, in one language."""
    return {
        **head(client=client, on=period.on, language=language),
        "figures": figures,
        "accounts": sum(row["items"] for row in figures["totals"]),
        "sheets": sheets(figures, rtl=language == "ar"),
        "kpis": [{**line, "kpi": KPIS[line["code"]]} for line in figures["baselines"]],
        "width": _WIDTH,
    }


def sheets(figures: dict[str, Any], *, rtl: bool) -> list[dict[str, Any]]:
    """The segments of each currency, each with its words and a bar of its amount; for page and paper."""
    found = []
    for total in figures["totals"]:
        lines = [row for row in figures["segments"] if row["currency"] == total["currency"]]
        bars = aging_bars(
            rows=[(row["segment"], _DEPTHS[row["priority"]], row["amount"], row["accounts"]) for row in lines],
            width=_WIDTH,
            rtl=rtl,
        )
        found.append(
            {
                "total": total,
                "lines": [
                    {**row, "words": BY_CODE[row["segment"]], "bar": bar} for row, bar in zip(lines, bars, strict=True)
                ],
            }
        )
    return found


ASSESSMENT = Paper(
    template="pdf/assessment.html",
    code=lambda period: f"A-{period.on:%Y%m%d}",
    figures=figures,
    drawn=drawn,
)
