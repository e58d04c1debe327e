"""What the jobs did: the truth about every run stands here, Celery only moves it."""

from __future__ import annotations

from django.db import models


class JobRun(models.Model):
    """One step of one job for one book and date. The step's writes and its DONE commit together."""

    class Status(models.TextChoices):
        RUNNING = "RUNNING", "running"
        DONE = "DONE", "done"
        FAILED = "FAILED", "failed"

    job = models.CharField(max_length=40)
    step = models.CharField(max_length=60)
    # The client whose book it is, 0 for the whole house. Not a foreign key: jobs know no trade words.
    book_id = models.BigIntegerField(default=0)
    business_date = models.DateField()
    chunk = models.IntegerField(default=0)
    status = models.CharField(max_length=10, choices=Status.choices)
    row_count = models.BigIntegerField(default=0)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    seconds = models.FloatField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "step", "book_id", "business_date", "chunk"], name="job_run_once"),
        ]
        indexes = [models.Index(fields=["job", "business_date"], name="job_run_by_date")]

    def __str__(self) -> str:
        return f"{self.job}.{self.step} {self.book_id} {self.business_date} {self.status}"
