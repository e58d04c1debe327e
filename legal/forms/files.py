"""What the legal desk and its lawyers type: the register, files, days in court, claims, costs, instruments."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from common.forms import AmountField, DayField
from legal.choices import (
    CLAIMS,
    ActKind,
    ClaimState,
    CostKind,
    CourtDateKind,
    FileOutcome,
    InstrumentKind,
    PaperKind,
)
from legal.models import Instrument, LawFirm, Lawyer, LegalFile

TWO_LINES = forms.Textarea(attrs={"rows": 2})
LTR = {"dir": "ltr"}
# What a person hands in; the others are made here.
HANDED_IN = (
    PaperKind.FILING, PaperKind.JUDGMENT, PaperKind.CONTRACT, PaperKind.NOTE, PaperKind.STATEMENT,
    PaperKind.CONTACT_PROOF, PaperKind.SERVICE_PROOF, PaperKind.OTHER,
)  # fmt: skip


def _choices(kinds: Any) -> list[tuple[str, Any]]:
    return [(kind.value, kind.label) for kind in kinds]


class _Entered(forms.Form):
    name_ar = forms.CharField(label=_("Arabic name"), max_length=160)
    name_en = forms.CharField(label=_("English name"), max_length=160, widget=forms.TextInput(attrs=LTR))
    licence = forms.CharField(label=_("Licence number"), max_length=40, widget=forms.TextInput(attrs=LTR))
    email = forms.EmailField(label=_("E-mail"), required=False, max_length=254)
    phone = forms.CharField(label=_("Telephone"), required=False, max_length=30, widget=forms.TextInput(attrs=LTR))
    is_active = forms.BooleanField(label=_("Takes files"), required=False, initial=True)


class FirmForm(_Entered):
    """A law firm."""


class LawyerForm(_Entered):
    """A lawyer of a firm."""


class InviteForm(forms.Form):
    email = forms.EmailField(label=_("E-mail"))


class ConflictForm(forms.Form):
    """For whom a firm may not act: a client, or against one of its account holders."""

    lawyer = forms.ModelChoiceField(label=_("Lawyer"), queryset=Lawyer.objects.none(), required=False)
    client = forms.ModelChoiceField(label=_("Client"), queryset=Client.objects.order_by("name_ar"))
    debtor_ref = forms.CharField(label=_("Account holder's reference"), required=False, max_length=200)
    reason = forms.CharField(label=_("Reason"), max_length=300, widget=TWO_LINES)

    def __init__(self, *args: Any, firm: LawFirm, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lawyer: Any = self.fields["lawyer"]
        lawyer.queryset, lawyer.empty_label = firm.lawyers.order_by("name_ar"), _("The whole firm")
        self.fields["debtor_ref"].help_text = _("Empty: the client itself.")


class OpenFileForm(forms.Form):
    lawyer = forms.ModelChoiceField(
        label=_("Lawyer"),
        queryset=Lawyer.objects.filter(is_active=True, firm__is_active=True).select_related("firm"),
    )
    on = DayField(label=_("Opened on"), ahead=0)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lawyer: Any = self.fields["lawyer"]
        lawyer.label_from_instance = lambda found: f"{found.name} · {found.firm.name}"


class AssignForm(forms.Form):
    lawyer = OpenFileForm.base_fields["lawyer"]
    reason = forms.CharField(label=_("Reason"), max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lawyer: Any = self.fields["lawyer"]
        lawyer.label_from_instance = lambda found: f"{found.name} · {found.firm.name}"


class ReferencesForm(forms.Form):
    court = forms.CharField(label=_("Court"), required=False, max_length=160)
    circuit = forms.CharField(label=_("Circuit"), required=False, max_length=80)
    city = forms.CharField(label=_("City"), required=False, max_length=80)
    court_reference = forms.CharField(
        label=_("Case number at the court"), required=False, max_length=60, widget=forms.TextInput(attrs=LTR)
    )
    najiz_reference = forms.CharField(
        label=_("Najiz number"), required=False, max_length=60, widget=forms.TextInput(attrs=LTR)
    )
    nafith_reference = forms.CharField(
        label=_("Nafith number"), required=False, max_length=60, widget=forms.TextInput(attrs=LTR)
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=1000, widget=TWO_LINES)


class CloseFileForm(forms.Form):
    outcome = forms.ChoiceField(label=_("Outcome"), choices=FileOutcome.choices)
    on = DayField(label=_("Closed on"), ahead=0)
    note = forms.CharField(label=_("Note"), required=False, max_length=1000, widget=TWO_LINES)


class CourtDateForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=CourtDateKind.choices)
    title = forms.CharField(label=_("What is it?"), max_length=160)
    on = DayField(label=_("Day"))
    at = forms.TimeField(label=_("Hour"), required=False, widget=forms.TimeInput(attrs={"type": "time"}))
    place = forms.CharField(label=_("Place"), required=False, max_length=200)


class DateAnswerForm(forms.Form):
    """What became of a day in court; a new day and hour when it was postponed."""

    became = forms.ChoiceField(
        label=_("What became of it?"),
        choices=[("DONE", _("Done")), ("POSTPONED", _("Postponed")), ("CANCELLED", _("Cancelled"))],
    )
    outcome = forms.CharField(label=_("Outcome or reason"), max_length=1000, widget=TWO_LINES)
    on = DayField(label=_("New day"), required=False)
    at = forms.TimeField(label=_("New hour"), required=False, widget=forms.TimeInput(attrs={"type": "time"}))

    def __init__(self, *args: Any, cancels: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not cancels:
            became: Any = self.fields["became"]
            became.choices = became.choices[:2]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("became") == "POSTPONED" and not data.get("on") and "on" not in self.errors:
            self.add_error("on", _("To which day?"))
        return data


class PaperForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=_choices(HANDED_IN))
    title = forms.CharField(label=_("Title"), max_length=160)
    file = forms.FileField(label=_("File"))


class ClaimForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=_choices(kind for kind in ActKind if kind in CLAIMS))
    amount = AmountField(label=_("Amount"), min_value=0)
    filed_on = DayField(label=_("Filed on"), ahead=0)
    reference = forms.CharField(label=_("Reference"), required=False, max_length=60, widget=forms.TextInput(attrs=LTR))
    instrument = forms.ModelChoiceField(
        label=_("On the instrument"), queryset=Instrument.objects.none(), required=False
    )

    def __init__(self, *args: Any, file: LegalFile, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        instrument: Any = self.fields["instrument"]
        instrument.queryset = Instrument.objects.filter(debt__case=file.case_id, returned_on=None)
        instrument.label_from_instance = lambda found: f"{found.get_kind_display()} {found.number}"


class AmendForm(forms.Form):
    amount = AmountField(label=_("New amount"), min_value=0)
    on = DayField(label=_("Amended on"), ahead=0)
    reason = forms.CharField(label=_("Reason"), max_length=300)


class EndClaimForm(forms.Form):
    state = forms.ChoiceField(
        label=_("What became of it?"), choices=_choices(s for s in ClaimState if s != ClaimState.FILED)
    )
    on = DayField(label=_("Day"), ahead=0)
    note = forms.CharField(label=_("What the court or the parties did"), max_length=1000, widget=TWO_LINES)


class CostForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=CostKind.choices)
    amount = AmountField(label=_("Amount"), min_value=0)
    on = DayField(label=_("Day"), ahead=0)
    payee = forms.CharField(label=_("Paid to"), required=False, max_length=160)
    note = forms.CharField(label=_("Note"), required=False, max_length=300)


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=300)


class InstrumentForm(forms.Form):
    """What a debt stands on; of a note its seven statutory items (regulations E6)."""

    kind = forms.ChoiceField(label=_("Kind"), choices=InstrumentKind.choices)
    number = forms.CharField(label=_("Number"), required=False, max_length=80, widget=forms.TextInput(attrs=LTR))
    amount = AmountField(label=_("Amount"), min_value=0)
    issued_on = DayField(label=_("Issued on"), required=False, ahead=0)
    issue_place = forms.CharField(label=_("Place of issue"), required=False, max_length=120)
    due_on = DayField(label=_("Due on"), required=False, help_text=_("Empty: payable at sight."))
    payment_place = forms.CharField(label=_("Place of payment"), required=False, max_length=120)
    payee = forms.CharField(label=_("Payable to"), required=False, max_length=200)
    says_note = forms.BooleanField(label=_("It says that it is a promissory note"), required=False)
    unconditional = forms.BooleanField(label=_("It promises the sum without a condition"), required=False)
    signed = forms.BooleanField(label=_("The maker signed it"), required=False)
    platform_reference = forms.CharField(
        label=_("Reference on the national platform"), required=False, max_length=80,
        widget=forms.TextInput(attrs=LTR),
    )  # fmt: skip
    registered_on = DayField(label=_("Registered on"), required=False, ahead=0)
    acknowledged_on = DayField(
        label=_("Acknowledged on"), required=False, ahead=0,
        help_text=_("The debtor's last acknowledgement in writing; the limitation counts anew from it."),
    )  # fmt: skip


class ReturnForm(forms.Form):
    on = DayField(label=_("Handed back on"), ahead=0)
    to = forms.CharField(label=_("To whom"), max_length=300)


class AnswerForm(forms.Form):
    answer = forms.CharField(label=_("What was done"), max_length=300, widget=TWO_LINES)
