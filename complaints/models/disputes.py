"""Objections to a credit record or to a decision made on it, and what followed (source 004; CB-30 to CB-48)."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from clients.models import Client
from collections_app.models import Case, Hold
from collections_app.models.fields import OwnedKey
from complaints.choices import (
    CommitteeState,
    Correction,
    DisputeGround,
    DisputeKind,
    DisputeOutcome,
    DisputeState,
    ReplyStand,
)


class Dispute(models.Model):
    """An objection. The member is our client; we act for it, and keep every date of its timeline."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    case = OwnedKey(Case, related_name="disputes")
    reference = models.CharField(max_length=20, unique=True)
    bureau_reference = models.CharField(max_length=60, blank=True)
    kind = models.CharField(max_length=10, choices=DisputeKind.choices)
    ground = models.CharField(max_length=12, choices=DisputeGround.choices)
    # What is objected to, the objector's words and summary: sealed under the party's key.
    item_sealed = models.BinaryField()
    words_sealed = models.BinaryField()
    statement_sealed = models.BinaryField(null=True)
    has_documents = models.BooleanField(default=False)
    language = models.CharField(max_length=2, default="ar")
    state = models.CharField(max_length=12, choices=DisputeState.choices, default=DisputeState.FILED)
    filed_at = models.DateTimeField()
    # After office hours the next working day counts (CB-45).
    counts_from = models.DateField()
    notified_at = models.DateTimeField(null=True, blank=True)
    replied_at = models.DateTimeField(null=True, blank=True)
    stand = models.CharField(max_length=14, choices=ReplyStand.choices, blank=True)
    # The ten working days passed without a reply; silence counts for the objector (CB-32).
    silent = models.BooleanField(default=False)
    decided_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=14, choices=DisputeOutcome.choices, blank=True)
    decision_reason = models.CharField(max_length=1000, blank=True)
    correction = models.CharField(max_length=8, choices=Correction.choices, blank=True)
    corrected_at = models.DateTimeField(null=True, blank=True)
    told_progress_at = models.DateTimeField(null=True, blank=True)
    told_result_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    # What furnishing marks the item with while it stands (CB-14, CB-38).
    is_flagged = models.BooleanField(default=True)
    hold = OwnedKey(Hold, null=True, blank=True, related_name="+", db_index=False)
    committee = models.CharField(max_length=14, choices=CommitteeState.choices, blank=True, default="")
    committee_at = models.DateTimeField(null=True, blank=True)
    handler = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="disputes"
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome="", decided_at__isnull=True)
                | (~models.Q(outcome="") & models.Q(decided_at__isnull=False) & ~models.Q(decision_reason="")),
                name="dispute_decided_whole",
            ),
            # Nothing is deleted that was proven right (CB-35).
            models.CheckConstraint(
                condition=~models.Q(outcome=DisputeOutcome.REJECTED) | models.Q(correction=""),
                name="dispute_rejected_changes_nothing",
            ),
            models.CheckConstraint(
                condition=models.Q(silent=False) | models.Q(replied_at__isnull=True), name="dispute_silent_or_replied"
            ),
        ]
        indexes = [models.Index(fields=["client", "state"], name="dispute_by_state")]

    def __str__(self) -> str:
        return self.reference


class DisputeMove(models.Model):
    """Each step of a dispute, by whom, with what it stands on (CB-42). Append-only."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    dispute = OwnedKey(Dispute, related_name="moves")
    what = models.CharField(max_length=30)
    from_state = models.CharField(max_length=12, choices=DisputeState.choices, blank=True)
    to_state = models.CharField(max_length=12, choices=DisputeState.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["dispute", "pk"]

    def __str__(self) -> str:
        return f"{self.dispute_id}: {self.what}"


class DisputeRecipient(models.Model):
    """Whom the objector names, of those who had the record in the last year (CB-39, CB-40, CB-48)."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    dispute = OwnedKey(Dispute, related_name="recipients")
    name = models.CharField(max_length=160)
    address = models.CharField(max_length=300)
    email = models.EmailField(blank=True)
    received_on = models.DateField()
    held_item = models.BooleanField(default=True)
    told_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.name} of {self.dispute_id}"
