"""What is typed of reports."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from common.forms import AmountField, DayField
from reporting.choices import BoardEvery, PointKind, TargetCode
from reporting.selectors.figures import currencies_of


class TargetForm(forms.Form):
    """A target agreed with a client."""

    code = forms.ChoiceField(label=_("Figure"), choices=TargetCode.choices)
    value = AmountField(label=_("Value"), help_text=_("Percent of a share; money a week of what is collected."))
    currency = forms.ChoiceField(label=_("Currency"), required=False)
    starts_on = DayField(label=_("From"), ahead=366)
    agreed_in = forms.CharField(
        label=_("Agreed in"), max_length=200, help_text=_("A letter or a meeting, with its day.")
    )

    def __init__(self, *args: Any, client: Client, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        currencies = currencies_of(client_id=client.pk) or ["SAR"]
        self.fields["currency"].choices = [(code, code) for code in currencies]  # type: ignore[attr-defined]

    def clean_value(self) -> Decimal:
        return Decimal(self.cleaned_data["value"])


class BoardViewForm(forms.Form):
    """A board with its filters, to be kept under a name."""

    name = forms.CharField(max_length=60, label=_("Name of the view"))
    board = forms.CharField(max_length=20, widget=forms.HiddenInput)
    query = forms.CharField(max_length=600, required=False, widget=forms.HiddenInput)


class ViewChangeForm(forms.Form):
    """What a kept view is for."""

    is_default = forms.BooleanField(required=False, label=_("Open the boards with it"))
    shared = forms.BooleanField(required=False, label=_("Share it with my role"))
    every = forms.ChoiceField(choices=[("", _("No e-mail")), *BoardEvery.choices], required=False)


class ReviewForm(forms.Form):
    """The head of a meeting's minutes."""

    quarter = forms.CharField(label=_("Quarter"), max_length=7, help_text=_("Such as 2026-Q3."))
    held_on = DayField(label=_("Held on"), ahead=0)
    attended = forms.CharField(
        label=_("Attended by"), max_length=400, help_text=_("Names and offices, ours and the client's.")
    )


class PointForm(forms.Form):
    """One decision or recommendation."""

    kind = forms.ChoiceField(label=_("Kind"), choices=PointKind.choices)
    text = forms.CharField(label=_("What was decided or recommended"), max_length=400)
    owner = forms.CharField(label=_("Who sees to it"), max_length=120, required=False)
    due_on = DayField(label=_("Until"), ahead=366, required=False)


class AgreedForm(forms.Form):
    """Who agreed for the client."""

    agreed_by = forms.CharField(label=_("Agreed for the client by"), max_length=120)
    agreed_on = DayField(label=_("Agreed on"), ahead=0)


class OutcomeForm(forms.Form):
    """What came of a point."""

    done = forms.ChoiceField(label=_("Outcome"), choices=[("1", _("Done")), ("0", _("Not done"))])
    reason = forms.CharField(label=_("Reason"), max_length=300, required=False)


class AdjustmentForm(forms.Form):
    """What is changed in the work on a portfolio."""

    text = forms.CharField(label=_("What we adjust"), max_length=400)
