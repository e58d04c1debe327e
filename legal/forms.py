"""What people type on the way to court."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from collections_app.choices import LegalStep
from common.forms import AmountField, DayField


class EscalationForm(forms.Form):
    steps = forms.MultipleChoiceField(
        label=_("Steps to permit"), choices=LegalStep.choices, widget=forms.CheckboxSelectMultiple
    )
    cost_ceiling = AmountField(label=_("Costs up to"), min_value=0, initial=0)
    valid_days = forms.IntegerField(label=_("Valid for days"), min_value=7, max_value=365, initial=90)
    court = forms.CharField(label=_("Court"), max_length=160, required=False)
    region = forms.CharField(label=_("Region"), max_length=80, required=False)
    grounds = forms.CharField(label=_("Grounds"), widget=forms.Textarea(attrs={"rows": 4}), max_length=4000)


class AmendForm(EscalationForm):
    """The same, and the request as it was opened for the change."""

    digest = forms.CharField(max_length=64, widget=forms.HiddenInput)


class SignForm(forms.Form):
    """What the signatory says while signing; ``power`` is by what they bind their company."""

    digest = forms.CharField(max_length=64)
    power = forms.CharField(label=_("By what you sign"), max_length=160)
    valid_from = DayField(label=_("In force from"), required=False)


class LetterForm(SignForm):
    """The signed letter instead: who signed it on paper, and by what power."""

    signed_by = forms.CharField(label=_("Who signed the letter"), max_length=120)
    power = forms.CharField(label=_("By what power"), max_length=160)
    file = forms.FileField(label=_("The signed letter"))
    field_order = ["file", "signed_by", "power", "valid_from", "digest"]


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
