"""Figures of a period, from the rows themselves."""

from __future__ import annotations

import datetime as dt
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
_PAYMENTS = """
SELECT currency, count(*) AS count, sum(amount) AS amount FROM collections_app_payment
WHERE client_id = %(client_id)s AND value_on BETWEEN %(first)s AND %(last)s AND reversed_on IS NULL
GROUP BY currency ORDER BY sum(amount) DESC
"""


def share(part: int, whole: int) -> Decimal | None:
    """Percent with one decimal; None when there is nothing to take a share of."""
    return (Decimal(part) / whole * 100).quantize(Decimal("0.1")) if whole else None


def period_figures(*, client_id: int, first: dt.date, last: dt.date) -> dict[str, Any]:
    """Contacts, promises and payments from ``first`` to ``last``, both included (I-24)."""
    params = {
        "client_id": client_id,
        "first": first,
        "last": last,
        "starts": at_riyadh(on=first, time=dt.time(0)),
        "ends": at_riyadh(on=last + dt.timedelta(days=1), time=dt.time(0)),
    }
    contacts, promises = rows(_CONTACTS, params)[0], rows(_PROMISES, params)[0]
    return {
        "contacts": contacts,
        "right_party_rate": share(contacts["right_party"], contacts["attempts"]),
        "promises": promises,
        "kept_rate": share(promises["kept"], promises["due"]),
        "payments": rows(_PAYMENTS, params),
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
