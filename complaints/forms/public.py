"""What somebody without an account tells us."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from complaints.choices import Complainant, MatterKind, Remedy
from complaints.forms.register import LTR, UploadsField
from complaints.models import Category

ANYTHING = ("", _("I do not know"))


class TellForm(forms.Form):
    """A name, one way to reach them, and what happened; everything else may stay empty."""

    kind = forms.ChoiceField(label=_("What would you like to tell us?"), choices=MatterKind.choices)
    words = forms.CharField(
        label=_("What happened, and when?"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 7, "dir": "auto"})
    )
    name = forms.CharField(label=_("Your name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    phone = forms.CharField(
        label=_("Your mobile"), max_length=30, required=False,
        widget=forms.TextInput(attrs={"dir": "ltr", "inputmode": "tel", "autocomplete": "tel"}),
    )  # fmt: skip
    email = forms.CharField(
        label=_("Your e-mail"), max_length=254, required=False,
        widget=forms.TextInput(attrs={"dir": "ltr", "inputmode": "email", "autocomplete": "email"}),
    )  # fmt: skip
    complainant = forms.ChoiceField(label=_("You are"), choices=Complainant.choices)
    creditor = forms.CharField(label=_("Company the account is with"), max_length=100, required=False)
    account_ref = forms.CharField(
        label=_("Number of the account or contract"), max_length=90, required=False, widget=forms.TextInput(attrs=LTR)
    )
    category = forms.ModelChoiceField(
        label=_("It is about"), queryset=Category.objects.none(), required=False, empty_label=_("I do not know"),
        to_field_name="code",
        # What may answer them already comes as they choose; without JavaScript the questions are a link away.
        widget=forms.Select(attrs={"hx-get": reverse_lazy("help_suggested"), "hx-target": "#suggested"}),
    )  # fmt: skip
    remedy_sought = forms.ChoiceField(
        label=_("What do you ask for?"), choices=[ANYTHING, *Remedy.choices], required=False
    )
    papers = UploadsField(label=_("Files"), help_text=_("PDF, PNG or JPEG, at most five files of 10 MB."))
    # Nobody sees it; who fills in every field they find fills it in too.
    website = forms.CharField(
        label=_("Leave this field empty"), required=False, max_length=200,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["category"].queryset = Category.objects.filter(  # type: ignore[attr-defined]
            is_active=True, parent__isnull=True
        )

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise forms.ValidationError(_("Leave this field empty."), code="filled")
        return ""

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not data.get("phone") and not data.get("email") and not {"phone", "email"} & set(self.errors):
            self.add_error("phone", forms.ValidationError(_("Give a mobile number or an e-mail, so that we can answer "
                                                            "you."), code="reach"))  # fmt: skip
        return data
