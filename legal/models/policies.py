"""When a client wants its cases to go to court: the conditions, as versions."""

from __future__ import annotations

from django.db import models

from clients.models import Client
from collections_app.models.fields import MoneyField
from common.history import History


class EscalationPolicy(models.Model):
    """A version of a client's conditions of escalation (PL-20, PL-24, regulations A30). The latest begun rules.

    Days are those of the case's oldest open item by its stage policy's basis.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="escalation_policies")
    version = models.PositiveIntegerField(default=1)
    starts_on = models.DateField()
    least_days = models.PositiveSmallIntegerField(default=90)
    least_balance = MoneyField(default=0)
    least_attempts = models.PositiveSmallIntegerField(default=3)
    # Contacts with the account holder in person.
    least_reached = models.PositiveSmallIntegerField(default=1)
    least_missed_promises = models.PositiveSmallIntegerField(default=0)
    notice_needed = models.BooleanField(default=False)
    # By this day a payment option must have been offered; later cases without one are listed (PL-24).
    offer_by_day = models.PositiveSmallIntegerField(default=60)
    longest_validity = models.PositiveSmallIntegerField(default=90)

    history = History()

    class Meta:
        ordering = ["client", "-version"]
        constraints = [models.UniqueConstraint(fields=["client", "version"], name="escalation_policy_version")]

    def __str__(self) -> str:
        return f"{self.client_id} v{self.version}"
