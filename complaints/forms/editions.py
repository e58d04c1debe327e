"""What is typed of what is published in versions: each form tells the service's ``told``."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.choices import ClientKind
from common import slots
from complaints.forms.register import CategoryField
from complaints.models import FaqEntry, LetterText, OutwardBody, PolicyText, Procedure
from complaints.models.editions import Edition

_LTR = {"dir": "ltr"}
MOST_STEPS = 40


def _line(label: Any, limit: int, *, english: bool = False, **options: Any) -> forms.CharField:
    widget = forms.TextInput(attrs=_LTR if english else {"dir": "rtl"})
    return forms.CharField(label=label, max_length=limit, widget=widget, **options)


def _area(label: Any, limit: int, *, english: bool = False, rows: int = 6, required: bool = True) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, "dir": "ltr" if english else "rtl"})
    return forms.CharField(label=label, max_length=limit, widget=widget, required=required)


class FaqForm(forms.Form):
    """A question with its answer."""

    question_ar = _line(_("Question in Arabic"), 300)
    question_en = _line(_("Question in English"), 300, english=True)
    answer_ar = _area(_("Answer in Arabic"), 4_000)
    answer_en = _area(_("Answer in English"), 4_000, english=True)
    category = CategoryField(
        label=_("Category"), help_text=_("On the public form it is suggested to who chooses this category.")
    )
    position = forms.IntegerField(label=_("Place in the list"), min_value=0, max_value=9_999, initial=0)

    @classmethod
    def of(cls, edition: FaqEntry) -> dict[str, Any]:
        return {**edition.says(), "category": edition.category}


class PolicyForm(forms.Form):
    title_ar = _line(_("Title in Arabic"), 200)
    title_en = _line(_("Title in English"), 200, english=True)
    body_ar = _area(_("Text in Arabic"), 10_000, rows=18)
    body_en = _area(_("Text in English"), 10_000, english=True, rows=18)

    @classmethod
    def of(cls, edition: PolicyText) -> dict[str, Any]:
        return edition.says()


class LetterForm(forms.Form):
    """What a letter says around its facts; each part in both languages or in none."""

    title_ar = _line(_("Heading in Arabic"), 160)
    title_en = _line(_("Heading in English"), 160, english=True)
    opening_ar = _area(_("Opens with, in Arabic"), 2_000, rows=4, required=False)
    opening_en = _area(_("Opens with, in English"), 2_000, english=True, rows=4, required=False)
    points_ar = _area(_("Numbered points in Arabic, one a line"), 4_000, required=False)
    points_en = _area(_("Numbered points in English, one a line"), 4_000, english=True, required=False)
    closing_ar = _area(_("Closes with, in Arabic"), 2_000, rows=4, required=False)
    closing_en = _area(_("Closes with, in English"), 2_000, english=True, rows=4, required=False)

    @classmethod
    def of(cls, edition: LetterText) -> dict[str, Any]:
        return edition.says()


class BodyForm(forms.Form):
    name_ar = _line(_("Arabic name"), 200)
    name_en = _line(_("English name"), 200, english=True)
    client_kinds = forms.MultipleChoiceField(
        label=_("For the customers of"), choices=ClientKind.choices, widget=forms.CheckboxSelectMultiple
    )
    position = forms.IntegerField(label=_("Place in the list"), min_value=0, max_value=9_999, initial=0)

    @classmethod
    def of(cls, edition: OutwardBody) -> dict[str, Any]:
        return edition.says()


def clock_choices() -> list[tuple[str, Any]]:
    """The deadlines by which a step may run."""
    found = [(f"{step.kind}:{step.code}", step) for step in slots.filled("clock_steps")]
    return [("", _("None: as it is written"))] + [
        (value, f"{step.words_ar} · {step.words_en}") for value, step in found
    ]


class StepForm(forms.Form):
    """One line in the manual's own columns."""

    number = forms.CharField(label=_("Number"), max_length=10, widget=forms.TextInput(attrs=_LTR | {"size": 4}))
    process_ar = _area(_("Process in Arabic"), 500, rows=2)
    process_en = _area(_("Process in English"), 500, english=True, rows=2)
    responsible_ar = _line(_("Responsible in Arabic"), 200)
    responsible_en = _line(_("Responsible in English"), 200, english=True)
    clock = forms.ChoiceField(label=_("Runs by the deadline"), required=False)
    limit_ar = _line(_("Time limit in Arabic"), 100, required=False)
    limit_en = _line(_("Time limit in English"), 100, english=True, required=False)
    output_ar = _line(_("Output in Arabic"), 200, required=False)
    output_en = _line(_("Output in English"), 200, english=True, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["clock"].choices = clock_choices()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if self.has_changed() and not data.get("clock") and not (data.get("limit_ar") and data.get("limit_en")):
            self.add_error("limit_ar", _("Say by when in both languages, or choose the deadline."))
        return data


class _Steps(forms.BaseFormSet):  # type: ignore[type-arg]  # takes none where it runs
    def told(self) -> list[dict[str, Any]]:
        found = []
        for form in self.forms:
            data = dict(form.cleaned_data)
            if not data or data.pop("DELETE", False):
                continue
            kind, _colon, code = data.pop("clock").partition(":")
            found.append({**data, "clock_kind": kind, "clock_code": code})
        return found


StepForms = forms.formset_factory(StepForm, formset=_Steps, extra=2, max_num=MOST_STEPS, can_delete=True)


class ProcedureForm(forms.Form):
    """A procedure with its lines; two empty ones for new ones, and each may be taken out."""

    title_ar = _line(_("Title in Arabic"), 200)
    title_en = _line(_("Title in English"), 200, english=True)
    source = _line(_("Source"), 80, required=False)
    position = forms.IntegerField(label=_("Place in the list"), min_value=0, max_value=9_999, initial=0)

    def __init__(self, data: Any = None, *, initial: dict[str, Any] | None = None, **options: Any) -> None:
        super().__init__(data, initial=initial, **options)
        self.steps = StepForms(data, initial=(initial or {}).get("steps", []), prefix="step")

    def is_valid(self) -> bool:
        whole = super().is_valid()
        if not self.steps.is_valid():
            return False
        if whole:
            self.cleaned_data["steps"] = self.steps.told()  # type: ignore[attr-defined]  # a _Steps, made by the factory
        return whole

    @classmethod
    def of(cls, edition: Procedure) -> dict[str, Any]:
        said = edition.says()
        for step in said["steps"]:
            step["clock"] = f"{step['clock_kind']}:{step['clock_code']}" if step["clock_code"] else ""
        return said


FORMS: dict[type[Edition], Any] = {
    FaqEntry: FaqForm,
    PolicyText: PolicyForm,
    Procedure: ProcedureForm,
    OutwardBody: BodyForm,
    LetterText: LetterForm,
}


class WithdrawForm(forms.Form):
    reason = forms.CharField(label=_("Why?"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
