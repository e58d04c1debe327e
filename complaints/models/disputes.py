"""Objections to a credit record or to a decision made on it, and what followed (source 004; CB-30 to CB-48)."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from clients.models import Client
from collections_app.models import Case, Hold
from collections_app.models.fields import OwnedKey
from complaints.choices import (
    CORRECTS,
    NOT_STOOD_BY,
    CommitteeState,
    Correction,
    DisputeGround,
    DisputeKind,
    DisputeOutcome,
    DisputeState,
    DisputeStep,
    PublicRecord,
    ReplyStand,
    ToldOf,
)


class Dispute(models.Model):
    """An objection. The member is our client; we act for it, and keep every date of its timeline."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    case = OwnedKey(Case, related_name="disputes")
    reference = models.CharField(max_length=20, unique=True)
    bureau_reference = models.CharField(max_length=60, blank=True)
    kind = models.CharField(max_length=10, choices=DisputeKind.choices)
    ground = models.CharField(max_length=12, choices=DisputeGround.choices)
    # An item from a public record carries its source and date (CB-47).
    public_record = models.CharField(max_length=10, choices=PublicRecord.choices, blank=True, default="")
    record_source = models.CharField(max_length=160, blank=True, default="")
    record_on = models.DateField(null=True, blank=True)
    # What is objected to, the objector's words and summary: sealed under the party's key.
    item_sealed = models.BinaryField()
    words_sealed = models.BinaryField()
    statement_sealed = models.BinaryField(null=True)
    # Since when the record bears that statement, at the objector's request (CB-39).
    statement_at = models.DateTimeField(null=True, blank=True)
    # Official documents of the objector (CB-44), and when they were asked for.
    has_documents = models.BooleanField(default=False)
    documents_asked_at = models.DateTimeField(null=True, blank=True)
    language = models.CharField(max_length=2, default="ar")
    state = models.CharField(max_length=12, choices=DisputeState.choices, default=DisputeState.FILED)
    filed_at = models.DateTimeField()
    # After office hours the next working day counts (CB-45).
    counts_from = models.DateField()
    notified_at = models.DateTimeField(null=True, blank=True)
    replied_at = models.DateTimeField(null=True, blank=True)
    stand = models.CharField(max_length=14, choices=ReplyStand.choices, blank=True)
    # What the member says, sealed as well, and whether papers came with it.
    reply_sealed = models.BinaryField(null=True)
    has_evidence = models.BooleanField(default=False)
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
    # A deleted or amended item stands in the record again: by the committee's decision alone (regulations B12).
    reinserted_at = models.DateTimeField(null=True, blank=True)
    handler = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="disputes"
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(public_record="", record_source="", record_on__isnull=True)
                | models.Q(kind=DisputeKind.ITEM, record_on__isnull=False)
                & ~models.Q(public_record="")
                & ~models.Q(record_source=""),
                name="dispute_public_record_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="", decided_at__isnull=True)
                | (~models.Q(outcome="") & models.Q(decided_at__isnull=False) & ~models.Q(decision_reason="")),
                name="dispute_decided_whole",
            ),
            # Nothing is deleted or amended but by a decision or a ruling that says so (CB-34, CB-35).
            models.CheckConstraint(
                condition=models.Q(correction="", corrected_at__isnull=True)
                | models.Q(corrected_at__isnull=False)
                & ~models.Q(correction="")
                & (models.Q(outcome__in=sorted(CORRECTS)) | models.Q(committee=CommitteeState.FOR_OBJECTOR)),
                name="dispute_corrected_by_decision",
            ),
            # What the member stands by and proves, against no official document, is right: it stays (CB-35, I-13).
            models.CheckConstraint(
                condition=~models.Q(outcome__in=sorted(CORRECTS))
                | models.Q(has_documents=True)
                | models.Q(silent=True)
                | models.Q(has_evidence=False)
                | models.Q(stand__in=sorted(NOT_STOOD_BY)),
                name="dispute_right_stays",
            ),
            # Silence counts for the objector (CB-32).
            models.CheckConstraint(
                condition=models.Q(silent=False) | ~models.Q(outcome=DisputeOutcome.REJECTED),
                name="dispute_silence_for_objector",
            ),
            models.CheckConstraint(
                condition=models.Q(reinserted_at__isnull=True)
                | models.Q(committee=CommitteeState.FOR_MEMBER) & ~models.Q(correction=""),
                name="dispute_reinserted_by_committee",
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
    what = models.CharField(max_length=30, choices=DisputeStep.choices)
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
    told_of = models.CharField(max_length=10, choices=ToldOf.choices, blank=True, default="")

    def __str__(self) -> str:
        return f"{self.name} of {self.dispute_id}"


class DisputePack(models.Model):
    """The answer we assemble for the member: reviewed by another person, then sent (regulations B3)."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    dispute = OwnedKey(Dispute, related_name="packs")
    paper = models.OneToOneField("complaints.MatterPaper", on_delete=models.PROTECT, related_name="+")
    stand = models.CharField(max_length=14, choices=ReplyStand.choices)
    words_sealed = models.BinaryField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    # The message that carries it: what the server answered stands there.
    message = models.ForeignKey("common.Message", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["dispute", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(reviewed_by__isnull=True) | ~models.Q(reviewed_by=models.F("made_by")),
                name="dispute_pack_four_eyes",
            ),
            models.CheckConstraint(
                condition=models.Q(sent_at__isnull=True, message__isnull=True)
                | models.Q(sent_at__isnull=False, message__isnull=False, reviewed_at__isnull=False),
                name="dispute_pack_sent_reviewed",
            ),
        ]

    def __str__(self) -> str:
        return f"pack {self.pk} of {self.dispute_id}"
