"""Official holidays as data that people edit and confirm, never a library alone."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Holiday(models.Model):
    """One day off in one calendar (banks and the private sector differ around the Eids)."""

    class Calendar(models.TextChoices):
        BANK = "BANK", _("Banks")
        PRIVATE = "PRIVATE", _("Private sector")

    calendar = models.CharField(max_length=10, choices=Calendar.choices)
    on = models.DateField()
    name_ar = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    estimated = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["calendar", "on"], name="holiday_once")]
        ordering = ["on"]

    def __str__(self) -> str:
        return f"{self.on} {self.name_en}"
