"""Legal escalation: the request, and the signed authorisation without which no case is legal."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from clients.models import Client
from collections_app.choices import OPEN_ESCALATION, EscalationStatus, LegalStep
from collections_app.models.cases import Case
from collections_app.models.fields import CurrencyField, MoneyField, OwnedKey


class EscalationRequest(models.Model):
    """A proposal to go legal with one case: prepared by one person, decided by another, signed by the client."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    case = OwnedKey(Case, related_name="escalations")
    number = models.CharField(max_length=30, unique=True)
    status = models.CharField(max_length=10, choices=EscalationStatus.choices, default=EscalationStatus.PROPOSED)
    grounds = models.TextField()
    steps = ArrayField(models.CharField(max_length=20, choices=LegalStep.choices))
    ceiling = MoneyField()
    cost_ceiling = MoneyField(default=0)
    currency = CurrencyField()
    valid_days = models.PositiveSmallIntegerField(default=90)
    # The debts it names, and the percentage of each that this debtor answers for (regulations A24), as
    # ``[{"debt": 7, "share": "100.00"}]``. Frozen with the rest of what is asked. Empty, of requests made before debts
    # were named: whatever is open, whole.
    debts = models.JSONField(default=list, blank=True)
    # Where: a court or a region; empty is anywhere.
    court = models.CharField(max_length=160, blank=True, default="", db_default="")
    region = models.CharField(max_length=80, blank=True, default="", db_default="")
    # The hash of what was asked; an answer to anything else is void.
    digest = models.CharField(max_length=64)
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField()
    answer_by = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True) | ~models.Q(decided_by=models.F("prepared_by")),
                name="escalation_not_decided_by_preparer",
            ),
            models.CheckConstraint(
                condition=(
                    ~models.Q(status__in=["APPROVED", "SIGNED", "RETURNED", "REJECTED", "DECLINED"])
                    | models.Q(decided_by__isnull=False, decided_at__isnull=False)
                ),
                name="escalation_decision_named",
            ),
            models.UniqueConstraint(
                fields=["case"],
                condition=models.Q(status__in=sorted(OPEN_ESCALATION)),
                name="escalation_one_open",
            ),
        ]
        indexes = [models.Index(fields=["status", "answer_by"], name="escalation_inbox")]

    def __str__(self) -> str:
        return self.number


class Authorisation(models.Model):
    """The client's written leave for one case. A row exists only once it is signed (PL-21, regulations E9)."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    case = OwnedKey(Case, related_name="authorisations")
    request = OwnedKey(EscalationRequest, related_name="authorisations")
    number = models.CharField(max_length=30, unique=True)
    steps = ArrayField(models.CharField(max_length=20, choices=LegalStep.choices))
    ceiling = MoneyField()
    cost_ceiling = MoneyField()
    currency = CurrencyField()
    signatory = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # By what the signatory binds the client: office, power of attorney.
    signatory_power = models.CharField(max_length=160, blank=True, default="", db_default="")
    signed_at = models.DateTimeField()
    court = models.CharField(max_length=160, blank=True, default="", db_default="")
    region = models.CharField(max_length=80, blank=True, default="", db_default="")
    # Empty: from its signing.
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField()
    document_hash = models.CharField(max_length=64)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    revoked_reason = models.CharField(max_length=500, blank=True, default="", db_default="")
    # The one that was signed in its place.
    replaced_by = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaces")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request"], name="authorisation_once"),
            models.CheckConstraint(condition=models.Q(ceiling__gt=0), name="authorisation_ceiling"),
        ]

    def __str__(self) -> str:
        return self.number
