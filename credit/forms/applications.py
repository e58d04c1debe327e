"""What is typed of an application: what is asked, the facts, banks, statements, references, judgements."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import AmountField, DayField
from credit.choices import Criterion, CustomerKind, Judgement, LegalForm, PaperKind, Purpose, ReferenceKind
from credit.forms.customers import NO_FORM
from credit.forms.fields import TWO_LINES, MonthField, PaperField, of_application
from credit.models import Application, BankAccount, Customer
from credit.services.facts import FIGURES, Month


class OpenForm(forms.Form):
    purpose = forms.ChoiceField(label=_("What is asked for"), choices=Purpose.choices)
    applied_on = DayField(label=_("Applied on"), ahead=0)
    asked_limit = AmountField(
        label=_("Limit asked for"), required=False, min_value=0, help_text=_("Empty: what the points give.")
    )
    grounds = forms.CharField(label=_("Grounds"), required=False, max_length=2000, widget=TWO_LINES)

    def __init__(self, *args: Any, customer: Customer, **options: Any) -> None:
        super().__init__(*args, **options)
        if customer.kind == CustomerKind.CASH:  # who pays at once asks for no limit, and never for more
            del self.fields["asked_limit"]
            purpose: Any = self.fields["purpose"]
            purpose.choices = [(Purpose.NEW, Purpose.NEW.label)]


class FactsForm(forms.Form):
    """The facts that are scored; ``seen`` is the version they were read from."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    capital = AmountField(label=_("Capital"), required=False, min_value=0)
    legal_form = forms.ChoiceField(label=_("Legal form"), choices=[*NO_FORM, *LegalForm.choices], required=False)
    resident = forms.BooleanField(label=_("Resident in the Kingdom"), required=False)
    has_official_papers = forms.BooleanField(label=_("Has official papers"), required=False)
    annual_sales = AmountField(label=_("Annual sales by the last approved balance sheet"), required=False, min_value=0)
    sales_year = forms.IntegerField(label=_("Year of that balance sheet"), required=False, localize=False)
    asked_limit = AmountField(
        label=_("Limit asked for"), required=False, min_value=0, help_text=_("Empty: what the points give.")
    )
    bureau_used = forms.BooleanField(label=_("A credit record of the bureau was read"), required=False)
    grounds = forms.CharField(label=_("Grounds"), required=False, max_length=2000, widget=TWO_LINES)


class CashFactsForm(forms.Form):
    """A cash account: the source asks for no facts that are scored."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    legal_form = FactsForm.base_fields["legal_form"]
    resident = FactsForm.base_fields["resident"]
    grounds = FactsForm.base_fields["grounds"]


class IncreaseForm(forms.Form):
    """A higher limit: weighed by how regularly the account was paid (CM-14), not by points."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    asked_limit = FactsForm.base_fields["asked_limit"]
    bureau_used = FactsForm.base_fields["bureau_used"]
    grounds = FactsForm.base_fields["grounds"]


def facts_form(application: Application) -> type[forms.Form]:
    """The form of what this application stands on."""
    if application.customer.kind == CustomerKind.CASH:
        return CashFactsForm
    return IncreaseForm if application.purpose == Purpose.INCREASE else FactsForm


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=TWO_LINES)


class BankForm(forms.Form):
    bank = forms.CharField(label=_("Bank"), max_length=120)
    is_local = forms.BooleanField(label=_("A local bank"), required=False, initial=True)
    from_month = MonthField(label=_("From month"))
    until_month = MonthField(label=_("Until month"))
    average_balance = AmountField(
        label=_("Average balance by the bank's certificate"), help_text=_("Overdrawn: with a minus.")
    )
    returned_cheques = forms.IntegerField(label=_("Returned cheques"), min_value=0, max_value=9999, initial=0)
    statement = PaperField(label=_("Statement"), kind=PaperKind.BANK_STATEMENT)
    certificate = PaperField(label=_("Certificate"), kind=PaperKind.BANK_CERTIFICATE)

    def __init__(self, *args: Any, application: Application, **options: Any) -> None:
        super().__init__(*args, **options)
        of_application(self, application)


COLUMNS = {
    "credits": _("Paid in"),
    "debits": _("Paid out"),
    "lowest": _("Lowest balance"),
    "closing": _("Closing balance"),
}


class MonthsForm(forms.Form):
    """The movements of an account: a row for each month of its statement, which is filled in whole or left empty."""

    def __init__(self, *args: Any, account: BankAccount, **options: Any) -> None:
        super().__init__(*args, **options)
        self.months = _months(account)
        known = {row.month: row for row in account.month_rows.all()}
        for month in self.months:
            for name, label in COLUMNS.items():
                field = AmountField(label=f"{month:%Y-%m} {label}", required=False)
                field.widget.attrs |= {"aria-label": f"{label} {month:%Y-%m}"}
                if month in known:
                    field.initial = getattr(known[month], name)
                self.fields[f"{name}_{month:%Y%m}"] = field

    def rows(self) -> list[tuple[dt.date, list[Any]]]:
        """Each month with its four fields, for the table."""
        return [(month, [self[f"{name}_{month:%Y%m}"] for name in COLUMNS]) for month in self.months]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for month in self.months:
            names = [f"{name}_{month:%Y%m}" for name in COLUMNS]
            given = [name for name in names if data.get(name) is not None]
            if given and len(given) < len(names):
                for name in set(names) - set(given):
                    if name not in self.errors:
                        self.add_error(name, _("Fill in the whole row, or leave it empty."))
        return data

    def told(self) -> list[Month]:
        """The months that were filled in."""
        found = []
        for month in self.months:
            values: dict[str, Any] = {name: self.cleaned_data.get(f"{name}_{month:%Y%m}") for name in COLUMNS}
            if all(value is not None for value in values.values()):
                found.append(Month(month=month, **values))
        return found


def _months(account: BankAccount) -> list[dt.date]:
    first = account.from_month.year * 12 + account.from_month.month - 1
    return [dt.date(n // 12, n % 12 + 1, 1) for n in range(first, first + account.months)]


FIGURE_WORDS = {
    "current_assets": _("Current assets"),
    "inventory": _("of which stock"),
    "receivables": _("of which receivables"),
    "total_assets": _("All assets"),
    "current_liabilities": _("Current liabilities"),
    "payables": _("of which payables"),
    "total_liabilities": _("All liabilities"),
    "equity": _("Equity"),
    "sales": _("Sales"),
    "cost_of_sales": _("Cost of sales"),
    "net_profit": _("Net profit"),
}


class StatementForm(forms.Form):
    """A year of the audited statements."""

    year = forms.IntegerField(label=_("Year"), min_value=1990, localize=False)
    auditor = forms.CharField(label=_("Auditor"), required=False, max_length=160)
    paper = PaperField(label=_("Audited statements"), kind=PaperKind.FINANCIAL_STATEMENTS)

    def __init__(self, *args: Any, application: Application, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in FIGURES:
            self.fields[name] = AmountField(label=FIGURE_WORDS[name])
        of_application(self, application)


class AskForm(forms.Form):
    kind = forms.ChoiceField(label=_("Bank or company"), choices=ReferenceKind.choices)
    name = forms.CharField(label=_("Name"), max_length=160)
    asked_on = DayField(label=_("Asked on"), ahead=0)


class AnswerForm(forms.Form):
    answered_on = DayField(label=_("Answered on"), ahead=0)
    judgement = forms.ChoiceField(label=_("How they speak of the customer"), choices=Judgement.choices)
    years_known = forms.IntegerField(label=_("Years they know the customer"), required=False, min_value=0, max_value=99)
    usual_limit = AmountField(label=_("Their own limit"), required=False, min_value=0)
    note = forms.CharField(label=_("What they said"), required=False, max_length=500, widget=TWO_LINES)
    paper = PaperField(label=_("Their answer"), kind=PaperKind.REFERENCE)

    def __init__(self, *args: Any, application: Application, **options: Any) -> None:
        super().__init__(*args, **options)
        of_application(self, application)


CRITERION_HINTS = {
    Criterion.REPUTATION: _("History in the market, statements of three months, what banks and companies say"),
    Criterion.CAPACITY: _("Size of the business, audited statements of three years"),
    Criterion.FINANCIAL_POSITION: _("Ratios of the statements"),
    Criterion.COLLATERAL: _("Guarantor, certified cheque, bank guarantee, trust receipt"),
    Criterion.ECONOMY: _("The market, or the region: steady and encouraging or not"),
}


class CriteriaForm(forms.Form):
    """The five criteria, each with its judgement and grounds; one that is left as it was is not judged anew."""

    def __init__(self, *args: Any, application: Application, **options: Any) -> None:
        super().__init__(*args, **options)
        known = {row.criterion: row for row in application.judgements.all()}
        for criterion in Criterion:
            row = known.get(criterion)
            self.fields[f"judgement_{criterion}"] = forms.ChoiceField(
                label=criterion.label, choices=[("", _("Not judged yet")), *Judgement.choices], required=False,
                initial=row.judgement if row else "", help_text=CRITERION_HINTS[criterion], show_hidden_initial=True,
            )  # fmt: skip
            self.fields[f"grounds_{criterion}"] = forms.CharField(
                label=_("What the judgement stands on"), required=False, max_length=1000,
                widget=forms.Textarea(attrs={"rows": 2}), initial=row.grounds if row else "", show_hidden_initial=True,
            )  # fmt: skip

    def rows(self) -> list[tuple[Any, Any]]:
        """Judgement and grounds of each criterion, for the page."""
        return [(self[f"judgement_{c}"], self[f"grounds_{c}"]) for c in Criterion]

    def told(self) -> dict[str, tuple[str, str]]:
        """Those that this person changed on their page: what a colleague judged meanwhile is not put back."""
        return {
            c.value: (self.cleaned_data[f"judgement_{c}"], self.cleaned_data[f"grounds_{c}"])
            for c in Criterion
            if {f"judgement_{c}", f"grounds_{c}"} & set(self.changed_data)
        }
