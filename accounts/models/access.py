"""Who looked at what, and why: reveals of masked values, an auditor's views, exports."""

from __future__ import annotations

from django.db import models

from accounts.models.users import User


class AccessRecord(models.Model):
    """One look at something that is not everybody's to see; committed before the page is made."""

    at = models.DateTimeField()
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=40, blank=True)
    subject_id = models.BigIntegerField(null=True)
    why = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["user", "at"], name="access_by_user")]

    def __str__(self) -> str:
        return f"{self.what} {self.at}"
