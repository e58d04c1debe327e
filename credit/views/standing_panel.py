"""What the page of a customer says first: whether anything may be sold on credit today."""

from __future__ import annotations

import datetime as dt

from accounts.models import User
from credit.choices import ApplicationState, CustomerKind
from credit.models import Customer
from credit.policies import can_set_limits, can_sign_agreements
from credit.selectors.standing import agreement_on, exposure_of, limit_on, stops_standing
from credit.views.parts import Given, Part


def standing_panel(*, user: User, customer: Customer, today: dt.date, given: Given) -> Part:
    """What may be sold on credit today: stops first, then the limit and what uses it, then the agreement."""
    limit, exposure = limit_on(customer=customer, on=today), exposure_of(customer_id=customer.pk, on=today)
    room = max(exposure.free(limit=limit.amount), 0) if limit is not None else None
    stops = stops_standing(customer=customer)
    return Part(
        template="credit/customer/standing.html",
        context={
            "stops": stops,
            "limit": limit,
            "over": limit is not None and limit.ends_on < today,
            "exposure": exposure,
            "room": room,
            "used": min(int(exposure.total * 100 / limit.amount), 100) if limit is not None and limit.amount else None,
            "agreement": agreement_on(customer=customer, on=today),
            "sets": can_set_limits(user),
            "to_sign": customer.applications.filter(state=ApplicationState.APPROVED).first()
            if can_sign_agreements(user) and customer.kind == CustomerKind.CREDIT
            else None,
        },
    )
