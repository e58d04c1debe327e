"""Forms of money on a case: payments, what they are for, notes, statements, who looks after what waits."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from collections_app.choices import NOTES, Component, EntryKind, PaymentMethod, ReceivableStatus
from collections_app.models import Case, Payment, Receivable
from collections_app.rules.allocation import Share
from common.components.format import money_text
from common.forms import AmountField, DayField
from common.money import ZERO


class ReceivableField(forms.ModelChoiceField):
    """Choose one receivable by its reference and what is open of it."""

    def label_from_instance(self, obj: Any) -> str:
        left = money_text(amount=obj.balance, currency=obj.currency, language=get_language() or "ar")
        return f"\u2068{obj.receivable_ref}\u2069 · {left}"


def open_receivables(case: Case) -> QuerySet[Receivable]:
    """What money of this case can be for, the oldest first."""
    return Receivable.objects.filter(case=case, status=ReceivableStatus.OPEN).order_by("due_on", "pk")


class PaymentForm(forms.Form):
    amount = AmountField(label=_("Amount"))
    currency = forms.ChoiceField(label=_("Currency"))
    value_on = DayField(label=_("Value date"), ahead=0)
    method = forms.ChoiceField(label=_("How"), choices=[c for c in PaymentMethod.choices if c[0] != PaymentMethod.FILE])
    reference = forms.CharField(label=_("Reference"), max_length=120)
    payer_name = forms.CharField(label=_("Paid by"), max_length=160, required=False)
    receivable = ReceivableField(
        label=_("What is it for?"),
        queryset=Receivable.objects.none(),
        required=False,
        empty_label=_("Not said: by the client's rule"),
    )

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        currencies = sorted(set(case.debts.values_list("currency", flat=True)))
        self.fields["currency"].choices = [(c, c) for c in currencies]  # type: ignore[attr-defined]
        self.fields["receivable"].queryset = open_receivables(case)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        receivable = data.get("receivable")
        if receivable is not None and "currency" in data and receivable.currency != data["currency"]:
            self.add_error("receivable", _("This receivable is in another currency."))
        return data


class TakeBackForm(forms.Form):
    """A payment, or a part of it, never came."""

    amount = AmountField(label=_("How much"), required=False, help_text=_("Empty means all that is left of it."))
    reason = forms.CharField(label=_("Reason"), max_length=300)


class WhatForForm(forms.Form):
    """Which receivables waiting money is for, and how one knows."""

    reason = forms.CharField(label=_("How do you know?"), max_length=300)

    def __init__(self, *args: Any, payment: Payment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.payment = payment
        self.receivables = list(open_receivables(payment.case).filter(currency=payment.currency).select_related("debt"))
        for receivable in self.receivables:
            self.fields[f"part_{receivable.pk}"] = AmountField(
                label=receivable.receivable_ref, required=False, min_value=ZERO
            )

    def rows(self) -> list[tuple[Receivable, forms.BoundField]]:
        """Each receivable with the field of its part."""
        return [(receivable, self[f"part_{receivable.pk}"]) for receivable in self.receivables]

    @property
    def given(self) -> Any:
        """What the parts that can be read come to."""
        data = getattr(self, "cleaned_data", {})
        return sum((data.get(f"part_{r.pk}") or ZERO for r in self.receivables), ZERO)

    @property
    def left(self) -> Any:
        """What of the waiting money is still not given to anything; below zero when too much is."""
        return self.payment.suspense - self.given

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.given and not any(name.startswith("part_") for name in self.errors):
            raise forms.ValidationError(_("Write at least one part."), code="empty")
        if self.left < ZERO:
            raise forms.ValidationError(_("The parts come to more than waits."), code="above")
        return data

    def pins(self) -> list[Share]:
        """The parts as the ledger takes them."""
        return [
            Share(receivable_id=r.pk, amount=part)
            for r in self.receivables
            if (part := self.cleaned_data.get(f"part_{r.pk}"))
        ]


class NoteForm(forms.Form):
    """A note on a receivable: more is owed by it, or less."""

    kind = forms.ChoiceField(
        label=_("What it is"), choices=[("", "–"), *((kind, kind.label) for kind in EntryKind if kind in NOTES)]
    )
    receivable = ReceivableField(label=_("Receivable"), queryset=Receivable.objects.none(), empty_label="–")
    amount = AmountField(label=_("Amount"))
    component = forms.ChoiceField(
        label=_("Part"), choices=[("", _("as usual for its kind")), *Component.choices], required=False
    )
    value_on = DayField(label=_("Value date"), ahead=0)
    reference = forms.CharField(label=_("Number"), max_length=80, required=False)
    reason = forms.CharField(label=_("Reason"), max_length=300)

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["receivable"].queryset = (  # type: ignore[attr-defined]
            Receivable.objects.filter(case=case)
            .exclude(status=ReceivableStatus.WITHDRAWN)
            .select_related("case")
            .order_by("due_on", "pk")
        )

    def clean(self) -> dict[str, Any]:
        """The client's own notes bear its number: without one, a credit would be a discount by another name."""
        data = super().clean() or {}
        numbered = {EntryKind.CREDIT_NOTE, EntryKind.DEBIT_NOTE}
        if data.get("kind") in numbered and not data.get("reference") and "reference" not in self.errors:
            self.add_error("reference", _("Credit and debit notes bear the client's number."))
        return data


class ReasonForm(forms.Form):
    """Why something is taken back."""

    reason = forms.CharField(label=_("Reason"), max_length=300)


class StatementForm(forms.Form):
    """The day to whose end a statement reaches."""

    as_of = DayField(label=_("As of"), required=False, ahead=0)


class SuspenseOwnerForm(forms.Form):
    """Who finds out what waiting money is for."""

    owner = forms.ModelChoiceField(label=_("Owner"), queryset=User.objects.none())

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]
