"""Approvals: what is asked, which roles must agree in which order, and who decided (DC-06).

The database has the last word (migration ``common.0031``): nobody decides what they prepared or decided already,
nothing is decided but the digest that stands, by a role of the step that waits, and no approval is reached otherwise.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from common.choices import ApprovalStatus, Decision
from common.history import History


class Approval(models.Model):
    """One thing that was asked, as it stood: another digest is another approval."""

    kind = models.CharField(max_length=30)
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    # Empty for what concerns no single client.
    client_id = models.BigIntegerField(null=True, blank=True)
    # The hash of what is asked; a decision names the one it read.
    digest = models.CharField(max_length=64)
    # What the authority matrix measures; empty where a kind knows no amount.
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # Others who had a hand in what is asked: they do not decide it either.
    also_prepared_by = ArrayField(models.BigIntegerField(), default=list, blank=True)
    prepared_at = models.DateTimeField()
    answer_by = models.DateTimeField()
    # The position of the step that waits; written by the trigger on decisions.
    step_now = models.PositiveSmallIntegerField(default=1)
    status = models.CharField(max_length=10, choices=ApprovalStatus.choices, default=ApprovalStatus.OPEN)
    ended_at = models.DateTimeField(null=True, blank=True)
    # Who took it back or changed it; a decision names its own person.
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    end_reason = models.CharField(max_length=500, blank=True)
    # When what was approved was done.
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id"],
                condition=models.Q(status="OPEN") | models.Q(status="APPROVED", applied_at__isnull=True),
                name="approval_one_stands",
            ),
            models.CheckConstraint(
                condition=models.Q(amount__isnull=True) | ~models.Q(currency=""), name="approval_amount_in_a_currency"
            ),
            models.CheckConstraint(
                condition=models.Q(applied_at__isnull=True) | models.Q(status="APPROVED"), name="approval_applied"
            ),
        ]
        indexes = [
            models.Index(fields=["answer_by"], condition=models.Q(status="OPEN"), name="approval_inbox"),
            models.Index(fields=["subject_type", "subject_id"], name="approval_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"


class ApprovalStep(models.Model):
    """Whose agreement is needed at one position. Append-only; the roles are the matrix's when it was asked."""

    approval = models.ForeignKey(Approval, on_delete=models.PROTECT, related_name="steps")
    client_id = models.BigIntegerField(null=True, blank=True)
    position = models.PositiveSmallIntegerField()
    roles = ArrayField(models.CharField(max_length=30))
    # True for a role of the client's own people.
    portal = models.BooleanField(default=False)

    class Meta:
        ordering = ["approval", "position"]
        constraints = [models.UniqueConstraint(fields=["approval", "position"], name="approval_step_once")]

    def __str__(self) -> str:
        return f"{self.position}: {', '.join(self.roles)}"


class Delegation(models.Model):
    """Who may decide in somebody's place, from a day until a day, both included. It is ended, never edited."""

    from_person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="delegations")
    to_person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # Empty: every kind.
    kinds = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    # Up to this amount; empty: as far as the person's own authority goes.
    up_to = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField()
    reason = models.CharField(max_length=300)
    given_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(from_person=models.F("to_person")), name="delegation_to_another"
            ),
            models.CheckConstraint(condition=models.Q(ends_on__gte=models.F("starts_on")), name="delegation_days"),
            models.CheckConstraint(
                condition=models.Q(up_to__isnull=True, currency="") | (models.Q(up_to__gt=0) & ~models.Q(currency="")),
                name="delegation_limit",
            ),
        ]
        indexes = [models.Index(fields=["to_person", "ends_on"], name="delegation_to")]

    def __str__(self) -> str:
        return f"{self.from_person_id} to {self.to_person_id} until {self.ends_on}"


class ApprovalDecision(models.Model):
    """What one person decided at one step, and what they had read. Append-only."""

    approval = models.ForeignKey(Approval, on_delete=models.PROTECT, related_name="decisions")
    step = models.ForeignKey(ApprovalStep, on_delete=models.PROTECT, related_name="decisions")
    client_id = models.BigIntegerField(null=True, blank=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # The role in which they decided: the person's own, or that of whom they stood in for.
    role = models.CharField(max_length=30)
    # In whose place, and by which delegation.
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    delegation = models.ForeignKey(Delegation, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decision = models.CharField(max_length=10, choices=Decision.choices)
    digest = models.CharField(max_length=64)
    reason = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["approval", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["approval", "person"], name="approval_decision_once_a_person"),
            models.UniqueConstraint(fields=["step"], name="approval_decision_once_a_step"),
            models.CheckConstraint(condition=models.Q(decision__in=Decision.values), name="approval_decision_known"),
            models.CheckConstraint(
                condition=models.Q(on_behalf_of__isnull=True, delegation__isnull=True)
                | models.Q(on_behalf_of__isnull=False, delegation__isnull=False),
                name="approval_decision_by_delegation",
            ),
        ]
        indexes = [models.Index(fields=["person", "at"], name="approval_decision_by")]

    def __str__(self) -> str:
        return f"{self.decision} by {self.person_id}"


class AuthorityLimit(models.Model):
    """A row of the authority matrix: a role that may take a step of a kind, up to an amount."""

    kind = models.CharField(max_length=30)
    position = models.PositiveSmallIntegerField(default=1)
    role = models.CharField(max_length=30)
    portal = models.BooleanField(default=False)
    # Empty: any currency, and then without a limit.
    currency = models.CharField(max_length=3, blank=True)
    # Empty: without a limit.
    up_to = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    is_active = models.BooleanField(default=True)

    history = History()

    class Meta:
        ordering = ["kind", "position", "role", "currency"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "position", "role", "currency"], name="authority_limit_once"),
            models.CheckConstraint(
                condition=models.Q(up_to__isnull=True) | (models.Q(up_to__gt=0) & ~models.Q(currency="")),
                name="authority_limit_in_a_currency",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.position}: {self.role}"
