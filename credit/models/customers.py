"""Customers who buy from a client, those who sign for them, and what they gave as proof."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from clients.models import Client
from collections_app.models import Debtor
from collections_app.models.fields import CurrencyField, MoneyField, OwnedKey
from credit.choices import (
    AgentScope,
    CollateralKind,
    CustomerKind,
    LegalForm,
    PaperKind,
    PaperOrigin,
)


class Customer(models.Model):
    """An account with one client. Name, party and reference are those of the client's debtor, whose invoices stand in
    the ledger. Somebody with an account in several lines of a client has one of these for each, of one party: credit
    that is cancelled in one is cancelled in all of them (I-06).
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    debtor = OwnedKey(Debtor, related_name="customers", db_index=False)
    kind = models.CharField(max_length=6, choices=CustomerKind.choices)
    # The client's line of business («قطاع»), where it keeps several; empty for the only one.
    sector = models.CharField(max_length=80, blank=True)
    legal_form = models.CharField(max_length=16, choices=LegalForm.choices, blank=True)
    resident = models.BooleanField(default=True)
    currency = CurrencyField(default="SAR")
    # What segments the portfolio.
    industry = models.CharField(max_length=80, blank=True)
    region = models.CharField(max_length=80, blank=True)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_on = models.DateField(null=True, blank=True)
    # The first day on which a rule may say something else of it than today; kept by ``services.stops`` alone.
    next_change_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["debtor"], name="customer_once"),
        ]
        indexes = [
            models.Index(fields=["client", "next_change_on"], name="customer_next_change"),
            models.Index(fields=["-opened_at", "-id"], name="customer_newest"),
        ]

    def __str__(self) -> str:
        return f"customer {self.pk}"


class CreditPaper(models.Model):
    """A paper of a customer's file: its content sealed under the party's key, its hash in the clear. Append-only."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    customer = OwnedKey(Customer, related_name="papers", db_index=False)
    application = OwnedKey("credit.Application", null=True, blank=True, related_name="papers")
    kind = models.CharField(max_length=24, choices=PaperKind.choices)
    origin = models.CharField(max_length=10, choices=PaperOrigin.choices)
    number = models.CharField(max_length=40, blank=True)
    title = models.CharField(max_length=160)
    # The first and the last day for which it proves something; empty where it does not run out.
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    name = models.CharField(max_length=160)
    content_type = models.CharField(max_length=80)
    size = models.PositiveIntegerField()
    pages = models.PositiveSmallIntegerField(default=0)
    language = models.CharField(max_length=2, blank=True)
    sha256 = models.CharField(max_length=64)
    content_sealed = models.BinaryField()
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number"], condition=~models.Q(number=""), name="credit_paper_number_once"),
        ]
        indexes = [
            models.Index(fields=["customer", "kind", "-added_at"], name="credit_paper_by_customer"),
            models.Index(
                fields=["valid_until"], condition=models.Q(valid_until__isnull=False), name="credit_paper_runs_out"
            ),
        ]

    def __str__(self) -> str:
        return self.number or self.title


class Agent(models.Model):
    """Who may sign for a customer: what, up to which amount, from when until when (CM-22)."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    customer = OwnedKey(Customer, related_name="agents")
    name_sealed = models.BinaryField()
    # The last digits of the identity document, shown beside the name.
    id_hint = models.CharField(max_length=10, blank=True)
    # The owner needs no power of attorney.
    is_owner = models.BooleanField(default=False)
    scopes = ArrayField(models.CharField(max_length=12, choices=AgentScope.choices))
    # The most of one act, in the customer's currency; empty without a bound.
    up_to = MoneyField(null=True, blank=True)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)
    power_paper = OwnedKey(CreditPaper, null=True, blank=True, related_name="+", db_index=False)
    specimen_paper = OwnedKey(CreditPaper, null=True, blank=True, related_name="+", db_index=False)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    revoked_on = models.DateField(null=True, blank=True)
    revoked_for = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_owner=True) | models.Q(power_paper__isnull=False, valid_until__isnull=False),
                name="agent_has_power_that_ends",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_until__isnull=True) | models.Q(valid_until__gte=models.F("valid_from")),
                name="agent_in_order",
            ),
        ]
        indexes = [
            models.Index(
                fields=["valid_until"],
                condition=models.Q(valid_until__isnull=False, revoked_on__isnull=True),
                name="agent_runs_out",
            )
        ]

    def __str__(self) -> str:
        return f"agent {self.pk} of {self.customer_id}"

    def stands_on(self, day: dt.date) -> bool:
        """True when what this person signs on a day binds the customer."""
        return (
            self.valid_from <= day
            and (self.valid_until is None or day <= self.valid_until)
            and (self.revoked_on is None or day < self.revoked_on)
        )


class Collateral(models.Model):
    """What secures a customer's credit (source 001 §4.2(4), §4.4.1(5))."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    customer = OwnedKey(Customer, related_name="collaterals")
    kind = models.CharField(max_length=16, choices=CollateralKind.choices)
    issuer = models.CharField(max_length=160)
    reference = models.CharField(max_length=80, blank=True)
    amount = MoneyField()
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)
    # A bank guarantee that can admit below the minimum is all of these (CM-06).
    local_bank = models.BooleanField(default=False)
    irrevocable = models.BooleanField(default=False)
    auto_renewing = models.BooleanField(default=False)
    unconditional = models.BooleanField(default=False)
    paper = OwnedKey(CreditPaper, null=True, blank=True, related_name="+", db_index=False)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    released_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="collateral_amount_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.customer_id}"


class RemoteAddress(models.Model):
    """A number or address from which a customer's orders may come (CM-27); the value is sealed."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    customer = OwnedKey(Customer, related_name="remote_addresses")
    value_sealed = models.BinaryField()
    value_index = models.BinaryField(max_length=16)
    hint = models.CharField(max_length=40)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "value_index"],
                condition=models.Q(removed_at__isnull=True),
                name="remote_address_once",
            )
        ]

    def __str__(self) -> str:
        return f"…{self.hint}"


class RemoteTerms(models.Model):
    """The customer's consent to the terms of orders by fax or e-mail: which version, by whom, until taken back."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    customer = OwnedKey(Customer, related_name="remote_terms")
    version = models.CharField(max_length=20)
    accepted_on = models.DateField()
    accepted_by = OwnedKey(Agent, related_name="+", db_index=False)
    paper = OwnedKey(CreditPaper, related_name="+", db_index=False)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    revoked_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer"], condition=models.Q(revoked_on__isnull=True), name="remote_terms_one_stands"
            )
        ]

    def __str__(self) -> str:
        return f"{self.version} of {self.customer_id}"
