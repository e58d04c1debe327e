"""Requests that a stage policy shall rule: their page, their decision, and what the inbox must know of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from accounts.access import allow, require_proof, user_of
from accounts.choices import Role
from accounts.models import User
from clients.choices import ChangeStatus, RestageState
from clients.models import StageChange
from clients.policies import (
    can_decide_stage_change,
    can_prepare_stage_policies,
    can_see_stage_policies,
    can_withdraw_stage_change,
)
from clients.rules.stages import Place
from clients.selectors.stage_policies import stage_changes_visible_to, stage_policies_compared
from clients.services.stage_policies import KIND, change_digest, stage_change_decide, stage_change_withdraw
from collections_app.forms import StageDecisionForm
from collections_app.selectors.restaging import Preview, previews, transitions_of_first_day
from collections_app.tasks import restage_task
from collections_app.views.stage_policies import drawn
from common import clock
from common.approvals import Facts, Kind, Step
from common.choices import Decision
from common.exceptions import Refused
from common.models import Approval


def _change(request: HttpRequest, pk: int) -> StageChange:
    return get_object_or_404(
        stage_changes_visible_to(user_of(request)).prefetch_related(
            "places__client", "policy__rows", "policy__based_on__rows"
        ),
        pk=pk,
    )


def _change_page(request: HttpRequest, found: StageChange, error: str = "", status: int = 200) -> HttpResponse:
    user, policy = user_of(request), found.policy
    places = list(found.places.all())
    context: dict[str, Any] = {
        "change": found,
        "policy": policy,
        "places": places,
        "live": found.status == ChangeStatus.APPROVED
        and any(place.state in {RestageState.WAITING, RestageState.RUNNING} for place in places),
        "moved": {
            place.pk: transitions_of_first_day(place=place, starts_on=found.starts_on)
            for place in places
            if place.state == RestageState.DONE
        },
    }
    if request.headers.get("HX-Request"):
        return render(request, "collections_app/stage_policies/progress.html", context)
    seen: list[Preview] = []
    if found.status == ChangeStatus.PROPOSED:
        wanted = [Place(client_id=place.client_id, product=place.product) for place in places]
        seen = previews(policy=policy, places=wanted, clients={place.client_id: place.client for place in places})
    context |= {
        "drawing": drawn(policy),
        "changed": stage_policies_compared(before=policy.based_on, after=policy) if policy.based_on else None,
        "previews": seen,
        "moving": sum(preview.moving for preview in seen),
        "total": sum(preview.total for preview in seen),
        "may_decide": can_decide_stage_change(user, found),
        "may_withdraw": can_withdraw_stage_change(user, found),
        "error": error,
    }
    return render(request, "collections_app/stage_policies/change.html", context, status=status)


@require_GET
@allow(can_see_stage_policies)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """One request: what would move, who asked and why, the decision; once approved, how far the books have come."""
    return _change_page(request, _change(request, pk))


@require_POST
@allow(can_see_stage_policies)
def change_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve or reject; asks for a fresh proof. What was approved is prepared by a worker."""
    found = _change(request, pk)
    if not can_decide_stage_change(user_of(request), found):
        return _change_page(request, found, error=_("This request is not yours to decide."), status=422)
    require_proof(request)
    form = StageDecisionForm(request.POST)
    if not form.is_valid():
        words = str(form.errors["reason"][0]) if "reason" in form.errors else _("Approve or reject.")
        return _change_page(request, found, error=words, status=422)
    try:
        _decide(user=user_of(request), subject=found, **form.cleaned_data)
    except Refused as refusal:
        return _change_page(request, _change(request, pk), error=str(refusal.message), status=422)
    messages.success(request, _("Decided"))
    return redirect("stage_change", found.pk)


@require_POST
@allow(can_prepare_stage_policies)
def change_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the own request back; its version is a draft again."""
    found = _change(request, pk)
    try:
        stage_change_withdraw(user=user_of(request), change=found)
    except Refused as refusal:
        return _change_page(request, _change(request, pk), error=str(refusal.message), status=422)
    messages.success(request, _("Taken back"))
    return redirect("stage_policy", found.policy_id)


def _facts(approvals: Sequence[Approval]) -> dict[int, Facts]:
    """What a list says of some requests."""
    found = (
        StageChange.objects.select_related("policy__prepared_by", "prepared_by", "decided_by")
        .prefetch_related("places__client")
        .in_bulk([approval.subject_id for approval in approvals])
    )
    return {
        approval.pk: Facts(
            subject=row,
            number=f"{row.policy.code} v{row.policy.version}",
            about=row.policy.name,
            under=tuple(dict.fromkeys(place.client.name for place in row.places.all())),
            url=reverse("stage_change", args=[row.pk]),
        )
        for approval in approvals
        if (row := found.get(approval.subject_id))
    }


def _chosen(user: User, found: StageChange) -> dict[str, Any]:
    return {
        "change": found,
        "drawing": drawn(found.policy),
        "changed": stage_policies_compared(before=found.policy.based_on, after=found.policy)
        if found.policy.based_on
        else None,
        "may_decide": can_decide_stage_change(user, found),
    }


def _digest(found: StageChange) -> str:
    places = [Place(client_id=place.client_id, product=place.product) for place in found.places.all()]
    return change_digest(change=found, places=places)


def _decide(*, user: User, subject: StageChange, decision: str, digest: str, reason: str) -> None:
    """What was approved is prepared by a worker."""
    decided = stage_change_decide(
        user=user, change=subject, decision=decision, digest=digest, reason=reason, today=clock.today()
    )
    if decided.status == ChangeStatus.APPROVED:
        for place in decided.places.all():
            restage_task.delay(place.pk)


STAGE_CHANGE = Kind(
    code=KIND,
    words=gettext_lazy("Stage policy"),
    icon="chart-no-axes-gantt",
    steps=(Step(roles=(Role.COLLECTIONS_MANAGER, Role.GENERAL_MANAGER), words=gettext_lazy("Another person decides")),),
    facts=_facts,
    template="collections_app/stage_policies/chosen.html",
    context=_chosen,
    digest=_digest,
    decide=_decide,
    answers=frozenset({Decision.APPROVED, Decision.REJECTED}),
)
