"""Forms of users, teams and the profile."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.choices import Density, Language, Role, Side, side_of
from accounts.models import Team


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
