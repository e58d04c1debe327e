"""The credit portfolio: its figures, the customers behind each, and the same as a table to take away (CM-24)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from accounts.access import allow
from clients.models import Client
from common import clock
from common.access import read_only
from common.forms import key_of
from common.spreadsheets import guarded
from credit.policies import sees_credit
from credit.selectors.policies import benchmark_of, credit_policy_on, shipped
from credit.selectors.portfolio import (
    ONLY,
    SEGMENTS,
    portfolio_rows,
    portfolio_segments,
    portfolio_streamed,
    portfolio_sums,
)

BY = (
    ("sector", gettext_lazy("Line of business")),
    ("industry", gettext_lazy("Customer's trade")),
    ("region", gettext_lazy("Region")),
    ("client", gettext_lazy("Client")),
)
NARROWED = (
    ("", gettext_lazy("All")),
    ("used", gettext_lazy("With exposure")),
    ("overdue", gettext_lazy("Overdue")),
    ("over", gettext_lazy("Above the limit")),
    ("reserved", gettext_lazy("With accepted orders")),
)
CURRENCY = "SAR"
TOP = 10
A_PAGE = 50


def _asked(request: HttpRequest) -> dict[str, Any]:
    """What the address asks for; what it cannot ask for is left out."""
    told = request.GET
    return {
        "on": clock.today(),
        "currency": told.get("currency", "").upper()[:3] or CURRENCY,
        "client": key_of(told.get("client", "")),
    }


def _narrowed(request: HttpRequest) -> dict[str, Any]:
    told = request.GET
    by, only = told.get("by", "sector"), told.get("only", "")
    return {
        "by": by if by in SEGMENTS else "sector",
        "only": only if only in ONLY else "",
        # A segment that nobody told has no name in the address either.
        "segment": "" if told.get("segment") == "-" else told.get("segment"),
    }


@require_GET
@allow(sees_credit)
def portfolio(request: HttpRequest) -> HttpResponse:
    """Exposure, utilisation, the average collection period against its benchmark, overdue by segment, the largest."""
    asked, narrowed = _asked(request), _narrowed(request)
    sums = portfolio_sums(**asked)
    client = Client.objects.filter(pk=asked["client"]).first() if asked["client"] else None
    policy = credit_policy_on(client=client, on=asked["on"]) if client else shipped(client=None)  # type: ignore[arg-type]
    segments = portfolio_segments(**asked, by=narrowed["by"])
    of_industry = narrowed["by"] == "industry"
    usual = {row.value: benchmark_of(policy=policy, industry=row.value) for row in segments} if of_industry else {}
    names = {str(row.pk): row.name for row in Client.objects.all()} if narrowed["by"] == "client" else {}
    return render(
        request,
        "credit/portfolio.html",
        {
            **asked,
            **narrowed,
            "sums": sums,
            "benchmark": policy.benchmark_days,
            "late_by": None if sums.collection_days is None else sums.collection_days - policy.benchmark_days,
            "segments": segments,
            "usual": usual,
            "most": max((row.overdue for row in segments), default=0),
            "names": names,
            "ways": BY,
            "top": portfolio_rows(**asked, only="used", limit=TOP),
            "clients": Client.objects.order_by("name_ar"),
        },
    )


@require_GET
@allow(sees_credit)
def portfolio_rows_page(request: HttpRequest) -> HttpResponse:
    """The customers that a figure counts."""
    asked, narrowed = _asked(request), _narrowed(request)
    number = max(key_of(request.GET.get("page", "1")) or 1, 1)
    found = portfolio_rows(**asked, **narrowed, limit=A_PAGE + 1, offset=(number - 1) * A_PAGE)
    segment = narrowed["segment"]
    if narrowed["by"] == "client" and segment:
        segment = next((c.name for c in Client.objects.filter(pk=key_of(segment) or 0)), "")
    return render(
        request,
        "credit/portfolio_rows.html",
        {
            **asked,
            **narrowed,
            "rows": found[:A_PAGE],
            "number": number,
            "more": len(found) > A_PAGE,
            "narrowed": NARROWED,
            "of": segment,
            "way": dict(BY)[narrowed["by"]],
        },
    )


HEADER = (
    gettext_lazy("Name"), gettext_lazy("Account number"), gettext_lazy("Client"), gettext_lazy("Line of business"),
    gettext_lazy("Customer's trade"), gettext_lazy("Region"), gettext_lazy("Credit limit"),
    gettext_lazy("Open invoices"), gettext_lazy("Accepted orders"), gettext_lazy("Overdue"),
    gettext_lazy("Credit sales of a year"),
)  # fmt: skip


def _line(cells: Sequence[Any]) -> str:
    page = io.StringIO()
    csv.writer(page).writerow([guarded(cell) if isinstance(cell, str) else cell for cell in cells])
    return page.getvalue()


def _lines(asked: dict[str, Any], header: list[str]) -> Iterator[str]:
    with read_only():
        yield "\ufeff" + _line(header)
        for chunk in portfolio_streamed(**asked):
            yield "".join(map(_line, chunk))


@require_GET
@allow(sees_credit)
def portfolio_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same rows as a table; text that looks like a formula is text."""
    asked = _asked(request) | _narrowed(request)
    response = StreamingHttpResponse(_lines(asked, [str(word) for word in HEADER]), content_type="text/csv")
    response["Content-Disposition"] = f'attachment; filename="credit-{asked["on"]:%Y-%m-%d}.csv"'
    return response
