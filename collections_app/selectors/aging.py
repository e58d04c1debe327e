"""Aging as of any date, answered from the ledger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from clients.choices import AgeBasis
from collections_app.rules.aging import BASIS_COLUMN, BUCKETS, bucket_sql
from collections_app.selectors.standing import KNOWN_ENTRIES
from common.components.charts import aging_bars
from common.db import rows
from common.money import ZERO

_AGING = """
SELECT {debtor} r.currency, {bucket} AS bucket, count(*) AS count, sum(o.open) AS amount
FROM (
    SELECT e.receivable_id, sum(e.amount) AS open
    FROM collections_app_ledgerentry e {known}
    WHERE e.client_id = %(client_id)s AND e.effective_on <= %(as_of)s
    GROUP BY e.receivable_id HAVING sum(e.amount) > 0
) o
JOIN collections_app_receivable r ON r.id = o.receivable_id
{join}
GROUP BY {group} r.currency, bucket
ORDER BY {group} r.currency, bucket
"""


def aging_as_of(
    *, client_id: int, as_of: dt.date, basis: str, by_debtor: bool = False, known_at: dt.datetime | None = None
) -> list[dict[str, Any]]:
    """What was open at the end of ``as_of``, by currency and bucket (and debtor); only what is there.

    Settled on the day is closed, due on the day is not past due, issued later does not exist yet. ``known_at`` reads
    only what was sealed by that moment: asked again, it says the same.
    """
    return rows(
        _AGING.format(
            bucket=bucket_sql(basis=basis, day="%(as_of)s", column=f"r.{BASIS_COLUMN[AgeBasis(basis)]}"),
            debtor="b.debtor_ref," if by_debtor else "",
            group="b.debtor_ref," if by_debtor else "",
            join="JOIN collections_app_case c ON c.id = r.case_id JOIN collections_app_debtor b ON b.id = c.debtor_id"
            if by_debtor
            else "",
            known=KNOWN_ENTRIES if known_at is not None else "",
        ),
        {"client_id": client_id, "as_of": as_of, "known_at": known_at},
    )


def aging_table(
    *, client_id: int, as_of: dt.date, basis: str, known_at: dt.datetime | None = None
) -> list[dict[str, Any]]:
    """The same with every bucket of every currency present, empty ones as zero, in the order of age."""
    rows_of_it = aging_as_of(client_id=client_id, as_of=as_of, basis=basis, known_at=known_at)
    found = {(r["currency"], r["bucket"]): r for r in rows_of_it}
    currencies = sorted({currency for currency, _bucket in found})
    return [
        found.get((currency, bucket.code))
        or {"currency": currency, "bucket": bucket.code, "count": 0, "amount": Decimal(ZERO)}
        for currency in currencies
        for bucket in BUCKETS[basis]
    ]


def ages_drawn(*, ages: Sequence[dict[str, Any]], rtl: bool, width: float = 180) -> list[dict[str, Any]]:
    """The ages that an import's result holds, as bars: one sheet a currency, every bucket present."""
    by_currency: dict[str, dict[str, dict[str, Any]]] = {}
    for row in ages:
        by_currency.setdefault(row["currency"], {})[row["bucket"]] = row
    sheets = []
    for currency, found in by_currency.items():
        bars = aging_bars(
            rows=[
                (b.code, b.depth, Decimal(found[b.code]["amount"]), found[b.code]["count"])
                if b.code in found
                else (b.code, b.depth, ZERO, 0)
                for b in BUCKETS[AgeBasis.DUE]
            ],
            width=width,
            rtl=rtl,
        )
        sheets.append({"currency": currency, "bars": bars, "total": sum((bar.amount for bar in bars), ZERO)})
    return sheets
