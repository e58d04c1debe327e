"""The page of an application, put together from panels as the customer's is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.access import user_of
from common import clock
from credit.models import Application
from credit.policies import applications_visible_to, can_edit_credit
from credit.views.parts import Part, parts_of


def application_of(request: HttpRequest, pk: int) -> Application:
    """The application, for who may see it. Raises Http404 for everybody else."""
    found = applications_visible_to(user_of(request)).select_related(
        "customer__debtor__party", "client", "prepared_by", "decided_by"
    )
    return get_object_or_404(found, pk=pk)


# Panels, each ``(*, user, application, today, given) -> Part | None``, in the order they stand.
PANELS: tuple[Callable[..., Part | None], ...] = (
    # Files: facts, banks, statements, references, criteria, checklist, way.
    # Scores: points, recommendation, decision.
    # Limits: agreement.
)


def application_page(
    request: HttpRequest, application: Application, *, status: int = 200, **given: Any
) -> HttpResponse:
    """The one screen of an application. ``given`` is a form with its faults, by the name it has on the page."""
    user, today = user_of(request), clock.today()
    context = parts_of(PANELS, user=user, application=application, today=today, given=given)
    return render(
        request,
        "credit/application.html",
        {
            **context, "application": application, "customer": application.customer, "today": today,
            "keeps": can_edit_credit(user), **given,
        },
        status=status,
    )  # fmt: skip
