"""Forms of clients and their policies."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from clients.choices import Channel, ClientKind, ClientStatus, PortalView, Scope
from clients.models import Client
from clients.rules import systems
from common.choices import MessageChannel
from common.components.format import days_text

WEEKDAYS = [
    ("7", _("Sunday")), ("1", _("Monday")), ("2", _("Tuesday")), ("3", _("Wednesday")), ("4", _("Thursday")),
    ("5", _("Friday")), ("6", _("Saturday")),
]  # fmt: skip


class NewClientForm(forms.Form):
    code = forms.CharField(label=_("Code"), max_length=20)
    name_ar = forms.CharField(label=_("Arabic name"), max_length=160)
    name_en = forms.CharField(label=_("English name"), max_length=160)
    kind = forms.ChoiceField(label=_("Kind"), choices=ClientKind.choices)
    terms_days = forms.IntegerField(label=_("Terms in days"), min_value=0, max_value=365, initial=60)


class ClientForm(forms.Form):
    name_ar = forms.CharField(label=_("Arabic name"), max_length=160)
    name_en = forms.CharField(label=_("English name"), max_length=160)
    terms_days = forms.IntegerField(label=_("Terms in days"), min_value=0, max_value=365)
    recall_notice_days = forms.IntegerField(
        label=_("Notice of a recall in days"), min_value=0, max_value=365, required=False
    )
    fee_cap_instalments = forms.IntegerField(
        label=_("Fees of a contract at most, in instalments"),
        min_value=0,
        max_value=12,
        required=False,
        help_text=_(
            "Empty: the law's ceiling alone, one instalment and no more than is due, for what persons owe banks and "
            "finance companies (SAMA, debt collection regulations, article 8). A figure here caps the fees of all "
            "debts."
        ),
    )
    status = forms.ChoiceField(label=_("Status"), choices=ClientStatus.choices)


class ContactPolicyForm(forms.Form):
    starts_on = forms.DateField(label=_("Holds from"), widget=forms.DateInput(attrs={"type": "date"}))
    channels = forms.MultipleChoiceField(
        label=_("Channels"), choices=Channel.choices, widget=forms.CheckboxSelectMultiple
    )
    opens_at = forms.TimeField(label=_("Opens at"), widget=forms.TimeInput(attrs={"type": "time"}))
    closes_at = forms.TimeField(label=_("Closes at"), widget=forms.TimeInput(attrs={"type": "time"}))
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Days"), choices=WEEKDAYS, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    max_attempts = forms.IntegerField(label=_("Attempts at most"), min_value=1, max_value=10)
    window_days = forms.IntegerField(label=_("In days"), min_value=30, max_value=60)
    least_promise = forms.DecimalField(label=_("Least promise"), min_value=0, max_digits=18, decimal_places=2)


class PortalPersonForm(forms.Form):
    """One of a client's people, as its keeper of users or the house invites them."""

    email = forms.EmailField(label=_("E-mail"))
    name_ar = forms.CharField(label=_("Arabic name"), max_length=120)
    name_en = forms.CharField(label=_("English name"), max_length=120)
    title = forms.CharField(label=_("Title"), max_length=80, required=False)
    power = forms.CharField(
        label=_("Signs for the company, by power of"),
        max_length=160,
        required=False,
        help_text=_(
            "Leave empty for who only reads. Else the agency is asked first: who signs lets legal steps begin."
        ),
    )


class PowerForm(forms.Form):
    power = forms.CharField(
        label=_("By power of"),
        max_length=160,
        help_text=_("Articles of association, resolution or power of attorney, with its number."),
    )


class LogoForm(forms.Form):
    file = forms.FileField(
        label=_("Logo"),
        help_text=_("PNG or JPEG, at most 1 MB. It is drawn again and shown at most 96 points high."),
        widget=forms.ClearableFileInput(attrs={"accept": "image/png,image/jpeg"}),
    )


class AgreementForm(forms.Form):
    portal_view = forms.ChoiceField(
        label=_("In the portal the client's people see"),
        help_text=_("Its systems see no more. What is to be signed or answered is open under each."),
        choices=PortalView.choices,
        widget=forms.RadioSelect,
    )


class SystemForm(forms.Form):
    """An account of a client's system, new."""

    name = forms.CharField(label=_("Name of the system"), max_length=80)
    scopes = forms.MultipleChoiceField(label=_("It may"), choices=Scope.choices, widget=forms.CheckboxSelectMultiple)


class KnownSystemForm(SystemForm):
    is_active = forms.BooleanField(label=_("Let in"), required=False)


class TokenForm(forms.Form):
    """A new token: how long it is valid, and how long the one before it stays so."""

    lifetime_days = forms.TypedChoiceField(label=_("Valid for"), coerce=int, initial=90)
    overlap_hours = forms.TypedChoiceField(label=_("The token before it ends"), coerce=int, initial=24)

    def __init__(self, *args: Any, language: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["lifetime_days"].choices = [  # type: ignore[attr-defined]
            (days, days_text(days=days, language=language)) for days in systems.LIFETIMES
        ]
        self.fields["overlap_hours"].choices = [(hours, _ends(hours)) for hours in systems.OVERLAPS]  # type: ignore[attr-defined]


def _ends(hours: int) -> str:
    if not hours:
        return gettext("at once")
    return ngettext("in %(hours)d hour", "in %(hours)d hours", hours) % {"hours": hours}


class MessageReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class StopForm(forms.Form):
    """What shall not leave any more; with neither channel nor client, nothing at all."""

    channel = forms.ChoiceField(
        label=_("Channel"), choices=[("", _("Every channel")), *MessageChannel.choices], required=False
    )
    client_id = forms.TypedChoiceField(label=_("Client"), coerce=int, empty_value=None, required=False)
    reason = forms.CharField(label=_("Reason"), max_length=300)

    def __init__(self, *args: Any, clients: list[Client], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("Every client")), *((client.pk, client.name) for client in clients)]
        self.fields["client_id"].choices = choices  # type: ignore[attr-defined]


class LimitForm(forms.Form):
    """How many SMS one number gets in a day."""

    sms_a_day = forms.IntegerField(label=_("SMS to one number in a day"), min_value=1, max_value=100)
    limit_reason = forms.CharField(label=_("Reason"), max_length=300)


class MessageTextForm(forms.Form):
    """A draft of a text: written in its own language's direction."""

    subject = forms.CharField(label=_("Subject line"), max_length=200)
    body = forms.CharField(label=_("Text"), widget=forms.Textarea(attrs={"rows": 12}), strip=True)
    threatens = forms.BooleanField(label=_("It tells of a legal step"), required=False)

    def __init__(self, *args: Any, channel: str, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        direction = {"dir": "rtl" if language == "ar" else "ltr", "lang": language}
        for name in ("subject", "body"):
            self.fields[name].widget.attrs.update(direction)
        if channel == MessageChannel.SMS:
            del self.fields["subject"]
            self.fields["body"].widget.attrs["rows"] = 5
