"""The credit desk's first page: what should I do now."""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import allow, user_of
from accounts.choices import Role
from accounts.models import User
from collections_app.choices import INCOMING_WAITS
from collections_app.policies import can_handle_incoming, incoming_visible_to
from common import clock
from common.approvals import approvals_waiting_count
from credit.policies import (
    CREDIT_DESK,
    applications_visible_to,
    can_edit_credit,
    can_set_limits,
    customers_visible_to,
    sees_credit,
)
from credit.selectors.applications import applications_waiting, lateness_by_role
from credit.selectors.desk import agents_ending, follow_ups_open, limits_ending, papers_ending, stops_counted
from credit.selectors.policies import shipped_review_days
from credit.selectors.portfolio import portfolio_sums
from credit.views.portfolio import CURRENCY

NEAR = dt.timedelta(days=30)
A_LIST = 25
LATENESS_DAYS = 30


@require_GET
@allow(sees_credit)
def desk(request: HttpRequest) -> HttpResponse:
    """What waits for this person first, then for the others; what ends soon; what follows a stop."""
    user, today, now = user_of(request), clock.today(), clock.now()
    role = user.role if user.role in CREDIT_DESK else ""
    customers, seen = customers_visible_to(user), applications_visible_to(user)
    mine = list(applications_waiting(applications=seen, role=role)[:A_LIST])
    others = applications_waiting(applications=seen).exclude(waits_for=role) if role else None
    limits = limits_ending(customers=customers, first=today, last=today + shipped_review_days())
    follow_ups = follow_ups_open(customers=customers)
    return render(
        request,
        "credit/desk.html",
        {
            "figures": _figures(user, today) if can_set_limits(user) else None,
            "today": today,
            "now": now,
            "keeps": can_edit_credit(user),
            "mine": mine,
            "late": sum(move.due_at is not None and move.due_at < now for move in mine),
            "others": list(others[:A_LIST]) if others is not None else [],
            "limits": list(limits[:A_LIST]),
            "limits_count": limits.count(),
            "follow_ups": list(follow_ups[:A_LIST]),
            "follow_ups_count": follow_ups.count(),
            "stopped": stops_counted(customers=customers),
            "agents": list(agents_ending(customers=customers, first=today, last=today + NEAR)[:A_LIST]),
            "papers": list(papers_ending(customers=customers, first=today, last=today + NEAR)[:A_LIST]),
            "lateness": lateness_by_role(now=now, days=LATENESS_DAYS),
            "lateness_days": LATENESS_DAYS,
            "words_of_roles": dict(Role.choices),
        },
    )


def _figures(user: User, today: dt.date) -> dict[str, object]:
    """What a manager sees first besides the files: what waits for their word, and what is at risk."""
    return {
        # Money that waits is the finance manager's too.
        "incoming": incoming_visible_to(user).filter(state__in=INCOMING_WAITS).count()
        if can_handle_incoming(user)
        else None,
        "decisions": approvals_waiting_count(user=user, on=today),
        "book": portfolio_sums(on=today, currency=CURRENCY),
        "currency": CURRENCY,
    }
