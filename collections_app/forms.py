"""Forms of the collector's and manager's pages."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clients.choices import Channel
from clients.models import Client
from collections_app.choices import HoldKind, LegalStep, Outcome, PaymentMethod, Reached
from collections_app.models import Case, ContactPoint
from collections_app.rules.contact.answers import ADDRESSES

DATE = {"type": "date"}


class ContactForm(forms.Form):
    channel = forms.ChoiceField(label=_("Channel"), choices=Channel.choices)
    contact_point = forms.ModelChoiceField(queryset=ContactPoint.objects.none(), required=False)
    reached = forms.ChoiceField(label=_("Who answered?"), choices=Reached.choices, widget=forms.RadioSelect)
    outcome = forms.ChoiceField(label=_("What happened?"), choices=Outcome.choices, widget=forms.RadioSelect)
    promise_amount = forms.DecimalField(label=_("Amount"), max_digits=18, decimal_places=2, required=False)
    promise_on = forms.DateField(label=_("On"), required=False, widget=forms.DateInput(attrs=DATE))
    call_back_at = forms.DateTimeField(
        label=_("Call back at"), required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    at = forms.DateTimeField(
        label=_("When, if not just now"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 1}))
    breach_reason = forms.CharField(label=_("Why outside the policy?"), required=False, max_length=300)

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        points = ContactPoint.objects.filter(debtor=case.debtor_id, replaced_at__isnull=True)
        self.fields["contact_point"].queryset = points  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Of several addresses the page proposes one; what does not belong to the channel gives way to what does."""
        data = super().clean() or {}
        kinds = ADDRESSES.get(data.get("channel", ""), frozenset())
        point = data.get("contact_point")
        if kinds and (point is None or point.kind not in kinds):
            fitting = list(self.fields["contact_point"].queryset.filter(kind__in=kinds)[:2])  # type: ignore[attr-defined]
            data["contact_point"] = fitting[0] if len(fitting) == 1 else None
        return data


class PaymentForm(forms.Form):
    amount = forms.DecimalField(label=_("Amount"), max_digits=18, decimal_places=2)
    currency = forms.ChoiceField(label=_("Currency"))
    value_on = forms.DateField(label=_("Value date"), widget=forms.DateInput(attrs=DATE))
    method = forms.ChoiceField(label=_("How"), choices=[c for c in PaymentMethod.choices if c[0] != PaymentMethod.FILE])
    reference = forms.CharField(label=_("Reference"), max_length=120)
    payer_name = forms.CharField(label=_("Paid by"), max_length=160, required=False)

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        currencies = sorted(set(case.debts.values_list("currency", flat=True)))
        self.fields["currency"].choices = [(c, c) for c in currencies]  # type: ignore[attr-defined]


class HoldForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=HoldKind.choices)
    from_on = forms.DateField(label=_("From"), widget=forms.DateInput(attrs=DATE))
    reason = forms.CharField(label=_("Reason"), max_length=300)


class ReleaseForm(forms.Form):
    until_on = forms.DateField(label=_("Last held day"), widget=forms.DateInput(attrs=DATE))
    reason = forms.CharField(label=_("Reason"), max_length=300)


class EscalationForm(forms.Form):
    steps = forms.MultipleChoiceField(
        label=_("Steps to permit"), choices=LegalStep.choices, widget=forms.CheckboxSelectMultiple
    )
    cost_ceiling = forms.DecimalField(label=_("Costs up to"), max_digits=18, decimal_places=2, min_value=0, initial=0)
    valid_days = forms.IntegerField(label=_("Valid for days"), min_value=7, max_value=365, initial=90)
    grounds = forms.CharField(label=_("Grounds"), widget=forms.Textarea(attrs={"rows": 4}), max_length=4000)


class DecisionForm(forms.Form):
    decision = forms.ChoiceField(choices=[(c, c) for c in ("APPROVED", "RETURNED", "REJECTED")])
    digest = forms.CharField()
    reason = forms.CharField(
        label=_("A word to who prepared it"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


class AssignForm(forms.Form):
    owner = forms.ModelChoiceField(label=_("Collector"), queryset=User.objects.none())

    def __init__(self, *args: Any, owners: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = owners  # type: ignore[attr-defined]


DEFAULT_LAYOUT = {
    "encoding": "utf-8",
    "delimiter": ",",
    "date_format": "%Y-%m-%d",
    "currency": "SAR",
    "columns": {
        "debtor_ref": "debtor_ref",
        "debtor_name": "debtor_name",
        "national_id": "national_id",
        "mobile": "mobile",
        "debt_ref": "debt_ref",
        "receivable_ref": "receivable_ref",
        "issued_on": "issued_on",
        "due_on": "due_on",
        "amount": "amount",
    },
}


class ImportForm(forms.Form):
    client = forms.ModelChoiceField(label=_("Client"), queryset=Client.objects.filter(status="ACTIVE"))
    file = forms.FileField(label=_("File (CSV or XLSX)"))
    layout = forms.CharField(
        label=_("Layout"),
        widget=forms.Textarea(attrs={"rows": 9, "dir": "ltr", "spellcheck": "false"}),
        initial=lambda: json.dumps(DEFAULT_LAYOUT, indent=1),
    )
    placed_on = forms.DateField(
        label=_("Placement date"), widget=forms.DateInput(attrs=DATE), initial=timezone.localdate
    )
    accept_good_rows = forms.BooleanField(label=_("Accept the good rows, refuse the rest"), required=False)

    def clean_layout(self) -> Any:
        try:
            return json.loads(self.cleaned_data["layout"])
        except ValueError as error:
            raise forms.ValidationError(_("This is not JSON.")) from error
