"""The pages where figures are entered: what a bank certifies with its months, and a year of audited statements."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import allow, user_of
from common.exceptions import Refused
from common.forms import blame
from credit.forms.applications import COLUMNS, BankForm, MonthsForm, StatementForm
from credit.models import Application, BankAccount, FinancialStatement
from credit.policies import applications_visible_to, can_edit_credit, sees_credit
from credit.selectors.behaviour import bank_regularity
from credit.services.facts import (
    FIGURES,
    FOUND_OUT,
    bank_account_remove,
    bank_account_save,
    bank_months_set,
    statement_remove,
    statement_save,
)
from credit.views.application_page import application_of

BANK = (
    "bank", "is_local", "from_month", "until_month", "average_balance", "returned_cheques", "statement", "certificate",
)  # fmt: skip


def _writes(request: HttpRequest, application: Application) -> bool:
    return can_edit_credit(user_of(request)) and application.state in FOUND_OUT


@require_http_methods(["GET", "POST"])
@allow(can_edit_credit)
def bank_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Another bank of an application; its months come next."""
    application = application_of(request, pk)
    form = BankForm(request.POST or None, application=application)
    if request.method == "POST" and form.is_valid():
        try:
            account = bank_account_save(user=user_of(request), application=application, **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("Saved. Now the months of the statement."))
            return redirect("credit_bank", account.pk)
    return _bank_page(request, application, None, form=form)


def _account(request: HttpRequest, pk: int) -> tuple[BankAccount, Application]:
    found = BankAccount.objects.filter(application__in=applications_visible_to(user_of(request)))
    account = get_object_or_404(found, pk=pk)
    return account, application_of(request, account.application_id)


@require_http_methods(["GET", "POST"])
@allow(sees_credit)
def bank(request: HttpRequest, pk: int) -> HttpResponse:
    """What one bank certifies, and the movements of its months."""
    account, application = _account(request, pk)
    if request.method == "GET":
        return _bank_page(request, application, account)
    if not can_edit_credit(user_of(request)):
        raise Http404
    form = BankForm(request.POST, application=application)
    if form.is_valid():
        try:
            bank_account_save(user=user_of(request), application=application, account=account, **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("Saved"))
            return redirect("credit_bank", pk)
    return _bank_page(request, application, account, form=form)


@require_POST
@allow(can_edit_credit)
def bank_months(request: HttpRequest, pk: int) -> HttpResponse:
    account, application = _account(request, pk)
    form = MonthsForm(request.POST, account=account)
    if form.is_valid():
        try:
            bank_months_set(user=user_of(request), account=account, months=form.told())
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("Saved"))
            return redirect("credit_application", application.pk)
    return _bank_page(request, application, account, months_form=form)


@require_POST
@allow(can_edit_credit)
def bank_gone(request: HttpRequest, pk: int) -> HttpResponse:
    account, application = _account(request, pk)
    try:
        bank_account_remove(user=user_of(request), account=account)
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("Taken out"))
    return redirect("credit_application", application.pk)


def _bank_page(
    request: HttpRequest,
    application: Application,
    account: BankAccount | None,
    *,
    form: BankForm | None = None,
    months_form: MonthsForm | None = None,
) -> HttpResponse:
    writes = _writes(request, application)
    rows = list(account.month_rows.all()) if account is not None else []
    context: dict[str, Any] = {
        "application": application,
        "customer": application.customer,
        "account": account,
        "months": rows,
        "columns": COLUMNS.values(),
        "regularity": bank_regularity(account=account) if account is not None and rows else None,
        "writes": writes,
    }
    if writes:
        initial = {name: getattr(account, name) for name in BANK} if account is not None else {}
        context["form"] = form or BankForm(application=application, initial=initial)
        if account is not None:
            context["months_form"] = months_form or MonthsForm(account=account)
    for name, made in context.items():
        if isinstance(made, forms.BaseForm):
            made.auto_id = f"{name}_%s"
    faults = any(f is not None and f.is_bound for f in (form, months_form))
    return render(request, "credit/bank.html", context, status=422 if faults else 200)


@require_http_methods(["GET", "POST"])
@allow(can_edit_credit)
def statement_new(request: HttpRequest, pk: int) -> HttpResponse:
    """A year of the statements; saved again, it takes the place of what stood for that year."""
    return _statement_page(request, application_of(request, pk), None)


def _statement(request: HttpRequest, pk: int) -> FinancialStatement:
    found = FinancialStatement.objects.filter(application__in=applications_visible_to(user_of(request)))
    return get_object_or_404(found, pk=pk)


@require_http_methods(["GET", "POST"])
@allow(can_edit_credit)
def statement(request: HttpRequest, pk: int) -> HttpResponse:
    found = _statement(request, pk)
    return _statement_page(request, application_of(request, found.application_id), found)


def _statement_page(request: HttpRequest, application: Application, found: FinancialStatement | None) -> HttpResponse:
    names = ("year", "auditor", "paper", *FIGURES)
    initial = {name: getattr(found, name) for name in names} if found is not None else {}
    form = StatementForm(request.POST or None, application=application, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            statement_save(user=user_of(request), application=application, **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("Saved"))
            return redirect("credit_application", application.pk)
    context = {
        "application": application,
        "customer": application.customer,
        "statement": found,
        "form": form,
        "figures": [form[name] for name in FIGURES],
        "writes": _writes(request, application),
    }
    return render(request, "credit/statement.html", context, status=422 if form.errors else 200)


@require_POST
@allow(can_edit_credit)
def statement_gone(request: HttpRequest, pk: int) -> HttpResponse:
    found = _statement(request, pk)
    try:
        statement_remove(user=user_of(request), statement=found)
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("Taken out"))
    return redirect("credit_application", found.application_id)
