"""Applications: from their opening to the analysis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import allow, user_of
from common import clock
from common.exceptions import Conflict, Refused
from common.forms import blame
from credit.forms.applications import AnswerForm, AskForm, CriteriaForm, OpenForm, ReasonForm, facts_form
from credit.forms.papers import PaperForm
from credit.models import Application, Reference
from credit.policies import (
    admits_cash,
    applications_visible_to,
    can_edit_credit,
    returns_applications,
    sees_credit,
)
from credit.selectors.applications import application_version
from credit.services.applications import (
    application_analyse,
    application_edit,
    application_open,
    application_return,
    application_submit,
    application_withdraw,
    cash_admit,
)
from credit.services.facts import criteria_judge, reference_answer, reference_ask, reference_remove
from credit.services.papers import credit_paper_add
from credit.views.application_page import application_of, application_page
from credit.views.customer_page import customer_of, customer_page
from credit.views.parts import act


@require_GET
@allow(sees_credit)
def application_one(request: HttpRequest, pk: int) -> HttpResponse:
    return application_page(request, application_of(request, pk))


@require_POST
@allow(can_edit_credit)
def application_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin an application of a customer."""
    customer = customer_of(request, pk)
    form = OpenForm(request.POST, customer=customer)
    if form.is_valid():
        try:
            opened = application_open(user=user_of(request), customer=customer, **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("The application is begun"))
            return redirect("credit_application", opened.pk)
    return customer_page(request, customer, status=422, open_form=form)


# The sheet of the page on which each form stands; a paper leads back to what is still missing.
AT = {
    "paper_form": "#checklist", "ask_form": "#references", "answer_form": "#references", "gone_form": "#references",
    "criteria_form": "#criteria",
}  # fmt: skip


def _act(
    request: HttpRequest, application: Application, form: forms.Form, name: str, do: Callable[[dict[str, Any]], Any],
    said: str, **given: Any,
) -> HttpResponse:  # fmt: skip
    """One form of the application's page; the page again shows it as it stands now."""
    return act(
        request, form=form, do=do, said=said, to="credit_application", pk=application.pk,
        at=AT.get(name, ""), again=lambda: application_page(
            request, application_of(request, application.pk), status=422, **{name: form}, **given
        ),
    )  # fmt: skip


@require_POST
@allow(can_edit_credit)
def facts(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down the facts; when somebody was faster, both versions are shown and nothing typed is lost."""
    application = application_of(request, pk)
    form = facts_form(application)(request.POST)
    if form.is_valid():
        try:
            application_edit(user=user_of(request), application=application, **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
            if refusal.code == "application_stale":
                return _stale(request, form, pk)
            if isinstance(refusal, Conflict):  # no draft any more: its form is gone from the page
                messages.error(request, str(refusal.message))
        else:
            messages.success(request, _("Saved"))
            return redirect("credit_application", pk)
    return application_page(request, application_of(request, pk), status=422, facts_form=form)


def _stale(request: HttpRequest, form: forms.Form, pk: int) -> HttpResponse:
    """The form as it was typed beside what stands now; sent again, it counts for the version that is shown."""
    now = application_of(request, pk)
    told = request.POST.copy()
    told["seen"] = str(application_version(application=now))
    form.data = told
    differs = [
        (field.label, getattr(now, f"get_{name}_display", lambda name=name: getattr(now, name))())
        for name, field in form.fields.items()
        if name != "seen" and form.cleaned_data.get(name) != getattr(now, name)
    ]
    return application_page(request, now, status=422, facts_form=form, stale=differs)


@require_POST
@allow(can_edit_credit)
def paper_new(request: HttpRequest, pk: int) -> HttpResponse:
    application, form = application_of(request, pk), PaperForm(request.POST, request.FILES)
    return _act(
        request, application, form, "paper_form",
        lambda data: credit_paper_add(
            user=user_of(request), customer=application.customer, application=application, **form.told()
        ),
        _("The paper is kept"),
    )  # fmt: skip


@require_POST
@allow(can_edit_credit)
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    application = application_of(request, pk)
    return _act(
        request, application, forms.Form(request.POST), "step_form",
        lambda data: application_submit(user=user_of(request), application=application, on=clock.today()),
        _("The application is submitted"),
    )  # fmt: skip


@require_POST
@allow(can_edit_credit)
def analyse(request: HttpRequest, pk: int) -> HttpResponse:
    application = application_of(request, pk)
    return _act(
        request, application, forms.Form(request.POST), "step_form",
        lambda data: application_analyse(user=user_of(request), application=application, on=clock.today()),
        _("The analysis is closed"),
    )  # fmt: skip


@require_POST
@allow(admits_cash)
def admit(request: HttpRequest, pk: int) -> HttpResponse:
    application = application_of(request, pk)
    return _act(
        request, application, forms.Form(request.POST), "step_form",
        lambda data: cash_admit(user=user_of(request), application=application, on=clock.today()),
        _("The cash account is open"),
    )  # fmt: skip


@require_POST
@allow(returns_applications)
def give_back(request: HttpRequest, pk: int) -> HttpResponse:
    application, form = application_of(request, pk), ReasonForm(request.POST)
    return _act(
        request, application, form, "return_form",
        lambda data: application_return(user=user_of(request), application=application, **data),
        _("It went back to be filled in"),
    )  # fmt: skip


@require_POST
@allow(can_edit_credit)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    application, form = application_of(request, pk), ReasonForm(request.POST)
    return _act(
        request, application, form, "withdraw_form",
        lambda data: application_withdraw(user=user_of(request), application=application, **data),
        _("The application is withdrawn"),
    )  # fmt: skip


@require_POST
@allow(can_edit_credit)
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    application, form = application_of(request, pk), AskForm(request.POST)
    return _act(
        request, application, form, "ask_form",
        lambda data: reference_ask(user=user_of(request), application=application, **data), _("Saved"),
    )  # fmt: skip


def _reference(request: HttpRequest, pk: int) -> Reference:
    found = Reference.objects.filter(application__in=applications_visible_to(user_of(request)))
    return get_object_or_404(found, pk=pk)


@require_POST
@allow(can_edit_credit)
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    reference = _reference(request, pk)
    application = application_of(request, reference.application_id)
    form = AnswerForm(request.POST, application=application)
    return _act(
        request, application, form, "answer_form",
        lambda data: reference_answer(user=user_of(request), reference=reference, **data), _("Saved"), row=pk,
    )  # fmt: skip


@require_POST
@allow(can_edit_credit)
def reference_gone(request: HttpRequest, pk: int) -> HttpResponse:
    reference = _reference(request, pk)
    application = application_of(request, reference.application_id)
    return _act(
        request, application, forms.Form(request.POST), "gone_form",
        lambda data: reference_remove(user=user_of(request), reference=reference), _("Taken out"),
    )  # fmt: skip


@require_POST
@allow(can_edit_credit)
def criteria(request: HttpRequest, pk: int) -> HttpResponse:
    application = application_of(request, pk)
    form = CriteriaForm(request.POST, application=application)
    return _act(
        request, application, form, "criteria_form",
        lambda data: criteria_judge(user=user_of(request), application=application, judged=form.told()), _("Saved"),
    )  # fmt: skip
