"""A request to go legal with one case: proposed, and taken back."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import user_of
from collections_app.choices import OPEN_ESCALATION
from collections_app.models import EscalationRequest
from collections_app.policies import cases_visible_to
from collections_app.views.case_page import case_page, sees_cases, workable_case
from common import clock
from common.exceptions import Refused
from common.forms import blame
from legal.forms import EscalationAmendForm, EscalationForm
from legal.policies import can_amend_escalation
from legal.selectors.papers import papers_of_request
from legal.selectors.requests import escalation_checks
from legal.services.escalations import escalation_amend, escalation_propose, escalation_withdraw


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
    checks = escalation_checks(request=EscalationRequest(case=found), today=clock.today())
    return render(
        request,
        "legal/propose.html",
        {"case": found, "form": form, "checks": checks},
        status=422 if form.errors else 200,
    )


@require_http_methods(["GET", "POST"])
@sees_cases
def amend(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what a request asks for; what was approved of it is void, and the manager is asked anew."""
    user = user_of(request)
    found = get_object_or_404(
        EscalationRequest.objects.select_related("case__debtor", "case__client"),
        pk=pk,
        case__in=cases_visible_to(user),
    )
    if not can_amend_escalation(user, found):
        raise Http404
    initial = {
        name: getattr(found, name)
        for name in ("steps", "cost_ceiling", "valid_days", "court", "region", "grounds", "digest")
    }
    form = EscalationAmendForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            escalation_amend(user=user, request=found, **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("The request is with the manager"))
            return redirect("case", found.case_id)
    return render(
        request,
        "legal/amend.html",
        {"request_": found, "case": found.case, "form": form, "papers": papers_of_request(request=found)},
        status=422 if form.errors else 200,
    )


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
