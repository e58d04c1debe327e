"""The page of a customer, put together from panels: each part of credit supplies its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.access import user_of
from common import clock
from credit.models import Customer
from credit.policies import can_edit_credit, can_reveal_customer, customers_visible_to
from credit.views import customer_panels as panels
from credit.views.parts import Part, parts_of
from credit.views.standing_panel import standing_panel

REVEALED_FOR = 300


def revealed_key(customer: Customer) -> str:
    """Where the session keeps until when this customer's masked values are shown."""
    return f"credit-revealed-{customer.pk}"


def customer_of(request: HttpRequest, pk: int) -> Customer:
    """The customer, for who may see it. Raises Http404 for everybody else."""
    found = customers_visible_to(user_of(request)).select_related("debtor__party", "client", "opened_by")
    return get_object_or_404(found, pk=pk)


# Panels, each ``(*, user, customer, today, given) -> Part | None``, in the order they stand.
PANELS: tuple[Callable[..., Part | None], ...] = (
    # Limits: stops, agreement, limit.
    standing_panel,
    # Orders.
    # Files.
    panels.applications,
    panels.agents,
    panels.remote,
    panels.collateral,
    panels.about,
    panels.papers,
)


def customer_page(request: HttpRequest, customer: Customer, *, status: int = 200, **given: Any) -> HttpResponse:
    """The one screen of a customer. ``given`` is a form with its faults, by the name it has on the page."""
    user, today = user_of(request), clock.today()
    given["revealed"] = request.session.get(revealed_key(customer), 0) > clock.now().timestamp()
    context = parts_of(PANELS, user=user, customer=customer, today=today, given=given)
    return render(
        request,
        "credit/customer.html",
        {
            **context,
            "customer": customer,
            "today": today,
            "keeps": can_edit_credit(user),
            "reveals": can_reveal_customer(user),
            "revealed": given["revealed"],
        },
        status=status,
    )
