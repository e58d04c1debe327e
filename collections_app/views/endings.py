"""A case ended by decision, and opened again."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirectBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import allow, user_of
from collections_app.forms.endings import EndForm, ReopenForm
from collections_app.policies import can_end_cases
from collections_app.services.life import case_end, case_reopen
from collections_app.views.case_page import case_of, case_page
from common.audit import Actor
from common.exceptions import Refused
from common.forms import blame
from common.once import once


@require_POST
@allow(can_end_cases)
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End the case: recalled, uncollectible, deceased or withdrawn, with the reason."""
    found = case_of(request, pk)
    form = EndForm(request.POST)
    if form.is_valid():

        def act() -> HttpResponseRedirectBase:
            user = user_of(request)
            ended = case_end(actor=Actor.person(user), case=found, user=user, **form.cleaned_data)
            messages.success(request, _("The case has ended: %(end)s") % {"end": ended.get_status_display()})
            return redirect("case", found.pk)

        try:
            return once(request, act)
        except Refused as refusal:
            blame(form, refusal)
    return case_page(request, found, end_form=form, open_panel="end")


@require_POST
@allow(can_end_cases)
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a case again that a person ended."""
    found = case_of(request, pk)
    form = ReopenForm(request.POST)
    if form.is_valid():

        def act() -> HttpResponseRedirectBase:
            case_reopen(actor=Actor.person(user_of(request)), case=found, **form.cleaned_data)
            messages.success(request, _("The case is open again"))
            return redirect("case", found.pk)

        try:
            return once(request, act)
        except Refused as refusal:
            blame(form, refusal)
    return case_page(request, found, reopen_form=form, open_panel="end")
