"""The page of a customer, put together from panels: each part of credit supplies its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.access import user_of
from accounts.models import User
from common import clock
from credit.models import Customer
from credit.policies import can_edit_credit, customers_visible_to
from credit.views.order_panel import panel as order_panel
from credit.views.parts import Given, Part, parts_of


def customer_of(request: HttpRequest, pk: int) -> Customer:
    """The customer, for who may see it. Raises Http404 for everybody else."""
    found = customers_visible_to(user_of(request)).select_related("debtor__party", "client", "opened_by")
    return get_object_or_404(found, pk=pk)


def about(*, user: User, customer: Customer, today: dt.date, given: Given) -> Part | None:
    """Who the customer is, and where the account stands."""
    return Part(template="credit/customer/about.html", aside=True)


# Panels, each ``(*, user, customer, today, given) -> Part | None``, in the order they stand.
PANELS: tuple[Callable[..., Part | None], ...] = (
    # Files: applications, agents, papers.
    about,
    # Limits: stops, agreement, limit.
    # Orders.
    order_panel,
)


def customer_page(request: HttpRequest, customer: Customer, *, status: int = 200, **given: Any) -> HttpResponse:
    """The one screen of a customer. ``given`` is a form with its faults, by the name it has on the page."""
    user, today = user_of(request), clock.today()
    context = parts_of(PANELS, user=user, customer=customer, today=today, given=given)
    return render(
        request,
        "credit/customer.html",
        {**context, "customer": customer, "today": today, "keeps": can_edit_credit(user), **given},
        status=status,
    )
