"""Where a stage policy rules, since when, and who asked for it."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from clients.choices import ChangeStatus, RestageState
from clients.models.clients import Client, StagePolicy


class StageAssignment(models.Model):
    """From ``starts_on`` this version rules a client's product; '' is every product without a row of its own.

    Append-only. In force on a day: the row with the greatest (starts_on, event_id) that has begun, for the product,
    else for ''. ``event_id`` is the audit event of the approval; 0 for what ruled before assignments were kept.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="stage_assignments")
    product = models.CharField(max_length=80, blank=True)
    policy = models.ForeignKey(StagePolicy, on_delete=models.PROTECT, related_name="assignments")
    # The first business date it rules.
    starts_on = models.DateField()
    event_id = models.BigIntegerField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "product", "starts_on", "event_id"], name="stage_assignment_once")
        ]

    def __str__(self) -> str:
        return f"{self.client_id}/{self.product} {self.policy_id} from {self.starts_on}"


class StageChange(models.Model):
    """A request that one version shall rule some places from a day on: prepared by one person, decided by another."""

    policy = models.ForeignKey(StagePolicy, on_delete=models.PROTECT, related_name="changes")
    starts_on = models.DateField()
    reason = models.CharField(max_length=500)
    # What is asked: ladder, places, day and reason; whoever decides gives back what they read.
    digest = models.CharField(max_length=64)
    status = models.CharField(max_length=10, choices=ChangeStatus.choices, default=ChangeStatus.PROPOSED)
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True) | ~models.Q(decided_by=models.F("prepared_by")),
                name="stage_change_two_people",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=[ChangeStatus.PROPOSED, ChangeStatus.WITHDRAWN], decided_by__isnull=True)
                | models.Q(
                    status__in=[ChangeStatus.APPROVED, ChangeStatus.REJECTED],
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                ),
                name="stage_change_decided_by_somebody",
            ),
            models.UniqueConstraint(
                fields=["policy"], condition=models.Q(status=ChangeStatus.PROPOSED), name="stage_change_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy_id} from {self.starts_on}"


class StageChangePlace(models.Model):
    """One client and product of a request; once approved, how far re-staging its book has come."""

    change = models.ForeignKey(StageChange, on_delete=models.PROTECT, related_name="places")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    product = models.CharField(max_length=80, blank=True)
    # Written by ``collections_app.services.restaging`` alone.
    state = models.CharField(max_length=10, choices=RestageState.choices, default=RestageState.WAITING)
    cases_total = models.PositiveIntegerField(default=0)
    cases_done = models.PositiveIntegerField(default=0)
    last_case_id = models.BigIntegerField(default=0)
    looked_at = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["change", "client", "product"]
        constraints = [models.UniqueConstraint(fields=["change", "client", "product"], name="stage_change_place_once")]

    def __str__(self) -> str:
        return f"{self.client_id}/{self.product} {self.state}"
