"""The client's reports: the list, one with what stands behind it, and whether new ones are told of by e-mail."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clients.models import Client
from common.access import portal_scope
from common.components.format import short
from reporting.choices import ReportKind
from reporting.models import Report, ReportReader
from reporting.papers.shown import portal_report
from reporting.services.readers import reader_choose
from reporting.views.portal import portal_page, portal_person
from reporting.views.runs import of_kind


@require_GET
@login_required
def reports(request: HttpRequest) -> HttpResponse:
    """Every issue of a kind or of all, the latest first."""
    user, client = portal_person(request)
    # A row of the person, not of the client: read before the portal's rights begin.
    told = not ReportReader.objects.filter(user=user, told_of_reports=False).exists()
    with portal_scope(client_id=client.pk):
        found = Report.objects.filter(client=client).defer("pdf", "context")
        found, kind = of_kind(request, found)
        page = Paginator(found, 40).get_page(request.GET.get("page"))
        context = {"client": client, "page": page, "told": told, "kind": kind, "kinds": ReportKind.choices}
        return render(request, "portal/reports.html", context)


@require_POST
@login_required
def told(request: HttpRequest) -> HttpResponse:
    """Be told of new reports by e-mail, or not."""
    user, client = portal_person(request)
    reader = reader_choose(user=user, client=client, told_of_reports=request.POST.get("told") == "1")
    said = _("You are told of new reports.") if reader.told_of_reports else _("You are told of new reports no more.")
    messages.success(request, said)
    return redirect("portal_reports")


@require_GET
@portal_page
def report(request: HttpRequest, client: Client, pk: int) -> HttpResponse:
    """One issue: its figures as they were printed, its seal, and the records behind each figure."""
    found = get_object_or_404(Report.objects.defer("pdf"), pk=pk)
    rtl = short(getattr(request, "LANGUAGE_CODE", "ar")) == "ar"
    told = portal_report(report=found, client=client, rtl=rtl)
    return render(request, "portal/report.html", {"client": client, "report": found, **told})


@require_GET
@portal_page
def report_pdf(request: HttpRequest, client: Client, pk: int) -> HttpResponse:
    """The issue as it left the building."""
    found = get_object_or_404(Report, pk=pk)
    response = HttpResponse(bytes(found.pdf), content_type="application/pdf")
    kind = "inline" if "show" in request.GET else "attachment"
    name = f"{found.number}-{found.language}-{found.issue}.pdf"
    response["Content-Disposition"] = f'{kind}; filename="{name}"'
    return response
