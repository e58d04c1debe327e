"""What is typed beside a paper, of agents, securities and remote orders."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common import clock
from common.forms import AmountField, DayField
from credit.choices import AgentScope, CollateralKind, PaperKind
from credit.forms.fields import LTR, UploadField
from credit.models import Customer
from credit.selectors.agents import agents_of

# What a person hands in by itself; the others come with their agent, agreement or order, or are made here.
HANDED_IN = (
    PaperKind.APPLICATION_FORM, PaperKind.COMMERCIAL_REGISTRATION, PaperKind.OFFICIAL_ID, PaperKind.VAT_CERTIFICATE,
    PaperKind.CHAMBER_MEMBERSHIP, PaperKind.BANK_STATEMENT, PaperKind.BANK_CERTIFICATE,
    PaperKind.FINANCIAL_STATEMENTS, PaperKind.SPECIMEN_SIGNATURE, PaperKind.REFERENCE, PaperKind.BUREAU_REPORT,
    PaperKind.OTHER,
)  # fmt: skip


class PaperForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=[(kind.value, kind.label) for kind in HANDED_IN])
    file = UploadField(label=_("File"), help_text=_("PDF, PNG or JPEG, 10 MB at most."))
    title = forms.CharField(label=_("Title"), required=False, max_length=160)
    valid_from = DayField(label=_("Valid from"), required=False)
    valid_until = DayField(label=_("Valid until"), required=False)

    def told(self) -> dict[str, Any]:
        """What ``credit_paper_add`` is told: the kind is title enough."""
        data = dict(self.cleaned_data)
        file = data.pop("file")
        data["title"] = data["title"] or str(PaperKind(data["kind"]).label)
        return {**data, "name": file.name, "content": file.content}


class AgentForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=160)
    id_hint = forms.CharField(
        label=_("Last four digits of the identity number"), required=False, max_length=4, min_length=4,
        widget=forms.TextInput(attrs=LTR | {"inputmode": "numeric"}),
    )  # fmt: skip
    is_owner = forms.BooleanField(label=_("The owner: no power of attorney needed"), required=False)
    scopes = forms.MultipleChoiceField(
        label=_("May sign"), choices=AgentScope.choices, widget=forms.CheckboxSelectMultiple
    )
    up_to = AmountField(label=_("Up to"), required=False, min_value=0, help_text=_("Empty: without a bound."))
    valid_from = DayField(label=_("From"), ahead=365)
    valid_until = DayField(label=_("Until"), required=False)
    power = UploadField(label=_("Power of attorney"), required=False)
    specimen = UploadField(label=_("Specimen signature"), required=False)


class RevokeForm(forms.Form):
    on = DayField(label=_("From this day on"), ahead=1)
    reason = forms.CharField(label=_("Reason"), max_length=300)


class CollateralForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=CollateralKind.choices)
    issuer = forms.CharField(label=_("Given by"), max_length=160)
    reference = forms.CharField(label=_("Number"), required=False, max_length=80, widget=forms.TextInput(attrs=LTR))
    amount = AmountField(label=_("Amount"), min_value=0)
    valid_from = DayField(label=_("Valid from"))
    valid_until = DayField(label=_("Valid until"), required=False)
    local_bank = forms.BooleanField(label=_("Of a local bank"), required=False)
    irrevocable = forms.BooleanField(label=_("Cannot be revoked"), required=False)
    auto_renewing = forms.BooleanField(label=_("Renews itself"), required=False)
    unconditional = forms.BooleanField(label=_("Paid without a condition"), required=False)
    paper = UploadField(label=_("Paper"), required=False)


class DayForm(forms.Form):
    on = DayField(label=_("Day"), ahead=0)


class TermsForm(forms.Form):
    version = forms.CharField(label=_("Version of the terms"), max_length=20)
    accepted_on = DayField(label=_("Accepted on"), ahead=0)
    agent = forms.ChoiceField(label=_("Signed by"))
    paper = UploadField(label=_("Signed paper"))

    def __init__(self, *args: Any, customer: Customer, **options: Any) -> None:
        super().__init__(*args, **options)
        self.customer = customer
        self.agents = {
            str(named.agent.pk): named
            for named in agents_of(customer=customer, on=clock.today())
            if AgentScope.AGREEMENTS in named.agent.scopes
        }
        agent: Any = self.fields["agent"]
        agent.choices = [(key, named.name) for key, named in self.agents.items()]

    def clean_agent(self) -> Any:
        return self.agents[self.cleaned_data["agent"]].agent


class AddressForm(forms.Form):
    value = forms.CharField(label=_("Fax number or e-mail"), max_length=254, widget=forms.TextInput(attrs=LTR))
