"""What is typed of a matter by who works here."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.choices import STAFF_ROLES, Language
from accounts.models import User
from clients.models import Client
from common.forms import MomentField
from complaints.choices import (
    Complainant,
    Department,
    Intake,
    MatterKind,
    Missing,
    NoteKind,
    Outcome,
    Remedy,
    Severity,
)
from complaints.models import Category, Matter
from complaints.policies import can_handle_matters
from complaints.services.intake import Upload
from legal.forms import FilesField

LTR = {"dir": "ltr", "autocomplete": "off"}
BY_HAND = (Intake.PHONE, Intake.IN_PERSON, Intake.EMAIL, Intake.CONTACT, Intake.SOCIAL)
NOTHING = [("", "–")]


class UploadsField(FilesField):
    """Any number of papers, read: ``Upload``s for the service."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        return [Upload(name=file.name, content=file.read()) for file in super().clean(data, initial)]


class CategoryField(forms.ModelChoiceField):
    """A category in use, its branch before it."""

    def __init__(self, **options: Any) -> None:
        found = Category.objects.filter(is_active=True).select_related("parent").order_by("position", "code")
        super().__init__(queryset=found, required=options.pop("required", False), **options)

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.parent.name} › {obj.name}" if obj.parent else str(obj.name)


class PersonField(forms.ModelChoiceField):
    """One of the house's people."""

    def __init__(self, **options: Any) -> None:
        found = User.objects.filter(is_active=True, role__in=STAFF_ROLES).order_by("name_ar", "pk")
        super().__init__(queryset=found, required=False, **options)

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} · {obj.get_role_display()}"


class HandlerField(PersonField):
    """One of those who handle matters."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        roles = [role for role in STAFF_ROLES if can_handle_matters(User(role=role))]
        self.queryset = self.queryset.filter(role__in=roles)  # type: ignore[union-attr]


class MatterForm(forms.Form):
    """What somebody told us. From a case, its client and account stand fast."""

    kind = forms.ChoiceField(label=_("Kind"), choices=MatterKind.choices)
    intake = forms.ChoiceField(label=_("Channel"), choices=[(one, one.label) for one in BY_HAND])
    received_at = MomentField(label=_("When it was received"), ahead=0, required=False, help_text=_("Empty: now."))
    complainant = forms.ChoiceField(label=_("Who tells us"), choices=Complainant.choices)
    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    phone = forms.CharField(
        label=_("Mobile"), max_length=30, required=False, widget=forms.TextInput(attrs=LTR | {"inputmode": "tel"})
    )
    email = forms.CharField(
        label=_("E-mail"), max_length=254, required=False, widget=forms.TextInput(attrs=LTR | {"inputmode": "email"})
    )
    language = forms.ChoiceField(label=_("Language of our answers"), choices=Language.choices)
    client = forms.ModelChoiceField(label=_("Client"), queryset=Client.objects.order_by("name_ar"), required=False)
    account_ref = forms.CharField(
        label=_("Client's reference of the account"), max_length=200, required=False, widget=forms.TextInput(attrs=LTR)
    )
    words = forms.CharField(
        label=_("What was told"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 7, "dir": "auto"}),
        help_text=_("In the person's own words."),
    )  # fmt: skip
    category = CategoryField(label=_("Category"))
    product = forms.CharField(label=_("Product"), max_length=80, required=False)
    remedy_sought = forms.ChoiceField(
        label=_("Remedy sought"), choices=[*NOTHING, *Remedy.choices], required=False
    )  # fmt: skip
    severity = forms.ChoiceField(
        label=_("Severity"), choices=[("", _("As the category says")), *Severity.choices], required=False
    )
    concerned = PersonField(label=_("Whom it is about"), help_text=_("They see nothing of it, and never handle it."))
    papers = UploadsField(label=_("Papers"), help_text=_("PDF, PNG or JPEG, at most five files of 10 MB."))
    is_confidential = forms.BooleanField(label=_("Confidential: read by those who handle it alone"), required=False)
    promises_call = forms.BooleanField(
        label=_("Not solved at once: we promised to call back"), required=False
    )  # fmt: skip

    def __init__(self, *args: Any, from_case: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        if from_case:
            for name in ("client", "account_ref", "language"):
                del self.fields[name]
            self.fields["phone"].help_text = _("Empty: the number of the case.")


class MissingForm(forms.Form):
    """What a matter lacks; nothing ticked: it is complete."""

    missing = forms.MultipleChoiceField(
        label=_("What is missing"), choices=Missing.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    reason = forms.CharField(label=_("Note"), max_length=500, required=False)


class SortForm(forms.Form):
    """What it is about."""

    category = CategoryField(label=_("Category"), required=True)
    product = forms.CharField(label=_("Product"), max_length=80, required=False)
    severity = forms.ChoiceField(label=_("Severity"), choices=Severity.choices)
    remedy_sought = forms.ChoiceField(label=_("Remedy sought"), choices=[*NOTHING, *Remedy.choices], required=False)
    concerned = PersonField(label=_("Whom it is about"))
    client = forms.ModelChoiceField(label=_("Client"), queryset=Client.objects.order_by("name_ar"), required=False)
    account_ref = forms.CharField(
        label=_("Client's reference of the account"), max_length=200, required=False, widget=forms.TextInput(attrs=LTR)
    )
    is_confidential = forms.BooleanField(label=_("Confidential"), required=False)


class RouteForm(forms.Form):
    """Whose it is, and who handles it."""

    department = forms.ChoiceField(label=_("Department"), choices=Department.choices)
    handler = HandlerField(label=_("Handler"))


class SolveForm(forms.Form):
    """Solved while the person is there."""

    outcome = forms.ChoiceField(label=_("Outcome"), choices=[])
    finding = forms.CharField(label=_("What was found"), max_length=5_000, widget=forms.Textarea(attrs={"rows": 2}))
    answer = forms.CharField(label=_("What was answered"), max_length=5_000, widget=forms.Textarea(attrs={"rows": 2}))
    agreed = forms.BooleanField(label=_("The person says that it is solved"), required=False)

    def __init__(self, *args: Any, matter: Matter, **options: Any) -> None:
        super().__init__(*args, **options)
        complaint = (Outcome.JUSTIFIED, Outcome.PARTLY, Outcome.UNJUSTIFIED, Outcome.NOT_OURS)
        found = complaint if matter.kind == MatterKind.COMPLAINT else (Outcome.ANSWERED, Outcome.NOT_OURS)
        self.fields["outcome"].choices = [(one, one.label) for one in found]  # type: ignore[attr-defined]


class CallForm(forms.Form):
    result = forms.CharField(label=_("What came of it"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class NoteForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[(one, one.label) for one in (NoteKind.NOTE, NoteKind.FROM_COMPLAINANT, NoteKind.EVIDENCE)],
    )
    words = forms.CharField(label=_("Note"), max_length=5_000, widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}))
    is_confidential = forms.BooleanField(label=_("Confidential"), required=False)


class PaperForm(forms.Form):
    papers = UploadsField(label=_("Papers"), help_text=_("PDF, PNG or JPEG, at most five files of 10 MB."))


class CategoryForm(forms.Form):
    """A category of the tree."""

    code = forms.CharField(label=_("Code"), max_length=40, widget=forms.TextInput(attrs=LTR))
    parent = forms.ModelChoiceField(
        label=_("Under"), queryset=Category.objects.filter(parent__isnull=True), required=False,
        empty_label=_("A branch of its own"),
    )  # fmt: skip
    name_ar = forms.CharField(label=_("Arabic name"), max_length=120)
    name_en = forms.CharField(label=_("English name"), max_length=120, widget=forms.TextInput(attrs={"dir": "ltr"}))
    department = forms.ChoiceField(label=_("Department"), choices=Department.choices)
    severity = forms.ChoiceField(label=_("Severity"), choices=Severity.choices)
    position = forms.IntegerField(label=_("Place in the list"), min_value=0, max_value=9_999)
    holds = forms.BooleanField(label=_("An objection to an amount: reminders stop until it is decided"), required=False)
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(self, *args: Any, category: Category | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        if category is not None:
            del self.fields["code"]
