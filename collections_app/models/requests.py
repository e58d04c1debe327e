"""What stages ask for: that it was asked, once a receivable and stage entry, and what waits because of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from clients.choices import ActionKind, Channel, Recipient
from clients.models import Client
from collections_app.choices import EndedFor, RequestStatus
from collections_app.models.cases import Case, Receivable
from collections_app.models.fields import OwnedKey, StageKey


class ActionFired(models.Model):
    """A stage's action was asked for, because a receivable entered the stage on a day. Append-only.

    ``entered_on`` is the day as the facts tell it, not the night that saw it: working it out again gives the same row.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    receivable = OwnedKey(Receivable, related_name="fired", db_index=False)
    stage_code = models.CharField(max_length=30)
    action = models.CharField(max_length=60)
    entered_on = models.DateField()
    fired_on = models.DateField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["receivable", "stage_code", "action", "entered_on"], name="action_fired_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.action} of {self.receivable_id} on {self.fired_on}"


class StageRequest(models.Model):
    """A message that waits to be sent, a stop in force, or a proposal that waits for a person: what a stage asked for.

    Nothing is sent from here: an outbox takes up what is pending. While one is pending a case is not asked for the same
    again.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    case = OwnedKey(Case, related_name="requests", db_index=False)
    # The first receivable that asked, and its stage then.
    receivable = OwnedKey(Receivable, related_name="+", db_index=False)
    stage = StageKey()
    action = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=[(k.value, k.label) for k in ActionKind if k is not ActionKind.TASK])
    # A template, a kind of stop, a kind of proposal.
    what = models.CharField(max_length=20)
    channel = models.CharField(max_length=10, choices=Channel.choices, blank=True)
    recipient = models.CharField(max_length=10, choices=Recipient.choices, blank=True)
    asked_on = models.DateField()
    status = models.CharField(max_length=10, choices=RequestStatus.choices, default=RequestStatus.PENDING)
    ended_on = models.DateField(null=True, blank=True)
    ended_for = models.CharField(max_length=10, choices=EndedFor.choices, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decision_reason = models.CharField(max_length=300, blank=True)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "action"], condition=models.Q(status=RequestStatus.PENDING), name="request_one_pending"
            ),
            models.UniqueConstraint(fields=["receivable", "stage", "action", "asked_on"], name="request_once"),
            models.CheckConstraint(
                condition=(models.Q(kind=ActionKind.MESSAGE) & ~models.Q(channel="") & ~models.Q(recipient=""))
                | (~models.Q(kind=ActionKind.MESSAGE) & models.Q(channel="", recipient="")),
                name="request_message_addressed",
            ),
            models.CheckConstraint(
                condition=models.Q(status=RequestStatus.PENDING, ended_on__isnull=True, ended_for="")
                | models.Q(status=RequestStatus.ENDED, ended_on__isnull=False)
                | models.Q(
                    status__in=[RequestStatus.TAKEN, RequestStatus.DECLINED],
                    kind=ActionKind.PROPOSE,
                    ended_on__isnull=False,
                    decided_by__isnull=False,
                ),
                name="request_ended_as_declared",
            ),
        ]
        indexes = [
            models.Index(fields=["case", "-asked_on"], name="request_by_case"),
            models.Index(fields=["client"], condition=models.Q(status=RequestStatus.PENDING), name="request_pending"),
            models.Index(fields=["client"], condition=models.Q(ended_for=EndedFor.HELD), name="request_held"),
        ]

    def __str__(self) -> str:
        return f"{self.action} of {self.case_id} on {self.asked_on}"
