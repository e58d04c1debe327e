"""How a case ends, and what of it leaves collection."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from clients.models import Client
from collections_app.choices import DECIDED_ENDS, CaseStatus, RecallState
from collections_app.models.cases import Case, Receivable
from collections_app.models.fields import OwnedKey


class CaseEnd(models.Model):
    """One closing of a case: by what became of its receivables, or decided by a person. It stands until reopened.

    Promises, holds and tasks that it ended name it, so that opening again restores them.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    case = OwnedKey(Case, related_name="ends", db_index=False)
    status = models.CharField(max_length=14, choices=CaseStatus.choices)
    on = models.DateField()
    decided = models.BooleanField(default=False)
    reason = models.CharField(max_length=300, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # The audit events of the acts that decided it and took it back; 0 for an end that followed from the ledger.
    event_id = models.BigIntegerField(default=0)
    reopened_on = models.DateField(null=True, blank=True)
    reopened_at = models.DateTimeField(null=True, blank=True)
    reopened_event_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(reopened_at__isnull=True), name="case_end_one_stands"
            ),
            models.CheckConstraint(
                condition=models.Q(decided=False) | models.Q(status__in=sorted(DECIDED_ENDS)),
                name="case_end_decided_kinds",
            ),
            models.CheckConstraint(
                condition=models.Q(reopened_on__isnull=True, reopened_at__isnull=True)
                | models.Q(reopened_on__gte=models.F("on"), reopened_at__isnull=False),
                name="case_end_in_order",
            ),
        ]
        indexes = [models.Index(fields=["case", "recorded_at"], name="case_end_by_case")]

    def __str__(self) -> str:
        return f"{self.status} on {self.on}"


class Withdrawal(models.Model):
    """A receivable leaves collection on a day, until another: what is open of it then is no longer ours to ask for.

    ``whole``: it should never have come, and nothing was ever owed on it. What that is in money is replayed (ADR 0029).
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    receivable = OwnedKey(Receivable, related_name="withdrawals", db_index=False)
    on = models.DateField()
    until_on = models.DateField(null=True, blank=True)
    whole = models.BooleanField(default=False)
    end = OwnedKey(CaseEnd, null=True, blank=True, related_name="withdrawals")
    file = OwnedKey("collections_app.ImportFile", null=True, blank=True, related_name="withdrawals", db_index=False)
    event_id = models.BigIntegerField()
    until_event_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["receivable"], condition=models.Q(until_on__isnull=True), name="withdrawal_one_stands"
            ),
            models.CheckConstraint(
                condition=models.Q(until_on__isnull=True) | models.Q(until_on__gte=models.F("on"), whole=False),
                name="withdrawal_in_order",
            ),
        ]
        indexes = [models.Index(fields=["receivable"], name="withdrawal_by_receivable")]

    def __str__(self) -> str:
        return f"{self.receivable_id} out on {self.on}"


class Recall(models.Model):
    """The client wants a case back: work goes on until the notice ends; the night of that day recalls it."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    case = OwnedKey(Case, related_name="recalls", db_index=False)
    file = OwnedKey("collections_app.ImportFile", related_name="recalls")
    line = models.IntegerField()
    told_on = models.DateField()
    ends_on = models.DateField()
    reason = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=RecallState.choices, default=RecallState.NOTICE)
    recorded_at = models.DateTimeField()
    event_id = models.BigIntegerField()
    # Who took it back, and why.
    taken_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    taken_back_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=models.Q(state="NOTICE"), name="recall_one_stands"),
            models.CheckConstraint(condition=models.Q(ends_on__gte=models.F("told_on")), name="recall_in_order"),
            models.CheckConstraint(
                condition=models.Q(state="TAKEN_BACK", taken_back_by__isnull=False) | ~models.Q(state="TAKEN_BACK"),
                name="recall_taken_back_by",
            ),
        ]
        indexes = [
            models.Index(fields=["case", "-recorded_at"], name="recall_by_case"),
            models.Index(fields=["client", "ends_on"], condition=models.Q(state="NOTICE"), name="recall_under_notice"),
        ]

    def __str__(self) -> str:
        return f"recall of {self.case_id} on {self.ends_on}"


class FileWithdrawal(models.Model):
    """A wrongly imported file is taken back, as one act: asked for by a person, done whole by the worker, once."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    file = OwnedKey("collections_app.ImportFile", related_name="+", db_index=False)
    reason = models.CharField(max_length=300)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    # What it came to: receivables, cases, payments of the file taken back, payments that wait now.
    result = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file"], name="file_withdrawal_once"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="file_withdrawal_says_why"),
        ]

    def __str__(self) -> str:
        return f"withdrawal of {self.file_id}"
