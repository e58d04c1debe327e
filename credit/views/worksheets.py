"""Points of an application, and the worksheet that says where each comes from."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import allow, user_of
from accounts.choices import Role
from accounts.services.users import access_record
from common import clock, crypto
from common.exceptions import Refused
from credit.choices import CustomerKind, PaperKind, PaperOrigin
from credit.models import Application, CreditPaper
from credit.policies import can_edit_credit, customers_visible_to, sees_credit
from credit.selectors.papers import credit_paper_content
from credit.selectors.scorings import scoring_latest
from credit.selectors.worksheet import analysis_of, worksheet_of
from credit.services.letters import LANGUAGES, worksheet_make
from credit.services.scorings import scoring_make
from credit.views.application_page import application_of
from credit.views.score_panels import MADE


def _credit_application(request: HttpRequest, pk: int) -> Application:
    found = application_of(request, pk)
    if found.customer.kind != CustomerKind.CREDIT:
        raise Http404
    return found


@require_GET
@allow(sees_credit)
def worksheet(request: HttpRequest, pk: int) -> HttpResponse:
    """Every component with its input, its papers and its points; ratios, banks and history beside them."""
    found, today = _credit_application(request, pk), clock.today()
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
            "languages": LANGUAGES,
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
@allow(sees_credit)
def worksheet_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the worksheet as a PDF and keep it in the file."""
    found = _credit_application(request, pk)
    try:
        language = request.POST.get("language", "ar")
        worksheet_make(user=user_of(request), application=found, on=clock.today(), language=language)
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("The worksheet is in the file"))
    return redirect("credit_worksheet", found.pk)


@require_GET
@allow(sees_credit)
def made_paper(request: HttpRequest, pk: int) -> HttpResponse:
    """A worksheet or letter as it was made; each look is written down first."""
    user = user_of(request)
    papers = CreditPaper.objects.filter(
        customer__in=customers_visible_to(user), origin=PaperOrigin.MADE, kind__in=MADE
    ).select_related("customer__debtor__party")
    found = get_object_or_404(papers, pk=pk)
    if user.role != Role.AUDITOR:  # whose look is written down at the door, before a transaction that cannot write
        access_record(user=user, what="credit_paper.read", subject=found)
    try:
        content = credit_paper_content(paper=found)
    except crypto.Unreadable as error:
        raise Http404 from error
    response = HttpResponse(content, content_type=found.content_type)
    response["Content-Disposition"] = f'inline; filename="{found.number}.pdf"'
    return response
