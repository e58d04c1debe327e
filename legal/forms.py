"""What people type on the way to court."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from collections_app.choices import LegalStep
from common.forms import AmountField


class EscalationForm(forms.Form):
    steps = forms.MultipleChoiceField(
        label=_("Steps to permit"), choices=LegalStep.choices, widget=forms.CheckboxSelectMultiple
    )
    cost_ceiling = AmountField(label=_("Costs up to"), min_value=0, initial=0)
    valid_days = forms.IntegerField(label=_("Valid for days"), min_value=7, max_value=365, initial=90)
    grounds = forms.CharField(label=_("Grounds"), widget=forms.Textarea(attrs={"rows": 4}), max_length=4000)


class DecisionForm(forms.Form):
    decision = forms.ChoiceField(choices=[(c, c) for c in ("APPROVED", "RETURNED", "REJECTED")])
    digest = forms.CharField()
    reason = forms.CharField(
        label=_("A word to who prepared it"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": _("A reason has at most %(limit_value)d characters.")},
    )
