"""The credit portfolio on a day: exposure, utilisation, collection period, and what is overdue by segment (CM-24).

Every figure is a sum over the same rows, one of each customer on credit, so that it opens exactly the rows it counts.
Amounts of one currency; currencies are never added.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from common.db import rows, streamed

# Days over which credit sales are counted for the average collection period.
PERIOD = 365
SEGMENTS: Mapping[str, str] = {
    "sector": "b.sector",
    "industry": "b.industry",
    "region": "b.region",
    "client": "b.client_id::text",
}
# What a list may be narrowed to.
ONLY: Mapping[str, str] = {
    "": "true",
    "used": "b.invoices + b.reserved > 0",
    "owing": "b.invoices > 0",
    "reserved": "b.reserved > 0",
    "overdue": "b.overdue > 0",
    "over": "b.limit_amount IS NOT NULL AND b.invoices + b.reserved > b.limit_amount",
    "limited": "b.limit_amount > 0",
    "sold": "b.sales > 0",
}

# One row of each customer on credit. A limit counts until its last day.
_BOOK = """
WITH mine AS (
    SELECT c.id, c.client_id, c.debtor_id, c.sector, c.industry, c.region
    FROM credit_customer c
    WHERE c.kind = 'CREDIT' AND c.currency = %(currency)s
      AND (%(client)s::bigint IS NULL OR c.client_id = %(client)s)
), limits AS (
    SELECT DISTINCT ON (l.customer_id) l.customer_id, l.amount, l.ends_on
    FROM credit_creditlimit l JOIN mine ON mine.id = l.customer_id WHERE l.starts_on <= %(on)s
    ORDER BY l.customer_id, l.starts_on DESC, l.id DESC
), agreed AS (
    SELECT DISTINCT ON (a.customer_id) a.customer_id, a.period_start, a.terms_days
    FROM credit_facilityagreement a JOIN mine ON mine.id = a.customer_id
    WHERE a.signed_on <= %(on)s AND (a.ends_on IS NULL OR a.ends_on >= %(on)s)
    ORDER BY a.customer_id, a.signed_on DESC, a.id DESC
), owed AS (
    SELECT mine.id,
           coalesce(sum(r.balance) FILTER (WHERE r.status = 'OPEN'), 0) AS invoices,
           coalesce(sum(r.balance) FILTER (WHERE r.status = 'OPEN' AND (
               CASE WHEN a.period_start = 'INVOICE' THEN r.issued_on + a.terms_days ELSE r.due_on END) < %(on)s
           ), 0) AS overdue,
           coalesce(sum(r.amount) FILTER (WHERE r.issued_on > %(on)s::date - %(period)s AND r.issued_on <= %(on)s), 0)
               AS sales
    FROM mine
    JOIN collections_app_case k ON k.debtor_id = mine.debtor_id
    JOIN collections_app_receivable r ON r.case_id = k.id AND r.currency = %(currency)s AND NOT r.struck
    LEFT JOIN agreed a ON a.customer_id = mine.id
    GROUP BY mine.id
), ordering AS (
    SELECT o.customer_id, credit_reserved(o.customer_id, %(on)s) AS reserved
    FROM (SELECT DISTINCT customer_id FROM credit_order WHERE state = 'ACCEPTED' AND kind = 'CREDIT') o
    JOIN mine ON mine.id = o.customer_id
), b AS (
    SELECT mine.*, CASE WHEN l.ends_on >= %(on)s THEN l.amount END AS limit_amount,
           coalesce(w.invoices, 0) AS invoices, coalesce(w.overdue, 0) AS overdue, coalesce(w.sales, 0) AS sales,
           coalesce(o.reserved, 0) AS reserved
    FROM mine
    LEFT JOIN limits l ON l.customer_id = mine.id
    LEFT JOIN owed w ON w.id = mine.id
    LEFT JOIN ordering o ON o.customer_id = mine.id
)
"""
_SUMS = """
    count(*) AS customers, coalesce(sum(b.limit_amount), 0) AS limits, sum(b.invoices) AS invoices,
    sum(b.reserved) AS reserved, sum(b.overdue) AS overdue, sum(b.sales) AS sales,
    count(*) FILTER (WHERE b.overdue > 0) AS late,
    count(*) FILTER (WHERE b.limit_amount IS NOT NULL AND b.invoices + b.reserved > b.limit_amount) AS over
"""


@dataclass(frozen=True, kw_only=True)
class Sums:
    """The figures of a portfolio or of one segment of it."""

    customers: int = 0
    limits: Decimal = Decimal(0)
    invoices: Decimal = Decimal(0)
    reserved: Decimal = Decimal(0)
    overdue: Decimal = Decimal(0)
    sales: Decimal = Decimal(0)
    late: int = 0
    over: int = 0
    value: str = ""

    @property
    def exposure(self) -> Decimal:
        return self.invoices + self.reserved

    @property
    def utilisation(self) -> Decimal | None:
        """Exposure of the limits in force, in percent; None where there are none."""
        return _share(self.exposure, self.limits)

    @property
    def overdue_share(self) -> Decimal | None:
        """What is overdue of what is owed, in percent."""
        return _share(self.overdue, self.invoices)

    @property
    def collection_days(self) -> int | None:
        """The average collection period: what is owed, over the credit sales of a year, in days (CM-24)."""
        return int(self.invoices * PERIOD / self.sales) if self.sales else None


def _share(part: Decimal, whole: Decimal) -> Decimal | None:
    return (part * 100 / whole).quantize(Decimal("0.1")) if whole else None


def _told(*, on: dt.date, currency: str, client: int | None) -> dict[str, Any]:
    return {"on": on, "currency": currency, "client": client, "period": PERIOD}


def portfolio_sums(*, on: dt.date, currency: str, client: int | None = None) -> Sums:
    """The whole portfolio, or one client's."""
    found = rows(f"{_BOOK} SELECT {_SUMS} FROM b", _told(on=on, currency=currency, client=client))[0]
    return Sums(**{name: value for name, value in found.items() if value is not None})


def portfolio_segments(*, on: dt.date, currency: str, by: str, client: int | None = None) -> list[Sums]:
    """The same by segment, what is overdue most first."""
    column = SEGMENTS[by]
    found = rows(
        f"{_BOOK} SELECT {column} AS value, {_SUMS} FROM b GROUP BY 1"
        " ORDER BY sum(b.overdue) DESC, sum(b.invoices) DESC, 1",
        _told(on=on, currency=currency, client=client),
    )
    return [Sums(**row) for row in found]


_ROWS = """
SELECT b.*, d.name, d.debtor_ref, k.code AS client_code, k.name_ar, k.name_en, b.invoices + b.reserved AS exposure
FROM b JOIN collections_app_debtor d ON d.id = b.debtor_id JOIN clients_client k ON k.id = b.client_id
WHERE {only} AND (%(segment)s::text IS NULL OR {column} = %(segment)s)
ORDER BY {order} DESC, b.id
"""


def _rows_sql(*, only: str, by: str) -> str:
    order = "b.overdue" if only == "overdue" else "b.invoices + b.reserved"
    return _BOOK + _ROWS.format(only=ONLY[only], column=SEGMENTS[by], order=order)


def portfolio_rows(
    *,
    on: dt.date,
    currency: str,
    client: int | None = None,
    only: str = "",
    by: str = "sector",
    segment: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> list[dict[str, Any]]:
    """The customers that a figure counts, the largest first."""
    told = _told(on=on, currency=currency, client=client) | {"segment": segment, "limit": limit, "offset": offset}
    return rows(f"{_rows_sql(only=only, by=by)} LIMIT %(limit)s OFFSET %(offset)s", told)


def portfolio_streamed(
    *,
    on: dt.date,
    currency: str,
    client: int | None = None,
    only: str = "",
    by: str = "sector",
    segment: str | None = None,
) -> Iterator[list[tuple[Any, ...]]]:
    """The same, all of them, in chunks; inside a transaction."""
    wanted = "name, debtor_ref, client_code, sector, industry, region, limit_amount, invoices, reserved, overdue, sales"
    told = _told(on=on, currency=currency, client=client) | {"segment": segment}
    return streamed(f"SELECT {wanted} FROM ({_rows_sql(only=only, by=by)}) listed", told)
