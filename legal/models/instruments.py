"""What a debt stands on: a promissory note, a contract, an account."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from clients.models import Client
from collections_app.models import Debt
from collections_app.models.fields import CurrencyField, MoneyField, OwnedKey
from legal.choices import RETURNED_WHEN_SPENT, InstrumentKind
from legal.models.papers import Paper


class Instrument(models.Model):
    """One instrument of one debt. A note's seven statutory items stand as columns (regulations E6)."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    debt = OwnedKey(Debt, related_name="instruments")
    kind = models.CharField(max_length=20, choices=InstrumentKind.choices)
    number = models.CharField(max_length=80, blank=True)
    amount = MoneyField()
    currency = CurrencyField()
    issued_on = models.DateField(null=True, blank=True)
    issue_place = models.CharField(max_length=120, blank=True)
    # Empty: payable at sight.
    due_on = models.DateField(null=True, blank=True)
    payment_place = models.CharField(max_length=120, blank=True)
    payee = models.CharField(max_length=200, blank=True)
    says_note = models.BooleanField(default=False)
    unconditional = models.BooleanField(default=False)
    signed = models.BooleanField(default=False)
    # Its entry on the national platform, needed of notes by regulations E4.
    platform_reference = models.CharField(max_length=80, blank=True)
    registered_on = models.DateField(null=True, blank=True)
    # The debtor's last acknowledgement, from which the limitation counts anew (regulations E7).
    acknowledged_on = models.DateField(null=True, blank=True)
    returned_on = models.DateField(null=True, blank=True)
    paper = OwnedKey(Paper, null=True, blank=True, related_name="+")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="instrument_amount"),
            models.CheckConstraint(
                condition=models.Q(registered_on__isnull=True) | ~models.Q(platform_reference=""),
                name="instrument_registered_with_reference",
            ),
        ]
        indexes = [
            models.Index(
                fields=["debt"],
                condition=models.Q(kind__in=sorted(RETURNED_WHEN_SPENT), returned_on__isnull=True),
                name="instrument_to_return",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}".strip()
