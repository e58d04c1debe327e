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

# What was open at the end of %(day)s, receivable by receivable: ``what`` of each, and its balance.
# Entries meet their receivables before they are summed, both in the order of their indexes: that is why an order is
# asked for, else the planner hashes all receivables, and spills (at a hundred thousand twice the time). In halves by
# the receivable's number, of which two workers take one each: no receivable's sum is parted between them, and none
# sums the whole ledger anew (ADR 0026).
_HALF = """(
    SELECT {{what}}, sum(e.amount) AS balance
    FROM collections_app_ledgerentry e
    JOIN collections_app_receivable r ON r.id = e.receivable_id {{known}}
    WHERE e.client_id = %(client_id)s AND e.effective_on <= %(day)s
      AND r.id {side} %(middle)s AND e.receivable_id {side} %(middle)s
    GROUP BY r.id HAVING sum(e.amount) > 0 ORDER BY r.id
)"""
OWED = " UNION ALL ".join(_HALF.format(side=side) for side in ("<=", ">"))

_AGING = """
SELECT {debtor} a.currency, {bucket} AS bucket, sum(a.count)::bigint AS count, sum(a.amount) AS amount
FROM (
    SELECT {what}, count(*) AS count, sum(r.balance) AS amount FROM ({owed}) r GROUP BY {what}
) a
{join}
GROUP BY {debtor} a.currency, bucket
ORDER BY {debtor} a.currency, bucket
"""
_ITS_DEBTOR = "JOIN collections_app_case c ON c.id = a.case_id JOIN collections_app_debtor b ON b.id = c.debtor_id"


def middle_receivable() -> int:
    """The number that parts all receivables; a value, since beside a question the planner sees no halves."""
    return int(rows("SELECT coalesce(max(id), 0) / 2 AS id FROM collections_app_receivable")[0]["id"])


def aging_as_of(
    *, client_id: int, as_of: dt.date, basis: str, by_debtor: bool = False, known_at: dt.datetime | None = None
) -> list[dict[str, Any]]:
    """What was open at the end of ``as_of``, by currency and bucket (and debtor); only what is there.

    Settled on the day is closed, due on the day is not past due, issued later does not exist yet. ``known_at`` reads
    only what was sealed by that moment: asked again, it says the same.
    """
    column = BASIS_COLUMN[AgeBasis(basis)]
    what = f"{'r.case_id, ' if by_debtor else ''}r.currency, r.{column}"
    return rows(
        _AGING.format(
            what=what,
            owed=OWED.format(what=what, known=KNOWN_ENTRIES if known_at is not None else ""),
            bucket=bucket_sql(basis=basis, day="%(day)s", column=f"a.{column}"),
            debtor="b.debtor_ref," if by_debtor else "",
            join=_ITS_DEBTOR if by_debtor else "",
        ),
        {"client_id": client_id, "day": as_of, "known_at": known_at, "middle": middle_receivable()},
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
