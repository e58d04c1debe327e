"""Mails that came to the house's address, and what became of each."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from complaints.choices import AsideState, MailResult
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


class AsideMail(models.Model):
    """A mail that was set aside, until a person says what becomes of it; sealed under a key of its own.

    Once that is said the key is destroyed: what was taken stands in its matter, and of what was dismissed nothing is
    kept here. The mail itself lies in its folder of the mailbox.
    """

    mail = models.OneToOneField(Mail, on_delete=models.PROTECT, related_name="aside")
    wrapped_key = models.BinaryField(null=True)
    # The whole mail as it came, attachments too; empty where it was too large to keep twice.
    raw_sealed = models.BinaryField(null=True)
    # Sender, subject line and words, as they are shown.
    shown_sealed = models.BinaryField()
    state = models.CharField(max_length=9, choices=AsideState.choices, default=AsideState.WAITING)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=300, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state=AsideState.WAITING, decided_at__isnull=True, matter__isnull=True, reason="")
                | models.Q(state=AsideState.TAKEN, decided_by__isnull=False, matter__isnull=False)
                | models.Q(state=AsideState.DISMISSED, decided_by__isnull=False, matter__isnull=True)
                & ~models.Q(reason=""),
                name="aside_mail_decided_whole",
            )
        ]
        indexes = [
            models.Index(fields=["-mail"], condition=models.Q(state=AsideState.WAITING), name="aside_mail_waiting")
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.mail_id}"
