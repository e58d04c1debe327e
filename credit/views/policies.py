"""Credit policies: each client's own, its versions, and what another version would have done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import allow, user_of
from accounts.choices import Role
from accounts.models import User
from clients.models import Client
from clients.selectors.clients import clients_visible_to
from common import clock
from common.approvals import Facts, Kind, Step, approval_of, approvals_of, decides_by, may_decide
from common.choices import Decision
from common.exceptions import Refused
from common.forms import blame
from common.models import Approval
from credit.forms.scores import LABELS, CreditPolicyForm, benchmarks_text
from credit.models import CreditPolicy
from credit.policies import can_propose_credit_policy, credit_policies_visible_to, sees_credit
from credit.selectors.backtest import policy_back_test
from credit.selectors.policies import TERMS, credit_policy_on, departures, policy_versions
from credit.services.policies import (
    KIND,
    credit_policy_decide,
    credit_policy_digest,
    credit_policy_propose,
    credit_policy_withdraw,
    terms_faults,
)

# Fields that the form shows apart: its frame, and what departs from the source.
APART = ("starts_on", "reason", "overdue_tolerated", "overdue_never_stops", "not_due_most")
LEAVES = {
    "overdue_tolerated": gettext_lazy("The source stops every order while anything is unpaid past its terms (CM-10)."),
    "not_due_most": gettext_lazy("The source knows one limit for all that is owed, and no second bound (CM-08)."),
}


def _leaves(found: CreditPolicy) -> list[Any]:
    return [LEAVES[name] for name in departures(policy=found)]


def _client(request: HttpRequest, pk: int) -> Client:
    return get_object_or_404(clients_visible_to(user_of(request)), pk=pk)


def _said(value: Any) -> str:
    """A figure of a version as it is read."""
    if value is None:
        return _("no bound")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict):
        return benchmarks_text(value, " · ") or "–"
    return f"{value:,}"


def _changed(before: CreditPolicy, after: CreditPolicy) -> list[tuple[Any, Any, Any]]:
    """Each figure that differs: its words, what it was, what it becomes."""

    return [
        (LABELS[name], _said(was), _said(now))
        for name in TERMS
        if (was := getattr(before, name)) != (now := getattr(after, name))
    ]


def _tested(client: Client, before: CreditPolicy, after: CreditPolicy, today: dt.date) -> dict[str, Any]:
    """The back-test as a page shows it: its figures, and the rows behind each."""
    found, applications = policy_back_test(client=client, before=before, after=after, until=today)
    return {
        "test": found,
        "before": before,
        "after": after,
        "refused_rows": [(line, applications[line.past.key]) for line in found.refused],
        "admitted_rows": [(line, applications[line.past.key]) for line in found.admitted],
    }


@require_GET
@allow(sees_credit)
def policies(request: HttpRequest) -> HttpResponse:
    """Every client with the policy that rules today."""
    today = clock.today()
    clients = clients_visible_to(user_of(request)).order_by("code")
    waiting = set(
        CreditPolicy.objects.filter(approved_at__isnull=True, rejected_at__isnull=True).values_list("client", flat=True)
    )
    rows = [(client, credit_policy_on(client=client, on=today), client.pk in waiting) for client in clients]
    return render(request, "credit/policies/list.html", {"rows": rows})


@require_GET
@allow(sees_credit)
def policy(request: HttpRequest, pk: int) -> HttpResponse:
    """One client's policy in force, and every version there was."""
    found, today = _client(request, pk), clock.today()
    now = credit_policy_on(client=found, on=today)
    return render(
        request,
        "credit/policies/policy.html",
        {
            "client": found,
            "policy": now,
            "rows": [(LABELS[name], _said(getattr(now, name))) for name in TERMS],
            "leaves": _leaves(now),
            "versions": policy_versions(client=found),
            "today": today,
            "may_propose": can_propose_credit_policy(user_of(request)),
        },
    )


@require_http_methods(["GET", "POST"])
@allow(can_propose_credit_policy)
def policy_new(request: HttpRequest, pk: int) -> HttpResponse:
    """The next version: tried on a year's applications first, then proposed."""
    found, today = _client(request, pk), clock.today()
    now = credit_policy_on(client=found, on=today)
    initial = {name: getattr(now, name) for name in TERMS} | {"starts_on": today}
    form = CreditPolicyForm(request.POST or None, initial=initial)
    context: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        if "propose" in request.POST:
            try:
                made = credit_policy_propose(
                    user=user_of(request), client=found, starts_on=form.cleaned_data["starts_on"], today=today,
                    terms=form.terms, reason=form.cleaned_data["reason"],
                )  # fmt: skip
            except Refused as refusal:
                blame(form, refusal)
            else:
                messages.success(request, _("Proposed"))
                return redirect("credit_policy_version", made.pk)
        else:
            faults = terms_faults(form.terms)
            for name, words in faults.items():
                form.add_error(name, str(words))
            if not faults:
                tried = CreditPolicy(client=found, version=now.version + 1, starts_on=today, **form.terms)
                context = _tested(found, now, tried, today)
    return render(
        request,
        "credit/policies/edit.html",
        {"client": found, "form": form, "policy": now, "apart": APART, **context},
        status=422 if form.errors else 200,
    )


def _version(request: HttpRequest, pk: int) -> CreditPolicy:
    found = credit_policies_visible_to(user_of(request)).filter(version__gt=0)
    return get_object_or_404(found.select_related("client", "prepared_by", "approved_by"), pk=pk)


def _before(found: CreditPolicy) -> CreditPolicy:
    """The version that rules on the day before this one begins."""
    return credit_policy_on(client=found.client, on=found.starts_on - dt.timedelta(days=1))


def _told(found: CreditPolicy) -> dict[str, Any]:
    """What a version changes, and what it would have done until the day it was proposed."""
    before = _before(found)
    until = found.prepared_at.astimezone(clock.RIYADH).date()
    return {
        "version": found,
        "changed": _changed(before, found),
        "leaves": _leaves(found),
        **_tested(found.client, before, found, until),
    }


@require_GET
@allow(sees_credit)
def version(request: HttpRequest, pk: int) -> HttpResponse:
    """One version: what it changes, its back-test with the rows, and who decided."""
    found, user = _version(request, pk), user_of(request)
    approval = approval_of(subject=found)
    return render(
        request,
        "credit/policies/version.html",
        {
            "client": found.client,
            **_told(found),
            "approvals": list(approvals_of(subject=found)),
            "approval": approval,
            "may_decide": may_decide(user=user, approval=approval, on=clock.today()),
            "may_withdraw": found.prepared_by_id == user.pk and found.approved_at is None and found.rejected_at is None,
        },
    )


@require_POST
@allow(can_propose_credit_policy)
def version_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the own version back while it waits."""
    found = _version(request, pk)
    try:
        credit_policy_withdraw(user=user_of(request), policy=found)
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("Taken back"))
    return redirect("credit_policy_version", found.pk)


def _facts(approvals: Sequence[Approval]) -> dict[int, Facts]:
    found = CreditPolicy.objects.select_related("client", "prepared_by").in_bulk([a.subject_id for a in approvals])
    return {
        approval.pk: Facts(
            subject=row,
            number=f"{row.client.code} v{row.version}",
            about=row.client.name,
            under=(_("Credit policy"),),
            url=reverse("credit_policy_version", args=[row.pk]),
        )
        for approval in approvals
        if (row := found.get(approval.subject_id))
    }


def _chosen(user: User, found: CreditPolicy) -> dict[str, Any]:
    return {
        **_told(found),
        "given": decides_by(user=user, approval=approval_of(subject=found), on=clock.today()),
    }


def _decide(*, user: User, subject: CreditPolicy, decision: str, digest: str, reason: str) -> None:
    credit_policy_decide(
        user=user, policy=subject, decision=decision, digest=digest, reason=reason, today=clock.today()
    )


POLICY_DECISION = Kind(
    code=KIND,
    words=gettext_lazy("Credit policy"),
    icon="sliders-horizontal",
    steps=(Step(roles=(Role.GENERAL_MANAGER,), words=gettext_lazy("General manager decides")),),
    facts=_facts,
    template="credit/approvals/policy.html",
    context=_chosen,
    digest=credit_policy_digest,
    decide=_decide,
    answers=frozenset({Decision.APPROVED, Decision.REJECTED}),
)
