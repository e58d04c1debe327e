"""The operator's page: what the nights did, and running one again."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.db.models import Avg, Count, Max, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import allow
from clients.models import Client
from collections_app.policies import can_see_jobs
from collections_app.tasks import nightly_task
from common import clock, slots
from common.models import AuditEvent, AuditSeal, JobRun

NIGHTS = 30


@require_GET
@allow(can_see_jobs)
def jobs(request: HttpRequest) -> HttpResponse:
    """Runs, their steps against the last thirty nights, failures, and where the books stand."""
    runs = JobRun.objects.filter(job="nightly", step="run").order_by("-business_date")[:14]
    dates = [run.business_date for run in runs]
    measured = {
        row["step"]: row
        for row in JobRun.objects.filter(
            job="nightly", business_date__gt=(dates[0] if dates else clock.today()) - dt.timedelta(days=NIGHTS)
        )
        .exclude(step="run")
        .values("step")
        .annotate(
            nights=Count("business_date", distinct=True),
            mean=Avg("seconds"),
            worst=Max("seconds"),
            total=Sum("row_count"),
        )
    }
    return render(
        request,
        "collections_app/jobs.html",
        {
            "runs": runs,
            "steps": [
                {**measured[name], "words": words}
                for name, _path, words in slots.filled("nightly_steps")
                if name in measured
            ],
            "clients": Client.objects.order_by("code"),
            "last": dates[0] if dates else None,
            "unsealed": AuditEvent.objects.filter(seal__isnull=True).count(),
            "sealed": AuditSeal.objects.count(),
        },
    )


@require_POST
@allow(can_see_jobs)
def run_again(request: HttpRequest) -> HttpResponse:
    """Ask a worker for today's night: it goes on where something is missing, and changes nothing else."""
    nightly_task.delay(clock.today().isoformat())
    messages.success(request, _("A worker takes it up now."))
    return redirect("jobs")
