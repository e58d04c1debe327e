"""What is typed of reports."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from common.forms import AmountField, DayField
from reporting.choices import BoardEvery, TargetCode
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
