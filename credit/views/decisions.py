"""Recommendation and decision of an application, and what the inbox must know of both kinds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.access import allow, user_of
from accounts.choices import Role
from accounts.models import User
from common import clock
from common.approvals import Facts, Kind, Step, approval_of, approvals_of, decides_by
from common.exceptions import Refused
from common.models import Approval
from credit.choices import Recommendation
from credit.forms.scores import WithdrawForm
from credit.models import Application
from credit.policies import can_make_credit_letters, can_recommend_credit
from credit.rules.recommending import SetAside
from credit.selectors.scorings import scoring_latest
from credit.selectors.worksheet import worksheet_of
from credit.services.decided import CREDIT, CREDIT_EXCEPTION, application_digest
from credit.services.decisions import application_decide, application_recommend, recommendation_withdraw
from credit.services.letters import letter_make
from credit.views.application_page import application_of, application_page
from credit.views.parts import act
from credit.views.score_panels import recommend_form_of


@require_POST
@allow(can_recommend_credit)
def recommend(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the application before who decides."""
    found, user, today = application_of(request, pk), user_of(request), clock.today()
    form = recommend_form_of(user, found, today, request.POST)
    return act(
        request,
        form=form,
        do=lambda data: application_recommend(user=user, application=found, on=today, **data),
        said=_("Recommended"),
        to="credit_application",
        pk=found.pk,
        again=lambda: application_page(request, found, status=422, recommend_form=form),
    )


@require_POST
@allow(can_recommend_credit)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a recommendation back, with the reason."""
    found = application_of(request, pk)
    form = WithdrawForm(request.POST)
    return act(
        request,
        form=form,
        do=lambda data: recommendation_withdraw(user=user_of(request), application=found, reason=data["reason"]),
        said=_("Taken back"),
        to="credit_application",
        pk=found.pk,
        again=lambda: application_page(request, found, status=422, withdraw_form=form),
    )


@require_POST
@allow(can_make_credit_letters)
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a letter of the decision in another language."""
    found = application_of(request, pk)
    try:
        letter_make(
            user=user_of(request), application=found, kind=request.POST.get("kind", ""),
            language=request.POST.get("language", ""), on=clock.today(),
        )  # fmt: skip
    except Refused as refusal:
        return application_page(request, found, status=422, letter_error=str(refusal.message))
    messages.success(request, _("The letter is in the file"))
    return redirect("credit_application", found.pk)


def _facts(approvals: Sequence[Approval]) -> dict[int, Facts]:
    """What a list says of some applications, in one statement."""
    found = Application.objects.select_related(
        "customer__debtor", "customer__client", "client", "prepared_by", "decided_by"
    ).in_bulk([approval.subject_id for approval in approvals])
    return {
        approval.pk: Facts(
            subject=row,
            number=row.number,
            about=row.customer.debtor.name,
            under=(str(row.get_recommendation_display()), row.client.name),
            url=reverse("credit_application", args=[row.pk]),
            amount=row.recommended_limit,
            currency=row.currency,
        )
        for approval in approvals
        if (row := found.get(approval.subject_id))
    }


def _chosen(user: User, found: Application) -> dict[str, Any]:
    """Everything a decider reads beside the buttons."""
    today, scoring = clock.today(), scoring_latest(application=found)
    approval = approval_of(subject=found)
    told = list(approvals_of(subject=found))
    return {
        "application": found,
        "sheet": worksheet_of(application=found, scoring=scoring, on=today) if scoring is not None else None,
        "set_aside": [SetAside(code).label for code in found.set_aside],
        "judgements": list(found.judgements.order_by("pk")),
        "rejects": found.recommendation == Recommendation.REJECT,
        # The first of two steps only recommends.
        "last_step": approval is None or approval.kind == CREDIT or approval.step_now > 1,
        "recommended": [
            decision for told_one in told[:1] for decision in told_one.decisions.all() if told_one.kind != CREDIT
        ],
        "given": decides_by(user=user, approval=approval, on=today),
        "changed": approval is not None and application_digest(found) != approval.digest,
    }


def _decide(*, user: User, subject: Application, decision: str, digest: str, reason: str) -> None:
    application_decide(
        user=user, application=subject, decision=decision, digest=digest, reason=reason, on=clock.today()
    )


_SHARED: dict[str, Any] = {
    "facts": _facts,
    "template": "credit/approvals/chosen.html",
    "context": _chosen,
    "digest": application_digest,
    "decide": _decide,
}
CREDIT_DECISION = Kind(
    code=CREDIT,
    words=gettext_lazy("Credit application"),
    icon="store",
    steps=(Step(roles=(Role.GENERAL_MANAGER,), words=gettext_lazy("General manager decides")),),
    **_SHARED,
)
EXCEPTION_DECISION = Kind(
    code=CREDIT_EXCEPTION,
    words=gettext_lazy("Credit exception"),
    icon="store",
    steps=(
        Step(roles=(Role.FINANCE_MANAGER,), words=gettext_lazy("Finance manager recommends")),
        Step(roles=(Role.GENERAL_MANAGER,), words=gettext_lazy("General manager decides")),
    ),
    **_SHARED,
)
