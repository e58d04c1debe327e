"""What is typed at each step of handling a matter."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from collections_app.forms.money import open_receivables
from collections_app.models import Debt, Receivable
from common.forms import AmountField, MomentField
from complaints.choices import (
    UPHELD,
    Answer,
    Department,
    MatterKind,
    Outcome,
    PaperKind,
    Remedy,
    Severity,
    Stage,
    TellWay,
)
from complaints.forms.learning import CauseChoiceField
from complaints.forms.register import NOTHING, CategoryField, HandlerField
from complaints.models import Matter, MatterPaper
from complaints.rules.handling import WRITE_IN
from complaints.selectors.handling import outcome_found, round_of
from complaints.services.letters import LANGUAGES, TITLES
from credit.forms.fields import UploadField

TWO, FOUR = forms.Textarea(attrs={"rows": 2, "dir": "auto"}), forms.Textarea(attrs={"rows": 5, "dir": "auto"})
LANGUAGE_WORDS = {"ar": _("in Arabic"), "en": _("in English")}


class AssessForm(forms.Form):
    """What must be found out, what will be done, and whose it is."""

    questions = forms.CharField(
        label=_("What must be found out"), required=False, widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text=_("One question a line. Whether the complaint is justified follows from their findings."),
    )  # fmt: skip
    plan = forms.CharField(label=_("What will be done"), max_length=500, widget=TWO)
    category = CategoryField(label=_("Category"))
    severity = forms.ChoiceField(label=_("Severity"), choices=Severity.choices)
    department = forms.ChoiceField(label=_("Department"), choices=Department.choices)
    handler = HandlerField(label=_("Handler"))
    covers = forms.ChoiceField(
        label=_("The objection is about"), required=False,
        help_text=_("What it is about is not reminded of until it is decided."),
    )  # fmt: skip

    def __init__(self, *args: Any, matter: Matter, **options: Any) -> None:
        options.setdefault("initial", {"category": matter.category_id, "severity": matter.severity,
                                       "department": matter.department, "handler": matter.handler_id})  # fmt: skip
        super().__init__(*args, **options)
        self.fields["plan"].help_text = str(WRITE_IN[matter.language])
        self.fields["handler"].queryset = self.fields["handler"].queryset.exclude(pk=matter.concerned_id)  # type: ignore[attr-defined]
        self.found: dict[str, tuple[str, Debt | Receivable]] = {}
        if matter.kind != MatterKind.COMPLAINT:
            del self.fields["questions"]
        if matter.case is None or matter.category is None or not matter.category.holds:
            del self.fields["covers"]
            return
        receivables = list(open_receivables(matter.case).select_related("debt"))
        self.found = {
            **{f"debt:{r.debt_id}": ("debt", r.debt) for r in receivables},
            **{f"receivable:{r.pk}": ("receivable", r) for r in receivables},
        }
        words = {"debt": _("Debt"), "receivable": _("Receivable")}
        self.fields["covers"].choices = [  # type: ignore[attr-defined]
            ("", _("The whole account")),
            *((key, f"{words[kind]} \u2068{thing}\u2069") for key, (kind, thing) in self.found.items()),
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["questions"] = [line.strip() for line in data.get("questions", "").splitlines() if line.strip()]
        if covers := data.pop("covers", ""):
            kind, thing = self.found[covers]
            data[kind] = thing
        return data


class QuestionForm(forms.Form):
    words = forms.CharField(label=_("One question more"), max_length=500, widget=forms.TextInput(attrs={"dir": "auto"}))


class FindingForm(forms.Form):
    answer = forms.ChoiceField(label=_("What was found"), choices=Answer.choices, widget=forms.RadioSelect)
    words = forms.CharField(label=_("How that is known"), max_length=20_000, widget=TWO)
    confidential = forms.BooleanField(label=_("Confidential"), required=False)


class EvidenceForm(forms.Form):
    words = forms.CharField(
        label=_("What it is, and where it is found"), max_length=160, widget=forms.TextInput(attrs={"dir": "auto"})
    )
    file = UploadField(label=_("Paper"), required=False)
    confidential = forms.BooleanField(label=_("Confidential"), required=False)


class AgainForm(forms.Form):
    reason = forms.CharField(label=_("Why"), max_length=500, widget=forms.TextInput(attrs={"dir": "auto"}))


class AnswerForm(forms.Form):
    """The result with its reasons, and what is put right."""

    words = forms.CharField(label=_("Result and reasons"), max_length=20_000, widget=FOUR)
    remedy = forms.ChoiceField(label=_("What is put right"), choices=[*NOTHING, *Remedy.choices], required=False)
    correction = forms.CharField(
        label=_("What was put right, in a few words"), max_length=500, required=False, widget=TWO
    )
    compensation = AmountField(label=_("Compensation"), required=False, min_value=0)
    ending = forms.ChoiceField(
        label=_("It ends without a finding"), required=False,
        choices=[*NOTHING, (Outcome.NOT_OURS, Outcome.NOT_OURS.label), (Outcome.WITHDRAWN, Outcome.WITHDRAWN.label)],
    )  # fmt: skip

    def __init__(self, *args: Any, matter: Matter, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["words"].help_text = str(WRITE_IN[matter.language])
        if matter.kind != MatterKind.COMPLAINT:
            for name in ("remedy", "correction", "compensation", "ending"):
                del self.fields[name]
        elif (work := round_of(matter)) is not None and outcome_found(work) not in UPHELD:
            del self.fields["compensation"]  # it belongs to a justified complaint


class CommunicateForm(forms.Form):
    """How the complainant is told the result."""

    how = forms.ChoiceField(label=_("How"), choices=TellWay.choices, widget=forms.RadioSelect)
    told_at = MomentField(label=_("When they were told"), ahead=0, required=False, help_text=_("Empty: now."))
    note = forms.CharField(
        label=_("Who was told, and how"), max_length=500, required=False, widget=forms.TextInput(attrs={"dir": "auto"})
    )
    way_shown = forms.BooleanField(label=_("The further way was shown to them"), required=False)
    documents = forms.ModelMultipleChoiceField(
        label=_("Documents that go with the result"), queryset=MatterPaper.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    def __init__(self, *args: Any, matter: Matter, **options: Any) -> None:
        super().__init__(*args, **options)
        papers = matter.papers.filter(kind=PaperKind.EVIDENCE, is_confidential=False).defer("content_sealed")
        self.fields["documents"].queryset = papers  # type: ignore[attr-defined]
        told_before = matter.stage == Stage.COMMUNICATED  # by a message that did not leave
        if told_before or not papers:
            del self.fields["documents"]
        if told_before:
            ways = [(way, words) for way, words in TellWay.choices if way != TellWay.MESSAGE]
            self.fields["how"].choices = ways  # type: ignore[attr-defined]


class AtOnceForm(forms.Form):
    """An answer to what is no complaint."""

    words = forms.CharField(label=_("Answer"), max_length=20_000, widget=FOUR)
    how = forms.ChoiceField(label=_("How"), choices=TellWay.choices, widget=forms.RadioSelect, initial=TellWay.MESSAGE)
    note = forms.CharField(
        label=_("Who was told, and how"), max_length=500, required=False, widget=forms.TextInput(attrs={"dir": "auto"})
    )

    def __init__(self, *args: Any, matter: Matter, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["words"].help_text = str(WRITE_IN[matter.language])


class RightsForm(forms.Form):
    note = forms.CharField(
        label=_("Who was told, and how"), max_length=500, required=False, widget=forms.TextInput(attrs={"dir": "auto"}),
        help_text=_("Where no number or address is known."),
    )  # fmt: skip


class CloseForm(forms.Form):
    """Everything a closing needs stands on file, but for the root cause of what was justified."""

    cause = CauseChoiceField(
        label=_("Root cause"), help_text=_("Where it went wrong: the monthly report counts by it.")
    )

    def __init__(self, *args: Any, matter: Matter, **options: Any) -> None:
        # The page asks for the root cause beside it, too.
        options["auto_id"] = "close_%s"
        super().__init__(*args, **options)
        if matter.outcome not in UPHELD or matter.root_cause:
            del self.fields["cause"]


class DisagreementForm(forms.Form):
    words = forms.CharField(label=_("Why the complainant does not agree"), max_length=20_000, widget=TWO)


class LetterForm(forms.Form):
    kind = forms.ChoiceField(label=_("Letter"), choices=list(TITLES.items()))
    language = forms.ChoiceField(label=_("Language"), choices=[(code, LANGUAGE_WORDS[code]) for code in LANGUAGES])
