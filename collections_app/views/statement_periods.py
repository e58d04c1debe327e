"""Closed periods of clients' accounts: closed by a person, read line by line, taken home as a file."""

from __future__ import annotations

import csv
import datetime as dt
import io
import tempfile

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from accounts.access import allow, user_of
from clients.models import Client
from collections_app.models import StatementPeriod
from collections_app.policies import can_close_periods, can_see_periods
from collections_app.selectors.statement_periods import period_lines, period_lines_streamed
from collections_app.services.statement_periods import period_close
from common import clock
from common.audit import Actor
from common.exceptions import Refused
from common.forms import DayField, blame
from common.spreadsheets import inert

A_PAGE = 50
HEAD = [
    "value_date", "debtor_ref", "debt_ref", "receivable_ref", "kind", "component", "reference", "amount", "currency",
    "recorded_at", "corrects_earlier_period",
]  # fmt: skip


class CloseForm(forms.Form):
    client = forms.ModelChoiceField(label=gettext_lazy("Client"), queryset=Client.objects.order_by("code"))
    to_on = DayField(label=gettext_lazy("Last day"), ahead=0)


def period_context(request: HttpRequest, period: StatementPeriod) -> dict[str, object]:
    """What a period's page shows: its sums, and a page of its lines."""
    late = request.GET.get("show") == "late"
    total = period.corrections if late else period.lines
    page = Paginator(range(total), A_PAGE).get_page(request.GET.get("page"))
    first = (page.number - 1) * A_PAGE
    lines = period_lines(period=period, late=late, first=first, most=A_PAGE)
    return {"period": period, "late": late, "page": page, "lines": lines}


def period_file(period: StatementPeriod) -> FileResponse:
    """Every line of a period as CSV; cells open nothing by themselves."""
    out = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(HEAD)
    with transaction.atomic():
        for row in period_lines_streamed(period=period):
            writer.writerow([inert(str(cell)) if isinstance(cell, str) else cell for cell in row])
    text.detach()
    out.seek(0)
    name = f"{period.client.code}-{period.number}-{period.to_on}.csv"
    return FileResponse(out, as_attachment=True, filename=name, content_type="text/csv; charset=utf-8")


@require_GET
@allow(can_see_periods)
def periods(request: HttpRequest) -> HttpResponse:
    """Every closed period, the newest first, and the closing of the next."""
    return _periods(request, CloseForm(initial={"to_on": clock.today().replace(day=1) - dt.timedelta(days=1)}))


@require_POST
@allow(can_close_periods)
def period_end(request: HttpRequest) -> HttpResponse:
    """Close a client's account up to a day."""
    form = CloseForm(request.POST)
    if form.is_valid():
        user = user_of(request)
        try:
            period = period_close(actor=Actor.person(user), user=user, **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("The period is closed"))
            return redirect("statement_period", period.pk)
    return _periods(request, form)


def _periods(request: HttpRequest, form: CloseForm) -> HttpResponse:
    closes = can_close_periods(user_of(request))
    found = StatementPeriod.objects.select_related("client", "closed_by").order_by("-closed_at", "-pk")
    return render(
        request,
        "collections_app/statements/periods.html",
        {"page": Paginator(found, 25).get_page(request.GET.get("page")), "form": form, "closes": closes},
        status=422 if form.errors else 200,
    )


@require_GET
@allow(can_see_periods)
def period(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(StatementPeriod.objects.select_related("client", "closed_by"), pk=pk)
    return render(request, "collections_app/statements/period.html", period_context(request, found))


@require_GET
@allow(can_see_periods)
def period_csv(request: HttpRequest, pk: int) -> FileResponse:
    return period_file(get_object_or_404(StatementPeriod.objects.select_related("client"), pk=pk))
