"""Forms of a case's end, and of opening it again."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from collections_app.choices import DECIDED_ENDS, CaseStatus
from common.forms import DayField


class EndForm(forms.Form):
    end = forms.ChoiceField(
        label=_("How it ends"), choices=[("", "—"), *((s, s.label) for s in CaseStatus if s in DECIDED_ENDS)]
    )
    on = DayField(label=_("Day"), help_text=_("What is open on this day leaves collection."))
    reason = forms.CharField(label=_("Reason"), max_length=300)


class ReopenForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=300)
