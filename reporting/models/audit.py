"""When the audit chain was verified, by whom, and what was found."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class AuditVerification(models.Model):
    """One verification of the whole chain. Its result is written once, and stands (by trigger)."""

    class State(models.TextChoices):
        RUNNING = "RUNNING", _("Under way")
        HOLDS = "HOLDS", _("The chain holds")
        BROKEN = "BROKEN", _("The chain does not hold")

    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    ended_at = models.DateTimeField(null=True, blank=True)
    # How many links held, and where the chain stood then.
    checked = models.PositiveBigIntegerField(default=0)
    head_hash = models.CharField(max_length=64, blank=True)
    # The first link that does not hold, its event, and what is wrong with it.
    bad_seq = models.PositiveBigIntegerField(null=True, blank=True)
    bad_event = models.PositiveBigIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=20, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="RUNNING", ended_at__isnull=True)
                | models.Q(state__in=["HOLDS", "BROKEN"], ended_at__isnull=False),
                name="verification_ended",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asked_at} {self.state}"
