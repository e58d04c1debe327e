"""Whom we speak to and about what: debtor, case, debt, receivable, contact points."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Func, Value
from django.db.models.functions import Upper

from accounts.models import Team
from clients.models import Client
from collections_app.choices import (
    OPEN_CASE,
    CaseStatus,
    ContactPointKind,
    ContactPointState,
    ReceivableStatus,
    Track,
)
from collections_app.models.fields import CurrencyField, MoneyField, OwnedKey, StageKey
from parties.choices import PartyKind
from parties.models import Party


class Debtor(models.Model):
    """A client's account holder, by the client's own reference."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="debtors")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="debtors")
    debtor_ref = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=PartyKind.choices, default=PartyKind.PERSON)
    city = models.CharField(max_length=80, blank=True)
    salary_day = models.PositiveSmallIntegerField(null=True, blank=True)
    prefers = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "debtor_ref"], name="debtor_ref_once")]
        indexes = [
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="debtor_name_trgm"),
            # The same account, though some system dropped the zeros before its number.
            models.Index(
                F("client"), Func(F("debtor_ref"), Value("0"), function="ltrim"), name="debtor_ref_without_zeros"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ContactPoint(models.Model):
    """A number or address a client gave us or we found: a version, never overwritten; the value is sealed."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    debtor = OwnedKey(Debtor, related_name="contact_points")
    kind = models.CharField(max_length=10, choices=ContactPointKind.choices)
    value_sealed = models.BinaryField()
    value_index = models.BinaryField(max_length=16)
    # What may be shown without a reveal: the last three digits, or the domain of an e-mail.
    hint = models.CharField(max_length=40)
    state = models.CharField(max_length=12, choices=ContactPointState.choices, default=ContactPointState.UNKNOWN)
    created_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["debtor", "kind", "value_index"],
                condition=models.Q(replaced_at__isnull=True),
                name="contact_point_once",
            )
        ]
        indexes = [models.Index(fields=["kind", "value_index"], name="contact_point_search")]

    def __str__(self) -> str:
        return f"{self.kind} …{self.hint}"


class Case(models.Model):
    """All a debtor owes one client: the unit a collector works."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="cases", db_index=False)
    debtor = OwnedKey(Debtor, related_name="cases", db_index=False)
    status = models.CharField(max_length=14, choices=CaseStatus.choices, default=CaseStatus.PLACED)
    track = models.CharField(max_length=10, choices=Track.choices, default=Track.AMICABLE)
    authorisation = OwnedKey("collections_app.Authorisation", null=True, blank=True, related_name="+")
    placed_on = models.DateField()
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="cases"
    )
    team = models.ForeignKey(
        Team, on_delete=models.PROTECT, null=True, blank=True, related_name="cases", db_index=False
    )
    assigned_on = models.DateField(null=True, blank=True)
    # The summary a worklist reads, kept by ``services.cases.cases_refresh`` alone. ``balance`` is that of ``currency``;
    # a case in several currencies says so in ``currencies`` and its page shows each.
    currency = CurrencyField(default="SAR")
    currencies = models.PositiveSmallIntegerField(default=1)
    balance = MoneyField(default=0)
    oldest_due_on = models.DateField(null=True, blank=True)
    oldest_issued_on = models.DateField(null=True, blank=True)
    stage = StageKey(null=True, blank=True)
    # The depth of that stage: what orders cases of different ladders.
    stage_depth = models.SmallIntegerField(null=True, blank=True)
    last_contact_at = models.DateTimeField(null=True, blank=True)
    last_payment_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["debtor"], name="case_one_per_debtor"),
            models.CheckConstraint(
                condition=models.Q(track=Track.AMICABLE) | models.Q(authorisation__isnull=False),
                name="case_legal_needs_authorisation",
            ),
        ]
        indexes = [
            models.Index(
                fields=["owner", "-stage_depth", "-balance"],
                condition=models.Q(status__in=sorted(OPEN_CASE)),
                name="case_worklist",
            ),
            models.Index(fields=["client", "status"], name="case_by_client"),
            models.Index(fields=["team", "status"], name="case_by_team"),
            # The oldest debts are few: what asks for them each night does not read the book.
            models.Index(fields=["client", "oldest_due_on"], name="case_by_oldest_due"),
        ]

    def __str__(self) -> str:
        return f"case {self.pk}"


class CaseAssignment(models.Model):
    """Who held a case from a day on: whoever was given it last by the end of a day held it then. Append-only."""

    # No constraint of its own: that of the case names the client too.
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    case = OwnedKey(Case, related_name="assignments", db_index=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    on = models.DateField()
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["case", "-id"], name="assignment_by_case")]

    def __str__(self) -> str:
        return f"{self.case_id} from {self.on}"


class Debt(models.Model):
    """One contract or account, in one currency."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    case = OwnedKey(Case, related_name="debts", db_index=False)
    debt_ref = models.CharField(max_length=220)
    currency = CurrencyField()
    product = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "debt_ref"], name="debt_ref_once")]
        indexes = [models.Index(fields=["case"], name="debt_by_case")]

    def __str__(self) -> str:
        return self.debt_ref


class Receivable(models.Model):
    """One invoice or instalment. ``balance`` is the sum of its entries valued by the book date (kept by trigger)."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    case = OwnedKey(Case, related_name="receivables", db_index=False)
    debt = OwnedKey(Debt, related_name="receivables", db_index=False)
    receivable_ref = models.CharField(max_length=200)
    issued_on = models.DateField()
    due_on = models.DateField()
    currency = CurrencyField()
    amount = MoneyField()
    balance = MoneyField(default=0)
    status = models.CharField(max_length=12, choices=ReceivableStatus.choices, default=ReceivableStatus.OPEN)
    closed_on = models.DateField(null=True, blank=True)
    # The stage and its position in the ladder that rules it; empty until the book reaches the issue date.
    stage = StageKey(null=True, blank=True)
    stage_position = models.SmallIntegerField(null=True, blank=True)
    stage_since = models.DateField(null=True, blank=True)
    held = models.BooleanField(default=False)
    in_default = models.BooleanField(default=False)
    next_change_on = models.DateField(null=True, blank=True)
    file = OwnedKey("collections_app.ImportFile", null=True, blank=True, related_name="receivables", db_index=False)
    # It came with a wrong file that was taken back: nothing was ever owed on it, and its reference is free again.
    struck = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client", "debt", "receivable_ref"],
                condition=models.Q(struck=False),
                name="receivable_ref_once",
            ),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="receivable_amount_positive"),
            models.CheckConstraint(condition=models.Q(balance__gte=0), name="receivable_balance_not_negative"),
        ]
        indexes = [
            models.Index(
                fields=["client", "next_change_on"],
                condition=models.Q(status=ReceivableStatus.OPEN),
                name="receivable_next_change",
            ),
            models.Index(fields=["case", "due_on"], name="receivable_by_case"),
            models.Index(fields=["client", "receivable_ref"], name="receivable_by_ref"),
        ]

    def __str__(self) -> str:
        return self.receivable_ref
