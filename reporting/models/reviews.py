"""Review meetings with a client: what was decided, what is recommended for the next quarter, and what came of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from clients.models import Client
from collections_app.models.fields import OwnedKey
from reporting.choices import PointKind


class Review(models.Model):
    """The minutes of a meeting about one quarter (PL-37). Once the client agreed they stand as they are."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    # 2026-Q3
    quarter = models.CharField(max_length=7)
    held_on = models.DateField()
    attended = models.CharField(max_length=400)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    # Who agreed for the client, and on which day; empty while the minutes are written.
    agreed_by = models.CharField(max_length=120, blank=True)
    agreed_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["-held_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["client", "quarter", "held_on"], name="review_once_a_day"),
            models.CheckConstraint(
                condition=models.Q(agreed_by="", agreed_on__isnull=True)
                | (~models.Q(agreed_by="") & models.Q(agreed_on__gte=models.F("held_on"))),
                name="review_agreed_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quarter} {self.held_on}"


class ReviewPoint(models.Model):
    """One decision or recommendation of a meeting. A recommendation has who sees to it, and until when."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    review = OwnedKey(Review, related_name="points")
    kind = models.CharField(max_length=14, choices=PointKind.choices)
    text = models.CharField(max_length=400)
    owner = models.CharField(max_length=120, blank=True)
    due_on = models.DateField(null=True, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind=PointKind.DECISION) | (~models.Q(owner="") & models.Q(due_on__isnull=False)),
                name="review_point_owned",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class ReviewOutcome(models.Model):
    """What came of a point: done, or not, with the reason. The last one told holds."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    point = OwnedKey(ReviewPoint, related_name="outcomes")
    done = models.BooleanField()
    reason = models.CharField(max_length=300, blank=True)
    on = models.DateField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(done=True) | ~models.Q(reason=""), name="review_not_done_why")
        ]

    def __str__(self) -> str:
        return f"{self.point_id} {self.done}"


class Adjustment(models.Model):
    """What is changed in the work on a placed portfolio after its first days, as its early brief says (PL-09)."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    placed_on = models.DateField()
    text = models.CharField(max_length=400)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["client", "placed_on"], name="adjustment_of_portfolio")]

    def __str__(self) -> str:
        return f"{self.placed_on} {self.pk}"
