"""What is typed where the house learns from complaints."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common import clock
from common.forms import DayField
from complaints.choices import Department, RedressState, ReportKind
from complaints.forms.register import PersonField
from complaints.models import Matter, Recommendation, ReportCourse, RootCause
from complaints.policies import OWNS
from complaints.selectors.month_figures import months_told
from complaints.selectors.ripple import SPANS, TRAIT_WORDS, Alike

TWO, FOUR = forms.Textarea(attrs={"rows": 2, "dir": "auto"}), forms.Textarea(attrs={"rows": 4, "dir": "auto"})


class NothingForm(forms.Form):
    """A button alone."""


class CauseChoiceField(forms.ModelChoiceField):
    """A root cause in use, its branch before it."""

    def __init__(self, **options: Any) -> None:
        found = RootCause.objects.filter(is_active=True, parent__isnull=False).select_related("parent")
        super().__init__(queryset=found.order_by("position", "code"), **options)

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.parent.name} › {obj.name}"


class FindCauseForm(forms.Form):
    cause = CauseChoiceField(label=_("Root cause"))


class CauseForm(forms.Form):
    """A root cause of the tree."""

    code = forms.CharField(label=_("Code"), max_length=40, widget=forms.TextInput(attrs={"dir": "ltr"}))
    parent = forms.ModelChoiceField(
        label=_("Under"), queryset=RootCause.objects.filter(parent__isnull=True), required=False, empty_label="–"
    )
    name_ar = forms.CharField(label=_("Arabic name"), max_length=120)
    name_en = forms.CharField(label=_("English name"), max_length=120)
    position = forms.IntegerField(label=_("Position"), min_value=0, max_value=32_000)
    is_active = forms.BooleanField(label=_("In use"), required=False)

    def __init__(self, *args: Any, cause: RootCause | None, **options: Any) -> None:
        super().__init__(*args, **options)
        if cause is not None:
            del self.fields["code"]


class PrepareForm(forms.Form):
    """Which month, and what of it."""

    kind = forms.ChoiceField(label=_("Report"), choices=ReportKind.choices)
    month = forms.TypedChoiceField(label=_("Month"), choices=[], coerce=dt.date.fromisoformat)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        months = months_told(today=clock.today())
        self.fields["month"].choices = [(one.isoformat(), f"{one:%Y-%m}") for one in months]  # type: ignore[attr-defined]


class WriteForm(forms.Form):
    """What the quality officer says of a month."""

    weak_points = forms.CharField(
        label=_("What stands out; weak points first"), max_length=4000, required=False, widget=FOUR
    )
    proposals = forms.CharField(label=_("What is proposed"), max_length=4000, required=False, widget=FOUR)
    how = forms.CharField(label=_("How it is carried out"), max_length=4000, required=False, widget=FOUR)
    follow_up = forms.CharField(label=_("How it is followed"), max_length=4000, required=False, widget=FOUR)
    recount = forms.BooleanField(label=_("Count the month again"), required=False)

    def __init__(self, *args: Any, course: ReportCourse, **options: Any) -> None:
        names = ("weak_points", "proposals", "how", "follow_up")
        options.setdefault("initial", {name: getattr(course, name) for name in names})
        super().__init__(*args, **options)


class ReviewForm(forms.Form):
    """What a head says of it, and as what it was read."""

    digest = forms.CharField(widget=forms.HiddenInput, max_length=64)
    words = forms.CharField(label=_("What you say of the weak points"), max_length=1000, required=False, widget=TWO)


class DiscussForm(forms.Form):
    decision = forms.CharField(label=_("What was decided with those responsible"), max_length=2000, widget=FOUR)


class CorrectForm(forms.Form):
    reason = forms.CharField(label=_("What was wrong"), max_length=500, widget=TWO)


class ProposeForm(forms.Form):
    """An improvement."""

    department = forms.ChoiceField(label=_("Department"), choices=Department.choices)
    problem = forms.CharField(label=_("What is wrong"), max_length=2000, widget=FOUR)
    proposal = forms.CharField(label=_("What should be done"), max_length=2000, widget=FOUR)
    how = forms.CharField(label=_("How it is carried out"), max_length=2000, required=False, widget=FOUR)


class OwnerField(PersonField):
    """Whoever may be given something to carry out."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.required = True
        self.queryset = self.queryset.filter(role__in=OWNS)  # type: ignore[union-attr]


class ApproveForm(forms.Form):
    owner = OwnerField(label=_("Who carries it out"))
    due_on = DayField(label=_("Until"), ahead=730)
    reason = forms.CharField(label=_("Note"), max_length=500, required=False, widget=TWO)


class AgainForm(forms.Form):
    owner = OwnerField(label=_("Who carries it out"))
    due_on = DayField(label=_("Until"), ahead=730)

    def __init__(self, *args: Any, recommendation: Recommendation, **options: Any) -> None:
        super().__init__(*args, **{"initial": {"owner": recommendation.owner_id}, **options})


class DeclineForm(forms.Form):
    reason = forms.CharField(label=_("Why not"), max_length=500, widget=TWO)


class DoneForm(forms.Form):
    result = forms.CharField(label=_("What came of it"), max_length=1000, widget=TWO)


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Why it was not done, and what is done about that"), max_length=1000, widget=TWO)


class AlikeForm(forms.Form):
    """Treated the same way: by what, and within how many days."""

    traits = forms.MultipleChoiceField(label=_("In common"), required=False, widget=forms.CheckboxSelectMultiple)
    days = forms.TypedChoiceField(label=_("Within days before and after"), choices=[(n, n) for n in SPANS], coerce=int)

    def __init__(self, *args: Any, known: dict[str, Any], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["traits"].choices = [(trait, TRAIT_WORDS[trait]) for trait in known]  # type: ignore[attr-defined]


class OpenRedressForm(AlikeForm):
    """Which of them are looked into, and until when."""

    cases = forms.TypedMultipleChoiceField(label=_("Cases"), coerce=int, widget=forms.CheckboxSelectMultiple)
    due_on = DayField(label=_("Until"), ahead=365)

    def __init__(self, *args: Any, alike: list[Alike], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["cases"].choices = [(one.case.pk, one.case.debtor.name) for one in alike]  # type: ignore[attr-defined]


class RedressForm(forms.Form):
    """What was found of one case."""

    state = forms.ChoiceField(
        label=_("What was found"), widget=forms.RadioSelect,
        choices=[(one.value, one.label) for one in (RedressState.OTHER, RedressState.SAME)],
    )  # fmt: skip
    answer = forms.CharField(label=_("What was put right, or how that is known"), max_length=1000, widget=TWO)


def matters_named(text: str, *, visible: Any) -> list[Matter]:
    """Matters by their references, as an address names them, of those a person may see."""
    references = [part.strip() for part in text.split(",") if part.strip()][:20]
    return list(visible.filter(reference__in=references))
