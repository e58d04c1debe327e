"""Mails that came to the house's address, and what became of each."""

from __future__ import annotations

from django.db import models

from complaints.choices import MailResult
from complaints.models.matters import Matter


class Mail(models.Model):
    """One mail that was read: taken as a matter, noted on one, or set aside. Append-only, and once for each mail."""

    # Of its Message-ID, or of all of it where it has none: read twice it is one mail.
    mark = models.CharField(max_length=64, unique=True)
    result = models.CharField(max_length=10, choices=MailResult.choices)
    # Why it was set aside, as a code; empty otherwise.
    reason = models.CharField(max_length=20, blank=True)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, null=True, blank=True, related_name="mails")
    sent_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(result=MailResult.ASIDE, matter__isnull=True) & ~models.Q(reason="")
                | (~models.Q(result=MailResult.ASIDE) & models.Q(matter__isnull=False, reason="")),
                name="mail_taken_or_aside",
            )
        ]

    def __str__(self) -> str:
        return f"{self.result} {self.mark[:12]}"
