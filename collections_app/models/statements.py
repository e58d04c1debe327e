"""Closed periods of a client's account: as issued they stay; what is told later falls into the next."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from clients.models import Client
from collections_app.models.fields import OwnedKey
from collections_app.models.ledger import LedgerEntry


class StatementPeriod(models.Model):
    """One period as it was issued. Append-only: its lines and sums are never written again."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="statement_periods")
    number = models.PositiveIntegerField()
    from_on = models.DateField()
    to_on = models.DateField()
    # By currency: opening, charged, paid, adjusted, withdrawn, closing.
    sums = models.JSONField(encoder=DjangoJSONEncoder)
    lines = models.PositiveIntegerField()
    # Lines whose value date lies in a period that was closed before.
    corrections = models.PositiveIntegerField()
    closed_at = models.DateTimeField()
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "number"], name="statement_period_number_once"),
            models.CheckConstraint(
                condition=models.Q(to_on__gte=models.F("from_on")), name="statement_period_in_order"
            ),
        ]

    @property
    def figures(self) -> dict[str, dict[str, Decimal]]:
        """The sums as amounts."""
        return {
            currency: {name: Decimal(amount) for name, amount in sums.items()} for currency, sums in self.sums.items()
        }

    def __str__(self) -> str:
        return f"{self.number}: {self.from_on} – {self.to_on}"


class StatementLine(models.Model):
    """An entry stands in one period's statement and in no other. Append-only."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    period = OwnedKey(StatementPeriod, related_name="+")
    entry = models.OneToOneField(
        LedgerEntry, on_delete=models.PROTECT, related_name="statement_line", db_constraint=False
    )

    def __str__(self) -> str:
        return f"{self.entry_id} in {self.period_id}"
