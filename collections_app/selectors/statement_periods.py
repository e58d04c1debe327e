"""Closed statement periods: the last one, the lines of one, and whether it still says what it said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from collections_app.choices import Component, EntryKind
from collections_app.models import StatementPeriod
from common.db import rows, streamed

SUMS = """
SELECT currency,
       coalesce(sum(amount) FILTER (WHERE kind = 'CHARGE'), 0) AS charged,
       coalesce(sum(amount) FILTER (WHERE payment_id IS NOT NULL OR kind = 'PRIOR_PAYMENT'), 0) AS paid,
       coalesce(sum(amount) FILTER (
           WHERE payment_id IS NULL AND kind NOT IN ('CHARGE', 'PRIOR_PAYMENT', 'WITHDRAWAL')
       ), 0) AS adjusted,
       coalesce(sum(amount) FILTER (WHERE kind = 'WITHDRAWAL'), 0) AS withdrawn
FROM {of} GROUP BY currency ORDER BY currency
"""

_LINES = """
SELECT e.effective_on, b.debtor_ref, d.debt_ref, r.receivable_ref, e.kind, e.component, e.reference, e.amount,
       e.currency, e.recorded_at, e.effective_on < %(from_on)s AS late
FROM collections_app_statementline l
JOIN collections_app_ledgerentry e ON e.id = l.entry_id
JOIN collections_app_receivable r ON r.id = e.receivable_id
JOIN collections_app_debt d ON d.id = r.debt_id
JOIN collections_app_case c ON c.id = r.case_id
JOIN collections_app_debtor b ON b.id = c.debtor_id
WHERE l.period_id = %(period_id)s AND l.client_id = %(client_id)s {only}
ORDER BY e.currency, late DESC, e.effective_on, e.id {page}
"""


def last_period(*, client_id: int) -> StatementPeriod | None:
    """The period that was closed last."""
    return StatementPeriod.objects.filter(client_id=client_id).order_by("-number").first()


def period_lines(
    *, period: StatementPeriod, late: bool = False, first: int = 0, most: int = 50
) -> list[dict[str, Any]]:
    """A page of a period's lines, corrections of earlier periods first; with ``late`` these alone."""
    found = rows(
        _LINES.format(only="AND e.effective_on < %(from_on)s" if late else "", page="LIMIT %(most)s OFFSET %(first)s"),
        {**_told(period), "most": most, "first": first},
    )
    for row in found:
        row["kind_words"] = EntryKind(row["kind"]).label
        row["component_words"] = Component(row["component"]).label
    return found


def period_lines_streamed(*, period: StatementPeriod) -> Iterator[tuple[Any, ...]]:
    """All lines, a chunk held at a time."""
    for chunk in streamed(_LINES.format(only="", page=""), _told(period)):
        yield from chunk


def periods_changed(*, client_id: int | None) -> list[int]:
    """Closed periods whose lines no longer come to what was issued; none while the ledger only grows."""
    return [
        row["id"]
        for row in rows(
            f"""
            SELECT p.id FROM collections_app_statementperiod p
            LEFT JOIN LATERAL (
                SELECT jsonb_object_agg(s.currency, s.moved) AS moved FROM (
                    SELECT e.currency, sum(e.amount) AS moved FROM collections_app_statementline l
                    JOIN collections_app_ledgerentry e ON e.id = l.entry_id WHERE l.period_id = p.id GROUP BY e.currency
                ) s
            ) m ON true
            WHERE {"p.client_id = %(client_id)s" if client_id is not None else "true"} AND EXISTS (
                SELECT 1 FROM jsonb_each(p.sums) AS told (currency, said)
                WHERE (said ->> 'closing')::numeric - (said ->> 'opening')::numeric
                      <> coalesce((m.moved ->> told.currency)::numeric, 0)
            )
            ORDER BY p.id
            """,
            {"client_id": client_id},
        )
    ]


def _told(period: StatementPeriod) -> dict[str, Any]:
    return {"period_id": period.pk, "client_id": period.client_id, "from_on": period.from_on}
