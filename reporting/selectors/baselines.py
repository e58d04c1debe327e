"""What was found before a portfolio is worked: the client's own last quarter, else the house's as a whole (PL-07)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from collections_app.models import Case
from common.db import rows
from reporting.kpis import Ask, kpi_figures
from reporting.rules.segments import target_from
from reporting.selectors.figures import period_params

BEHIND = dt.timedelta(days=90)
# Fewer clients would let one of them be recognised in the house's figure.
LEAST_CLIENTS = 3
# The four that source 000 names, and the rate of deliverable 02; the last two have no target of a week.
CODES = ("RIGHT_PARTY_OF_ATTEMPTS", "PROMISE_KEPT_COUNT", "CURE_RATE", "CURE_DAYS_MEDIAN", "RECOVERY_RATE")
TARGETS = ("RIGHT_PARTY_OF_ATTEMPTS", "PROMISE_KEPT_COUNT")

_HOUSE = """
SELECT 'RIGHT_PARTY_OF_ATTEMPTS' AS code, count(DISTINCT client_id) AS clients,
       count(*) FILTER (WHERE reached = 'HOLDER') AS part, count(*) AS whole
FROM collections_app_contactattempt
WHERE direction = 'OUT' AND verdict <> 'REFUSED' AND at >= %(starts)s AND at < %(ends)s
UNION ALL
SELECT 'PROMISE_KEPT_COUNT', count(DISTINCT client_id), count(*) FILTER (WHERE status = 'KEPT'), count(*)
FROM collections_app_promise WHERE due_on BETWEEN %(first)s AND %(last)s AND status NOT IN ('CANCELLED', 'OPEN')
"""


def baseline_days(*, on: dt.date) -> tuple[dt.date, dt.date]:
    """The first and the last of the ninety days before ``on``."""
    return on - BEHIND, on - dt.timedelta(days=1)


def baselines_of(*, client_id: int, on: dt.date, now: dt.datetime) -> list[dict[str, Any]]:
    """Each recommended KPI with what was found in the ninety days before ``on`` (a share or rate in percent), where
    from, and the target proposed; nothing where nothing was found.
    """
    first, last = baseline_days(on=on)
    own = {}
    # What a book looked like before anything was with us says nothing of our work.
    if Case.objects.filter(client_id=client_id, placed_on__lt=on).exists():
        found = kpi_figures(ask=Ask(client_id=client_id, first=first, last=last, now=now), codes=CODES)
        own = {figure.kpi.code: figure.value for figure in found}
    house = {
        row["code"]: Decimal(row["part"]) / row["whole"]
        for row in rows(_HOUSE, period_params(client_id=client_id, first=first, last=last))
        if row["clients"] >= LEAST_CLIENTS and row["whole"]
    }
    return [_line(code, own=own.get(code), house=house.get(code)) for code in CODES]


def _line(code: str, *, own: Decimal | None, house: Decimal | None) -> dict[str, Any]:
    found = own if own is not None else house
    if found is not None and code != "CURE_DAYS_MEDIAN":
        found = (found * 100).quantize(Decimal("0.1"))
    return {
        "code": code,
        "found": found,
        "of": "" if found is None else "client" if own is not None else "house",
        "target": target_from(found) if code in TARGETS else None,
    }
