"""Holds: placed, ended, and objections decided."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirectBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import allow, user_of
from collections_app.choices import HoldDecision
from collections_app.forms.holds import HoldForm, ObjectionForm, ReleaseForm
from collections_app.models import Case, Hold
from collections_app.policies import can_decide_objections, can_end_hold
from collections_app.services.holds import hold_place, hold_release, objection_decide
from collections_app.views.case_page import case_of, case_page, sees_cases, workable_case
from common.audit import Actor
from common.exceptions import Refused
from common.forms import blame
from common.once import once


def _held(case: Case) -> HttpResponseRedirectBase:
    return redirect(f"{reverse('case', args=[case.pk])}?show=holds")


@require_POST
@sees_cases
def hold(request: HttpRequest, pk: int) -> HttpResponse:
    """Pause the case, one of its debts or one receivable, with the reason; from a past day where that is the truth."""
    found = workable_case(request, pk)
    form = HoldForm(request.POST, case=found)
    if form.is_valid():

        def act() -> HttpResponseRedirectBase:
            hold_place(actor=Actor.person(user_of(request)), case=found, **form.cleaned_data)
            messages.success(request, _("On hold"))
            return _held(found)

        try:
            return once(request, act)
        except Refused as refusal:
            blame(form, refusal)
    return case_page(request, found, hold_form=form, open_panel="hold", tab="holds")


@require_POST
@sees_cases
def release(request: HttpRequest, pk: int, hold_pk: int) -> HttpResponse:
    """End a hold."""
    found = workable_case(request, pk)
    standing = get_object_or_404(Hold.objects.select_related("case"), pk=hold_pk, case=found)
    if not can_end_hold(user_of(request), standing):
        return case_page(request, found, tab="holds")
    form = ReleaseForm(request.POST)
    if form.is_valid():
        try:
            hold_release(actor=Actor.person(user_of(request)), hold=standing, **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("The hold has ended"))
            return _held(found)
    return case_page(request, found, release_form=form, releasing=standing.pk, tab="holds")


@require_POST
@allow(can_decide_objections)
def objection(request: HttpRequest, pk: int, hold_pk: int) -> HttpResponse:
    """Accept or reject what the account holder objects to, with the reason."""
    found = case_of(request, pk)
    standing = get_object_or_404(Hold, pk=hold_pk, case=found)
    form = ObjectionForm(request.POST)
    if form.is_valid():

        def act() -> HttpResponseRedirectBase:
            decided = objection_decide(actor=Actor.person(user_of(request)), hold=standing, **form.cleaned_data)
            if decided.decision == HoldDecision.ACCEPTED:
                messages.success(request, _("The objection is accepted; its days do not count."))
            else:
                messages.success(request, _("The objection is rejected; default stands on its true date."))
            return _held(found)

        try:
            return once(request, act)
        except Refused as refusal:
            blame(form, refusal)
    return case_page(request, found, objection_form=form, deciding=standing.pk, tab="holds")
