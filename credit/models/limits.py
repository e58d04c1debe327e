"""What was granted: agreements, limits as versions, and what stops credit."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from clients.models import Client
from collections_app.models.fields import CurrencyField, MoneyField, OwnedKey
from credit.choices import COMPUTED_STOPS, FollowUpState, LimitGround, PeriodStart, StopEnd, StopKind
from credit.models.applications import Application
from credit.models.customers import Agent, CreditPaper, Customer


class FacilityAgreement(models.Model):
    """The contract on whose signing the counts begin (CM-12 to CM-14, CM-25, CM-28, CM-29).

    With ``is_earlier`` one of before: its privileges last until it ends (CM-17).
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    customer = OwnedKey(Customer, related_name="agreements")
    application = OwnedKey(Application, null=True, blank=True, related_name="agreements")
    number = models.CharField(max_length=40, unique=True)
    signed_on = models.DateField()
    signed_by = OwnedKey(Agent, null=True, blank=True, related_name="+", db_index=False)
    is_earlier = models.BooleanField(default=False)
    # The last day of the contract; empty until ended.
    ends_on = models.DateField(null=True, blank=True)
    ended_for = models.CharField(max_length=300, blank=True)
    terms_days = models.PositiveSmallIntegerField()
    period_start = models.CharField(max_length=10, choices=PeriodStart.choices, default=PeriodStart.INVOICE)
    # So many percent off when paid within so many days; both or none.
    discount_percent = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    discount_days = models.PositiveSmallIntegerField(null=True, blank=True)
    paper = OwnedKey(CreditPaper, null=True, blank=True, related_name="+", db_index=False)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer"], condition=models.Q(ends_on__isnull=True), name="agreement_one_stands"
            ),
            models.CheckConstraint(
                condition=models.Q(discount_percent__isnull=True, discount_days__isnull=True)
                | models.Q(
                    discount_percent__gt=0,
                    discount_percent__lt=100,
                    discount_days__gte=0,
                    discount_days__lt=models.F("terms_days"),
                ),
                name="agreement_discount_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("signed_on")),
                name="agreement_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Instalment(models.Model):
    """A payment of the repayment plan both sides agreed on (CM-29)."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    agreement = OwnedKey(FacilityAgreement, related_name="instalments")
    due_on = models.DateField()
    amount = MoneyField()

    class Meta:
        ordering = ["agreement", "due_on"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "due_on"], name="instalment_once"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="instalment_amount_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} on {self.due_on}"


class CreditLimit(models.Model):
    """A limit from a day on, for at most a year. The latest begun rules; append-only, the old ones stay (CM-26)."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    customer = OwnedKey(Customer, related_name="limits")
    agreement = OwnedKey(FacilityAgreement, related_name="limits", db_index=False)
    application = OwnedKey(Application, null=True, blank=True, related_name="limits", db_index=False)
    amount = MoneyField()
    currency = CurrencyField(default="SAR")
    ground = models.CharField(max_length=16, choices=LimitGround.choices)
    starts_on = models.DateField()
    # The last day on which anything is sold under it.
    ends_on = models.DateField()
    reason = models.CharField(max_length=500, blank=True)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["customer", "pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="limit_not_negative"),
            models.CheckConstraint(condition=models.Q(ends_on__gte=models.F("starts_on")), name="limit_in_order"),
        ]
        indexes = [models.Index(fields=["client", "ends_on"], name="limit_by_end")]

    def __str__(self) -> str:
        return f"{self.amount} from {self.starts_on}"


class CreditStop(models.Model):
    """Nothing is sold on credit, from a day on, for one reason. Each opening and each end is an event."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    customer = OwnedKey(Customer, related_name="stops", db_index=False)
    kind = models.CharField(max_length=20, choices=StopKind.choices)
    # The first day on which its cause stood, and the first on which it no longer did.
    began_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    end = models.CharField(max_length=12, choices=StopEnd.choices, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    end_reason = models.CharField(max_length=500, blank=True)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "kind"], condition=models.Q(ended_on__isnull=True), name="stop_one_stands"
            ),
            models.CheckConstraint(
                condition=models.Q(ended_on__isnull=True, end="", closed_at__isnull=True)
                | (models.Q(ended_on__isnull=False, closed_at__isnull=False) & ~models.Q(end="")),
                name="stop_ended_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=sorted(COMPUTED_STOPS))
                | (models.Q(opened_by__isnull=False) & ~models.Q(reason="")),
                name="stop_by_a_person_has_reason",
            ),
        ]
        indexes = [models.Index(fields=["customer", "-began_on"], name="stop_by_customer")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.customer_id}"


class StopFollowUp(models.Model):
    """What the credit and collection department does about a stop, until it is paid or released (CM-47, CM-44)."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    stop = OwnedKey(CreditStop, related_name="follow_ups")
    customer = OwnedKey(Customer, related_name="follow_ups")
    # What is asked of the customer: the demand of what is overdue, the excess, or everything owed.
    claims = MoneyField()
    currency = CurrencyField(default="SAR")
    due_on = models.DateField()
    state = models.CharField(max_length=6, choices=FollowUpState.choices, default=FollowUpState.OPEN)
    note = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["stop"], condition=models.Q(state=FollowUpState.OPEN), name="follow_up_one_open"
            )
        ]
        indexes = [
            models.Index(
                fields=["client", "due_on"], condition=models.Q(state=FollowUpState.OPEN), name="follow_up_open"
            )
        ]

    def __str__(self) -> str:
        return f"follow-up of {self.stop_id}"
