"""What people type on the way to court."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from collections_app.choices import ContactPointKind, LegalStep
from collections_app.models import Authorisation, Case, ContactPoint
from common.components.format import money_text
from common.forms import AmountField, DayField
from legal.choices import (
    STANDING_CLAIM,
    ActKind,
    CostKind,
    NoticeChannel,
    PaperKind,
)
from legal.models import Claim, Paper
from legal.selectors.criteria import Told
from legal.selectors.debts import WHOLE, NamedDebt


class _Several(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files, none too."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", _Several(attrs={"multiple": True, "accept": ".pdf,.png,.jpg,.jpeg"}))
        super().__init__(required=False, **options)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = data if isinstance(data, list | tuple) else [data] if data else []
        return [super(FilesField, self).clean(one, initial) for one in given]


# The papers that are brought to a pack, by the field that takes them.
BRINGS = {"contracts": PaperKind.CONTRACT, "instruments": PaperKind.NOTE, "others": PaperKind.OTHER}


class PapersForm(forms.Form):
    """Papers to keep with a case."""

    contracts = FilesField(label=_("Contract"))
    instruments = FilesField(label=_("Promissory note or other instrument"))
    others = FilesField(label=_("Other papers"))


class DebtsForm(forms.Form):
    """Which debts are asked for, and the part of each that this debtor answers for: one box and one figure a debt."""

    def __init__(
        self,
        *args: Any,
        debts: Sequence[NamedDebt],
        shares: Mapping[int, Decimal] | None = None,
        passed: Collection[int] = (),
        **options: Any,
    ) -> None:
        """``shares``: what is named to begin with, None all but what ``passed``, the debts whose time is over."""
        super().__init__(*args, **options)
        self.named, self.passed = debts, passed
        for one in debts:
            chosen = one.debt.pk not in passed if shares is None else one.debt.pk in shares
            share = (shares or {}).get(one.debt.pk, WHOLE)
            ref = one.debt.debt_ref
            self.fields[f"debt_{one.debt.pk}"] = forms.BooleanField(label=ref, required=False, initial=chosen)
            self.fields[f"share_{one.debt.pk}"] = AmountField(
                label=_("Share of %(debt)s in percent") % {"debt": ref},
                required=False,
                min_value=0,
                max_value=WHOLE,
                initial=f"{share:.2f}" if share % 1 else f"{share:.0f}",
            )

    def ticked(self) -> list[int]:
        """The debts that are ticked, whatever else is wrong with the form."""
        return [one.debt.pk for one, tick, _share in self.debt_rows() if tick.value()]

    def debt_rows(self) -> list[tuple[NamedDebt, forms.BoundField, forms.BoundField]]:
        return [(one, self[f"debt_{one.debt.pk}"], self[f"share_{one.debt.pk}"]) for one in self.named]

    def clean(self) -> dict[str, Any]:
        """``debts``: percentages by debt, of those that are ticked."""
        data = super().clean() or {}
        ticked = [one.debt.pk for one in self.named if data.get(f"debt_{one.debt.pk}")]
        for pk in ticked:
            if data.get(f"share_{pk}") is None and f"share_{pk}" not in self.errors:
                self.add_error(f"share_{pk}", _("Say the share of this debt."))
        data["debts"] = {pk: data[f"share_{pk}"] for pk in ticked if data.get(f"share_{pk}") is not None}
        if self.named and not ticked:
            self.add_error(None, _("Name at least one debt."))
        return data


class EscalationForm(DebtsForm):
    steps = forms.MultipleChoiceField(
        label=_("Steps to permit"), choices=LegalStep.choices, widget=forms.CheckboxSelectMultiple
    )
    cost_ceiling = AmountField(label=_("Costs up to"), min_value=0, initial=0)
    valid_days = forms.IntegerField(label=_("Valid for days"), min_value=7, max_value=365, initial=90)
    court = forms.CharField(label=_("Court"), max_length=160, required=False)
    region = forms.CharField(label=_("Region"), max_length=80, required=False)
    grounds = forms.CharField(label=_("Grounds"), widget=forms.Textarea(attrs={"rows": 4}), max_length=4000)


class ProposalForm(EscalationForm):
    """A first request: with it the papers to bind, and a reason for every condition that may be answered for."""

    papers = forms.MultipleChoiceField(
        label=_("Papers to bind"), required=False, widget=forms.CheckboxSelectMultiple, choices=[]
    )
    language = forms.ChoiceField(
        label=_("Language of the pack"), choices=[("ar", _("Arabic")), ("en", _("English"))], initial="ar",
        required=False,
    )  # fmt: skip

    def __init__(self, *args: Any, told: Sequence[Told], papers: Sequence[Paper], **options: Any) -> None:
        super().__init__(*args, **options)
        self.reasons = [line for line in told if not line.ok and not line.hard]
        for line in self.reasons:
            self.fields[f"because_{line.criterion}"] = forms.CharField(
                label=line.words, required=False, widget=forms.Textarea(attrs={"rows": 2})
            )
        chosen = cast(forms.MultipleChoiceField, self.fields["papers"])
        chosen.choices = [(str(paper.pk), f"{paper.get_kind_display()} · {paper.title}") for paper in papers]

    def because(self) -> Mapping[str, str]:
        return {line.criterion: self.cleaned_data.get(f"because_{line.criterion}", "") for line in self.reasons}


# What a request asks for, of all that its form holds.
ASKED = ("steps", "cost_ceiling", "valid_days", "court", "region", "grounds", "debts")


class RenewalForm(EscalationForm):
    """The same again; its pack is bound anew, of all papers of the case."""

    language = forms.ChoiceField(
        label=_("Language of the pack"), choices=[("ar", _("Arabic")), ("en", _("English"))], initial="ar",
        required=False,
    )  # fmt: skip


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


class EscalationPolicyForm(forms.Form):
    """The next version of a client's conditions."""

    starts_on = forms.DateField(label=_("Holds from"), widget=forms.DateInput(attrs={"type": "date"}))
    least_days = forms.IntegerField(label=_("Late by days, at least"), min_value=0, max_value=3650)
    least_balance = AmountField(label=_("Balance, at least"), min_value=0)
    least_attempts = forms.IntegerField(label=_("Contacts made, at least"), min_value=0, max_value=1000)
    least_reached = forms.IntegerField(label=_("Of them with the account holder"), min_value=0, max_value=1000)
    least_missed_promises = forms.IntegerField(label=_("Promises missed, at least"), min_value=0, max_value=100)
    notice_needed = forms.BooleanField(label=_("A final notice was served before"), required=False)
    offer_by_day = forms.IntegerField(label=_("A payment option is offered by day"), min_value=0, max_value=3650)
    longest_validity = forms.IntegerField(label=_("Authorised for days, at most"), min_value=7, max_value=365)


class NoticeForm(forms.Form):
    """A final notice to prepare: how it is served, to which address, and until when it asks to pay."""

    channel = forms.ChoiceField(label=_("Served by"), choices=NoticeChannel.choices, widget=forms.RadioSelect)
    contact_point = forms.ModelChoiceField(
        label=_("Address"), queryset=ContactPoint.objects.none(), required=False, empty_label=_("As the post has it")
    )
    pay_by = DayField(label=_("Asks to pay by"), ahead=365)
    language = forms.ChoiceField(label=_("Language"), choices=[("ar", _("Arabic")), ("en", _("English"))], initial="ar")

    def __init__(self, *args: Any, case: Case, **options: Any) -> None:
        super().__init__(*args, **options)
        points = cast("forms.ModelChoiceField[ContactPoint]", self.fields["contact_point"])
        points.queryset = ContactPoint.objects.filter(
            debtor_id=case.debtor_id,
            replaced_at__isnull=True,
            kind__in=[ContactPointKind.EMAIL, ContactPointKind.ADDRESS],
        ).order_by("kind", "pk")
        points.label_from_instance = lambda point: f"{point.get_kind_display()} \u2068{point.hint}\u2069"  # type: ignore[method-assign, assignment]


class SentForm(forms.Form):
    tracking = forms.CharField(label=_("Tracking number"), max_length=80, required=False)


class ServedForm(forms.Form):
    on = DayField(label=_("Served on"), ahead=0)
    proof = forms.FileField(label=_("Proof of service"))


class NoticeReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=300)


class ClaimChoice(forms.ModelChoiceField):
    """A claim by what it is, its amount and its number at the court."""

    def label_from_instance(self, obj: Any) -> str:
        amount = money_text(amount=obj.amount, currency=obj.currency, language=get_language() or "ar")
        return " · ".join(part for part in (str(obj.get_kind_display()), amount, obj.reference) if part)


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


class CostForm(forms.Form):
    kind = forms.ChoiceField(label=_("What for"), choices=[("", "—"), *CostKind.choices])
    on = DayField(label=_("Day"))
    amount = AmountField(label=_("Amount"), min_value=0)
    payee = forms.CharField(label=_("Paid to"), max_length=160, required=False)
    note = forms.CharField(label=_("Note"), max_length=300, required=False)


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=500)
