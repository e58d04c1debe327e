"""The ledger and what moves stages: entries, payments, transitions, holds."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from clients.choices import AllocationMethod, DefaultRule
from clients.models import Client
from collections_app.choices import (
    LOWERS,
    RAISES,
    Allocation,
    Component,
    EntryKind,
    HoldDecision,
    HoldKind,
    PaymentMethod,
    ReceivedBy,
)
from collections_app.models.cases import Case, Debt, Receivable
from collections_app.models.fields import CurrencyField, MoneyField, OwnedKey, StageKey


class Payment(models.Model):
    """Money that came, a fact of its own: its allocation entries and its suspense make its amount, by constraint."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    case = OwnedKey(Case, related_name="payments", db_index=False)
    reference = models.CharField(max_length=200)
    value_on = models.DateField()
    amount = MoneyField()
    currency = CurrencyField()
    suspense = MoneyField(default=0)
    # Who finds out what waiting money is for.
    suspense_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    method = models.CharField(max_length=10, choices=PaymentMethod.choices)
    received_by = models.CharField(max_length=10, choices=ReceivedBy.choices)
    payer_name = models.CharField(max_length=160, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    file = OwnedKey("collections_app.ImportFile", null=True, blank=True, related_name="payments", db_index=False)
    # How the part that no pin speaks of is spread: the client's method when the payment was told.
    allocation_method = models.CharField(
        max_length=12,
        choices=AllocationMethod.choices,
        default=AllocationMethod.OLDEST_FIRST,
        db_default=AllocationMethod.OLDEST_FIRST,
    )
    # What of it was taken back (``PaymentReversal``), and the day on which nothing was left.
    reversed_amount = MoneyField(default=0, db_default=0)
    reversed_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="payment_amount_positive"),
            models.CheckConstraint(
                condition=models.Q(suspense__gte=0)
                & models.Q(suspense__lte=models.F("amount") - models.F("reversed_amount")),
                name="payment_suspense_within",
            ),
            models.CheckConstraint(
                condition=models.Q(reversed_amount__gte=0)
                & (
                    models.Q(reversed_on__isnull=True, reversed_amount__lt=models.F("amount"))
                    | models.Q(reversed_on__isnull=False, reversed_amount=models.F("amount"))
                ),
                name="payment_reversed_within",
            ),
            models.UniqueConstraint(fields=["case", "reference"], name="payment_reference_once"),
        ]
        indexes = [
            models.Index(fields=["case", "-value_on"], name="payment_by_case"),
            models.Index(fields=["client", "value_on"], name="payment_by_client"),
        ]

    def __str__(self) -> str:
        return self.reference


class PaymentPin(models.Model):
    """So much of a payment is for this receivable: a file, the payer, a match or a person said so. Append-only.

    Negative where a later word took back what an earlier one wanted; the sum stands.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    payment = OwnedKey(Payment, related_name="pins")
    receivable = OwnedKey(Receivable, related_name="pins")
    amount = MoneyField()
    event_id = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~models.Q(amount=0), name="pin_amount_not_zero")]

    def __str__(self) -> str:
        return f"{self.amount} of {self.payment_id} for {self.receivable_id}"


class PaymentReversal(models.Model):
    """A payment, or a part of it, was taken back. Append-only; a reversal is not reversed."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    payment = OwnedKey(Payment, related_name="reversals")
    amount = MoneyField()
    on = models.DateField()
    reason = models.CharField(max_length=300)
    recorded_at = models.DateTimeField()
    event_id = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(amount__gt=0), name="payment_reversal_positive")]

    def __str__(self) -> str:
        return f"{self.amount} of {self.payment_id} back"


class LedgerEntry(models.Model):
    """One append-only line on a receivable. Positive is owed, negative lowers it; corrections are new lines."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    receivable = OwnedKey(Receivable, related_name="entries", db_index=False)
    kind = models.CharField(max_length=20, choices=EntryKind.choices)
    component = models.CharField(max_length=10, choices=Component.choices, default=Component.PRINCIPAL)
    amount = MoneyField()
    currency = CurrencyField()
    effective_on = models.DateField()
    recorded_at = models.DateTimeField()
    # The audit event of the act that wrote it: what was known at T is what was sealed by T.
    event_id = models.BigIntegerField()
    payment = OwnedKey(Payment, null=True, blank=True, related_name="entries")
    allocation = models.CharField(max_length=10, choices=Allocation.choices, blank=True)
    # The note that this one takes back, whole.
    reverses = OwnedKey("self", null=True, blank=True, related_name="+", db_index=False)
    # The note's own number, as its writer gave it.
    reference = models.CharField(max_length=80, blank=True, db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(
                    models.Q(kind__in=sorted(RAISES), amount__gt=0)
                    | models.Q(kind__in=sorted(LOWERS), amount__lt=0)
                    | models.Q(kind=EntryKind.REALLOCATION, amount__gt=0)
                    | (models.Q(kind__in=[EntryKind.REVERSAL, EntryKind.WITHDRAWAL]) & ~models.Q(amount=0))
                ),
                name="entry_sign",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind__in=[EntryKind.PAYMENT, EntryKind.REALLOCATION])
                | models.Q(payment__isnull=False),
                name="entry_payment_named",
            ),
            models.CheckConstraint(
                condition=models.Q(payment__isnull=True, allocation="")
                | (models.Q(payment__isnull=False) & ~models.Q(allocation="")),
                name="entry_allocation_of_payments",
            ),
            # A note is taken back once, and comes once under its number.
            models.UniqueConstraint(
                fields=["reverses"], condition=models.Q(reverses__isnull=False), name="entry_reversed_once"
            ),
            models.UniqueConstraint(
                fields=["receivable", "kind", "component", "reference"],
                condition=~models.Q(reference=""),
                name="entry_reference_once",
            ),
        ]
        indexes = [
            models.Index(fields=["receivable", "effective_on"], name="entry_by_receivable"),
            models.Index(fields=["client", "effective_on"], name="entry_by_client"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"


class StageTransition(models.Model):
    """A receivable moved to another stage, on its true date. Append-only.

    A stage is the same one while its code is: a new version that only inserts a rung moves nobody.
    """

    # No constraint of its own: that of the case names the client too.
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    receivable = OwnedKey(Receivable, related_name="transitions", db_index=False)
    case = OwnedKey(Case, related_name="transitions", db_index=False)
    from_stage = StageKey(null=True)
    to_stage = StageKey()
    on = models.DateField()
    days = models.IntegerField()
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["receivable", "on"], name="transition_by_receivable"),
            models.Index(fields=["case", "-on"], name="transition_by_case"),
            models.Index(fields=["client", "on"], name="transition_by_client"),
        ]

    def __str__(self) -> str:
        return f"{self.from_stage_id} → {self.to_stage_id} on {self.on}"


class DefaultEpisode(models.Model):
    """A default: computed from the ledger, never typed; of a debt, or of the whole case by the trade's own rule (I-06).

    One that later facts undid (a back-dated payment, an accepted objection) is taken off: it says when, and stays.
    """

    # No constraint of its own: that of the case names the client too.
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    case = OwnedKey(Case, related_name="defaults", db_index=False)
    debt = OwnedKey(Debt, null=True, blank=True, related_name="defaults", db_index=False)
    rule = models.CharField(max_length=30, choices=DefaultRule.choices)
    began_on = models.DateField()
    # The first day on which it was over; empty while it stands.
    ended_on = models.DateField(null=True, blank=True)
    undone_on = models.DateField(null=True, blank=True)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "debt", "rule", "began_on"],
                condition=models.Q(undone_on__isnull=True),
                nulls_distinct=False,
                name="default_once",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_on__isnull=True) | models.Q(ended_on__gt=models.F("began_on")),
                name="default_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} from {self.began_on}"


class Hold(models.Model):
    """A pause with its reason: stage, default, actions and contact stand still; age runs on."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    case = OwnedKey(Case, related_name="holds")
    debt = OwnedKey(Debt, null=True, blank=True, related_name="holds", db_index=False)
    receivable = OwnedKey(Receivable, null=True, blank=True, related_name="holds")
    kind = models.CharField(max_length=12, choices=HoldKind.choices)
    from_on = models.DateField()
    # The last held day; empty while open.
    until_on = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=300)
    recorded_at = models.DateTimeField()
    # The days it holds do not count towards stage and default; age itself always runs on.
    frozen = models.BooleanField(default=False, db_default=False)
    decision = models.CharField(max_length=10, choices=HoldDecision.choices, blank=True, db_default="")
    # The audit events of the acts that placed, ended and decided it: what was known of it at any moment.
    event_id = models.BigIntegerField(default=0, db_default=0)
    ended_event_id = models.BigIntegerField(null=True, blank=True)
    decided_event_id = models.BigIntegerField(null=True, blank=True)
    end = OwnedKey("collections_app.CaseEnd", null=True, blank=True, related_name="+", db_index=False)
    file = OwnedKey("collections_app.ImportFile", null=True, blank=True, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until_on__isnull=True) | models.Q(until_on__gte=models.F("from_on")),
                name="hold_in_order",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} from {self.from_on}"
