"""What was agreed with a client to be reached."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from clients.models import Client
from reporting.choices import TargetCode


class Target(models.Model):
    """An agreed figure, from a day on until the next one of its kind. Append-only; no promise of ours (PL-38)."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    code = models.CharField(max_length=40, choices=TargetCode.choices)
    # Of what is collected; a share has none.
    currency = models.CharField(max_length=3, blank=True)
    # Percent for a share, money for what is collected.
    value = models.DecimalField(max_digits=18, decimal_places=2)
    starts_on = models.DateField()
    # Where it was agreed: a letter, a meeting.
    agreed_in = models.CharField(max_length=200)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["code", "currency", "-starts_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(code=TargetCode.COLLECTED, value__gt=0) & ~models.Q(currency="")
                | (~models.Q(code=TargetCode.COLLECTED) & models.Q(currency="", value__gt=0, value__lte=100)),
                name="target_of_its_kind",
            )
        ]
        indexes = [models.Index(fields=["client", "code", "currency", "-starts_on"], name="target_ruling")]

    def __str__(self) -> str:
        return f"{self.code} {self.value}"
