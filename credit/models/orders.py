"""Orders: each answered once, accepted ones reserve credit until they are invoiced or run out."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from clients.models import Client
from collections_app.models.fields import CurrencyField, MoneyField, OwnedKey
from credit.choices import CustomerKind, OrderChannel, OrderState
from credit.models.customers import Agent, CreditPaper, Customer


class Order(models.Model):
    """What a customer wants to buy, and the answer with every reason (CM-23). Amount and customer never change."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    customer = OwnedKey(Customer, related_name="orders")
    order_ref = models.CharField(max_length=120)
    kind = models.CharField(max_length=6, choices=CustomerKind.choices)
    amount = MoneyField()
    currency = CurrencyField(default="SAR")
    ordered_on = models.DateField()
    channel = models.CharField(max_length=10, choices=OrderChannel.choices)
    agent = OwnedKey(Agent, null=True, blank=True, related_name="+", db_index=False)
    original = OwnedKey(CreditPaper, null=True, blank=True, related_name="+", db_index=False)
    state = models.CharField(max_length=10, choices=OrderState.choices)
    # Codes of the reasons that refused it, each with what it stands on; those that an override set aside too.
    reasons = models.JSONField(default=list)
    # What the check saw: limit, open invoices, reservations, room.
    seen = models.JSONField(default=dict)
    # Taken on this day, by the answer or by an override, and reserved until the end of that one.
    accepted_on = models.DateField(null=True, blank=True)
    reserved_until = models.DateField(null=True, blank=True)
    overridden = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    override_reason = models.CharField(max_length=500, blank=True)
    overridden_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    override_role = models.CharField(max_length=20, blank=True)
    answered_at = models.DateTimeField()
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "order_ref"], name="order_ref_once"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="order_amount_positive"),
            models.CheckConstraint(
                condition=models.Q(overridden=[], overridden_by__isnull=True)
                | (
                    models.Q(overridden__len__gt=0, overridden_by__isnull=False)
                    & ~models.Q(override_reason="")
                    & ~models.Q(override_role="")
                ),
                name="order_override_by_somebody",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=OrderState.ACCEPTED)
                | models.Q(accepted_on__isnull=False, reserved_until__isnull=False),
                name="order_taken_on_a_day",
            ),
        ]
        indexes = [
            models.Index(
                fields=["customer", "reserved_until"],
                condition=models.Q(state=OrderState.ACCEPTED),
                name="order_reserves",
            ),
            models.Index(fields=["client", "-answered_at"], name="order_by_client"),
            models.Index(
                fields=["client", "reserved_until"],
                condition=models.Q(state=OrderState.ACCEPTED),
                name="order_runs_out",
            ),
        ]

    def __str__(self) -> str:
        return self.order_ref


class OrderInvoice(models.Model):
    """An invoice that came of an order. Once it stands in the ledger, its amount is no longer reserved. Append-only."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    order = OwnedKey(Order, related_name="invoices")
    receivable_ref = models.CharField(max_length=200)
    amount = MoneyField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "receivable_ref"], name="order_invoice_once"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="order_invoice_positive"),
        ]
        indexes = [models.Index(fields=["client", "receivable_ref"], name="order_invoice_by_ref")]

    def __str__(self) -> str:
        return self.receivable_ref


class OrderFile(models.Model):
    """A file of orders as it was answered, line by line in the client's own columns. Append-only."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=160)
    sha256 = models.CharField(max_length=64)
    # How it was written (encoding and delimiter), so that the answer goes back the same way; its headings; and of each
    # line its cells, its answer, and what is wrong with it.
    form = models.JSONField(default=dict)
    header = models.JSONField(default=list)
    lines = models.JSONField(default=list)
    # Lines by answer.
    counts = models.JSONField(default=dict)
    answered_at = models.DateTimeField()
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        indexes = [models.Index(fields=["client", "-answered_at"], name="order_file_by_client")]

    def __str__(self) -> str:
        return self.name
