"""The portal's dashboard: five figures of a period and portfolio, week by week, each with the rows behind it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from clients.models import Client
from collections_app.models import Case
from common.components.charts import Column, aging_bars, columns
from reporting.kpis import FAMILY_OF, Ask, Figure, Kpi
from reporting.kpis.base import Unit, value_of
from reporting.kpis.books import BUCKET_CODES
from reporting.kpis.reading import family_figures, figure_trend
from reporting.kpis.shown import Matrix, ages, matrices, value_text

A_WEEK = dt.timedelta(days=7)
# A year of weeks: what one can still tell apart.
MOST_WEEKS = 53
# The day on which a fact counts, of the figures that have a trend.
DAYS = {
    "COLLECTED": "value_on",
    "RIGHT_PARTY_OF_ATTEMPTS": "(at AT TIME ZONE 'Asia/Riyadh')::date",
    "PROMISE_KEPT_COUNT": "due_on",
}
PORTFOLIOS = 60


@dataclass(frozen=True, kw_only=True)
class Week:
    """One week of a trend as its table shows it, with the days of it that the period holds."""

    first: dt.date
    last: dt.date
    value: str
    over: Decimal | int
    under: Decimal | int | None


@dataclass(frozen=True, kw_only=True)
class Trend:
    """A figure week by week in one currency: the whole period, its bars, and the table behind them."""

    kpi: Kpi
    currency: str
    value: str
    bars: Sequence[Column]
    weeks: Sequence[Week]
    is_share: bool


@dataclass(frozen=True, kw_only=True)
class Dashboard:
    """What the page shows."""

    trends: Sequence[Trend]
    ages: Sequence[dict[str, Any]]
    rolls: Sequence[Matrix]


def portfolios(*, client: Client) -> list[dt.date]:
    """The days on which cases were placed together, the newest first."""
    days = Case.objects.filter(client=client).order_by("-placed_on").values_list("placed_on", flat=True).distinct()
    return [day for day in days[:PORTFOLIOS] if day is not None]


def _sundays(ask: Ask) -> list[dt.date]:
    sunday = ask.first - dt.timedelta(days=(ask.first.weekday() + 1) % 7)
    found: list[dt.date] = []
    while sunday <= ask.last and len(found) < MOST_WEEKS:
        found.append(sunday)
        sunday += A_WEEK
    return found


def _trends(figure: Figure, *, ask: Ask, rtl: bool) -> list[Trend]:
    kpi = figure.kpi
    told = figure_trend(family=FAMILY_OF[kpi.code], kpi=kpi, ask=ask, day=DAYS[kpi.code])
    whole = {row["currency"]: row["value"] for row in figure.currencies} if kpi.by_currency else {"": figure.value}
    drawn = []
    for currency in sorted(whole):
        there = {row["week"]: row for row in told if row["currency"] == currency}
        weeks, values = [], []
        for sunday in _sundays(ask):
            row = there.get(sunday, {"numerator": 0, "denominator": 0 if kpi.under else None})
            value = value_of(kpi, row["numerator"], row["denominator"])
            height = (value or Decimal(0)) * (100 if kpi.unit == Unit.RATIO else 1)
            values.append((sunday, height.quantize(Decimal(1)) if kpi.unit == Unit.RATIO else height))
            weeks.append(
                Week(
                    first=max(sunday, ask.first),
                    last=min(sunday + A_WEEK - dt.timedelta(days=1), ask.last),
                    value=value_text(value, kpi.unit),
                    over=row["numerator"],
                    under=row["denominator"],
                )
            )
        drawn.append(
            Trend(
                kpi=kpi,
                currency=currency,
                value=value_text(whole[currency], kpi.unit),
                bars=columns(values=values, rtl=rtl),
                weeks=weeks,
                is_share=kpi.unit == Unit.RATIO,
            )
        )
    return drawn


def _ages(now: Figure, rolls: Figure, *, rtl: bool) -> list[dict[str, Any]]:
    """The open balance by age of each currency; ticks tell that of the first day, from which the rolls begin."""
    then: dict[str, dict[str, Decimal]] = {}
    for row in rolls.rows:
        there = then.setdefault(row["currency"], {})
        there[row["from_bucket"]] = there.get(row["from_bucket"], Decimal(0)) + row["amount"]
    counts = {(row["currency"], row["bucket"]): row["count"] for row in now.rows}
    found = []
    for sheet in ages(now):
        bars = aging_bars(
            rows=[
                (code, depth, amount, counts.get((sheet.currency, code), 0))
                for code, (_label, depth, amount) in zip(BUCKET_CODES, sheet.rows, strict=True)
            ],
            before=[then.get(sheet.currency, {}).get(code, Decimal(0)) for code in BUCKET_CODES],
            width=180,
            rtl=rtl,
        )
        found.append({"currency": sheet.currency, "bars": bars, "total": sheet.total})
    return found


def dashboard_of(*, ask: Ask, rtl: bool, contacts: bool) -> Dashboard:
    """The page's figures, from the ledger and the log themselves; without ``contacts`` those of contacts are not there.

    Runs under the portal's rights as everything there.
    """
    codes = [code for code in DAYS if contacts or code != "RIGHT_PARTY_OF_ATTEMPTS"]
    trends: list[Trend] = []
    for code in codes:
        figures = {one.kpi.code: one for one in family_figures(family=FAMILY_OF[code], ask=ask)}
        trends += _trends(figures[code], ask=ask, rtl=rtl)
    family = FAMILY_OF["AGING"]
    now = {one.kpi.code: one for one in family_figures(family=family, ask=ask)}
    return Dashboard(
        trends=trends,
        ages=_ages(now["AGING"], now["ROLL_RATES"], rtl=rtl),
        rolls=matrices(now["ROLL_RATES"]),
    )
