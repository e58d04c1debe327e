"""From facts to cells, and from a cell back to its facts: one statement each way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet

from collections_app.rules.bands import band_sql
from common.clock import at_riyadh
from common.db import rows, streamed
from reporting.boards.base import FILTERS, Asked, Chart
from reporting.kpis.base import Row
from reporting.rules.periods import Month

# A filter as a condition on a case ``c``, and as one on a receivable ``r`` of a debt ``b``. What is said of receivables
# alone narrows cases to those that have such a one. The words are those of ``selectors.days``: a portfolio is the day
# on which it was placed with us, a band one of amounts.
_STAGE = "IN (SELECT s.id FROM clients_stagepolicyrow s WHERE s.code = %(stage)s)"
_OF_CASES: Mapping[str, str] = {
    "client": "c.client_id = %(client)s",
    "collector": "c.owner_id = %(collector)s",
    "stage": f"c.stage_id {_STAGE}",
    "portfolio": "c.placed_on = %(portfolio)s",
}
_BY_LINES: Mapping[str, str] = {
    "product": "b.product = %(product)s",
    "currency": "r.currency = %(currency)s",
    "band": f"({band_sql('r.amount')}) = %(band)s",
    "stage": f"r.stage_id {_STAGE}",
    "portfolio": "coalesce((SELECT i.placed_on FROM collections_app_importfile i WHERE i.id = r.file_id), c.placed_on)"
    " = %(portfolio)s",
}
_HAS_LINES = (
    "EXISTS (SELECT 1 FROM collections_app_receivable r JOIN collections_app_debt b ON b.id = r.debt_id"
    " WHERE r.case_id = c.id AND {where})"
)


_ACCOUNT = """LEFT JOIN (
    SELECT h.id AS held_id, n.debtor_ref AS account FROM collections_app_case h
    JOIN collections_app_debtor n ON n.id = h.debtor_id
) held ON held.held_id = facts.case_id"""


def _visible(name: str, found: QuerySet[Any], params: dict[str, Any]) -> str:
    """A query for the keys of what a person sees, its values named apart from all others."""
    try:
        sql, values = found.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return "SELECT NULL::bigint WHERE false"
    named = {f"{name}_{number}": value for number, value in enumerate(values)}
    params.update(named)
    return sql % tuple(f"%({key})s" for key in named)


def _params(chart: Chart, asked: Asked) -> dict[str, Any]:
    month = Month.of(on=asked.last)
    return {
        "first": asked.first,
        "last": asked.last,
        "before": asked.before,
        "month_first": month.starts_on,
        "month_last": month.ends_on,
        "starts": at_riyadh(on=asked.first, time=dt.time(0)),
        "ends": at_riyadh(on=asked.last + dt.timedelta(days=1), time=dt.time(0)),
        "now": asked.now,
        "today": asked.today,
        "user": asked.user.pk,
        **dict.fromkeys(FILTERS),
        **asked.narrowed,
        **chart.more(asked),
    }


def _facts(chart: Chart, asked: Asked) -> tuple[str, dict[str, Any]]:
    """The facts of a chart as this person asks for them, and the values they are read with."""
    params = _params(chart, asked)
    # Where facts have a currency of their own, it is theirs that is asked for.
    own = "currency" in chart.by and "currency" in asked.narrowed
    asked_for = [name for name in asked.narrowed if not (own and name == "currency")]
    cases = chart.cases(asked) if chart.narrowable else None
    seen = [] if cases is None else [f"c.id IN ({_visible('cases', cases, params)})"]
    of_cases = [_OF_CASES[name] for name in asked_for if name in _OF_CASES]
    lines = [_BY_LINES[name] for name in asked_for if name in _BY_LINES]
    has = [_BY_LINES[name] for name in asked_for if name in _BY_LINES and name not in _OF_CASES]
    conditions = {
        "cases": [*seen, *of_cases, *([_HAS_LINES.format(where=" AND ".join(has))] if has else [])],
        "holders": [*seen, *(_OF_CASES[name] for name in asked_for if name in _OF_CASES and name not in _BY_LINES)],
        "lines": lines,
    }
    named = {name: _visible(name, sees(asked), params) for name, sees in chart.sees.items()}
    told = {name: " AND ".join(found) or "true" for name, found in conditions.items()}
    sql = chart.facts.format(**told, **named)
    return f"SELECT * FROM ({sql}) of_all WHERE currency = %(currency)s" if own else sql, params


def chart_cells(*, chart: Chart, asked: Asked) -> list[Row]:
    """The cells of a chart, in the order of what tells them."""
    sql, params = _facts(chart, asked)
    by = ", ".join(chart.by)
    sums = ", ".join(f"{aggregate} AS {name}" for name, aggregate in chart.sums.items())
    return rows(f"SELECT {by}, {sums} FROM ({sql}) facts GROUP BY {by} ORDER BY {by}", params)


def charts_cells(*, charts: Iterable[Chart], asked: Asked) -> dict[str, list[Row]]:
    """The cells of several charts by their code; what is one question is asked once."""
    found: dict[tuple[str, tuple[str, ...]], list[Row]] = {}
    told = {}
    for chart in charts:
        question = (chart.facts, chart.by)
        if question not in found:
            found[question] = chart_cells(chart=chart, asked=asked)
        told[chart.code] = found[question]
    return told


def _of_cell(chart: Chart, asked: Asked, cell: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    """The facts of one cell; a column that the cell does not name is left open."""
    sql, params = _facts(chart, asked)
    told = {name: value for name, value in cell.items() if name in chart.by}
    where = " AND ".join([chart.listed(asked.user), *(f"{name}::text = %(only_{name})s" for name in told)])
    params |= {f"only_{name}": value for name, value in told.items()}
    # An account is told of rows alone: no sum needs it.
    joined = _ACCOUNT if "case_id" in chart.keys else ""
    return f"FROM ({sql}) facts {joined} WHERE {where}", params


def rows_count(*, chart: Chart, asked: Asked, cell: Mapping[str, str]) -> Row:
    """How many facts a cell holds, with its sums."""
    source, params = _of_cell(chart, asked, cell)
    sums = ", ".join(f"{aggregate} AS {name}" for name, aggregate in chart.sums.items())
    return rows(f"SELECT count(*) AS rows, {sums} {source}", params)[0]


def rows_of(*, chart: Chart, asked: Asked, cell: Mapping[str, str], limit: int, offset: int = 0) -> list[Row]:
    """A page of the facts of a cell."""
    source, params = _of_cell(chart, asked, cell)
    params |= {"limit": limit, "offset": offset}
    columns = ", ".join((*chart.columns, *chart.keys))
    return rows(f"SELECT {columns} {source} ORDER BY {chart.order} LIMIT %(limit)s OFFSET %(offset)s", params)


def rows_streamed(*, chart: Chart, asked: Asked, cell: Mapping[str, str]) -> Iterator[list[tuple[Any, ...]]]:
    """All the facts of a cell, in chunks; must run inside a transaction."""
    source, params = _of_cell(chart, asked, cell)
    return streamed(f"SELECT {', '.join(chart.columns)} {source} ORDER BY {chart.order}", params)
