"""The records behind the figures of a client's own reports, read under the portal's rights."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from clients.models import Client
from reporting.kpis import KPIS, Kpi
from reporting.papers.shown import rows_open
from reporting.views.figures import asked_of, csv_answer, rows_context, xlsx_answer
from reporting.views.portal import portal_cases_page


def _kpi(code: str, client: Client) -> Kpi:
    if not rows_open(code=code, client=client):
        raise Http404
    return KPIS[code]


@require_GET
@portal_cases_page
def figure_rows(request: HttpRequest, client: Client, code: str) -> HttpResponse:
    """The rows of one figure: their number, their hash, a page of them."""
    context = rows_context(request, kpi=_kpi(code, client), asked=asked_of(request, client=client, portfolios=True))
    return render(request, "portal/figure_rows.html", {"client": client, **context})


@require_GET
@portal_cases_page
def figure_csv(request: HttpRequest, client: Client, code: str) -> FileResponse:
    """The same rows as their canonical file."""
    return csv_answer(request, kpi=_kpi(code, client), asked=asked_of(request, client=client, portfolios=True))


@require_GET
@portal_cases_page
def figure_xlsx(request: HttpRequest, client: Client, code: str) -> FileResponse:
    """The same rows as a workbook."""
    asked = asked_of(request, client=client, portfolios=True)
    return xlsx_answer(request, kpi=_kpi(code, client), asked=asked)
