"""The conditions of escalation: each client's own, the rows behind one, and the cases that are late by them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import allow, user_of
from clients.models import Client
from clients.selectors.clients import clients_visible_to
from collections_app.choices import OPEN_ESCALATION
from collections_app.selectors.cases import late_days, policies_ready
from collections_app.views.case_page import case_of, sees_cases
from common import clock
from common.exceptions import Refused
from common.forms import blame, key_of
from legal.forms import EscalationPolicyForm
from legal.policies import can_keep_escalation_policy, can_see_escalation_policy, can_see_timeliness
from legal.rules.criteria import Criterion
from legal.selectors.criteria import criteria_of, escalation_policy_on
from legal.selectors.debts import shares_asked
from legal.selectors.evidence import rows_behind
from legal.selectors.policies import policies_in_force, policy_versions
from legal.selectors.timeliness import cases_untimely, untimely_counts
from legal.services.policies import TERMS, escalation_policy_replace

A_PAGE = 50
LISTS = ("offer", "due")


@require_GET
@allow(can_see_escalation_policy)
def policies(request: HttpRequest) -> HttpResponse:
    """Every client with the conditions that rule it today."""
    clients = clients_visible_to(user_of(request)).order_by("code")
    rows = policies_in_force(clients=list(clients), on=clock.today())
    return render(request, "legal/policies/list.html", {"rows": rows})


def _client(request: HttpRequest, pk: int) -> Client:
    return get_object_or_404(clients_visible_to(user_of(request)), pk=pk)


@require_GET
@allow(can_see_escalation_policy)
def policy(request: HttpRequest, pk: int) -> HttpResponse:
    """One client's conditions, and every version there was: who changed what, and when."""
    found, today = _client(request, pk), clock.today()
    return render(
        request,
        "legal/policies/policy.html",
        {
            "client": found,
            "policy": escalation_policy_on(client_id=found.pk, on=today),
            "versions": policy_versions(client=found),
            "labels": {name: field.label for name, field in EscalationPolicyForm.base_fields.items()},
            "said": {"True": _("yes"), "False": _("no")},
            "today": today,
            "may_keep": can_keep_escalation_policy(user_of(request)),
        },
    )


@require_http_methods(["GET", "POST"])
@allow(can_keep_escalation_policy)
def policy_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The next version; the one before stays for the days it ruled."""
    found, today = _client(request, pk), clock.today()
    now = escalation_policy_on(client_id=found.pk, on=today)
    initial: dict[str, Any] = {name: getattr(now, name) for name in TERMS} | {"starts_on": today}
    form = EscalationPolicyForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            escalation_policy_replace(user=user_of(request), client=found, **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("Saved"))
            return redirect("escalation_policy", found.pk)
    return render(
        request,
        "legal/policies/edit.html",
        {"client": found, "form": form, "version": now.version},
        status=422 if form.errors else 200,
    )


@require_GET
@sees_cases
def criterion(request: HttpRequest, pk: int, criterion: str) -> HttpResponse:
    """The rows behind one condition of one case."""
    found, today = case_of(request, pk), clock.today()
    if criterion not in Criterion.values:
        raise Http404
    asked = Criterion(criterion)
    # Of a request under way, by the debts that it names.
    waiting = found.escalations.filter(status__in=OPEN_ESCALATION).first()
    named = shares_asked(request=waiting) if waiting is not None else {}
    every = criteria_of(case=found, today=today, debts=named or None)
    told = next((line for line in every if line.criterion == asked), None)
    if told is None:  # a condition this client's policy does not ask for
        raise Http404
    rows = rows_behind(case=found, criterion=asked, today=today)
    return render(request, "legal/criterion.html", {"case": found, "told": told, "rows": rows})


@require_GET
@allow(can_see_timeliness)
def timeliness(request: HttpRequest) -> HttpResponse:
    """Cases without an offer by its day, and cases that could go to court and are not proposed."""
    user, today = user_of(request), clock.today()
    lists = {kind: cases_untimely(user=user, kind=kind, today=today) for kind in LISTS}
    counts = {kind: untimely_counts(cases=found) for kind, found in lists.items()}
    view = request.GET.get("view", "")
    view = view if view in LISTS else LISTS[0]
    found = lists[view]
    if client := key_of(request.GET.get("client", "")):
        found = found.filter(client_id=client)
    if team := key_of(request.GET.get("team", "")):
        found = found.filter(team_id=team)
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    policies_ready(cases=list(page))
    return render(
        request,
        "legal/timeliness.html",
        {
            "view": view,
            "page": page,
            "days": {case.pk: late_days(case=case, today=today) for case in page},
            "counts": counts[view],
            "totals": {kind: sum(row["count"] for row in rows) for kind, rows in counts.items()},
            "narrowed": bool(client or team),
        },
    )
