"""What is typed of a customer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from common.forms import DayField
from common.money import latin_digits
from credit.choices import COMPANIES, CustomerKind, LegalForm
from parties.choices import IdentifierKind

LTR = {"dir": "ltr"}
NO_FORM = [("", _("Not known yet"))]


class AboutForm(forms.Form):
    """What the house writes down of a customer."""

    kind = forms.ChoiceField(label=_("How they buy"), choices=CustomerKind.choices)
    legal_form = forms.ChoiceField(label=_("Legal form"), choices=[*NO_FORM, *LegalForm.choices], required=False)
    resident = forms.BooleanField(label=_("Resident in the Kingdom"), required=False, initial=True)
    sector = forms.CharField(
        label=_("The client's line of business"), required=False, max_length=80,
        help_text=_("Where the client keeps several; an account of its own in each."),
    )  # fmt: skip
    industry = forms.CharField(label=_("Customer's trade"), required=False, max_length=80)
    region = forms.CharField(label=_("Region"), required=False, max_length=80)


class CustomerForm(AboutForm):
    """A new customer of a client."""

    client = forms.ModelChoiceField(label=_("Client"), queryset=Client.objects.order_by("name_ar"))
    debtor_ref = forms.CharField(
        label=_("Client's reference of the account"), max_length=200, widget=forms.TextInput(attrs=LTR),
        help_text=_("Invoices are placed under it."),
    )  # fmt: skip
    name = forms.CharField(label=_("Name"), max_length=200)
    identifier = forms.CharField(
        label=_("Unified number, commercial register or identity number"), required=False, max_length=30,
        widget=forms.TextInput(attrs=LTR | {"inputmode": "numeric"}),
    )  # fmt: skip
    identifier_kind = forms.ChoiceField(
        label=_("What number it is"), choices=[("", _("As the number tells")), *IdentifierKind.choices], required=False,
        help_text=_("A commercial register may begin with 1 or 2, as an identity number does."),
    )  # fmt: skip
    city = forms.CharField(label=_("City"), required=False, max_length=80)
    field_order = (
        "client",
        "debtor_ref",
        "name",
        "identifier",
        "identifier_kind",
        "kind",
        "legal_form",
        "resident",
        "city",
        "region",
    )

    def clean(self) -> dict[str, Any]:
        """Ask what number it is where neither the number nor the legal form tells."""
        data = super().clean() or {}
        told = latin_digits(data.get("identifier", "").strip())
        if told[:1] in {"1", "2"} and not data.get("identifier_kind") and data.get("legal_form") not in COMPANIES:
            self.add_error("identifier_kind", _("Say whether it is an identity number or a commercial register."))
        return data


class CloseForm(forms.Form):
    on = DayField(label=_("Closed on"), ahead=0)
    reason = forms.CharField(label=_("Reason"), max_length=300)


class ReopenForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=300)
