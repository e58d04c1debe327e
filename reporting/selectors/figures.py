"""Figures of a period, from the rows themselves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from clients.choices import AgeBasis
from clients.models import Client
from collections_app.rules.aging import BUCKETS
from collections_app.selectors.aging import aging_table
from common.clock import at_riyadh
from common.db import rows

_CONTACTS = """
SELECT count(*) AS attempts,
       count(*) FILTER (WHERE reached <> 'NO_ONE') AS reached,
       count(*) FILTER (WHERE reached = 'HOLDER') AS right_party,
       count(*) FILTER (WHERE verdict = 'BREACH') AS breaches
FROM collections_app_contactattempt
WHERE client_id = %(client_id)s AND direction = 'OUT' AND verdict <> 'REFUSED' AND at >= %(starts)s AND at < %(ends)s
"""
_PROMISES = """
SELECT count(*) FILTER (WHERE made_on BETWEEN %(first)s AND %(last)s) AS made,
       count(*) FILTER (WHERE due_on BETWEEN %(first)s AND %(last)s AND status <> 'CANCELLED') AS due,
       count(*) FILTER (WHERE due_on BETWEEN %(first)s AND %(last)s AND status = 'KEPT') AS kept
FROM collections_app_promise WHERE client_id = %(client_id)s
"""
_PROMISED = """
SELECT currency,
       coalesce(sum(amount) FILTER (WHERE made_on BETWEEN %(first)s AND %(last)s), 0) AS made,
       coalesce(sum(amount) FILTER (WHERE due_on BETWEEN %(first)s AND %(last)s AND status <> 'CANCELLED'), 0) AS due,
       coalesce(sum(amount) FILTER (WHERE due_on BETWEEN %(first)s AND %(last)s AND status = 'KEPT'), 0) AS kept
FROM collections_app_promise
WHERE client_id = %(client_id)s
  AND (made_on BETWEEN %(first)s AND %(last)s OR due_on BETWEEN %(first)s AND %(last)s)
GROUP BY currency ORDER BY currency
"""
_CHANNELS = """
SELECT channel,
       count(*) FILTER (WHERE verdict <> 'REFUSED') AS attempts,
       count(*) FILTER (WHERE verdict <> 'REFUSED' AND reached <> 'NO_ONE') AS reached,
       count(*) FILTER (WHERE verdict <> 'REFUSED' AND reached = 'HOLDER') AS right_party,
       count(*) FILTER (WHERE verdict = 'BREACH') AS breaches,
       count(*) FILTER (WHERE verdict = 'REFUSED') AS refused
FROM collections_app_contactattempt
WHERE client_id = %(client_id)s AND direction = 'OUT' AND at >= %(starts)s AND at < %(ends)s
GROUP BY channel ORDER BY count(*) DESC, channel
"""
_PARTS = """
SELECT p.first, p.last,
       (SELECT count(*) FROM collections_app_contactattempt a
        WHERE a.client_id = %(client_id)s AND a.direction = 'OUT' AND a.verdict <> 'REFUSED'
          AND a.at >= p.first::timestamp AT TIME ZONE 'Asia/Riyadh'
          AND a.at < (p.last + 1)::timestamp AT TIME ZONE 'Asia/Riyadh') AS attempts,
       (SELECT count(*) FROM collections_app_promise m
        WHERE m.client_id = %(client_id)s AND m.made_on BETWEEN p.first AND p.last) AS promises,
       (SELECT count(*) FROM collections_app_payment y
        WHERE y.client_id = %(client_id)s AND y.value_on BETWEEN p.first AND p.last AND y.reversed_on IS NULL)
       AS payments
FROM unnest(%(firsts)s::date[], %(lasts)s::date[]) AS p (first, last) ORDER BY p.first
"""
_PARTS_MONEY = """
SELECT p.first, y.currency, sum(y.amount - y.reversed_amount) AS amount
FROM unnest(%(firsts)s::date[], %(lasts)s::date[]) AS p (first, last)
JOIN collections_app_payment y ON y.client_id = %(client_id)s AND y.value_on BETWEEN p.first AND p.last
    AND y.reversed_on IS NULL
GROUP BY p.first, y.currency ORDER BY p.first, y.currency
"""
_PAYMENTS = """
SELECT currency, count(*) AS count, sum(amount - reversed_amount) AS amount FROM collections_app_payment
WHERE client_id = %(client_id)s AND value_on BETWEEN %(first)s AND %(last)s AND reversed_on IS NULL
GROUP BY currency ORDER BY sum(amount - reversed_amount) DESC
"""


def share(part: int, whole: int) -> Decimal | None:
    """Percent with one decimal; None when there is nothing to take a share of."""
    return (Decimal(part) / whole * 100).quantize(Decimal("0.1")) if whole else None


def period_params(*, client_id: int, first: dt.date, last: dt.date) -> dict[str, Any]:
    """The values a statement about a period is read with: its days, and the moments between which it lies."""
    return {
        "client_id": client_id,
        "first": first,
        "last": last,
        "starts": at_riyadh(on=first, time=dt.time(0)),
        "ends": at_riyadh(on=last + dt.timedelta(days=1), time=dt.time(0)),
    }


def period_figures(*, client_id: int, first: dt.date, last: dt.date) -> dict[str, Any]:
    """Contacts, promises and payments from ``first`` to ``last``, both included (I-24)."""
    params = period_params(client_id=client_id, first=first, last=last)
    contacts, promises = rows(_CONTACTS, params)[0], rows(_PROMISES, params)[0]
    return {
        "contacts": contacts,
        "right_party_rate": share(contacts["right_party"], contacts["attempts"]),
        "promises": promises,
        "kept_rate": share(promises["kept"], promises["due"]),
        "payments": rows(_PAYMENTS, params),
    }


def period_detail(*, client_id: int, parts: Sequence[tuple[dt.date, dt.date]]) -> dict[str, Any]:
    """The period that these stretches make up, by channel, by amounts promised, and stretch by stretch."""
    firsts, lasts = [first for first, _last in parts], [last for _first, last in parts]
    params = {
        **period_params(client_id=client_id, first=firsts[0], last=lasts[-1]),
        "firsts": firsts,
        "lasts": lasts,
    }
    money: dict[dt.date, list[dict[str, Any]]] = {}
    for row in rows(_PARTS_MONEY, params):
        money.setdefault(row["first"], []).append({"currency": row["currency"], "amount": row["amount"]})
    return {
        "channels": rows(_CHANNELS, params),
        "promised": rows(_PROMISED, params),
        "parts": [{**row, "collected": money.get(row["first"], [])} for row in rows(_PARTS, params)],
    }


def aging_compared(*, client: Client, on: dt.date, before: dt.date, currency: str) -> list[dict[str, Any]]:
    """The open balance by days past due on a date, beside an earlier one, every bucket present."""
    now = {
        r["bucket"]: r
        for r in aging_table(client_id=client.pk, as_of=on, basis=AgeBasis.DUE)
        if r["currency"] == currency
    }
    then = {
        r["bucket"]: r
        for r in aging_table(client_id=client.pk, as_of=before, basis=AgeBasis.DUE)
        if r["currency"] == currency
    }
    zero: dict[str, Any] = {"count": 0, "amount": Decimal("0.00")}
    return [
        {
            "bucket": b.code,
            "depth": b.depth,
            "count": now.get(b.code, zero)["count"],
            "amount": now.get(b.code, zero)["amount"],
            "before": then.get(b.code, zero)["amount"],
        }
        for b in BUCKETS[AgeBasis.DUE]
    ]


def currencies_of(*, client_id: int) -> list[str]:
    """The currencies of a client's book."""
    found = rows(
        "SELECT DISTINCT currency FROM collections_app_debt WHERE client_id = %(client_id)s ORDER BY currency",
        {"client_id": client_id},
    )
    return [row["currency"] for row in found]
