"""What is typed about disputes."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from collections_app.choices import ContactPointKind
from collections_app.models import Case, ContactPoint
from common import clock
from common.forms import DayField, MomentField
from complaints.choices import (
    Correction,
    DisputeGround,
    DisputeKind,
    DisputeOutcome,
    PaperKind,
    PublicRecord,
    ReplyStand,
)
from complaints.models import Dispute
from complaints.services.dispute_letters import Way
from complaints.services.dispute_papers import Document
from complaints.services.disputes import FromRecord, Named, Objection
from credit.forms.fields import LTR, UploadField
from legal.forms import FilesField

FOUR_LINES, TWO_LINES = forms.Textarea(attrs={"rows": 4}), forms.Textarea(attrs={"rows": 2})
LANGUAGES = (("ar", _("Arabic")), ("en", _("English")))
FILES = _("PDF, PNG or JPEG, 10 MB at most.")


def documents_of(files: list[Any]) -> list[Document]:
    """Uploaded files as a service takes them."""
    return [Document(name=file.name, content=file.read()) for file in files]


class PastField(MomentField):
    """A moment that has been; empty for now."""

    def __init__(self, **options: Any) -> None:
        super().__init__(ahead=0, required=False, **options)

    def clean(self, value: Any) -> dt.datetime:
        moment = super().clean(value) or clock.now()
        if moment > clock.now():
            raise forms.ValidationError(_("The date cannot be in the future."), code="future")
        return moment


class FileForm(forms.Form):
    """An objection as it came."""

    at = PastField(label=_("Came at"), help_text=_("Empty: now. After office hours the next working day counts."))
    kind = forms.ChoiceField(label=_("Objection to"), choices=DisputeKind.choices)
    ground = forms.ChoiceField(label=_("Ground"), choices=DisputeGround.choices)
    about = forms.ChoiceField(label=_("About"), help_text=_("Reminders stop for it until the decision."))
    item = forms.CharField(label=_("Item or decision objected to"), max_length=5000, widget=TWO_LINES)
    record = forms.ChoiceField(
        label=_("Comes from a public record"), required=False,
        choices=[("", _("No: the member's own information")), *PublicRecord.choices],
        help_text=_("Such an item is told with its source and date."),
    )  # fmt: skip
    record_source = forms.CharField(
        label=_("Whose record"),
        required=False,
        max_length=160,
        help_text=_("The court, fund or committee by its name."),
    )
    record_on = DayField(label=_("Date of the item there"), required=False, ahead=0)
    words = forms.CharField(label=_("The objector's words"), max_length=5000, widget=FOUR_LINES)
    documents = FilesField(label=_("Documents"), help_text=FILES)
    bureau_reference = forms.CharField(
        label=_("The bureau's number"), required=False, max_length=60, widget=forms.TextInput(attrs=LTR)
    )
    language = forms.ChoiceField(label=_("Language of the letters"), choices=LANGUAGES)

    def __init__(self, *args: Any, case: Case, **options: Any) -> None:
        super().__init__(*args, **options)
        self.debts = {f"debt-{debt.pk}": debt for debt in case.debts.order_by("pk")}
        rows = case.receivables.select_related("debt").order_by("due_on", "pk")
        self.receivables = {f"receivable-{row.pk}": row for row in rows}
        about: Any = self.fields["about"]
        about.choices = [
            ("case", _("The whole case")),
            *((key, debt.debt_ref) for key, debt in self.debts.items()),
            *((key, row.receivable_ref) for key, row in self.receivables.items()),
        ]

    def from_record(self) -> FromRecord | None:
        """The public record, as soon as any part of it is told."""
        data = self.cleaned_data
        if not (data["record"] or data["record_source"] or data["record_on"]):
            return None
        return FromRecord(kind=data["record"], source=data["record_source"], on=data["record_on"])

    def told(self) -> Objection:
        data = self.cleaned_data
        return Objection(
            kind=data["kind"], ground=data["ground"], item=data["item"], words=data["words"],
            language=data["language"], bureau_reference=data["bureau_reference"],
            debt=self.debts.get(data["about"]), receivable=self.receivables.get(data["about"]),
            documents=documents_of(data["documents"]), record=self.from_record(),
        )  # fmt: skip


class ObjectorWayForm(forms.Form):
    """How a letter goes to the objector."""

    point = forms.ModelChoiceField(
        label=_("E-mail"), queryset=ContactPoint.objects.none(), required=False, empty_label=_("By hand or post")
    )
    how = forms.CharField(label=_("How it was handed over"), required=False, max_length=300)

    def __init__(self, *args: Any, dispute: Dispute, **options: Any) -> None:
        super().__init__(*args, **options)
        point: Any = self.fields["point"]
        point.queryset = ContactPoint.objects.filter(
            debtor_id=dispute.case.debtor_id, kind=ContactPointKind.EMAIL, replaced_at__isnull=True
        ).order_by("pk")
        point.label_from_instance = lambda one: f"…{one.hint}"
        if (first := point.queryset.first()) is not None:
            point.initial = first.pk

    def way(self) -> Way:
        return Way(point=self.cleaned_data["point"], how=self.cleaned_data["how"])


class OtherWayForm(forms.Form):
    """How a letter goes to a member or a recipient."""

    email = forms.EmailField(label=_("E-mail"), required=False, max_length=254, widget=forms.EmailInput(attrs=LTR))
    how = forms.CharField(label=_("How it was handed over"), required=False, max_length=300)
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)

    def way(self) -> Way:
        return Way(email=self.cleaned_data["email"], how=self.cleaned_data["how"])


class ReplyForm(forms.Form):
    """The member's own reply, in its portal."""

    stand = forms.ChoiceField(
        label=_("What do you say of the item?"), choices=ReplyStand.choices, widget=forms.RadioSelect
    )
    words = forms.CharField(label=_("In your words"), max_length=5000, widget=FOUR_LINES)
    documents = FilesField(label=_("Evidence"), help_text=FILES)


class CameForm(ReplyForm):
    """The same, as it came to us by letter."""

    stand = forms.ChoiceField(label=_("Says of the item"), choices=ReplyStand.choices, widget=forms.RadioSelect)
    words = forms.CharField(label=_("In the member's words"), max_length=5000, widget=FOUR_LINES)
    at = PastField(label=_("Came at"), help_text=_("Empty: now."))


class PackForm(forms.Form):
    stand = forms.ChoiceField(label=_("Says of the item"), choices=ReplyStand.choices, widget=forms.RadioSelect)
    words = forms.CharField(label=_("In the member's words"), max_length=5000, widget=FOUR_LINES)
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)


class SendForm(forms.Form):
    email = forms.EmailField(label=_("To"), max_length=254, widget=forms.EmailInput(attrs=LTR))


class PaperForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[
            (PaperKind.FROM_COMPLAINANT, _("Official document of the objector")),
            (PaperKind.CONTRACT, PaperKind.CONTRACT.label),
            (PaperKind.CONSENT, PaperKind.CONSENT.label),
            (PaperKind.EVIDENCE, PaperKind.EVIDENCE.label),
        ],
    )
    file = UploadField(label=_("File"), help_text=FILES)
    title = forms.CharField(label=_("Title"), required=False, max_length=160)

    def document(self) -> Document:
        file = self.cleaned_data["file"]
        return Document(name=file.name, content=file.content, title=self.cleaned_data["title"])


class DecideForm(forms.Form):
    outcome = forms.ChoiceField(label=_("Decision"), widget=forms.RadioSelect)
    reason = forms.CharField(label=_("Reasons"), max_length=1000, widget=FOUR_LINES)

    def __init__(self, *args: Any, outcomes: frozenset[DisputeOutcome], **options: Any) -> None:
        super().__init__(*args, **options)
        outcome: Any = self.fields["outcome"]
        outcome.choices = [(one.value, one.label) for one in DisputeOutcome if one in outcomes]


class CorrectForm(forms.Form):
    correction = forms.ChoiceField(label=_("What became of the item"), choices=Correction.choices)
    reason = forms.CharField(label=_("Where the corrected record is seen"), max_length=500)
    record = UploadField(label=_("Corrected record"), required=False, help_text=FILES)

    def document(self) -> Document | None:
        file = self.cleaned_data["record"]
        return Document(name=file.name, content=file.content, title=str(_("Corrected record"))) if file else None


class RecipientForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=160)
    address = forms.CharField(label=_("Address"), max_length=300)
    email = forms.EmailField(label=_("E-mail"), required=False, max_length=254, widget=forms.EmailInput(attrs=LTR))
    received_on = DayField(label=_("Received the record on"), ahead=0)
    held_item = forms.BooleanField(label=_("That record held the item"), required=False, initial=True)

    def named(self) -> Named:
        return Named(**self.cleaned_data)


class StatementForm(forms.Form):
    words = forms.CharField(label=_("The facts as the objector sees them"), max_length=2000, widget=FOUR_LINES)


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=500)


class RulingForm(forms.Form):
    ruled = forms.ChoiceField(
        label=_("The committee decided"),
        choices=[("OBJECTOR", _("For the objector")), ("MEMBER", _("For the member"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label=_("Number and reasons"), max_length=500)


class NothingForm(forms.Form):
    """A bare button."""
