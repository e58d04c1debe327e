"""Forms of users, teams and the profile."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.choices import STAFF_ROLES, Density, Language, Role, Side, side_of
from accounts.models import Team, User
from accounts.policies import DELEGATES
from common.approvals import kinds
from common.choices import ClockUnit, Decision
from common.clocks.changes import REMOVE, SET
from common.forms import AmountField, DayField
from common.models import Holiday


class UserForm(forms.Form):
    """A person as an administrator keeps them, with the roles of one side."""

    name_ar = forms.CharField(label=_("Arabic name"), max_length=120)
    name_en = forms.CharField(label=_("English name"), max_length=120)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    team = forms.ModelChoiceField(label=_("Team"), queryset=Team.objects.all(), required=False)
    is_active = forms.BooleanField(label=_("May sign in"), required=False, initial=True)

    def __init__(self, *args: Any, side: str = Side.HOUSE, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [choice for choice in Role.choices if side_of(choice[0]) == side]  # type: ignore[attr-defined]


class NewUserForm(UserForm):
    email = forms.EmailField(label=_("E-mail"))
    field_order = ["email", "name_ar", "name_en", "role", "team"]


class TeamForm(forms.Form):
    name_ar = forms.CharField(label=_("Arabic name"), max_length=120)
    name_en = forms.CharField(label=_("English name"), max_length=120)


class ProfileForm(forms.Form):
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices)
    density = forms.ChoiceField(label=_("Density"), choices=Density.choices)


class AnswerForm(forms.Form):
    """A decision: what was read, and a word to who prepared it."""

    decision = forms.ChoiceField(choices=Decision.choices)
    digest = forms.CharField(max_length=64)
    reason = forms.CharField(
        required=False,
        max_length=500,
        error_messages={"max_length": _("A reason has at most %(limit_value)d characters.")},
    )

    def __init__(self, *args: Any, answers: Collection[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["decision"].choices = [choice for choice in Decision.choices if choice[0] in answers]  # type: ignore[attr-defined]


class DelegationForm(forms.Form):
    """Who stands in, for what, from when until when."""

    to = forms.ModelChoiceField(label=_("Who stands in"), queryset=User.objects.none())
    kinds_given = forms.MultipleChoiceField(
        label=_("For these requests"), required=False, widget=forms.CheckboxSelectMultiple
    )
    up_to = AmountField(label=_("Up to"), required=False)
    starts_on = DayField(label=_("From"))
    ends_on = DayField(label=_("Until"))
    reason = forms.CharField(label=_("Reason"), max_length=300)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.filter(role__in=DELEGATES, is_active=True).exclude(pk=user.pk)
        self.fields["to"].queryset = people.order_by("name_ar")  # type: ignore[attr-defined]
        self.fields["kinds_given"].choices = [(kind.code, kind.words) for kind in kinds()]  # type: ignore[attr-defined]


class AuthorityForm(forms.Form):
    """How far a role of the matrix goes."""

    up_to = AmountField(label=_("Up to"), required=False)
    is_active = forms.BooleanField(label=_("In force"), required=False)


class AuthorityRowForm(forms.Form):
    """Another role for a step."""

    step = forms.ChoiceField(label=_("Step"))
    role = forms.ChoiceField(label=_("Role"))
    up_to = AmountField(label=_("Up to"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["step"].choices = [  # type: ignore[attr-defined]
            (f"{kind.code}:{position}", f"{kind.words}: {step.words}")
            for kind in kinds()
            for position, step in enumerate(kind.steps, start=1)
            if not step.portal
        ]
        roles = STAFF_ROLES - {Role.ADMINISTRATOR, Role.AUDITOR}
        self.fields["role"].choices = [choice for choice in Role.choices if choice[0] in roles]  # type: ignore[attr-defined]


class HolidaysForm(forms.Form):
    """Days off that shall be set or taken away."""

    do = forms.ChoiceField(
        label=_("What"), choices=[(SET, _("Set days off")), (REMOVE, _("Take days off away"))], initial=SET
    )
    calendars = forms.MultipleChoiceField(
        label=_("Calendars"), choices=Holiday.Calendar.choices, widget=forms.CheckboxSelectMultiple
    )
    first = DayField(label=_("First day"), ahead=3_660)
    last = DayField(label=_("Last day"), ahead=3_660, required=False)
    name_ar = forms.CharField(label=_("Arabic name"), max_length=120, required=False)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    estimated = forms.BooleanField(label=_("Estimated: not announced yet"), required=False)
    reason = forms.CharField(label=_("Why"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("first") and not data.get("last"):
            data["last"] = data["first"]
        return data


class StepForm(forms.Form):
    """The next version of a deadline."""

    amount = forms.IntegerField(label=_("Time limit"), min_value=1, max_value=1_000)
    unit = forms.ChoiceField(label=_("Unit"), choices=ClockUnit.choices)
    calendar = forms.ChoiceField(label=_("Calendar"), choices=Holiday.Calendar.choices)
    source = forms.CharField(label=_("Source"), max_length=200)
    verified = forms.BooleanField(label=_("The figure was read in its source"), required=False)
    moves_on = forms.BooleanField(label=_("An end on a day off moves to the next working day"), required=False)
    may_pause = forms.BooleanField(label=_("May be paused"), required=False)
    starts_on = DayField(label=_("Holds from"), ahead=3_660)
    reason = forms.CharField(label=_("Why"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
