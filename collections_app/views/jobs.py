"""The operator's pages: what the nights did, one run step by step, and running one again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import allow
from clients.models import Client
from collections_app.policies import can_see_jobs
from collections_app.selectors.nights import (
    JOB,
    books,
    dates_missed,
    faults_of,
    night_runs,
    run_dates,
    run_opened,
    steps_measured,
)
from collections_app.tasks import nightly_task
from common import clock
from common.forms import key_of
from common.models import AuditEvent, AuditSeal, JobRun


def _state(request: HttpRequest, runs: list[JobRun]) -> dict[str, Any]:
    """Whether the page looks again by itself: while something runs, and once after a worker was asked."""
    return {"live": any(run.status == JobRun.Status.RUNNING for run in runs) or "asked" in request.GET}


@require_GET
@allow(can_see_jobs)
def jobs(request: HttpRequest) -> HttpResponse:
    """Runs, failures first; steps against the last thirty nights; missed dates; where the books stand."""
    today, rtl = clock.today(), get_language() == "ar"
    runs = night_runs()
    dates = [run.business_date for run in runs]
    last = max(dates) if dates else None
    measured, opened = steps_measured(until=last or today, rtl=rtl)
    found = books(today=today)
    names = {book["client"].pk: book["client"].name for book in found}
    context = {
        "runs": runs,
        "faults": {run.pk: faults_of(run) for run in runs if run.error},
        "names": names,
        "steps": measured,
        "books": found,
        "behind": [book for book in found if book["behind"]],
        "missed": dates_missed(runs=run_dates(today=today), opened=opened, today=today),
        "last": last,
        "unsealed": AuditEvent.objects.filter(seal__isnull=True).count(),
        "sealed": AuditSeal.objects.count(),
        **_state(request, runs),
    }
    if request.headers.get("HX-Request"):
        return render(request, "collections_app/jobs_state.html", context)
    return render(request, "collections_app/jobs.html", context)


@require_GET
@allow(can_see_jobs)
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """One run: each step of each book, and how long each step took beside the nights before."""
    found = get_object_or_404(JobRun, pk=pk, job=JOB, step="run")
    measured, _opened = steps_measured(until=found.business_date, rtl=get_language() == "ar")
    context = {"run": found, "steps": measured, **run_opened(run=found), **_state(request, [found])}
    if request.headers.get("HX-Request"):
        return render(request, "collections_app/job_run_state.html", context)
    return render(request, "collections_app/job_run.html", context)


@require_POST
@allow(can_see_jobs)
def run_again(request: HttpRequest) -> HttpResponse:
    """Ask a worker for a night: today's, a run's own, or one client's. It goes on where something is missing, and
    changes nothing else; a date that lies ahead is not asked for.
    """
    asked = JobRun.objects.filter(pk=key_of(request.POST.get("run", "")) or 0, job=JOB, step="run").first()
    client = Client.objects.filter(pk=key_of(request.POST.get("client", "")) or 0).first()
    day = min(asked.business_date if asked else clock.today(), clock.today())
    book = client.pk if client else (asked.book_id or None) if asked else None
    nightly_task.delay(day.isoformat(), book)
    messages.success(request, _("A worker takes it up now."))
    back = reverse("jobs_one", args=[asked.pk]) if asked else reverse("jobs")
    return redirect(f"{back}?asked=1")
