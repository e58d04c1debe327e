"""From facts to figures, and from a figure back to its facts: one statement each way."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from common.db import rows, streamed
from reporting.kpis.base import Ask, Family, Figure, Kpi, Row, value_of

# Facts are gathered once and read by every sum.
_FIGURES = """
WITH facts AS MATERIALIZED ({facts})
SELECT jsonb_build_object('sums', (
    SELECT jsonb_agg(to_jsonb(s)) FROM (
        SELECT currency, grouping(currency) = 1 AS whole, {sums} FROM facts GROUP BY GROUPING SETS ((), (currency))
        ORDER BY 2 DESC, 1
    ) s
){groups})::text AS told
"""
_GROUP = """, '{code}', (
    SELECT coalesce(jsonb_agg(to_jsonb(g)), '[]') FROM (
        SELECT {by}, {cell} FROM facts WHERE {counted} GROUP BY {by} ORDER BY {by}
    ) g
)"""
_ROWS = """
SELECT {columns}, {over} AS numerator, {under} AS denominator FROM ({facts}) facts
WHERE ({counted}) {narrowed} ORDER BY {order}
"""


# One portfolio: a debtor has one case, placed on one day.
_PORTFOLIO = """
SELECT whole.* FROM ({facts}) whole WHERE whole.account IN (
    SELECT d.debtor_ref FROM collections_app_case c JOIN collections_app_debtor d ON d.id = c.debtor_id
    WHERE c.client_id = %(client_id)s AND c.placed_on = %(placed_on)s
)
"""


def _facts(family: Family, ask: Ask) -> str:
    """The facts that an ask is about. Raises ValueError for a portfolio of facts that are of no account."""
    if ask.placed_on is None:
        return family.facts
    if "account" not in family.columns:
        raise ValueError(f"the facts of {family.code} are of no portfolio")
    return _PORTFOLIO.format(facts=family.facts)


def _sums(family: Family) -> str:
    parts = []
    for number, kpi in enumerate(family.kpis):
        parts.append(f"{kpi.over.total} AS over_{number}")
        if kpi.under is not None:
            parts.append(f"{kpi.under.total} AS under_{number}")
    return ", ".join(parts)


def _group(kpi: Kpi) -> str:
    if kpi.matrix is not None:
        cell = f"count(*) AS count, {kpi.matrix.total} AS amount"
    else:
        cell = f"{kpi.over.total} AS numerator"
        cell += f", {kpi.under.total} AS denominator" if kpi.under is not None else ""
    return _GROUP.format(
        code=kpi.code,
        by=", ".join(kpi.groups),
        cell=cell,
        counted=kpi.matrix.where if kpi.matrix is not None else kpi.counted,
    )


def family_figures(*, family: Family, ask: Ask) -> list[Figure]:
    """Every KPI of a family, by one statement over its facts."""
    sql = _FIGURES.format(
        facts=_facts(family, ask),
        sums=_sums(family),
        groups="".join(_group(kpi) for kpi in family.kpis if kpi.groups),
    )
    told = json.loads(rows(sql, ask.params())[0]["told"], parse_float=Decimal)
    whole, *by_currency = told["sums"]
    return [
        _figure(kpi, number, ask=ask, whole=whole, by_currency=by_currency, cells=told.get(kpi.code, []))
        for number, kpi in enumerate(family.kpis)
    ]


def _money(amount: Any) -> Any:
    """What a sum of money is told as: always with its two places."""
    return amount if amount is None else Decimal(amount).quantize(Decimal("0.01"))


def _figure(kpi: Kpi, number: int, *, ask: Ask, whole: Row, by_currency: Sequence[Row], cells: list[Row]) -> Figure:
    kept = _money if kpi.by_currency else lambda amount: amount
    sums = [
        {"currency": row["currency"], "numerator": row[f"over_{number}"], "denominator": row.get(f"under_{number}")}
        for row in by_currency
        if row["currency"] and (row[f"over_{number}"] or row.get(f"under_{number}"))
    ]
    over, under = None, None
    if not kpi.by_currency:
        over, under = whole[f"over_{number}"], whole.get(f"under_{number}")
    elif len(sums) == 1:
        over, under = sums[0]["numerator"], sums[0]["denominator"]
    # A cell of nothing out of nothing is none.
    found = [_told(kpi, cell) for cell in cells if any(cell.get(n) for n in ("count", "numerator", "denominator"))]
    if not kpi.groups and kpi.by_currency:
        found = [_told(kpi, row) for row in sums]
    if kpi.arrange is not None:
        found = kpi.arrange(kpi, ask, found)
    value = None if over is None else value_of(kpi, over, under)
    if kpi.value_of is not None:
        value = kpi.value_of(found)
    each = [{"currency": row["currency"], "value": value_of(kpi, row["numerator"], row["denominator"])} for row in sums]
    return Figure(
        kpi=kpi,
        value=value,
        numerator=kept(over),
        denominator=kept(under),
        rows=found,
        currencies=each if kpi.by_currency else (),
    )


def _told(kpi: Kpi, cell: Mapping[str, Any]) -> Row:
    """A row of a figure: its cell, and its own value unless it is one of a matrix."""
    by = {name: cell[name] for name in (kpi.groups or ("currency",))}
    if kpi.matrix is not None:
        return {**by, "count": cell["count"], "amount": _money(cell["amount"])}
    kept = _money if kpi.by_currency else lambda amount: amount
    over, under = cell["numerator"], cell.get("denominator")
    return {**by, "value": value_of(kpi, over, under), "numerator": kept(over), "denominator": kept(under)}


def figure_trend(*, family: Family, kpi: Kpi, ask: Ask, day: str) -> list[Row]:
    """A figure week by week, Sunday to Saturday, in one statement; ``day`` is the fact's day in SQL, ours.

    A row a week and currency that have any: ``week`` (its Sunday), ``currency``, ``numerator``, ``denominator``.
    """
    under = kpi.under.total if kpi.under is not None else "NULL"
    currency = "currency" if kpi.by_currency else "''"
    sql = f"""
SELECT ({day}) - extract(dow FROM ({day}))::int AS week, {currency} AS currency, {kpi.over.total} AS numerator,
       {under} AS denominator
FROM ({_facts(family, ask)}) facts WHERE {kpi.counted} GROUP BY 1, 2 ORDER BY 1, 2
"""
    return rows(sql, ask.params())


def _proof(*, family: Family, kpi: Kpi, ask: Ask, narrowed: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """The statement that lists what a figure counts, and the values it is narrowed by."""
    fields = {name: value for name, value in narrowed.items() if name == "currency" or name in kpi.groups}
    sql = _ROWS.format(
        columns=", ".join(family.columns),
        over=kpi.over.share,
        under=kpi.under.share if kpi.under is not None else "NULL",
        facts=_facts(family, ask),
        counted=kpi.counted,
        narrowed="".join(f" AND {name}::text = %(only_{name})s" for name in fields),
        order=family.order,
    )
    return sql, {f"only_{name}": value for name, value in fields.items()}


def proof_columns(*, family: Family) -> tuple[str, ...]:
    """The columns of the rows behind a figure; the last two say what each adds to either side."""
    return (*family.columns, "numerator", "denominator")


def proof_rows(
    *, family: Family, kpi: Kpi, ask: Ask, narrowed: Mapping[str, str], limit: int, offset: int = 0
) -> list[Row]:
    """The rows behind a figure, a page of them, in their one order."""
    sql, fields = _proof(family=family, kpi=kpi, ask=ask, narrowed=narrowed)
    asked = {**ask.params(), **fields, "limit": limit, "offset": offset}
    return rows(f"{sql} LIMIT %(limit)s OFFSET %(offset)s", asked)


def proof_streamed(
    *, family: Family, kpi: Kpi, ask: Ask, narrowed: Mapping[str, str]
) -> Iterator[list[tuple[Any, ...]]]:
    """All the rows behind a figure, in chunks; must run inside a transaction."""
    sql, fields = _proof(family=family, kpi=kpi, ask=ask, narrowed=narrowed)
    return streamed(sql, {**ask.params(), **fields})
