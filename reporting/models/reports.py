"""Reports as issued: what has left the building is stored, hashed and never derived again."""

from __future__ import annotations

from django.db import models

from clients.models import Client
from reporting.choices import ReportKind
from reporting.rules.periods import Calendar, Placed, period_of


class Report(models.Model):
    """One issue of one report in one language. A correction is the next issue, with its reason."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="reports")
    kind = models.CharField(max_length=10, choices=ReportKind.choices)
    # How its period is asked for: 2026-W40, 2026-09, 2026-Q3; of a placed portfolio the day of placement.
    period = models.CharField(max_length=10)
    language = models.CharField(max_length=2)
    issue = models.PositiveSmallIntegerField(default=1)
    number = models.CharField(max_length=40)
    starts_on = models.DateField()
    ends_on = models.DateField()
    reason = models.CharField(max_length=300, blank=True)
    context = models.JSONField()
    pdf = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    pages = models.PositiveSmallIntegerField()
    chain_seq = models.BigIntegerField()
    chain_hash = models.CharField(max_length=64)
    issued_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client", "kind", "period", "language", "issue"], name="client_report_once"
            ),
            models.CheckConstraint(
                condition=models.Q(issue=1) | ~models.Q(reason=""), name="client_report_reissue_reason"
            ),
        ]
        ordering = ["-ends_on", "kind", "-issue", "-pk"]

    def __str__(self) -> str:
        return self.number

    @property
    def covers(self) -> Calendar | Placed:
        """The week, month, quarter or portfolio it is about."""
        return period_of(kind=self.kind, label=self.period)
