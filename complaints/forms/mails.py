"""What is said of a mail that was set aside."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from complaints.choices import AsideState, MatterKind
from complaints.models import AsideMail


class TakeForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=MatterKind.choices)
    words = forms.CharField(
        label=_("What you add"), max_length=5_000, required=False,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text=_("Needed where the mail says nothing itself."),
    )  # fmt: skip


class DismissForm(forms.Form):
    """Some of those that wait, with one reason."""

    mails = forms.ModelMultipleChoiceField(
        queryset=AsideMail.objects.filter(state=AsideState.WAITING),
        error_messages={"required": _("Choose a mail."), "invalid_choice": _("Somebody decided on one meanwhile.")},
    )
    reason = forms.CharField(label=_("Why?"), max_length=300)
