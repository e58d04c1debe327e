"""Reports made together: what is wanted stands here, and workers only take it from here."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from clients.models import Client
from collections_app.models.fields import OwnedKey
from reporting.choices import ReportKind, ReportState
from reporting.models.reports import Report
from reporting.rules.periods import Calendar, Placed, period_of


class ReportRun(models.Model):
    """The reports of one kind and period, of every client it is wanted from; over when each of them is issued or given
    up (DC-08).
    """

    kind = models.CharField(max_length=10, choices=ReportKind.choices)
    period = models.CharField(max_length=10)
    begun_at = models.DateTimeField()
    begun_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-begun_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["kind", "period"], name="report_run_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.period}"

    @property
    def covers(self) -> Calendar | Placed:
        """The week, month, quarter or placed portfolios it is about."""
        return period_of(kind=self.kind, label=self.period)


class ReportJob(models.Model):
    """One client's report in one language, wanted by a run."""

    run = models.ForeignKey(ReportRun, on_delete=models.PROTECT, related_name="jobs", db_index=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    language = models.CharField(max_length=2)
    state = models.CharField(max_length=7, choices=ReportState.choices, default=ReportState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    # When it was last put into the queue; the sweep puts it there again when nothing came of it.
    handed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    seconds = models.FloatField(null=True, blank=True)
    # The kind of what went wrong, never its words.
    error = models.CharField(max_length=80, blank=True)
    report = OwnedKey(Report, null=True, blank=True, related_name="+", db_index=False)

    class Meta:
        ordering = ["client__code", "language"]
        constraints = [
            models.UniqueConstraint(fields=["run", "client", "language"], name="report_job_once"),
            models.CheckConstraint(
                condition=models.Q(state=ReportState.ISSUED, report__isnull=False, ended_at__isnull=False)
                | (~models.Q(state=ReportState.ISSUED) & models.Q(report__isnull=True)),
                name="report_job_issued_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["handed_at"], condition=models.Q(state=ReportState.WAITING), name="report_job_waiting")
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.client_id} {self.language}"


class ReportReader(models.Model):
    """What a client's person wants to be told of by e-mail; who never said anything is told of new reports."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="report_reader")
    told_of_reports = models.BooleanField(default=True)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"reader {self.user_id}"
