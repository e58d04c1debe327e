"""Applications: what a customer asks for, what was found out, what was scored, recommended and decided."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from clients.models import Client
from collections_app.models.fields import CurrencyField, MoneyField, OwnedKey
from common.history import History
from credit.choices import (
    OPEN_APPLICATION,
    ApplicationState,
    Criterion,
    Judgement,
    LegalForm,
    LimitGround,
    Purpose,
    Recommendation,
    ReferenceKind,
)
from credit.models.customers import CreditPaper, Customer
from credit.models.policies import CreditPolicy


class Application(models.Model):
    """A request for an account, a renewal or a higher limit, from its draft to the agreement (CM-20, CM-21, CM-26)."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    customer = OwnedKey(Customer, related_name="applications")
    number = models.CharField(max_length=40, unique=True)
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    state = models.CharField(max_length=12, choices=ApplicationState.choices, default=ApplicationState.DRAFT)
    applied_on = models.DateField()
    currency = CurrencyField(default="SAR")
    # What the customer asks for; empty: what the points give.
    asked_limit = MoneyField(null=True, blank=True)
    grounds = models.TextField(max_length=2000, blank=True)
    # The facts that are scored (CM-02 to CM-05).
    capital = MoneyField(null=True, blank=True)
    legal_form = models.CharField(max_length=16, choices=LegalForm.choices, blank=True)
    resident = models.BooleanField(default=True)
    has_official_papers = models.BooleanField(default=False)
    annual_sales = MoneyField(null=True, blank=True)
    sales_year = models.PositiveSmallIntegerField(null=True, blank=True)
    # A credit record of the bureau was read for it (CB-16).
    bureau_used = models.BooleanField(default=False)
    # Whether the recommendation stands on it: then a rejection says so in writing.
    bureau_weighed = models.BooleanField(default=False)
    # What is recommended: its limit and ground, and which criteria an exception sets aside (CM-15).
    recommendation = models.CharField(max_length=10, choices=Recommendation.choices, blank=True)
    recommended_limit = MoneyField(null=True, blank=True)
    recommended_ground = models.CharField(max_length=16, choices=LimitGround.choices, blank=True)
    recommended_reason = models.TextField(max_length=2000, blank=True)
    set_aside = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    decision_reason = models.TextField(max_length=2000, blank=True)
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    history = History()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer"],
                condition=models.Q(state__in=sorted(OPEN_APPLICATION)),
                name="application_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(capital__isnull=True) | models.Q(capital__gte=0),
                name="application_capital_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(annual_sales__isnull=True) | models.Q(annual_sales__gte=0),
                name="application_sales_not_negative",
            ),
        ]
        indexes = [models.Index(fields=["client", "state"], name="application_by_state")]

    def __str__(self) -> str:
        return self.number


class ApplicationMove(models.Model):
    """Each step of an application: from where to where, by whom in which role, when it was due (CM-46). Append-only."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    application = OwnedKey(Application, related_name="moves")
    from_state = models.CharField(max_length=12, choices=ApplicationState.choices, blank=True)
    to_state = models.CharField(max_length=12, choices=ApplicationState.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    role = models.CharField(max_length=20, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    # The role that has it now, and by when its step should be done.
    waits_for = models.CharField(max_length=20, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["application", "pk"]
        indexes = [models.Index(fields=["at"], name="application_move_by_time")]

    def __str__(self) -> str:
        return f"{self.application_id}: {self.to_state}"


class BankAccount(models.Model):
    """What one bank certifies of a customer: its average credit balance, over which months (CM-04, CM-01)."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    application = OwnedKey(Application, related_name="bank_accounts")
    bank = models.CharField(max_length=120)
    is_local = models.BooleanField(default=True)
    # The first days of the first and last month that the statement covers.
    from_month = models.DateField()
    until_month = models.DateField()
    average_balance = MoneyField()
    returned_cheques = models.PositiveSmallIntegerField(default=0)
    statement = OwnedKey(CreditPaper, null=True, blank=True, related_name="+", db_index=False)
    certificate = OwnedKey(CreditPaper, null=True, blank=True, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until_month__gte=models.F("from_month")), name="bank_account_in_order"
            )
        ]

    def __str__(self) -> str:
        return f"{self.bank} of {self.application_id}"

    @property
    def months(self) -> int:
        """How many months the statement covers."""
        first, last = self.from_month, self.until_month
        return (last.year - first.year) * 12 + last.month - first.month + 1


class BankMonth(models.Model):
    """One month of a bank statement: what its regularity is read from."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    account = OwnedKey(BankAccount, related_name="month_rows")
    month = models.DateField()
    credits = MoneyField()
    debits = MoneyField()
    lowest = MoneyField()
    closing = MoneyField()

    class Meta:
        ordering = ["account", "month"]
        constraints = [models.UniqueConstraint(fields=["account", "month"], name="bank_month_once")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class FinancialStatement(models.Model):
    """A year of a customer's audited statements, from which the ratios are computed (CM-01)."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    application = OwnedKey(Application, related_name="statements")
    year = models.PositiveSmallIntegerField()
    auditor = models.CharField(max_length=160, blank=True)
    current_assets = MoneyField()
    inventory = MoneyField()
    receivables = MoneyField()
    total_assets = MoneyField()
    current_liabilities = MoneyField()
    total_liabilities = MoneyField()
    payables = MoneyField()
    equity = MoneyField()
    sales = MoneyField()
    cost_of_sales = MoneyField()
    net_profit = MoneyField()
    paper = OwnedKey(CreditPaper, null=True, blank=True, related_name="+", db_index=False)

    class Meta:
        ordering = ["application", "-year"]
        constraints = [models.UniqueConstraint(fields=["application", "year"], name="financial_statement_once")]

    def __str__(self) -> str:
        return f"{self.year} of {self.application_id}"


class Reference(models.Model):
    """A bank or company that was asked about the customer, and what it said (CM-01)."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    application = OwnedKey(Application, related_name="references")
    kind = models.CharField(max_length=6, choices=ReferenceKind.choices)
    name = models.CharField(max_length=160)
    asked_on = models.DateField(null=True, blank=True)
    answered_on = models.DateField(null=True, blank=True)
    years_known = models.PositiveSmallIntegerField(null=True, blank=True)
    usual_limit = MoneyField(null=True, blank=True)
    judgement = models.CharField(max_length=10, choices=Judgement.choices, blank=True)
    note = models.CharField(max_length=500, blank=True)
    paper = OwnedKey(CreditPaper, null=True, blank=True, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(answered_on__isnull=True) | ~models.Q(judgement=""),
                name="reference_answered_is_judged",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.application_id}"


class CriterionJudgement(models.Model):
    """A person's judgement of one of the five criteria, with its grounds (CM-01)."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    application = OwnedKey(Application, related_name="judgements")
    criterion = models.CharField(max_length=20, choices=Criterion.choices)
    judgement = models.CharField(max_length=10, choices=Judgement.choices)
    grounds = models.CharField(max_length=1000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["application", "criterion"], name="criterion_judged_once")]

    def __str__(self) -> str:
        return f"{self.criterion}: {self.judgement}"


class Scoring(models.Model):
    """The points of an application by one version of the policy, with every input. Append-only; the latest counts."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    application = OwnedKey(Application, related_name="scorings")
    policy = OwnedKey(CreditPolicy, related_name="+", db_index=False)
    # What was put in, as numbers and words, with the papers it came from.
    inputs = models.JSONField()
    capital_points = models.PositiveBigIntegerField()
    form_points = models.PositiveBigIntegerField()
    bank_points = models.PositiveBigIntegerField()
    sales_points = models.PositiveBigIntegerField()
    total = models.PositiveBigIntegerField()
    eligible = models.BooleanField()
    score_limit = MoneyField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    total=models.F("capital_points")
                    + models.F("form_points")
                    + models.F("bank_points")
                    + models.F("sales_points")
                ),
                name="scoring_adds_up",
            ),
            models.CheckConstraint(
                condition=models.Q(eligible=True) | models.Q(score_limit=0), name="scoring_limit_only_if_eligible"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.total} points of {self.application_id}"
