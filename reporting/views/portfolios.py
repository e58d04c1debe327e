"""Placed portfolios: which paper of them is due when, the assessment before the work, and the early brief after it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import allow, user_of
from clients.models import Client
from clients.selectors.clients import clients_visible_to
from common import clock
from common.audit import Actor
from common.components.format import short
from common.exceptions import Refused
from common.forms import blame
from reporting.forms import AdjustmentForm
from reporting.papers import LANGUAGES, PAPERS
from reporting.policies import can_read_reports
from reporting.rules.periods import Assessment, Brief, Placed
from reporting.selectors.first_days import adjustments_of
from reporting.selectors.portfolios import Portfolio, portfolios_placed
from reporting.services.reports import report_send
from reporting.services.reviews import adjustment_note

# How far back the list looks: the brief of every portfolio in it is long due.
BACK = dt.timedelta(days=120)


@require_GET
@allow(can_read_reports)
def portfolios(request: HttpRequest) -> HttpResponse:
    """The portfolios of the last months, the latest first: what is due of each, and what was issued."""
    today = clock.today()
    asked = request.GET.get("all") == "1"
    placed = [
        portfolio
        for portfolio in portfolios_placed(first=today - BACK, last=today)
        if asked or portfolio.is_new or portfolio.assessment or portfolio.brief
    ]
    return render(request, "reporting/portfolios.html", {"portfolios": placed, "today": today, "all": asked})


def _placed(request: HttpRequest, pk: int, day: str) -> Portfolio:
    """The portfolio that a client placed on a day. Raises Http404 where there is none."""
    client: Client = get_object_or_404(clients_visible_to(user_of(request)), pk=pk)
    try:
        on = Assessment.parse(day).on
    except ValueError as error:
        raise Http404 from error
    found = portfolios_placed(first=on, last=on, client_id=client.pk)
    if not found:
        raise Http404
    return found[0]


@require_http_methods(["GET", "POST"])
@allow(can_read_reports)
def portfolio(request: HttpRequest, pk: int, day: str) -> HttpResponse:
    """A portfolio as it came, with what is proposed; and what is adjusted in the work on it."""
    found = _placed(request, pk, day)
    form = AdjustmentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            adjustment_note(
                user=user_of(request), client=found.client, placed_on=found.placed_on, text=form.cleaned_data["text"]
            )
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("The early brief will say so."))
            return redirect("portfolio", pk, day)
    language = short(getattr(request, "LANGUAGE_CODE", "ar"))
    period = Assessment(on=found.placed_on)
    paper = PAPERS[period.kind]
    figures = paper.figures(found.client, period, language)
    context: dict[str, Any] = {
        **paper.drawn(found.client, period, figures, language),
        "portfolio": found,
        "client": found.client,
        "adjustments": adjustments_of(client_id=found.client.pk, placed_on=found.placed_on),
        "form": form,
        "brief_ready": found.brief_from <= clock.today(),
    }
    return render(request, "reporting/portfolio.html", context, status=422 if form.errors else 200)


@require_POST
@allow(can_read_reports)
def issue(request: HttpRequest, pk: int, day: str) -> HttpResponse:
    """Issue the assessment or the brief of a portfolio, in both languages; with a reason, its next issue."""
    found = _placed(request, pk, day)
    period: Placed = (Brief if request.POST.get("kind") == "BRIEF" else Assessment)(on=found.placed_on)
    reason = request.POST.get("reason", "")
    try:
        report_send(
            actor=Actor.person(user_of(request)),
            client=found.client,
            period=period,
            reissue=dict.fromkeys(LANGUAGES, reason),
        )
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("It is issued, in Arabic and English, and its readers are told."))
    return redirect("portfolio", pk, day)
