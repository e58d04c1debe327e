"""A case on one screen, and what is done there."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirectBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import user_of
from accounts.services.users import access_record
from clients.choices import ActionKind
from collections_app.choices import OPEN_ESCALATION
from collections_app.forms import ContactForm, EscalationForm
from collections_app.models import EscalationRequest, StageRequest
from collections_app.policies import can_answer_proposal
from collections_app.selectors import cases as reads
from collections_app.services.contacts import contact_record, contact_refused_record
from collections_app.services.escalations import escalation_propose, escalation_withdraw
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
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the case's unanswered request back, with a reason."""
    found = workable_case(request, pk)
    waiting = found.escalations.filter(status__in=OPEN_ESCALATION).first()
    if waiting is None:
        messages.error(request, _("No request of this case waits for an answer."))
        return redirect("case", found.pk)
    try:
        escalation_withdraw(user=user_of(request), request=waiting, reason=request.POST.get("reason", ""))
    except Refused as refusal:
        return case_page(request, found, withdraw_error=str(refusal.message))
    messages.success(request, _("The request is withdrawn"))
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


@require_http_methods(["GET", "POST"])
@sees_cases
def propose(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose legal escalation for one case, with its computed conditions beside the form."""
    found = workable_case(request, pk)
    user = user_of(request)
    form = EscalationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            escalation_propose(user=user, case=found, **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("The request is with the manager"))
            return redirect("case", found.pk)
    checks = reads.escalation_checks(request=EscalationRequest(case=found), today=clock.today())
    return render(
        request,
        "collections_app/propose.html",
        {"case": found, "form": form, "checks": checks},
        status=422 if form.errors else 200,
    )
