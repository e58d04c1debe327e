"""Figures of a day, per client: written by the night, recomputed by ``rollup``, read by pages and PDFs."""

from __future__ import annotations

from django.db import models

from clients.choices import AgeBasis
from clients.models import Client


class AgingRollup(models.Model):
    """How much was open in one bucket at the end of one day. ``closed`` once the day is over."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    on = models.DateField()
    basis = models.CharField(max_length=10, choices=AgeBasis.choices)
    currency = models.CharField(max_length=3)
    bucket = models.CharField(max_length=10)
    count = models.IntegerField()
    amount = models.DecimalField(max_digits=20, decimal_places=2)
    closed = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "on", "basis", "currency", "bucket"], name="aging_once")
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.bucket}"


class KpiRollup(models.Model):
    """One figure of one day: a count and, for money, an amount in one currency."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    on = models.DateField()
    name = models.CharField(max_length=30)
    currency = models.CharField(max_length=3, blank=True)
    count = models.IntegerField()
    amount = models.DecimalField(max_digits=20, decimal_places=2, default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "on", "name", "currency"], name="kpi_once")]

    def __str__(self) -> str:
        return f"{self.on} {self.name}"
