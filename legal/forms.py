"""What people type on the way to court."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from collections_app.choices import LegalStep
from collections_app.models import Authorisation
from common.components.format import money_text
from common.forms import AmountField, DayField
from legal.choices import CLAIMS, MOVED_BY, STANDING_CLAIM, ActKind, ClaimState, CostKind, FileState, InstrumentKind
from legal.models import Claim, Instrument, LegalFile


class EscalationForm(forms.Form):
    steps = forms.MultipleChoiceField(
        label=_("Steps to permit"), choices=LegalStep.choices, widget=forms.CheckboxSelectMultiple
    )
    cost_ceiling = AmountField(label=_("Costs up to"), min_value=0, initial=0)
    valid_days = forms.IntegerField(label=_("Valid for days"), min_value=7, max_value=365, initial=90)
    court = forms.CharField(label=_("Court"), max_length=160, required=False)
    region = forms.CharField(label=_("Region"), max_length=80, required=False)
    grounds = forms.CharField(label=_("Grounds"), widget=forms.Textarea(attrs={"rows": 4}), max_length=4000)


class EscalationAmendForm(EscalationForm):
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


class ClaimChoice(forms.ModelChoiceField):
    """A claim by what it is, its amount and its number at the court."""

    def label_from_instance(self, obj: Any) -> str:
        amount = money_text(amount=obj.amount, currency=obj.currency, language=get_language() or "ar")
        return " · ".join(part for part in (str(obj.get_kind_display()), amount, obj.reference) if part)


class NoteChoice(forms.ModelChoiceField):
    """A note by its number, amount and debt."""

    def label_from_instance(self, obj: Any) -> str:
        amount = money_text(amount=obj.amount, currency=obj.currency, language=get_language() or "ar")
        return " · ".join(part for part in (obj.number, amount, obj.debt.debt_ref) if part)


class ActForm(forms.Form):
    """What was done under an authorisation, but for claims, which have forms of their own."""

    KINDS = (
        ActKind.MEDIATION,
        ActKind.HEARING,
        ActKind.ENFORCEMENT,
        ActKind.COURT_SETTLEMENT,
        ActKind.NOTE_RETURNED,
    )
    kind = forms.ChoiceField(label=_("What was done"), choices=[("", "—"), *((k, k.label) for k in KINDS)])
    on = DayField(label=_("Day"))
    claim = ClaimChoice(label=_("Claim"), queryset=Claim.objects.none(), required=False)
    reference = forms.CharField(label=_("Reference"), max_length=60, required=False)
    note = forms.CharField(label=_("Note"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, authorisation: Authorisation, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["claim"].queryset = Claim.objects.filter(  # type: ignore[attr-defined]
            case_id=authorisation.case_id, state__in=STANDING_CLAIM
        ).order_by("pk")


class ClaimForm(forms.Form):
    kind = forms.ChoiceField(label=_("What is filed"), choices=[(k, k.label) for k in ActKind if k in CLAIMS])
    file = forms.ModelChoiceField(label=_("Lawyer's file"), queryset=LegalFile.objects.none())
    amount = AmountField(label=_("Claimed amount"), min_value=0)
    filed_on = DayField(label=_("Filed on"))
    reference = forms.CharField(label=_("Number at the court"), max_length=60, required=False)
    instrument = NoteChoice(label=_("Promissory note"), queryset=Instrument.objects.none(), required=False)

    def __init__(self, *args: Any, authorisation: Authorisation, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["file"].queryset = authorisation.legal_files.filter(  # type: ignore[attr-defined]
            state=FileState.OPEN
        )
        self.fields["instrument"].queryset = Instrument.objects.filter(  # type: ignore[attr-defined]
            debt__authorised__authorisation=authorisation, kind=InstrumentKind.PROMISSORY_NOTE
        ).select_related("debt")


class AmendForm(forms.Form):
    amount = AmountField(label=_("New amount"), min_value=0)
    on = DayField(label=_("Day"))
    reason = forms.CharField(label=_("Reason"), max_length=300)


class ClaimEndForm(forms.Form):
    state = forms.ChoiceField(
        label=_("How it stands now"), choices=[("", "—"), *((s, s.label) for s in ClaimState if s in MOVED_BY)]
    )
    on = DayField(label=_("Day"))
    note = forms.CharField(label=_("What happened"), max_length=300)


class CostForm(forms.Form):
    kind = forms.ChoiceField(label=_("What for"), choices=[("", "—"), *CostKind.choices])
    on = DayField(label=_("Day"))
    amount = AmountField(label=_("Amount"), min_value=0)
    payee = forms.CharField(label=_("Paid to"), max_length=160, required=False)
    note = forms.CharField(label=_("Note"), max_length=300, required=False)


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=500)
