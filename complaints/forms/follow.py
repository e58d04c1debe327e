"""What a complainant types on the pages that follow a matter, and on the page that rates it."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from complaints.forms.register import UploadsField

_AREA = forms.Textarea(attrs={"rows": 4, "dir": "auto"})
SCORES = [(str(n), str(n)) for n in range(1, 6)]


class ReferenceForm(forms.Form):
    reference = forms.CharField(
        label=_("Reference"), max_length=20, help_text=_("It stands in our first message, as C-2026-000042."),
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off", "autocapitalize": "characters"}),
    )  # fmt: skip


class CodeForm(forms.Form):
    code = forms.RegexField(
        regex=r"\A\s*[0-9]{6}\s*\Z", label=_("Code"), error_messages={"invalid": _("The code has six digits.")},
        widget=forms.TextInput(attrs={"dir": "ltr", "inputmode": "numeric", "autocomplete": "one-time-code"}),
    )  # fmt: skip


class AddForm(forms.Form):
    words = forms.CharField(label=_("What would you add?"), max_length=20_000, required=False, widget=_AREA)
    papers = UploadsField(label=_("Files"), help_text=_("PDF, PNG or JPEG, at most five files of 10 MB."))


class DisagreeForm(forms.Form):
    words = forms.CharField(label=_("Why do you not agree?"), max_length=20_000, widget=_AREA)


class RateForm(forms.Form):
    score = forms.ChoiceField(
        label=_("How did we do? 1 is poor, 5 is very good."), choices=SCORES, widget=forms.RadioSelect
    )
    is_solved = forms.ChoiceField(
        label=_("Is the matter solved?"), choices=[("yes", _("Yes")), ("no", _("No"))], widget=forms.RadioSelect
    )
    words = forms.CharField(label=_("Anything else?"), max_length=2_000, required=False, widget=_AREA)
