"""What was said and promised: contact attempts, promises, tasks."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from clients.choices import Channel
from clients.models import Client
from collections_app.choices import (
    Direction,
    Outcome,
    PromiseStatus,
    Reached,
    TaskKind,
    TaskStatus,
    Verdict,
)
from collections_app.models.cases import Case, ContactPoint, Receivable
from collections_app.models.fields import CurrencyField, MoneyField, OwnedKey


class ContactAttempt(models.Model):
    """Every try to reach somebody, made or refused (PL-13). Append-only."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    case = OwnedKey(Case, related_name="attempts", db_index=False)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    channel = models.CharField(max_length=10, choices=Channel.choices)
    direction = models.CharField(max_length=3, choices=Direction.choices, default=Direction.OUT)
    contact_point = OwnedKey(ContactPoint, null=True, related_name="+", db_index=False)
    reached = models.CharField(max_length=10, choices=Reached.choices)
    outcome = models.CharField(max_length=14, choices=Outcome.choices, blank=True)
    note = models.TextField(blank=True)
    verdict = models.CharField(max_length=8, choices=Verdict.choices)
    # Ids of the rules that refused or were broken, with their sources, as they stood.
    rules = models.JSONField(default=list)
    breach_reason = models.CharField(max_length=300, blank=True)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(verdict=Verdict.BREACH) | ~models.Q(breach_reason=""),
                name="attempt_breach_has_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(verdict=Verdict.REFUSED) | ~models.Q(outcome=""), name="attempt_has_outcome"
            ),
        ]
        indexes = [
            models.Index(fields=["case", "-at"], name="attempt_by_case"),
            models.Index(fields=["client", "-at"], name="attempt_by_client"),
            models.Index(fields=["by", "-at"], name="attempt_by_user"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.at}"


class Promise(models.Model):
    """An amount and a date the account holder commits to (PL-17)."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    case = OwnedKey(Case, related_name="promises")
    attempt = OwnedKey(ContactAttempt, null=True, blank=True, related_name="promises", db_index=False)
    amount = MoneyField()
    currency = CurrencyField()
    made_on = models.DateField()
    due_on = models.DateField()
    # When it was told to us: money that was recorded before does not keep it. Empty on the rows of old.
    recorded_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=10, choices=PromiseStatus.choices, default=PromiseStatus.OPEN)
    paid_amount = MoneyField(default=0)
    judged_on = models.DateField(null=True, blank=True)
    # The closing of the case that ended it before its day.
    end = OwnedKey("collections_app.CaseEnd", null=True, blank=True, related_name="+", db_index=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="promise_amount_positive"),
            models.CheckConstraint(condition=models.Q(due_on__gte=models.F("made_on")), name="promise_in_order"),
        ]
        indexes = [
            models.Index(fields=["due_on"], condition=models.Q(status=PromiseStatus.OPEN), name="promise_open_due"),
            models.Index(fields=["client", "due_on"], name="promise_by_client"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} on {self.due_on}"


class Task(models.Model):
    """Something a collector owes on a day: a stage's action, a call back, a follow-up (CM-42)."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    case = OwnedKey(Case, related_name="tasks")
    receivable = OwnedKey(Receivable, null=True, blank=True, related_name="+", db_index=False)
    kind = models.CharField(max_length=12, choices=TaskKind.choices)
    # For a stage task: the action, and the code of the stage that asks for it; else empty.
    action = models.CharField(max_length=30, blank=True)
    stage_code = models.CharField(max_length=30, blank=True)
    due_on = models.DateField()
    due_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)
    status = models.CharField(max_length=10, choices=TaskStatus.choices, default=TaskStatus.OPEN)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    end = OwnedKey("collections_app.CaseEnd", null=True, blank=True, related_name="+", db_index=False)

    class Meta:
        constraints = [
            # A stage's action is asked for once a case and stage entry, however often the night runs.
            models.UniqueConstraint(
                fields=["case", "action", "stage_code", "due_on"],
                condition=models.Q(kind=TaskKind.STAGE),
                name="task_stage_once",
            )
        ]
        indexes = [
            models.Index(fields=["case", "due_on"], condition=models.Q(status=TaskStatus.OPEN), name="task_open_due")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.due_on}"
