"""The approver's inbox and the request page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import allow, require_proof, user_of
from accounts.models import User
from collections_app.choices import EscalationStatus
from collections_app.models import EscalationRequest
from collections_app.selectors.cases import age_rows, policy_of, receivables_of
from common import clock, slots
from common.exceptions import Refused
from legal.forms import DecisionForm
from legal.policies import can_decide_escalation, can_see_approvals
from legal.selectors.packs import pack_needs, packs_of
from legal.selectors.requests import escalation_checks, escalations_waiting
from legal.services.escalations import escalation_decide

VIEWS = {
    "waiting": (EscalationStatus.PROPOSED,),
    "client": (EscalationStatus.APPROVED,),
    "decided": (
        EscalationStatus.SIGNED,
        EscalationStatus.RETURNED,
        EscalationStatus.REJECTED,
        EscalationStatus.DECLINED,
        EscalationStatus.WITHDRAWN,
    ),
}


@require_GET
@allow(can_see_approvals)
def inbox(request: HttpRequest) -> HttpResponse:
    """What waits for my decision, the nearest answer first."""
    user = user_of(request)
    view = request.GET.get("view", "waiting")
    everything = EscalationRequest.objects.select_related("case__debtor", "client", "prepared_by", "decided_by")
    lists = {
        "waiting": escalations_waiting(user=user),
        "client": everything.filter(status__in=VIEWS["client"]).order_by("decided_at"),
        "decided": everything.filter(status__in=VIEWS["decided"]).order_by(
            F("decided_at").desc(nulls_last=True), "-pk"
        )[:100],
    }
    own = EscalationRequest.objects.filter(status=EscalationStatus.PROPOSED, prepared_by=user).count()
    counts = {"waiting": lists["waiting"].count(), "client": lists["client"].count()}
    rows = list(lists.get(view, lists["waiting"]))
    checks, chosen = {}, None
    if view == "waiting":
        wanted = request.GET.get("chosen", "")
        for row in rows[:50]:
            found = escalation_checks(request=row, today=clock.today())
            checks[row.pk] = (sum(1 for check in found if check["ok"]), len(found))
            if chosen is None or wanted == str(row.pk):
                chosen = _decision(user, row, found)
    return render(
        request,
        "legal/inbox.html",
        {"rows": rows, "view": view, "counts": counts, "own": own, "checks": checks, "now": clock.now()}
        | {"chosen": chosen, "sections": [section(user) for section in slots.filled("approvals")]},
    )


def _decision(user: User, found: EscalationRequest, checks: list[dict[str, Any]]) -> dict[str, Any]:
    """What a decider reads beside the buttons."""
    rows = receivables_of(case=found.case, today=clock.today())
    return {
        "request_": found,
        "checks": checks,
        "passed": sum(1 for check in checks if check["ok"]),
        "age": age_rows(
            rows=rows, basis=policy_of(case=found.case).basis, currency=found.currency, today=clock.today()
        ),
        "may_decide": can_decide_escalation(user, found),
        "pack": pack_needs(case=found.case, steps=found.steps),
        "packs": list(packs_of(request=found)),
    }


def _found(pk: int) -> EscalationRequest:
    return get_object_or_404(
        EscalationRequest.objects.select_related(
            "case__debtor", "case__client__stage_policy", "case__stage__policy", "client", "prepared_by", "decided_by"
        ),
        pk=pk,
    )


@require_GET
@allow(can_see_approvals)
def escalation(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything needed to decide, on one page."""
    return _page(request, _found(pk))


def _page(request: HttpRequest, found: EscalationRequest, error: str = "", status: int = 200) -> HttpResponse:
    checks = escalation_checks(request=found, today=clock.today())
    context = _decision(user_of(request), found, checks) | {"error": error, "now": clock.now()}
    return render(request, "legal/escalation.html", context, status=status)


def _first_error(form: DecisionForm) -> str:
    """What is wrong, in one sentence: there is one field that a person writes into."""
    return str(form.errors["reason"][0]) if "reason" in form.errors else _("Approve, return or reject.")


@require_POST
@allow(can_see_approvals)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve, return or reject; asks for a fresh proof."""
    found = _found(pk)
    require_proof(request)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _page(request, found, error=_first_error(form), status=422)
    try:
        escalation_decide(
            user=user_of(request),
            request=found,
            decision=form.cleaned_data["decision"],
            digest=form.cleaned_data["digest"],
            reason=form.cleaned_data["reason"],
        )
    except Refused as refusal:
        return _page(request, _found(pk), error=str(refusal.message), status=422)
    messages.success(request, _("Decided"))
    return redirect("inbox")
