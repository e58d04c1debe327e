"""Forms of the collector's and manager's pages."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clients.choices import (
    DEFAULT_SOURCES,
    ActionKind,
    AgeBasis,
    ChangeStatus,
    Channel,
    DefaultRule,
    MessageTemplate,
    ProposalKind,
    Recipient,
    StageAction,
    StopKind,
)
from clients.models import Client
from clients.rules.actions import MOST_MESSAGES, WRITTEN, Action, action_words, messages_of
from clients.rules.stages import DEEPEST, FARTHEST_DAY, Place, Stage
from collections_app.choices import FileKind, IncomingKind, Outcome, Reached
from collections_app.models import Case, ContactPoint
from collections_app.rules import importing, maintenance, payment_files
from collections_app.rules.allocation import Share
from collections_app.rules.contact.answers import ADDRESSES
from collections_app.rules.importing import COLUMN_WORDS, REQUIRED
from common import clock
from common.forms import AmountField, DayField, MomentField

DATE = {"type": "date"}
# How many days ahead a call back reaches.
FURTHEST_CALL_BACK = 90


class ContactForm(forms.Form):
    channel = forms.ChoiceField(label=_("Channel"), choices=Channel.choices)
    contact_point = forms.ModelChoiceField(queryset=ContactPoint.objects.none(), required=False)
    reached = forms.ChoiceField(label=_("Who answered?"), choices=Reached.choices, widget=forms.RadioSelect)
    outcome = forms.ChoiceField(label=_("What happened?"), choices=Outcome.choices, widget=forms.RadioSelect)
    promise_amount = AmountField(label=_("Amount"), required=False)
    promise_on = DayField(label=_("On"), required=False)
    call_back_at = MomentField(label=_("Call back at"), required=False, ahead=FURTHEST_CALL_BACK)
    at = MomentField(label=_("When, if not just now"), required=False, ahead=0)
    note = forms.CharField(label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 1}))
    breach_reason = forms.CharField(label=_("Why outside the policy?"), required=False, max_length=300)

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        points = ContactPoint.objects.filter(debtor=case.debtor_id, replaced_at__isnull=True)
        self.fields["contact_point"].queryset = points  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Of several addresses the page proposes one; what does not belong to the channel gives way to what does."""
        data = super().clean() or {}
        kinds = ADDRESSES.get(data.get("channel", ""), frozenset())
        point = data.get("contact_point")
        if kinds and (point is None or point.kind not in kinds):
            fitting = list(self.fields["contact_point"].queryset.filter(kind__in=kinds)[:2])  # type: ignore[attr-defined]
            data["contact_point"] = fitting[0] if len(fitting) == 1 else None
        return data


class AssignForm(forms.Form):
    owner = forms.ModelChoiceField(label=_("Collector"), queryset=User.objects.none())

    def __init__(self, *args: Any, owners: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = owners  # type: ignore[attr-defined]


class KindField(forms.ChoiceField):
    """What a file is about; who says nothing means new debts."""

    def clean(self, value: Any) -> Any:
        return super().clean(value or FileKind.PLACEMENT)


class ImportForm(forms.Form):
    kind = KindField(
        label=_("What is it about?"), choices=FileKind.choices, initial=FileKind.PLACEMENT, widget=forms.RadioSelect
    )
    client = forms.ModelChoiceField(label=_("Client"), queryset=Client.objects.filter(status="ACTIVE"))
    file = forms.FileField(label=_("File (CSV or XLSX)"), required=False)
    # A few cases are recalled without a file.
    refs = forms.CharField(
        label=_("Or account numbers to recall, one a line"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "ltr", "spellcheck": "false"}),
    )
    placed_on = forms.DateField(
        label=_("Date of the file"), widget=forms.DateInput(attrs=DATE), initial=timezone.localdate
    )
    layout = forms.CharField(
        label=_("Layout as JSON"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 9, "dir": "ltr", "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        """A file, or, of recalls, the account numbers: they become a file of their own, with its layout."""
        data = super().clean() or {}
        refs = [ref.strip() for ref in data.get("refs", "").splitlines() if ref.strip()]
        if data.get("file") is None and data.get("kind") == FileKind.RECALLS and refs:
            page = io.StringIO(newline="")
            csv.writer(page, quoting=csv.QUOTE_ALL).writerows([["debtor_ref"], *([ref] for ref in refs)])
            data["file"] = SimpleUploadedFile("recalls.csv", page.getvalue().encode())
            data["layout"] = {"columns": {"debtor_ref": "debtor_ref"}}
        elif data.get("file") is None and "file" not in self.errors:
            self.add_error("file", forms.Field.default_error_messages["required"])
        return data

    def clean_placed_on(self) -> dt.date:
        placed_on: dt.date = self.cleaned_data["placed_on"]
        if placed_on > clock.today():
            raise forms.ValidationError(_("The placement date cannot be in the future."))
        return placed_on

    def clean_layout(self) -> Any:
        text = self.cleaned_data["layout"]
        if not text.strip():
            return None
        try:
            return json.loads(text)
        except ValueError as error:
            raise forms.ValidationError(_("This is not JSON.")) from error


ENCODINGS = (
    ("utf-8", "UTF-8"),
    ("windows-1256", "Windows-1256"),
    ("iso-8859-6", "ISO-8859-6"),
    ("utf-16", "UTF-16"),
)
DELIMITERS = ((",", ","), (";", ";"), ("TAB", _("Tab")), ("|", "|"))
DATE_FORMATS = tuple((form, f"{dt.date(2026, 11, 24):{form}}") for form in importing.DATE_FORMATS)


class ReadingForm(forms.Form):
    """How the file is written: what a person changes until the first lines read well."""

    encoding = forms.ChoiceField(label=_("Encoding"), choices=ENCODINGS)
    delimiter = forms.ChoiceField(label=_("Fields are parted by"), choices=DELIMITERS)


class ColumnsForm(ReadingForm):
    """What each column of a client's file holds."""

    words: Mapping[str, Any] = COLUMN_WORDS
    required: Sequence[str] = REQUIRED

    date_format = forms.ChoiceField(label=_("Dates look like"), choices=DATE_FORMATS)
    currency = forms.CharField(label=_("Currency where no column says it"), max_length=3, initial="SAR")

    def __init__(self, *args: Any, header: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A form that a layout in JSON named stays choosable.
        before = self.initial.get("date_format")
        if before and before not in importing.DATE_FORMATS:
            self.fields["date_format"].choices = [*DATE_FORMATS, (before, before)]  # type: ignore[attr-defined]
        names = [(name, name) for name in header if name]
        for field, words in self.words.items():
            required = field in self.required
            self.fields[f"column_{field}"] = forms.ChoiceField(
                label=words, choices=[("", "–"), *names], required=required
            )

    def columns(self) -> list[forms.BoundField]:
        """The fields that name columns, in order."""
        return [self[f"column_{field}"] for field in self.words]

    def layout(self) -> dict[str, Any]:
        """The layout these answers make."""
        data = self.cleaned_data
        return {
            **{name: data[name] for name in ("encoding", "delimiter", "date_format", "currency")},
            "columns": {field: column for field in self.words if (column := data[f"column_{field}"])},
        }


class FileColumnsForm(ColumnsForm):
    """What each column of a file of this kind holds."""

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        fields = maintenance.FIELDS[kind]
        self.words, self.required = fields.words, fields.required
        super().__init__(*args, **kwargs)


class PaymentColumnsForm(ColumnsForm):
    """What each column of a client's payment file holds."""

    words = payment_files.COLUMN_WORDS
    required = payment_files.REQUIRED


class IncomingForm(forms.Form):
    kind = forms.ChoiceField(label=_("What is it?"), choices=IncomingKind.choices, widget=forms.RadioSelect)
    client = forms.ModelChoiceField(
        label=_("Client"), queryset=Client.objects.filter(status="ACTIVE"), required=False, empty_label=_("All clients")
    )
    file = forms.FileField(label=_("File"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("kind") == IncomingKind.PAYMENTS and data.get("client") is None and "client" not in self.errors:
            self.add_error("client", _("A payment file is one client's: say whose."))
        return data


class SharesForm(forms.Form):
    """How much of a payment goes to each open receivable of one account holder."""

    def __init__(self, *args: Any, open_items: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for item in open_items:
            label = _("Of %(ref)s") % {"ref": item.ref}
            field = AmountField(label=label, required=False, min_value=0)
            field.widget.attrs |= {"class": "pill", "size": 9}
            self.fields[f"share_{item.receivable_id}"] = field

    def shares(self) -> list[Share]:
        """What was filled in."""
        return [
            Share(receivable_id=int(name.removeprefix("share_")), amount=amount)
            for name, amount in self.cleaned_data.items()
            if amount
        ]


def _rule_choices() -> list[tuple[str, str]]:
    """Each test of default in words, with its source."""
    return [(rule.value, f"{rule.label} ({DEFAULT_SOURCES[rule]})") for rule in DefaultRule]


class StagePolicyForm(forms.Form):
    """What a ladder says as a whole."""

    name_ar = forms.CharField(label=_("Arabic name"), max_length=120)
    name_en = forms.CharField(label=_("English name"), max_length=120)
    basis = forms.ChoiceField(label=_("Days count from"), choices=AgeBasis.choices)
    default_after_days = forms.IntegerField(label=_("Default begins after day"), min_value=0, max_value=FARTHEST_DAY)
    default_rules = forms.MultipleChoiceField(
        label=_("Tests of default"), choices=_rule_choices, required=False, widget=forms.CheckboxSelectMultiple
    )


def _either_way() -> forms.TextInput:
    """A field whose words run as they are written: a range of days alone runs from left to right."""
    return forms.TextInput(attrs={"dir": "auto"})


def _action_choices() -> list[tuple[str, str]]:
    """What is ticked: tasks, stops and proposals. Messages say more, and have lines of their own."""
    codes = [
        *StageAction.values,
        *(Action(kind=ActionKind.STOP, what=what).code for what in StopKind.values),
        *(Action(kind=ActionKind.PROPOSE, what=what).code for what in ProposalKind.values),
    ]
    return [(code, action_words(code)) for code in codes]


class StageForm(forms.Form):
    """One stage of a ladder."""

    code = forms.CharField(required=False, max_length=30, widget=forms.HiddenInput)
    from_day = forms.IntegerField(label=_("From day"), required=False, min_value=-FARTHEST_DAY, max_value=FARTHEST_DAY)
    depth = forms.TypedChoiceField(
        label=_("Depth"), choices=[(str(depth), str(depth)) for depth in range(DEEPEST + 1)], coerce=int
    )
    name_ar = forms.CharField(label=_("Arabic name"), max_length=80, widget=_either_way())
    name_en = forms.CharField(label=_("English name"), max_length=80, widget=_either_way())
    actions = forms.MultipleChoiceField(
        label=_("Actions"), choices=_action_choices, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for at in range(MOST_MESSAGES):
            self.fields[f"message{at}"] = forms.ChoiceField(
                label=_("Message to send"), choices=[("", _("none")), *MessageTemplate.choices], required=False
            )
            self.fields[f"channel{at}"] = forms.ChoiceField(label=_("By"), choices=[(c, c.label) for c in WRITTEN])
            self.fields[f"recipient{at}"] = forms.ChoiceField(label=_("To"), choices=Recipient.choices)
            for name in ("channel", "recipient"):
                self.fields[f"{name}{at}"].required = False

    @staticmethod
    def begun(stage: Stage) -> dict[str, Any]:
        """How a stage stands in its form."""
        initial = {**vars(stage), "actions": list(stage.actions)}
        for at, message in enumerate(messages_of(stage.actions)):
            initial |= {
                f"message{at}": message.what,
                f"channel{at}": message.channel,
                f"recipient{at}": message.recipient,
            }
        return initial

    @property
    def messages(self) -> list[list[forms.BoundField]]:
        """The lines of messages, each what, by which channel and to whom."""
        return [[self[f"{name}{at}"] for name in ("message", "channel", "recipient")] for at in range(MOST_MESSAGES)]

    def stage(self, *, taken: set[str]) -> Stage:
        """The stage as it was typed; one without a code gets one that nobody has, by its first day."""
        data = self.cleaned_data
        day = data["from_day"]
        code = data["code"] or ("OPEN" if day is None else f"FROM_{day}".replace("-", "M"))
        while not data["code"] and code in taken:
            code += "_"
        messages = [
            Action(
                kind=ActionKind.MESSAGE,
                what=data[f"message{at}"],
                channel=data[f"channel{at}"] or Channel.SMS,
                recipient=data[f"recipient{at}"] or Recipient.HOLDER,
            ).code
            for at in range(MOST_MESSAGES)
            if data[f"message{at}"]
        ]
        return Stage(
            code=code,
            from_day=day,
            depth=data["depth"],
            name_ar=data["name_ar"],
            name_en=data["name_en"],
            actions=tuple(dict.fromkeys([*data["actions"], *messages])),
        )


def place_key(place: Place) -> str:
    """A place as it stands in a form or an address."""
    return f"{place.client_id}:{place.product}"


class PlacesForm(forms.Form):
    """Where a version shall rule."""

    places = forms.MultipleChoiceField(label=_("Where it shall rule"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, possible: dict[str, Place], words: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.possible = possible
        self.fields["places"].choices = list(words.items())  # type: ignore[attr-defined]

    def chosen(self) -> list[Place]:
        """The places that were ticked; none when the form is at fault."""
        return [self.possible[key] for key in self.cleaned_data.get("places", [])] if self.is_valid() else []


class StageChangeForm(forms.Form):
    """From when, and why."""

    starts_on = DayField(label=_("Rules from"))
    reason = forms.CharField(label=_("Why the stages change"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class StageDecisionForm(forms.Form):
    decision = forms.ChoiceField(choices=[(c, c) for c in (ChangeStatus.APPROVED, ChangeStatus.REJECTED)])
    digest = forms.CharField()
    reason = forms.CharField(
        label=_("A word to who prepared it"),
        required=False,
        max_length=500,
        error_messages={"max_length": _("A reason has at most %(limit_value)d characters.")},
    )
