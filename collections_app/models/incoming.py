"""Word of money that came: the files that told of it, and each payment until it is posted or set aside."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from clients.models import Client
from collections_app.choices import ImportStatus, IncomingKind, IncomingState
from collections_app.models.cases import Case
from collections_app.models.fields import CurrencyField, MoneyField, OwnedKey
from collections_app.models.ledger import Payment


class IncomingFile(models.Model):
    """A payment file of a client, or a statement of a bank. The house's own account belongs to no one client."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=10, choices=IncomingKind.choices)
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    layout = models.JSONField(default=dict)
    # CSV, XLSX, MT940, MT942 or the name of the camt message.
    form = models.CharField(max_length=20, blank=True)
    status = models.CharField(max_length=10, choices=ImportStatus.choices)
    # Where the upload waits until the worker has read it; empty for the command line.
    stored_path = models.CharField(max_length=300, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    result = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind=IncomingKind.STATEMENT) | models.Q(client__isnull=False),
                name="incoming_file_of_client",
            )
        ]
        indexes = [models.Index(fields=["-created_at"], name="incoming_file_newest")]

    def __str__(self) -> str:
        return self.name


class IncomingPayment(models.Model):
    """One payment a file told of. The client is that of its file, else that of the case it turns out to be for."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    file = models.ForeignKey(IncomingFile, on_delete=models.PROTECT, related_name="payments")
    line = models.IntegerField()
    # A digest of what makes it this payment and no other: the same file again is recognised by it.
    identity = models.CharField(max_length=64, unique=True)
    reference = models.CharField(max_length=200)
    debtor_ref = models.CharField(max_length=200, blank=True)
    receivable_ref = models.CharField(max_length=200, blank=True)
    value_on = models.DateField()
    amount = MoneyField()
    currency = CurrencyField(blank=True)
    # What the bank wrote, while a person needs it to decide; emptied with the decision.
    payer_name = models.CharField(max_length=160, blank=True)
    text = models.CharField(max_length=2000, blank=True)
    state = models.CharField(max_length=10, choices=IncomingState.choices)
    reason = models.CharField(max_length=20, blank=True)
    # [{"reason": "set", "shares": [[receivable id, "100.00"], …]}, …], best first.
    suggestions = models.JSONField(default=list)
    case = OwnedKey(Case, null=True, blank=True, related_name="incoming")
    payment = OwnedKey(Payment, null=True, blank=True, related_name="incoming")
    note = models.CharField(max_length=300, blank=True)
    recorded_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="incoming_amount_positive"),
            models.CheckConstraint(
                condition=models.Q(state=IncomingState.MATCHED, payment__isnull=False)
                | (~models.Q(state=IncomingState.MATCHED) & models.Q(payment__isnull=True)),
                name="incoming_matched_is_posted",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=IncomingState.SET_ASIDE) | ~models.Q(note=""),
                name="incoming_aside_says_why",
            ),
            models.CheckConstraint(
                condition=models.Q(case__isnull=True) | models.Q(client__isnull=False),
                name="incoming_case_of_client",
            ),
            models.UniqueConstraint(
                fields=["payment"], condition=models.Q(payment__isnull=False), name="incoming_payment_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["value_on", "id"],
                condition=models.Q(state__in=["SUGGESTED", "UNMATCHED"]),
                name="incoming_waiting",
            ),
            models.Index(fields=["file", "line"], name="incoming_by_file"),
        ]

    def __str__(self) -> str:
        return self.reference
