"""Points of an application, and the worksheet that says where each comes from."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import allow, user_of
from common import clock
from common.exceptions import Refused
from credit.choices import PaperKind
from credit.models import Application
from credit.policies import can_edit_credit, can_make_credit_letters, sees_credit
from credit.selectors.decisions import is_scored
from credit.selectors.scorings import scoring_latest
from credit.selectors.worksheet import analysis_of, worksheet_of
from credit.services.letters import LANGUAGES, worksheet_make
from credit.services.scorings import scoring_make
from credit.views.application_page import application_of


def _scored_application(request: HttpRequest, pk: int) -> Application:
    found = application_of(request, pk)
    if not is_scored(found):
        raise Http404
    return found


@require_GET
@allow(sees_credit)
def worksheet(request: HttpRequest, pk: int) -> HttpResponse:
    """Every component with its input, its papers and its points; ratios, banks and history beside them."""
    found, today = _scored_application(request, pk), clock.today()
    scoring = scoring_latest(application=found)
    return render(
        request,
        "credit/worksheet.html",
        {
            "application": found,
            "customer": found.customer,
            "sheet": worksheet_of(application=found, scoring=scoring, on=today),
            "analysis": analysis_of(application=found, today=today),
            "judgements": list(found.judgements.select_related("by").order_by("pk")),
            "references": list(found.references.order_by("pk")),
            "made": list(found.papers.filter(kind=PaperKind.WORKSHEET).defer("content_sealed").order_by("-pk")),
            "languages": LANGUAGES if can_make_credit_letters(user_of(request)) else (),
            "today": today,
        },
    )


@require_POST
@allow(can_edit_credit)
def score(request: HttpRequest, pk: int) -> HttpResponse:
    """Score by what the file says now."""
    found = application_of(request, pk)
    try:
        scoring_make(user=user_of(request), application=found, on=clock.today())
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("Scored"))
    return redirect("credit_application", found.pk)


@require_POST
@allow(can_make_credit_letters)
def worksheet_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the worksheet as a PDF and keep it in the file."""
    found = _scored_application(request, pk)
    try:
        language = request.POST.get("language", "ar")
        worksheet_make(user=user_of(request), application=found, on=clock.today(), language=language)
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("The worksheet is in the file"))
    return redirect("credit_worksheet", found.pk)
