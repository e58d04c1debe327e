"""What is typed of agreements, limits and stops."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common import money
from common.forms import AmountField, DayField
from credit.choices import COMPUTED_STOPS, AgentScope, PaperKind, PeriodStart, StopKind
from credit.models import Agent, CreditPaper, Customer
from credit.rules.plans import Due
from credit.selectors.agents import agents_of
from credit.selectors.papers import papers_of_customer
from credit.services.agreements import Terms

REASON = forms.Textarea(attrs={"rows": 2})
BY_HAND = [(value, label) for value, label in StopKind.choices if value not in COMPUTED_STOPS]


def plan_read(text: str) -> list[Due]:
    """A repayment plan, one payment a line: the date and the amount. Raises ValidationError naming the line."""
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            day, amount = money.latin_digits(line).split(maxsplit=1)
            found.append(Due(on=dt.date.fromisoformat(day), amount=money.parse_amount(amount)))
        except ValueError as error:
            raise forms.ValidationError(
                _("Line %(line)d: write the date and the amount, as 2026-12-31 1,500.00."), params={"line": number}
            ) from error
    return found


class TermsFields(forms.Form):
    """The terms of an agreement."""

    signed_on = DayField(label=_("Signed on"), ahead=0)
    terms_days = forms.IntegerField(label=_("Days of the credit period"), min_value=1, max_value=365)
    period_start = forms.ChoiceField(label=_("The period counts from"), choices=PeriodStart.choices)
    discount_percent = forms.DecimalField(
        label=_("Cash discount, percent"), required=False, max_digits=5, decimal_places=2, min_value=Decimal("0.01")
    )
    discount_days = forms.IntegerField(label=_("when paid within so many days"), required=False, min_value=0)
    plan = forms.CharField(
        label=_("Repayment plan"), required=False, widget=forms.Textarea(attrs={"rows": 4, "dir": "ltr"}),
        help_text=_("One payment a line: the date and the amount, as 2026-12-31 1,500.00."),
    )  # fmt: skip
    paper = forms.ModelChoiceField(
        label=_("The signed agreement"), queryset=CreditPaper.objects.none(), required=False,
        help_text=_("Add it to the customer's papers first."),
    )  # fmt: skip

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        papers = papers_of_customer(customer=customer)
        self.fields["paper"].queryset = papers.filter(kind__in=[PaperKind.AGREEMENT, PaperKind.OTHER])  # type: ignore[attr-defined]

    def clean_plan(self) -> list[Due]:
        return plan_read(self.cleaned_data["plan"])

    def terms(self) -> Terms:
        told = self.cleaned_data
        return Terms(
            days=told["terms_days"], period_start=told["period_start"], discount_percent=told["discount_percent"],
            discount_days=told["discount_days"], plan=told["plan"],
        )  # fmt: skip


class SignForm(TermsFields):
    """An agreement on an approved application."""

    signed_by = forms.ModelChoiceField(label=_("Signed by"), queryset=Agent.objects.none())
    field_order = ("signed_by", "signed_on")

    def __init__(self, *args: Any, customer: Customer, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, customer=customer, **kwargs)
        named = {one.agent.pk: one.name for one in agents_of(customer=customer, on=today)}
        field = self.fields["signed_by"]
        field.queryset = customer.agents.filter(scopes__contains=[AgentScope.AGREEMENTS])  # type: ignore[attr-defined]
        field.label_from_instance = lambda agent: named.get(agent.pk) or "–"  # type: ignore[attr-defined]


class TakeOverForm(TermsFields):
    """A contract of before the policy."""

    ends_on = DayField(label=_("Ends on"), ahead=3_650)
    limit = AmountField(label=_("Limit"))
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=REASON)
    field_order = ("signed_on", "ends_on", "limit")


class EndForm(forms.Form):
    """The end of an agreement."""

    ends_on = DayField(label=_("Ends on"), ahead=3_650)
    reason = forms.CharField(label=_("Reason"), max_length=300, widget=REASON)


class DecreaseForm(forms.Form):
    """A lower limit."""

    amount = AmountField(label=_("New limit"), min_value=Decimal(0))
    starts_on = DayField(label=_("From"), ahead=366)
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=REASON)


class IncreaseForm(forms.Form):
    """A request for a higher limit."""

    asked_limit = AmountField(label=_("Limit asked for"))
    grounds = forms.CharField(
        label=_("Grounds"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What grew: sales, branches, contracts."),
    )  # fmt: skip


class StopForm(forms.Form):
    """Stopping credit by hand."""

    kind = forms.ChoiceField(label=_("Why credit is stopped"), choices=BY_HAND)
    began_on = DayField(label=_("From"), ahead=0)
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=REASON)


class ReleaseForm(forms.Form):
    """Giving credit free again."""

    reason = forms.CharField(label=_("Reason"), max_length=500, widget=REASON)


class FollowUpForm(forms.Form):
    """What was done about a stop, and when next."""

    note = forms.CharField(label=_("What was done"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    next_on = DayField(label=_("Next on"), ahead=30)
