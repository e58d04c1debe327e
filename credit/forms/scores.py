"""What people type about recommendations and policies."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import AmountField, DayField
from credit.choices import LimitGround, Recommendation
from credit.rules.recommending import SetAside
from credit.selectors.policies import TERMS


class RecommendForm(forms.Form):
    """What should be decided, and why. The service says what points and guarantee carry."""

    recommendation = forms.ChoiceField(label=_("Recommendation"), choices=Recommendation.choices)
    limit = AmountField(label=_("Limit"), required=False)
    ground = forms.ChoiceField(label=_("Ground"), required=False)
    set_aside = forms.MultipleChoiceField(
        label=_("The exception departs from"),
        required=False,
        choices=SetAside.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    bureau_weighed = forms.BooleanField(
        label=_("The bureau's credit record was weighed"),
        required=False,
        help_text=_("A decision against the customer then comes with a written notice that names the bureau."),
    )
    reason = forms.CharField(label=_("Why"), widget=forms.Textarea(attrs={"rows": 3}), max_length=500)

    def __init__(self, *args: Any, grounds: list[str], may_except: bool, bureau_used: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        # What nothing carries is not offered: neither the limit nor its ground.
        kinds = {Recommendation.REJECT.value}
        if grounds:
            kinds.add(Recommendation.APPROVE.value)
        if may_except:
            kinds.add(Recommendation.EXCEPTION.value)
        fields["recommendation"].choices = [choice for choice in Recommendation.choices if choice[0] in kinds]
        fields["ground"].choices = [choice for choice in LimitGround.choices if choice[0] in grounds]
        if not grounds:
            del fields["ground"]
        if Recommendation.EXCEPTION.value not in kinds:
            del fields["set_aside"]
        if len(kinds) == 1:
            del fields["limit"]
        if not bureau_used:
            del fields["bureau_weighed"]


class WithdrawForm(forms.Form):
    """Why a recommendation is taken back."""

    reason = forms.CharField(label=_("Why"), widget=forms.Textarea(attrs={"rows": 2}), max_length=500)


_COUNT_WORDS = {
    "minimum_points": _("Least points"),
    "rounds_to": _("Limits are multiples of (riyals)"),
    "step_points": _("Points for each full step"),
    "points_joint_stock": _("Joint-stock company"),
    "points_llc": _("Limited liability company"),
    "points_partnership": _("Partnership"),
    "points_sole_proprietor": _("Sole proprietorship"),
    "bank_months": _("Months that the bank statement covers, at least"),
    "limit_months": _("A limit holds for months"),
    "review_days": _("Reviewed so many days before its end"),
    "terms_days": _("Days to pay from the invoice"),
    "grace_days": _("Further days until default"),
    "defaults_to_cancel": _("Defaults that cancel credit"),
    "increase_after_months": _("Months of regular payment before an increase"),
    "increases_a_year": _("Increases a year, at most"),
    "reservation_days": _("Days for which an order reserves credit"),
    "benchmark_days": _("Usual days to pay in the trade"),
}
_AMOUNT_WORDS = {
    "minimum_limit": _("Limit at the least points"),
    "step_amount": _("A full step"),
    "increase_percent": _("An increase is at most, in percent"),
}
# What may be empty, with what it means to fill it in.
_BOUND_WORDS = {
    "overdue_tolerated": (
        _("Unpaid past its terms, tolerated up to"),
        _("With 0 whatever is unpaid past its terms stops every order: the source's rule (CM-10)."),
    ),
    "not_due_most": (
        _("Open and not due, at most"),
        _("Left empty one limit bounds all that is owed: the source's rule (CM-08)."),
    ),
}


class BenchmarksField(forms.CharField):
    """Days by industry, a line each: «Food: 45»."""

    widget = forms.Textarea(attrs={"rows": 3})

    def prepare_value(self, value: Any) -> Any:
        return benchmarks_text(value, "\n") if isinstance(value, dict) else value

    def clean(self, value: Any) -> dict[str, int]:
        found: dict[str, int] = {}
        for line in filter(str.strip, super().clean(value).splitlines()):
            industry, _colon, days = (part.strip() for part in line.rpartition(":"))
            if not industry or not days.isdecimal() or industry in found:
                raise forms.ValidationError(
                    _("A line has an industry, a colon and its days, each industry once: %(line)s"),
                    code="benchmarks", params={"line": line.strip()},
                )  # fmt: skip
            found[industry] = int(days)
        return found


def benchmarks_text(benchmarks: dict[str, int], between: str) -> str:
    return between.join(f"{industry}: {days}" for industry, days in sorted(benchmarks.items()))


class CreditPolicyForm(forms.Form):
    """The next version of a credit policy: every figure, its first day, and why."""

    starts_on = DayField(label=_("Rules from"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        for name in TERMS:
            if name in _COUNT_WORDS:
                fields[name] = forms.IntegerField(label=_COUNT_WORDS[name], min_value=0)
            elif name == "benchmarks":
                fields[name] = BenchmarksField(label=LABELS[name], required=False)
            elif name in _AMOUNT_WORDS:
                fields[name] = AmountField(label=_AMOUNT_WORDS[name])
            elif name in _BOUND_WORDS:
                label, meaning = _BOUND_WORDS[name]
                fields[name] = AmountField(label=label, help_text=meaning, required=False)
            else:
                fields[name] = forms.BooleanField(label=_("The balances of several banks are added up"), required=False)
        fields["overdue_never_stops"] = forms.BooleanField(
            label=_("What is unpaid never stops orders, whatever it comes to"), required=False,
            initial=self.initial.get("overdue_tolerated", 0) is None,
        )  # fmt: skip
        fields["reason"] = forms.CharField(
            label=_("Why the policy changes"), widget=forms.Textarea(attrs={"rows": 3}), max_length=500
        )

    def clean(self) -> dict[str, Any]:
        """An amount that was wiped out tolerates nothing else than it says: that nothing stops is said by a tick."""
        data = super().clean() or self.cleaned_data
        if data.get("overdue_never_stops"):
            data["overdue_tolerated"] = None
        elif "overdue_tolerated" in data and data["overdue_tolerated"] is None:
            self.add_error("overdue_tolerated", _("Give an amount; 0 tolerates nothing."))
        return data

    @property
    def terms(self) -> dict[str, Any]:
        """The figures alone, by name."""
        return {name: self.cleaned_data[name] for name in TERMS}


LABELS = {
    **_COUNT_WORDS,
    **_AMOUNT_WORDS,
    **{name: label for name, (label, _meaning) in _BOUND_WORDS.items()},
    "sums_banks": _("The balances of several banks are added up"),
    "benchmarks": _("Days of industries that usually pay otherwise"),
}
