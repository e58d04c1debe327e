"""What a client's own people tell us."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from complaints.choices import Complainant, MatterKind, Remedy
from complaints.forms.register import LTR, NOTHING, CategoryField, UploadsField


class ClientMatterForm(forms.Form):
    """Their own complaint or question, or one that reached them about an account."""

    kind = forms.ChoiceField(label=_("Kind"), choices=MatterKind.choices)
    words = forms.CharField(
        label=_("What is it about?"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"})
    )
    complainant = forms.ChoiceField(
        label=_("Who tells it"),
        choices=[(one, one.label) for one in (Complainant.CLIENT, Complainant.DEBTOR, Complainant.GUARANTOR,
                                              Complainant.REPRESENTATIVE)],
    )  # fmt: skip
    debtor_ref = forms.CharField(
        label=_("Your reference of the account"), max_length=200, required=False, widget=forms.TextInput(attrs=LTR)
    )
    category = CategoryField(label=_("Category"))
    remedy_sought = forms.ChoiceField(label=_("Remedy sought"), choices=[*NOTHING, *Remedy.choices], required=False)
    papers = UploadsField(label=_("Papers"), help_text=_("PDF, PNG or JPEG, at most five files of 10 MB."))
