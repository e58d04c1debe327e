"""The request page, and what the inbox must know of requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_GET, require_POST

from accounts.access import allow, require_proof, user_of
from accounts.choices import Role
from accounts.models import User
from collections_app.choices import OPEN_ESCALATION
from collections_app.models import EscalationRequest
from collections_app.selectors.cases import age_rows, policy_of, receivables_of
from collections_app.selectors.escalations import escalation_moot, escalations_moot
from common import clock
from common.approvals import Facts, Kind, Step, approval_of, approvals_of, decides_by
from common.exceptions import Refused
from common.models import Approval
from legal.choices import PaperKind
from legal.forms import DecisionForm
from legal.policies import can_amend_escalation, can_decide_escalation, can_see_escalations
from legal.selectors.debts import debts_asked
from legal.selectors.packs import pack_needs, packs_of
from legal.selectors.papers import papers_of_request
from legal.selectors.requests import escalation_checks
from legal.services.asked import KIND, request_digest
from legal.services.escalations import escalation_decide


def _facts(approvals: Sequence[Approval]) -> dict[int, Facts]:
    """What a list says of some requests, in one statement."""
    found = EscalationRequest.objects.select_related(
        "case__debtor", "case__client__stage_policy", "case__stage__policy", "client", "prepared_by", "decided_by"
    ).in_bulk([approval.subject_id for approval in approvals])
    moot = escalations_moot(requests=found.values())
    return {
        approval.pk: Facts(
            subject=row,
            number=row.number,
            about=row.case.debtor.name,
            under=(row.case.debtor.debtor_ref, row.client.name),
            url=reverse("escalation", args=[row.pk]),
            amount=row.ceiling,
            currency=row.currency,
            note=_("Nothing left to claim") if row.pk in moot and row.status in OPEN_ESCALATION else "",
        )
        for approval in approvals
        if (row := found.get(approval.subject_id))
    }


def _conditions(found: EscalationRequest) -> tuple[int, int]:
    """Conditions met, of how many."""
    checks = escalation_checks(request=found, today=clock.today())
    return sum(1 for check in checks if check["ok"]), len(checks)


def _chosen(user: User, found: EscalationRequest) -> dict[str, Any]:
    return _decision(user, found, escalation_checks(request=found, today=clock.today()))


def _decide(*, user: User, subject: EscalationRequest, decision: str, digest: str, reason: str) -> None:
    escalation_decide(user=user, request=subject, decision=decision, digest=digest, reason=reason)


ESCALATION = Kind(
    code=KIND,
    words=_lazy("Legal authorisation"),
    icon="scale",
    steps=(
        Step(roles=(Role.COLLECTIONS_MANAGER,), words=_lazy("Collections manager")),
        Step(roles=(Role.CLIENT_SIGNATORY,), words=_lazy("Client's signature"), portal=True),
    ),
    facts=_facts,
    conditions=_conditions,
    template="legal/approvals/chosen.html",
    context=_chosen,
    digest=request_digest,
    decide=_decide,
)


def _decision(user: User, found: EscalationRequest, checks: list[dict[str, Any]]) -> dict[str, Any]:
    """What a decider reads beside the buttons."""
    rows = receivables_of(case=found.case, today=clock.today())
    return {
        "request_": found,
        "debts": debts_asked(request=found),
        "moot": escalation_moot(request=found),
        "checks": checks,
        "passed": sum(1 for check in checks if check["ok"]),
        "age": age_rows(
            rows=rows, basis=policy_of(case=found.case).basis, currency=found.currency, today=clock.today()
        ),
        "may_decide": can_decide_escalation(user, found),
        "pack": pack_needs(case=found.case, steps=found.steps),
        "packs": list(packs_of(request=found)),
        "given": decides_by(user=user, approval=approval_of(subject=found), on=clock.today()),
        # The packs stand beside them.
        "papers": papers_of_request(request=found).exclude(kind=PaperKind.PACK),
    }


def _found(pk: int) -> EscalationRequest:
    return get_object_or_404(
        EscalationRequest.objects.select_related(
            "case__debtor", "case__client__stage_policy", "case__stage__policy", "client", "prepared_by", "decided_by"
        ),
        pk=pk,
    )


@require_GET
@allow(can_see_escalations)
def escalation(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything needed to decide, on one page."""
    return _page(request, _found(pk))


def _page(request: HttpRequest, found: EscalationRequest, error: str = "", status: int = 200) -> HttpResponse:
    checks = escalation_checks(request=found, today=clock.today())
    told = list(approvals_of(subject=found))
    context = _decision(user_of(request), found, checks) | {
        "error": error,
        "now": clock.now(),
        "approvals": told,
        "decided": any(approval.decisions.all() for approval in told),
        "may_amend": can_amend_escalation(user_of(request), found),
    }
    return render(request, "legal/escalation.html", context, status=status)


def _first_error(form: DecisionForm) -> str:
    """What is wrong, in one sentence: there is one field that a person writes into."""
    return str(form.errors["reason"][0]) if "reason" in form.errors else _("Approve, return or reject.")


@require_POST
@allow(can_see_escalations)
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
