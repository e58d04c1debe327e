"""What is typed of orders: the order itself, what becomes of it, and files of them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from common.forms import AmountField, DayField
from credit.choices import REMOTE, CustomerKind, OrderChannel
from credit.models import Agent, Customer
from credit.selectors.orders import signatories_of

LTR = {"dir": "ltr"}
# An order is on credit or for cash, whoever places it.
PAID = ((CustomerKind.CREDIT, _("On credit")), (CustomerKind.CASH, _("Cash")))
TYPED_CHANNELS = (OrderChannel.IN_PERSON, OrderChannel.FAX, OrderChannel.EMAIL)


class OrderForm(forms.Form):
    """An order of one customer, as it was signed. ``agents`` are those who may sign for it today."""

    order_ref = forms.CharField(label=_("Order number"), max_length=120, widget=forms.TextInput(attrs=LTR))
    kind = forms.ChoiceField(label=_("How it is paid"), choices=PAID)
    amount = AmountField(label=_("Amount"))
    ordered_on = DayField(label=_("Signed on"), ahead=0)
    agent = forms.TypedChoiceField(label=_("Signed by"), required=False, coerce=int, empty_value=None)
    channel = forms.ChoiceField(
        label=_("How it came"), choices=[(channel.value, channel.label) for channel in TYPED_CHANNELS]
    )
    address = forms.CharField(
        label=_("Fax number or e-mail it came from"), required=False, max_length=254, widget=forms.TextInput(attrs=LTR)
    )
    original = forms.FileField(label=_("Original of the order"), required=False)

    def __init__(self, *args: Any, customer: Customer, on: dt.date, **options: Any) -> None:
        super().__init__(*args, **options)
        self._agents: dict[int, Agent] = {}
        choices: list[tuple[Any, Any]] = [("", _("Nobody is named"))]
        for agent, name in signatories_of(customer=customer, on=on):
            self._agents[agent.pk] = agent
            choices.append((agent.pk, name))
        self.fields["agent"].choices = choices  # type: ignore[attr-defined]
        self.initial.setdefault("kind", customer.kind)
        self.initial.setdefault("ordered_on", on)
        if len(self._agents) == 1:
            self.initial.setdefault("agent", next(iter(self._agents)))

    @property
    def signed_by(self) -> Agent | None:
        """Who signed, of those who may; asked of a form that is valid."""
        return self._agents.get(self.cleaned_data["agent"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("channel") not in REMOTE:
            data["address"], data["original"] = "", None
        return data


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Why"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


class InvoiceForm(forms.Form):
    """An invoice that came of an order."""

    receivable_ref = forms.CharField(label=_("Invoice number"), max_length=200, widget=forms.TextInput(attrs=LTR))
    amount = AmountField(label=_("Amount"))
    is_last = forms.BooleanField(label=_("Nothing more is delivered of this order"), required=False)


class OrderFileForm(forms.Form):
    client = forms.ModelChoiceField(label=_("Client"), queryset=Client.objects.order_by("name_ar"))
    file = forms.FileField(label=_("File"))
