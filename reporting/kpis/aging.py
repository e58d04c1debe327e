"""What is open by age, where each receivable went, and how much of what could be collected was (PL-34, I-24)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from reporting.kpis.base import Ask, Family, Kpi, Row, Side, Unit
from reporting.kpis.books import PLACES, RECEIVABLES


def in_order_of_age(kpi: Kpi, ask: Ask, cells: list[Row]) -> list[Row]:
    """Cells by currency, then the buckets as they age."""

    def order(row: Row) -> tuple[Any, ...]:
        return (row["currency"], *(PLACES.index(row[name]) for name in kpi.groups if name != "currency"))

    return sorted(cells, key=order)


_OPEN = "b1 > 0"
_MOVED = "b0 > 0 OR b1 > 0"

FAMILY = Family(
    code="aging",
    name=_("Age and rolls"),
    facts=RECEIVABLES,
    columns=(
        "account",
        "receivable",
        "currency",
        "issued_on",
        "due_on",
        "b0",
        "b1",
        "raised",
        "gone",
        "from_bucket",
        "to_bucket",
    ),
    order='account COLLATE "C", receivable COLLATE "C", id',
    kpis=(
        Kpi(
            code="AGING",
            name=_("Open balance by age"),
            formula=_("What is open at the end of the period, by days past the due date"),
            unit=Unit.MONEY,
            over=Side(where=_OPEN, sum="b1"),
            by_currency=True,
            groups=("currency", "bucket"),
            matrix=Side(where=_OPEN, sum="b1"),
            arrange=in_order_of_age,
        ),
        Kpi(
            code="ROLL_RATES",
            name=_("Roll rates of receivables"),
            formula=_(
                "By bucket at the end of the first day and at the end of the last: how many receivables, and their "
                "balance on the first day; of new ones, that on the last. The share is of those open on the first day "
                "that lie deeper on the last"
            ),
            unit=Unit.RATIO,
            over=Side(where="b0 > 0 AND b1 > 0 AND to_bucket <> from_bucket"),
            under=Side(where="b0 > 0"),
            groups=("currency", "from_bucket", "to_bucket"),
            matrix=Side(where=_MOVED, sum="CASE WHEN b0 > 0 THEN b0 ELSE b1 END"),
            arrange=in_order_of_age,
        ),
        Kpi(
            code="COLLECTION_EFFECTIVENESS",
            name=_("Collection effectiveness index"),
            formula=_(
                "(open on the first day + newly owed − written off or withdrawn − open on the last day) ÷ (open on the "
                "first day + newly owed − written off or withdrawn − not yet due on the last day)"
            ),
            unit=Unit.RATIO,
            over=Side(sum="b0 + raised + gone - b1"),
            under=Side(sum="b0 + raised + gone - CASE WHEN to_bucket = 'not_due' THEN b1 ELSE 0 END"),
            by_currency=True,
        ),
    ),
)
