"""A case on one screen, and what is done there."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirectBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import user_of
from accounts.services.users import access_record
from clients.choices import ActionKind
from collections_app.forms import ContactForm
from collections_app.models import StageRequest
from collections_app.policies import can_answer_proposal
from collections_app.services.contacts import contact_record, contact_refused_record
from collections_app.services.stage_actions import proposal_answer
from collections_app.views.case_page import (
    CHANNEL_ICONS,
    REVEALED_FOR,
    case_history,
    case_of,
    case_page,
    sees_cases,
    workable_case,
)
from common import clock
from common.audit import Actor
from common.exceptions import Refused
from common.forms import blame
from common.htmx import is_fragment
from common.once import once


@require_GET
@sees_cases
def case(request: HttpRequest, pk: int) -> HttpResponse:
    """Who, how much, how old, what happened, what is allowed now, and the next action; asked in pieces, the tab."""
    found = case_of(request, pk)
    if is_fragment(request):
        return case_history(request, found)
    return case_page(request, found, status=200)


@require_POST
@sees_cases
def contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Record what came of a contact, with the promise or call back it brought."""
    found = workable_case(request, pk)
    user = user_of(request)
    form = ContactForm(request.POST, case=found)
    if form.is_valid():

        def act() -> HttpResponseRedirectBase:
            contact_record(actor=Actor.person(user), user=user, case=found, **form.cleaned_data)
            messages.success(request, _("Recorded"))
            if "next" in request.POST:
                return redirect(f"{reverse('next_case')}?after={found.pk}")
            return redirect("case", found.pk)

        try:
            return once(request, act)
        except Refused as refusal:
            for name, target in (("amount", "promise_amount"), ("due_on", "promise_on")):
                if name in refusal.fields:
                    refusal.fields[target] = refusal.fields.pop(name)
            blame(form, refusal)
            return case_page(request, found, form=form, ask_breach=refusal.code == "breach_reason")
    return case_page(request, found, form=form)


@require_POST
@sees_cases
def refused(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody pressed a closed channel: the refusal is kept, nothing is counted."""
    found = workable_case(request, pk)
    channel = request.POST.get("channel", "")
    if channel not in CHANNEL_ICONS:
        raise Http404
    user = user_of(request)

    def act() -> HttpResponseRedirectBase:
        attempt = contact_refused_record(actor=Actor.person(user), user=user, case=found, channel=channel)
        if attempt is None:
            messages.success(request, _("This channel is open now."))
        else:
            messages.success(request, _("Not allowed now; written down, no attempt was counted."))
        return redirect("case", found.pk)

    return once(request, act)


@require_POST
@sees_cases
def reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the masked values for five minutes; the look is written down first."""
    found = workable_case(request, pk)
    access_record(user=user_of(request), what="case.reveal", subject=found)
    request.session[f"revealed-{found.pk}"] = clock.now().timestamp() + REVEALED_FOR
    return redirect("case", found.pk)


@require_POST
@sees_cases
def answer(request: HttpRequest, pk: int, request_pk: int) -> HttpResponse:
    """Take up what a stage proposed, or decline it, saying what was done or why not."""
    found = workable_case(request, pk)
    if not can_answer_proposal(user_of(request), found):
        raise Http404
    proposal = get_object_or_404(StageRequest, pk=request_pk, case=found, kind=ActionKind.PROPOSE)
    try:
        proposal_answer(
            user=user_of(request), request=proposal, status=request.POST.get("status", ""),
            reason=request.POST.get("reason", ""), on=clock.today(),
        )  # fmt: skip
    except Refused as refusal:
        return case_page(request, found, answering=proposal.pk, answer_error=str(refusal.message))
    messages.success(request, _("Answered"))
    return redirect("case", found.pk)
