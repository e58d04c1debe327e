"""Weekly reports as issued: what has left the building is stored, hashed and never derived again."""

from __future__ import annotations

from django.db import models

from clients.models import Client


class WeeklyReport(models.Model):
    """One issue of one week's report in one language. A correction is the next issue, with its reason."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="weekly_reports")
    # The ISO number of the week's Thursday; the week itself runs Sunday to Saturday.
    year = models.PositiveSmallIntegerField()
    week = models.PositiveSmallIntegerField()
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
            models.UniqueConstraint(fields=["client", "year", "week", "language", "issue"], name="weekly_issue_once"),
            models.CheckConstraint(condition=models.Q(issue=1) | ~models.Q(reason=""), name="weekly_reissue_reason"),
        ]
        ordering = ["-year", "-week", "-issue"]

    def __str__(self) -> str:
        return self.number
