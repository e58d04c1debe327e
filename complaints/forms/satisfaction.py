"""The period of the page of satisfaction."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import DayField


class PeriodForm(forms.Form):
    first = DayField(label=_("From"), ahead=0)
    last = DayField(label=_("To"), ahead=0)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("first") and data.get("last") and data["first"] > data["last"]:
            self.add_error("last", _("The last day is before the first."))
        return data
