"""What is typed of reports."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from common.forms import AmountField, DayField
from reporting.choices import TargetCode
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
