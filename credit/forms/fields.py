"""Fields that the forms of credit files share."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.clock import RIYADH
from credit.models import Application, CreditPaper, Customer
from credit.services.agents import Upload

LTR = {"dir": "ltr"}
TWO_LINES = forms.Textarea(attrs={"rows": 2})


class UploadField(forms.FileField):
    """A file, read: an ``Upload`` for the service, or None."""

    widget = forms.FileInput(attrs={"accept": "application/pdf,image/png,image/jpeg"})

    def clean(self, data: Any, initial: Any = None) -> Any:
        file = super().clean(data, initial)
        return Upload(name=file.name, content=file.read()) if file else None


class MonthField(forms.DateField):
    """A month, as its first day."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.DateInput(attrs={"type": "month", "dir": "ltr"}, format="%Y-%m"))
        super().__init__(input_formats=["%Y-%m", "%m/%Y"], **options)

    def clean(self, value: Any) -> dt.date | None:
        month = super().clean(value)
        if month is not None and month.year < 1990:
            raise forms.ValidationError(_("The date is before 1990."), code="early")
        return month


class PaperField(forms.ModelChoiceField):
    """A paper of one kind out of a customer's file; ``of`` tells whose."""

    def __init__(self, *, kind: str, **options: Any) -> None:
        super().__init__(queryset=CreditPaper.objects.none(), required=False, empty_label=_("None yet"), **options)
        self.kind = kind

    def label_from_instance(self, obj: Any) -> str:
        # A list's words take no markup: the mark keeps the date in its own direction.
        return f"{obj.title} · \u200e{obj.added_at.astimezone(RIYADH):%Y-%m-%d}"


def of(form: forms.Form, customer: Customer) -> None:
    """Offer this customer's papers in each paper field of a form; the newest one is the suggestion."""
    for name, field in form.fields.items():
        if isinstance(field, PaperField):
            papers = customer.papers.filter(kind=field.kind).defer("content_sealed").order_by("-added_at", "-pk")
            field.queryset = papers
            if not form.is_bound and name not in form.initial:
                form.initial[name] = papers.first()


def of_application(form: forms.Form, application: Application) -> None:
    of(form, application.customer)
