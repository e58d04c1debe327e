"""Orders on the page of a customer."""

from __future__ import annotations

import datetime as dt

from accounts.models import User
from credit.models import Customer
from credit.policies import can_place_order
from credit.views.order_pieces import LOOKS
from credit.views.parts import Given, Part


def panel(*, user: User, customer: Customer, today: dt.date, given: Given) -> Part | None:
    """On a customer's page: the last orders, and a new one. What the limit is used by stands above them."""
    orders = list(customer.orders.order_by("-answered_at", "-pk")[:5])
    return Part(
        template="credit/orders/panel.html",
        context={
            "orders": orders,
            "looks": LOOKS,
            "may_place": can_place_order(user),
        },
    )
