"""Forms of a file that is in the book."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class WithdrawForm(forms.Form):
    """Why a file was wrong, and the client's code by hand, to be sure."""

    reason = forms.CharField(label=_("Why was it wrong?"), max_length=300)
    typed = forms.CharField(
        label=_("The client's code, to be sure"), max_length=20, widget=forms.TextInput(attrs={"dir": "ltr"})
    )
