"""Credit policies: the points, the limit and its life, as versions that a second person approved."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from clients.models import Client
from collections_app.models.fields import MoneyField


class CreditPolicy(models.Model):
    """A version of a client's credit policy. Shipped as source 001 §4.4 writes it; the latest approved and begun rules.

    A version stands once it is proposed; only its approval moves. Amounts are of the client's currency.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="credit_policies")
    version = models.PositiveIntegerField(default=1)
    starts_on = models.DateField()
    # Points: so many for each full step of capital, average bank balance and annual sales (CM-02, CM-04, CM-05).
    step_amount = MoneyField(default=50_000)
    step_points = models.PositiveSmallIntegerField(default=10)
    points_joint_stock = models.PositiveSmallIntegerField(default=40)
    points_llc = models.PositiveSmallIntegerField(default=30)
    points_partnership = models.PositiveSmallIntegerField(default=20)
    points_sole_proprietor = models.PositiveSmallIntegerField(default=10)
    bank_months = models.PositiveSmallIntegerField(default=12)
    # The balances of several banks together instead of the best one's (I-07: off).
    sums_banks = models.BooleanField(default=False)
    # Limit = points / minimum x the limit at the minimum, down to a multiple of ``rounds_to`` (CM-07, CM-08, I-08).
    minimum_points = models.PositiveSmallIntegerField(default=40)
    minimum_limit = MoneyField(default=4_000)
    rounds_to = models.PositiveIntegerField(default=1)
    # The life of a limit (CM-09, CM-10, CM-11, CM-13, CM-14).
    limit_months = models.PositiveSmallIntegerField(default=12)
    review_days = models.PositiveSmallIntegerField(default=60)
    terms_days = models.PositiveSmallIntegerField(default=60)
    grace_days = models.PositiveSmallIntegerField(default=30)
    # The most that may be unpaid past its terms before it stops orders: nothing (CM-10); empty, nothing stops them.
    overdue_tolerated = MoneyField(default=0, null=True, blank=True)
    # The most that may be open and not past its terms, with what is ordered; empty, the limit alone bounds it (CM-08).
    not_due_most = MoneyField(null=True, blank=True)
    defaults_to_cancel = models.PositiveSmallIntegerField(default=2)
    increase_after_months = models.PositiveSmallIntegerField(default=9)
    increase_percent = models.DecimalField(max_digits=5, decimal_places=2, default=10)
    increases_a_year = models.PositiveSmallIntegerField(default=1)
    # Days for which an accepted order reserves credit until it is invoiced.
    reservation_days = models.PositiveSmallIntegerField(default=14)
    # Days a customer of the trade usually takes to pay, against which the average collection period is read (CM-24).
    benchmark_days = models.PositiveSmallIntegerField(default=60)
    # Of industries whose custom is another: their days, by the name that customers bear (source 001 §4.3(4): «in the
    # industry or the market»).
    benchmarks = models.JSONField(default=dict, blank=True)
    note = models.CharField(max_length=500, blank=True)
    # Who drew it up, and who approved it; both empty on what is shipped.
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    prepared_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    rejected_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["client", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["client", "version"], name="credit_policy_version"),
            models.CheckConstraint(
                condition=models.Q(
                    step_amount__gt=0, minimum_points__gt=0, minimum_limit__gt=0, rounds_to__gt=0, limit_months__gt=0
                ),
                name="credit_policy_divides",
            ),
            models.CheckConstraint(
                condition=(models.Q(overdue_tolerated__isnull=True) | models.Q(overdue_tolerated__gte=0))
                & (models.Q(not_due_most__isnull=True) | models.Q(not_due_most__gt=0)),
                name="credit_policy_bounds",
            ),
            models.CheckConstraint(
                condition=~models.Q(approved_by=models.F("prepared_by")), name="credit_policy_by_two"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.client_id} v{self.version}"
