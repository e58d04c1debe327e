"""The page of an application, put together from panels as the customer's is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _

from accounts.access import user_of
from common import clock
from credit.choices import ApplicationState, CustomerKind
from credit.models import Application
from credit.policies import applications_visible_to, can_edit_credit
from credit.selectors.applications import CASH_WAY, CREDIT_WAY
from credit.views import application_panels as panels
from credit.views.parts import Part, parts_of
from credit.views.score_panels import decision_panel, points_panel


def application_of(request: HttpRequest, pk: int) -> Application:
    """The application, for who may see it. Raises Http404 for everybody else."""
    found = applications_visible_to(user_of(request)).select_related(
        "customer__debtor__party", "client", "prepared_by", "decided_by"
    )
    return get_object_or_404(found, pk=pk)


STAGE_WORDS = {
    ApplicationState.DRAFT: _("Filling in"),
    ApplicationState.SUBMITTED: _("Analysis"),
    ApplicationState.ANALYSED: _("Recommendation"),
    ApplicationState.RECOMMENDED: _("Decision"),
    ApplicationState.APPROVED: _("Agreement"),
    ApplicationState.ACTIVE: _("Active"),
}


# Panels, each ``(*, user, application, today, given) -> Part | None``, in the order they stand.
PANELS: tuple[Callable[..., Part | None], ...] = (
    # Files: what is missing.
    panels.checklist,
    # Scores: points, recommendation, decision.
    points_panel,
    decision_panel,
    # Limits: agreement.
    # Files: what it stands on.
    panels.facts,
    panels.banks,
    panels.statements,
    panels.references,
    panels.criteria,
    panels.way,
    panels.parties,
    panels.papers,
    panels.ends,
)


# Where a state stands on the way that people read.
_AS = {ApplicationState.SIGNED: ApplicationState.APPROVED}


def _stages(application: Application) -> list[tuple[str, str]]:
    """The way from draft to active: each stage's word, and whether it is done, now or to come. None off the way."""
    way = CASH_WAY if application.customer.kind == CustomerKind.CASH else CREDIT_WAY
    state = ApplicationState(application.state)
    at = _AS.get(state, state)
    if at not in way:
        return []
    here = way.index(at) + (at == ApplicationState.ACTIVE)
    words = STAGE_WORDS | {ApplicationState.SUBMITTED: _("Opening of the account")} if way is CASH_WAY else STAGE_WORDS
    return [(str(words[stage]), "done" if n < here else "now" if n == here else "") for n, stage in enumerate(way)]


def application_page(
    request: HttpRequest, application: Application, *, status: int = 200, **given: Any
) -> HttpResponse:
    """The one screen of an application. ``given`` is a form with its faults, by the name it has on the page."""
    user, today = user_of(request), clock.today()
    given.setdefault("wanted", request.GET.get("paper", ""))
    context = parts_of(PANELS, user=user, application=application, today=today, given=given)
    return render(
        request,
        "credit/application.html",
        {
            **context, "application": application, "customer": application.customer, "today": today,
            "keeps": can_edit_credit(user), "stages": _stages(application),
        },
        status=status,
    )  # fmt: skip
