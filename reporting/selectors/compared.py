"""KPIs of a month or quarter beside those of the one before, and what came of what was placed (PL-35, PL-39)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Min

from collections_app.models import Case
from reporting.kpis import Ask, Figure, kpi_figures
from reporting.kpis.books import BUCKET_CODES
from reporting.rules.periods import Calendar, Month, Quarter

# What happens within a period, and what stands between its two ends (ADR 0042).
_FLOWS = (
    "RIGHT_PARTY_OF_ATTEMPTS",
    "RIGHT_PARTY_OF_REACHED",
    "PROMISE_RATE",
    "PROMISE_KEPT_COUNT",
    "PROMISE_KEPT_AMOUNT",
    "RECOVERY_RATE",
    "LATE_SHARE",
    "AVERAGE_DAYS_LATE",
    "CURE_DAYS_MEDIAN",
    "FIRST_CONTACT_DAYS",
    "ATTEMPTS_PER_ACCOUNT",
    "COMPLAINTS_PER_1000",
    "COMPLAINTS_IN_TIME",
    "COLLECTION_PERIOD",
)
BETWEEN = ("CURE_RATE", "COLLECTION_EFFECTIVENESS")
# The order in which they are read: quality of contact, promises, the effect on what is owed, and only then effort.
ORDER = (*_FLOWS[:6], *BETWEEN, *_FLOWS[6:])


def _told(figure: Figure) -> dict[str, Any]:
    return {
        "unit": str(figure.kpi.unit),
        "value": figure.value,
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "currencies": [dict(row) for row in figure.currencies],
    }


def _figures(*, client_id: int, period: Calendar, now: dt.datetime, since: dt.date | None) -> dict[str, dict[str, Any]]:
    """The KPIs of a period; none of one that was over before anything was placed."""
    if since is None or period.ends_on < since:
        return {code: {"unit": "", "value": None, "currencies": []} for code in ORDER}
    within = Ask(client_id=client_id, first=period.starts_on, last=period.ends_on, now=now)
    between = Ask(client_id=client_id, first=period.before().ends_on, last=period.ends_on, now=now)
    found = [*kpi_figures(ask=within, codes=_FLOWS), *kpi_figures(ask=between, codes=BETWEEN)]
    return {figure.kpi.code: _told(figure) for figure in found}


def kpis_compared(*, client_id: int, period: Month | Quarter, now: dt.datetime) -> list[dict[str, Any]]:
    """Each KPI of a period and of the one before; of a quarter its months too, oldest first. One that has a value in
    none of them is left out.
    """
    columns: list[Calendar] = [period, period.before()]
    if isinstance(period, Quarter):
        columns += period.months()
    since = Case.objects.filter(client_id=client_id).aggregate(first=Min("placed_on"))["first"]
    found = [_figures(client_id=client_id, period=column, now=now, since=since) for column in columns]
    told: list[dict[str, Any]] = [
        {"code": code, "now": found[0][code], "before": found[1][code], "months": [of[code] for of in found[2:]]}
        for code in ORDER
    ]
    return [line for line in told if any(_has_value(one) for one in (line["now"], line["before"], *line["months"]))]


def _has_value(told: dict[str, Any]) -> bool:
    return told["value"] is not None or any(row["value"] is not None for row in told["currencies"])


def recovered(*, client_id: int, period: Calendar, now: dt.datetime) -> list[dict[str, Any]]:
    """Collected in the period of all that was placed, in each currency by product and by age at placement."""
    ask = Ask(client_id=client_id, first=period.starts_on, last=period.ends_on, now=now)
    (figure,) = kpi_figures(ask=ask, codes=["RECOVERY_RATE"])
    currencies = sorted({row["currency"] for row in figure.rows})
    return [
        {
            "currency": currency,
            "segments": _summed(figure.rows, currency, "segment"),
            "ages": _summed(figure.rows, currency, "bucket"),
        }
        for currency in currencies
    ]


def _summed(rows: Sequence[dict[str, Any]], currency: str, by: str) -> list[dict[str, Any]]:
    sums: dict[str, list[Decimal]] = {}
    for row in rows:
        if row["currency"] == currency:
            line = sums.setdefault(row[by], [Decimal(0), Decimal(0)])
            line[0] += Decimal(row["numerator"])
            line[1] += Decimal(row["denominator"])
    keys = [code for code in BUCKET_CODES if code in sums] if by == "bucket" else sorted(sums)
    return [
        {
            by: key,
            "collected": sums[key][0],
            "placed": sums[key][1],
            "share": (sums[key][0] * 100 / sums[key][1]).quantize(Decimal("0.1")) if sums[key][1] else None,
        }
        for key in keys
    ]


# How many months of placement a quarter's paper looks back on.
_COHORTS = 6


def stairs_of(*, client_id: int, period: Quarter, now: dt.datetime) -> list[dict[str, Any]]:
    """What share of each month's placements had come by each month since, of the last six months, in each currency."""
    month = Month.of(on=period.ends_on)
    for _earlier in range(_COHORTS - 1):
        month = month.before()
    ask = Ask(client_id=client_id, first=month.starts_on, last=period.ends_on, now=now)
    (figure,) = kpi_figures(ask=ask, codes=["STAIR_STEP"])
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for row in figure.rows:
        line = found.setdefault(row["currency"], {}).setdefault(
            row["cohort"], {"cohort": row["cohort"], "placed": row["denominator"], "steps": []}
        )
        line["steps"].append(None if row["value"] is None else (row["value"] * 100).quantize(Decimal("0.1")))
    return [
        {
            "currency": currency,
            "lines": list(lines.values()),
            "months": max(len(one["steps"]) for one in lines.values()),
        }
        for currency, lines in sorted(found.items())
    ]
