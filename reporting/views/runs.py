"""The reports as they are made: how far those of a period are, what was given up, and a report with its figures."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import allow, user_of
from common import clock
from common.audit import Actor
from common.exceptions import Refused
from reporting.choices import ReportKind
from reporting.models import Report, ReportJob, ReportRun
from reporting.policies import can_read_reports
from reporting.rules.weeks import Week
from reporting.selectors.runs import jobs_failed, runs_told
from reporting.services.runs import job_again, run_begin
from reporting.tasks import report_sweep_task


def of_kind(request: HttpRequest, found: QuerySet[Report]) -> tuple[QuerySet[Report], str]:
    """The reports of the kind that an address asks for, all of them where it asks for none; and which it is."""
    kind = request.GET.get("kind", "")
    return (found.filter(kind=kind), kind) if kind in ReportKind.values else (found, "")


@require_GET
@allow(can_read_reports)
def reports(request: HttpRequest) -> HttpResponse:
    """The weeks and how far each is, what was given up, and every client's reports as issued."""
    runs = runs_told()
    last = Week.of(on=clock.today()).before()
    context: dict[str, Any] = {
        "runs": runs,
        "live": any(run.is_live for run in runs),
        "failed": jobs_failed(),
        "last": last,
        "begun": ReportRun.objects.filter(kind=last.kind, period=last.label).exists(),
    }
    if request.headers.get("HX-Request"):
        return render(request, "reporting/runs.html", context)
    found = Report.objects.select_related("client").defer("pdf", "context").order_by("-issued_at", "-pk")
    found, context["kind"] = of_kind(request, found)
    context["kinds"] = ReportKind.choices
    context["page"] = Paginator(found, 50).get_page(request.GET.get("page"))
    return render(request, "reporting/reports.html", context)


@require_POST
@allow(can_read_reports)
def begin(request: HttpRequest) -> HttpResponse:
    """Make the reports of the last week that is over now, without waiting for Sunday."""
    user = user_of(request)
    run_begin(actor=Actor.person(user), period=Week.of(on=clock.today()).before(), user=user)
    report_sweep_task.delay()
    messages.success(request, _("The reports are being made."))
    return redirect("reports")


@require_POST
@allow(can_read_reports)
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Try a report again that was given up."""
    job = get_object_or_404(ReportJob, pk=pk)
    try:
        job_again(user=user_of(request), job=job)
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    else:
        report_sweep_task.delay()
        messages.success(request, _("The report is being made again."))
    return redirect("reports")


@require_GET
@allow(can_read_reports)
def report_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """One issue, as it left the building."""
    report = get_object_or_404(Report, pk=pk)
    response = HttpResponse(bytes(report.pdf), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{report.number}-{report.language}-{report.issue}.pdf"'
    return response
