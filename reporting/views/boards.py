"""Boards: charts by role, their filters in the address, the rows behind each cell, and both as files."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounts.access import allow, user_of
from accounts.choices import Role
from clients.models import Client
from collections_app.rules.bands import BANDS
from common import clock
from common.forms import key_of
from common.spreadsheets import XLSX, text_write, workbook_write
from reporting.boards import (
    BOARD_WORDS,
    CHARTS,
    FILTERS,
    Asked,
    Chart,
    Table,
    chart_cells,
    charts_cells,
    rows_count,
    rows_of,
    rows_streamed,
)
from reporting.boards.people import people_named
from reporting.boards.shown import COLUMNS, cell_shown, value_told
from reporting.kpis.base import Row
from reporting.policies import (
    board_views_visible_to,
    can_keep_views,
    can_read_figures,
    can_see_board,
    can_see_boards,
    can_see_chart,
)
from reporting.rules.boards import MONTH, PERIODS, boards_of, charts_of, first_board, period_named
from reporting.selectors.boards import (
    Filter,
    bands_offered,
    clients_offered,
    collectors_offered,
    portfolios_offered,
    products_and_currencies,
    stages_offered,
)
from reporting.views.figures import WORKBOOK_MOST, day_told

A_PAGE, LAST_PAGE = 50, 10**9
# The longest period of a board in days: ten years.
LONGEST = 3_660
PERIOD_WORDS = {"week": _("This week"), "last_week": _("Last week"), "month": _("This month"),
                "last_month": _("Last month")}  # fmt: skip
# What a figure is narrowed by too.
PROVEN = frozenset({"client", "currency"})
# The filters that stand on the page; the others are folded away until one of them is set.
NEAR = frozenset({"client", "collector"})
_TEXT = "text/csv; charset=utf-8"
_IN_MEMORY = 4 * 1024 * 1024


def asked_of(request: HttpRequest, told: Mapping[str, str] | None = None) -> Asked:
    """The question of an address, as far as it can be understood. 404 for a client or a collector that there is not."""
    told = told if told is not None else request.GET
    user, now = user_of(request), clock.now()
    today = now.astimezone(clock.RIYADH).date()
    first, last = day_told(told.get("from")), day_told(told.get("to"))
    period = told.get("period", "")
    if period not in PERIODS:
        period = "" if first or last else MONTH
    # A form sends both: days that were changed are no longer the period's.
    if period and (first, last) in {(None, None), period_named(name=period, today=today)}:
        first, last = period_named(name=period, today=today)
    else:
        period = ""
    first, last = first or last or today, last or first or today
    first, last = min(first, last), max(first, last)
    return Asked(
        user=user,
        first=max(first, last - dt.timedelta(days=LONGEST)),
        last=last,
        now=now,
        narrowed=_narrowed(request, told),
        period=period,
    )


def _narrowed(request: HttpRequest, told: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in FILTERS:
        text = told.get(name, "").replace("\x00", "")[:80]
        if not text:
            continue
        if name in {"client", "collector"}:
            among: Any = Client.objects if name == "client" else people_named(user_of(request))
            found[name] = key_of(text)
            if found[name] is None or not among.filter(pk=found[name]).exists():
                raise Http404
        elif name == "portfolio":
            if (on := day_told(text)) is not None:
                found[name] = on
        elif name != "band" or text in {band.code for band in BANDS}:
            found[name] = text
    return found


def _filters(asked: Asked, *, narrowable: bool) -> list[Filter]:
    """The filters of a page with what they may be set to; those that its charts can be narrowed by."""
    offered: dict[str, tuple[Any, Any, Sequence[Any]]] = {"client": (_("Client"), _("Every client"), clients_offered())}
    if narrowable:
        products, currencies = products_and_currencies()
        people = collectors_offered(people_named(asked.user)) if asked.user.role != Role.COLLECTOR else []
        offered |= {
            "collector": (_("Collector"), _("Every collector"), people),
            "stage": (_("Stage"), _("Every stage"), stages_offered()),
            "band": (_("Amount"), _("Every amount"), bands_offered()),
            "product": (_("Product"), _("Every product"), products),
            "currency": (_("Currency"), _("Every currency"), currencies),
            "portfolio": (_("Portfolio"), _("Every portfolio"), portfolios_offered()),
        }
    return [
        Filter(name=name, words=words, every=every, options=list(options), value=str(asked.narrowed.get(name, "")))
        for name, (words, every, options) in offered.items()
        if options
    ]


@require_GET
@allow(can_see_boards)
def boards(request: HttpRequest) -> HttpResponse:
    """The view that a person opens boards with, else their first board."""
    user = user_of(request)
    view = user.board_views.filter(is_default=True).first()
    if view is not None and can_see_board(user, view.board):
        return redirect(f"{reverse('board', args=[view.board])}?{view.query}")
    return redirect("board", first_board(role=user.role))


@require_GET
@allow(can_see_boards)
def board(request: HttpRequest, board: str) -> HttpResponse:
    """The charts of a board that this role sees, each with its table."""
    user = user_of(request)
    if not can_see_board(user, board):
        raise Http404
    asked, rtl = asked_of(request), get_language() == "ar"
    charts = [CHARTS[code] for code in charts_of(role=user.role, board=board)]
    cells = charts_cells(charts=charts, asked=asked)
    filters = _filters(asked, narrowable=any(chart.narrowable for chart in charts))
    if not any(chart.narrowable or "%(client)s" in chart.facts for chart in charts):
        filters = []
    views = list(board_views_visible_to(user).select_related("user").order_by("name", "pk"))
    return render(
        request,
        "reporting/boards/board.html",
        {
            "asked": asked,
            "board": board,
            "boards": [(code, BOARD_WORDS[code]) for code in boards_of(role=user.role)],
            "charts": [_chart(chart, asked, cells[chart.code], rtl=rtl) for chart in charts],
            "filters": [one for one in filters if one.name in NEAR],
            "more": (more := [one for one in filters if one.name not in NEAR]),
            "more_set": any(one.value for one in more),
            "periods": [(name, PERIOD_WORDS[name]) for name in PERIODS],
            "views": views,
            "view": next((v for v in views if v.board == board and v.query == asked.query), None),
            "may_keep": can_keep_views(user),
        },
    )


def _chart(chart: Chart, asked: Asked, cells: list[Row], *, rtl: bool) -> dict[str, Any]:
    return {
        "chart": chart,
        "empty": not cells,
        "drawn": chart.draw(asked, cells, rtl),
        "table": chart.tell(asked, cells),
        "template": f"reporting/boards/{chart.code}.html",
        "opens": chart.page and chart.opens_page(asked.user),
    }


def _seen(request: HttpRequest, code: str) -> Chart:
    """A chart that this person sees. Raises Http404 for all others."""
    if code not in CHARTS or not can_see_chart(user_of(request), code):
        raise Http404
    return CHARTS[code]


def _cell(request: HttpRequest, chart: Chart) -> dict[str, str]:
    """The cell of a chart that the address names; what is a filter too is one."""
    return {
        name: request.GET[name].replace("\x00", "")[:80]
        for name in chart.by
        if name not in FILTERS and request.GET.get(name)
    }


@require_GET
@allow(can_see_boards)
def rows(request: HttpRequest, code: str) -> HttpResponse:
    """The rows behind a cell of a chart: as many as the cell counts."""
    chart, asked = _seen(request, code), asked_of(request)
    cell = _cell(request, chart)
    number = min(key_of(request.GET.get("page", "")) or 1, LAST_PAGE)
    with transaction.atomic():
        sums = rows_count(chart=chart, asked=asked, cell=cell)
        page = Paginator(range(sums["rows"]), A_PAGE).get_page(number)
        found = rows_of(chart=chart, asked=asked, cell=cell, limit=A_PAGE, offset=(page.number - 1) * A_PAGE)
    lines = [(chart.link(row), [cell_shown(chart, name, row[name]) for name in chart.columns]) for row in found]
    fields = urlencode({**asked.fields, **cell})
    return render(
        request,
        "reporting/boards/rows.html",
        {
            "asked": asked,
            "chart": chart,
            "count": sums["rows"],
            "page": page,
            "lines": lines,
            "columns": [
                (COLUMNS[name], any(cells[n].kind == "figure" for _url, cells in lines))
                for n, name in enumerate(chart.columns)
            ],
            "narrowed": [
                *((COLUMNS[name], cell_shown(chart, name, _typed(value))) for name, value in cell.items()),
                *_filters_told(asked),
            ],
            "board": next(name for name in boards_of(role=asked.user.role) if code in charts_of(
                role=asked.user.role, board=name)),
            "fields": fields,
            "proof_url": _proof_url(chart, asked, cell),
            "fits_workbook": sums["rows"] <= WORKBOOK_MOST,
        },
    )  # fmt: skip


def _proof_url(chart: Chart, asked: Asked, cell: Mapping[str, str]) -> str:
    """Where the same rows have their hash: of one client, and as known now; empty where no figure counts the same."""
    told = chart.proof(asked, cell)
    if told is None or not can_read_figures(asked.user) or not {"client"} <= set(asked.narrowed) <= PROVEN:
        return ""
    code, fields = told
    return f"{reverse('figure_rows', args=[code])}?{urlencode({**asked.told('client', 'currency'), **fields})}"


def _typed(value: str) -> Any:
    """A value of an address as the column holds it: a day, a number or words."""
    if (on := day_told(value)) is not None:
        return on
    return int(value) if value.isdigit() and len(value) < 10 else value


def _filters_told(asked: Asked) -> list[tuple[Any, Any]]:
    """The filters that are set, with their words."""
    told = []
    for one in _filters(asked, narrowable=True) if asked.narrowed else []:
        if one.value:
            words = dict(one.options).get(one.value, one.value)
            told.append((one.words, {"kind": "words", "value": words}))
    return told


def _file(*, name: str, form: str, lines: Iterable[Sequence[Any]]) -> FileResponse:
    """Lines as text or as a workbook; no cell of either is a formula."""
    if form not in {"csv", "xlsx"}:
        raise Http404
    content: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the response closes it
    if form == "csv":
        text_write(content=content, rows=lines)
    else:
        workbook_write(content=content, rows=lines)
    content.seek(0)
    kind = _TEXT if form == "csv" else XLSX
    return FileResponse(content, as_attachment=True, filename=f"{name}.{form}", content_type=kind)


def table_lines(table: Table) -> list[list[Any]]:
    """A chart's table as lines of a file, its headings first."""
    head = [str(words) for words, _look in table.head]
    return [head, *([value_told(value) for value in line] for line in table.lines)]


@require_GET
@allow(can_see_boards)
def chart_file(request: HttpRequest, code: str, form: str) -> FileResponse:
    """The table behind a chart as a file."""
    chart, asked = _seen(request, code), asked_of(request)
    table = chart.tell(asked, chart_cells(chart=chart, asked=asked))
    return _file(name=f"{code}-{asked.first}-{asked.last}", form=form, lines=table_lines(table))


@require_GET
@allow(can_see_boards)
def rows_file(request: HttpRequest, code: str, form: str) -> FileResponse:
    """All the rows behind a cell as a file."""
    chart, asked = _seen(request, code), asked_of(request)
    cell = _cell(request, chart)

    def lines() -> Iterable[Sequence[Any]]:
        yield [str(COLUMNS[name]) for name in chart.columns]
        for chunk in rows_streamed(chart=chart, asked=asked, cell=cell):
            for line in chunk:
                yield [_filed(chart, *pair) for pair in zip(chart.columns, line, strict=True)]

    with transaction.atomic():
        if form == "xlsx" and rows_count(chart=chart, asked=asked, cell=cell)["rows"] > WORKBOOK_MOST:
            raise Http404
        return _file(name=f"{code}-rows-{asked.first}-{asked.last}", form=form, lines=lines())


def _filed(chart: Chart, name: str, value: Any) -> Any:
    """A value of a row as a file holds it: codes in words, moments in Riyadh, all else as it stands."""
    if isinstance(value, dt.datetime):
        return value.astimezone(clock.RIYADH).strftime("%Y-%m-%d %H:%M")
    return str(chart.words[name]().get(value, value)) if name in chart.words else value
