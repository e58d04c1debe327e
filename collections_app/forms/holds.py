"""Forms of holds: placed, ended, and objections decided."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from collections_app.choices import HoldDecision, HoldKind
from collections_app.forms.money import open_receivables
from collections_app.models import Case, Debt, Receivable
from common.forms import DayField

# How many days ahead a hold may begin and end.
FURTHEST_HOLD, FURTHEST_END = 30, 366


class HoldForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=HoldKind.choices)
    covers = forms.ChoiceField(label=_("What it holds"), required=False)
    from_on = DayField(label=_("From"), ahead=FURTHEST_HOLD)
    until_on = DayField(label=_("Last held day"), ahead=FURTHEST_END, required=False)
    reason = forms.CharField(label=_("Reason"), max_length=300)

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        receivables = list(open_receivables(case).select_related("debt"))
        debts = {receivable.debt_id: receivable.debt for receivable in receivables}
        self.found: dict[str, tuple[str, Debt | Receivable]] = {
            **{f"debt:{pk}": ("debt", debt) for pk, debt in debts.items()},
            **{f"receivable:{receivable.pk}": ("receivable", receivable) for receivable in receivables},
        }
        words = {"debt": _("Debt"), "receivable": _("Receivable")}
        self.fields["covers"].choices = [  # type: ignore[attr-defined]
            ("", _("The whole case")),
            *((key, f"{words[kind]} \u2068{thing}\u2069") for key, (kind, thing) in self.found.items()),
        ]

    def clean(self) -> dict[str, Any]:
        """The debt or receivable itself; an end does not come before its beginning."""
        data = super().clean() or {}
        if covers := data.pop("covers", ""):
            kind, thing = self.found[covers]
            data[kind] = thing
        if data.get("from_on") and data.get("until_on") and data["until_on"] < data["from_on"]:
            self.add_error("until_on", _("A hold does not end before it begins."))
        return data


class ReleaseForm(forms.Form):
    until_on = DayField(label=_("Last held day"), ahead=FURTHEST_END)
    reason = forms.CharField(label=_("Reason"), max_length=300)


class ObjectionForm(forms.Form):
    decision = forms.ChoiceField(label=_("Decision"), choices=HoldDecision.choices, widget=forms.RadioSelect)
    reason = forms.CharField(label=_("Reason"), max_length=300)
