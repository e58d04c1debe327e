"""What is done under an authorisation: acts, notices, claims, costs, and the tasks that follow from money.

The database refuses an act, a claim's amount or a cost without a live authorisation that covers it (ADR 0031).
"""

from __future__ import annotations

from django.conf import settings
from django.db import models

from clients.models import Client
from collections_app.models import Authorisation, Case, ContactPoint, Debt
from collections_app.models.fields import CurrencyField, MoneyField, OwnedKey
from legal.choices import (
    ActKind,
    ClaimState,
    CostKind,
    LegalTaskKind,
    LegalTaskState,
    NoticeChannel,
    NoticeState,
)
from legal.models.files import LegalFile
from legal.models.instruments import Instrument
from legal.models.papers import Paper


class AuthorisedDebt(models.Model):
    """A debt that an authorisation covers, and the part of it that this debtor answers for (regulations A24)."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    authorisation = OwnedKey(Authorisation, related_name="debts")
    debt = OwnedKey(Debt, related_name="authorised")
    share_percent = models.DecimalField(max_digits=5, decimal_places=2, default=100)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authorisation", "debt"], name="authorised_debt_once"),
            models.CheckConstraint(
                condition=models.Q(share_percent__gt=0, share_percent__lte=100), name="authorised_debt_share"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.authorisation_id}: {self.debt_id}"


class Claim(models.Model):
    """What is asked of a court. ``amount``, ``state`` and ``ended_on`` follow from its acts, by trigger alone."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    case = OwnedKey(Case, related_name="claims")
    authorisation = OwnedKey(Authorisation, related_name="claims")
    file = OwnedKey(LegalFile, related_name="claims")
    # The note on which it is enforced; empty for a claim before the court.
    instrument = OwnedKey(Instrument, null=True, blank=True, related_name="claims")
    kind = models.CharField(
        max_length=20, choices=[(k, k.label) for k in (ActKind.FILING, ActKind.ENFORCEMENT_REQUEST)]
    )
    reference = models.CharField(max_length=60, blank=True)
    filed_on = models.DateField()
    amount = MoneyField()
    currency = CurrencyField()
    state = models.CharField(max_length=10, choices=ClaimState.choices, default=ClaimState.FILED)
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(amount__gte=0), name="claim_amount")]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}".strip()


class LegalAct(models.Model):
    """One act under an authorisation. Append-only: what was wrong is said by the next."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    case = OwnedKey(Case, related_name="legal_acts")
    authorisation = OwnedKey(Authorisation, related_name="acts")
    file = OwnedKey(LegalFile, null=True, blank=True, related_name="acts")
    claim = OwnedKey(Claim, null=True, blank=True, related_name="acts")
    kind = models.CharField(max_length=20, choices=ActKind.choices)
    on = models.DateField()
    # What it asks for: of a filing the amount, of an amendment the new one; of others what was said, or zero.
    amount = MoneyField(default=0)
    currency = CurrencyField()
    reference = models.CharField(max_length=60, blank=True)
    note = models.CharField(max_length=1000, blank=True)
    paper = OwnedKey(Paper, null=True, blank=True, related_name="+")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    recorded_at = models.DateTimeField()
    event_id = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(amount__gte=0), name="legal_act_amount")]
        indexes = [models.Index(fields=["case", "-on"], name="legal_act_by_case")]

    def __str__(self) -> str:
        return f"{self.kind} on {self.on}"


class LegalCost(models.Model):
    """What a step cost, or an advance; ``reverses`` takes one back whole, with a negative amount. Append-only."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    case = OwnedKey(Case, related_name="legal_costs")
    authorisation = OwnedKey(Authorisation, related_name="costs")
    file = OwnedKey(LegalFile, null=True, blank=True, related_name="costs")
    kind = models.CharField(max_length=16, choices=CostKind.choices)
    on = models.DateField()
    amount = MoneyField()
    currency = CurrencyField()
    payee = models.CharField(max_length=160, blank=True)
    note = models.CharField(max_length=300, blank=True)
    paper = OwnedKey(Paper, null=True, blank=True, related_name="+")
    reverses = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversed_by")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    event_id = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(reverses__isnull=True, amount__gt=0)
                | models.Q(reverses__isnull=False, amount__lt=0),
                name="legal_cost_sign",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"


class Notice(models.Model):
    """A final notice: numbered, frozen as its paper, served by a recorded channel with proof (PL-22)."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    case = OwnedKey(Case, related_name="notices")
    authorisation = OwnedKey(Authorisation, related_name="notices")
    number = models.CharField(max_length=40, unique=True)
    paper = OwnedKey(Paper, related_name="+")
    amount = MoneyField()
    currency = CurrencyField()
    # The day its statement of account is of, and until when it asks to pay.
    as_of = models.DateField()
    pay_by = models.DateField()
    channel = models.CharField(max_length=16, choices=NoticeChannel.choices)
    contact_point = OwnedKey(ContactPoint, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=10, choices=NoticeState.choices, default=NoticeState.PREPARED)
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField()
    # The act in whose transaction it was sent, under the authorisation that was live then.
    act = models.OneToOneField(LegalAct, on_delete=models.PROTECT, null=True, blank=True, related_name="notice")
    sent_at = models.DateTimeField(null=True, blank=True)
    tracking = models.CharField(max_length=80, blank=True)
    served_on = models.DateField(null=True, blank=True)
    proof = OwnedKey(Paper, null=True, blank=True, related_name="+")
    outcome = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["PREPARED", "VOID"], act__isnull=True)
                | models.Q(state__in=["SENT", "SERVED", "FAILED"], act__isnull=False, sent_at__isnull=False),
                name="notice_sent_by_an_act",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="SERVED") | models.Q(served_on__isnull=False, proof__isnull=False),
                name="notice_served_with_proof",
            ),
        ]
        indexes = [models.Index(fields=["case", "-prepared_at"], name="notice_by_case")]

    def __str__(self) -> str:
        return self.number


class LegalTask(models.Model):
    """What money or time asks of the legal desk, with its evidence: once a claim, authorisation or note, and kind."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    case = OwnedKey(Case, related_name="legal_tasks")
    authorisation = OwnedKey(Authorisation, null=True, blank=True, related_name="tasks")
    claim = OwnedKey(Claim, null=True, blank=True, related_name="tasks")
    instrument = OwnedKey(Instrument, null=True, blank=True, related_name="tasks")
    kind = models.CharField(max_length=20, choices=LegalTaskKind.choices)
    due_on = models.DateField()
    # Ids and amounts of what asked for it, the latest last: payments, notes, balance and claim then.
    evidence = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=LegalTaskState.choices, default=LegalTaskState.OPEN)
    raised_at = models.DateTimeField()
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    done_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "claim"],
                condition=models.Q(state="OPEN", claim__isnull=False),
                name="legal_task_one_a_claim",
            ),
            models.UniqueConstraint(
                fields=["kind", "authorisation"],
                condition=models.Q(state="OPEN", authorisation__isnull=False, claim__isnull=True),
                name="legal_task_one_an_authorisation",
            ),
            models.UniqueConstraint(
                fields=["kind", "instrument"],
                condition=models.Q(state="OPEN", instrument__isnull=False, claim__isnull=True),
                name="legal_task_one_an_instrument",
            ),
        ]
        indexes = [
            models.Index(fields=["due_on"], condition=models.Q(state="OPEN"), name="legal_task_open"),
            models.Index(fields=["case"], name="legal_task_by_case"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.due_on}"
