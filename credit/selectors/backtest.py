"""Applications of the past, as another version of the policy would have answered them (CM-24)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from clients.models import Client
from common.clock import at_riyadh
from credit.choices import ApplicationState, LimitGround
from credit.models import Application, CreditPolicy, Scoring
from credit.rules.backtest import BackTest, Past, back_test
from credit.selectors.behaviour import defaults_after
from credit.selectors.policies import points_terms
from credit.selectors.scorings import facts_kept

A_YEAR = dt.timedelta(days=365)
DECIDED = (ApplicationState.APPROVED, ApplicationState.REJECTED, ApplicationState.SIGNED, ApplicationState.ACTIVE)
BY_POINTS = frozenset({LimitGround.POINTS, LimitGround.RENEWAL, LimitGround.INCREASE})


def policy_back_test(
    *, client: Client, before: CreditPolicy, after: CreditPolicy, until: dt.date
) -> tuple[BackTest, Mapping[int, Application]]:
    """What ``after`` would have answered to a year's applications until a day, each by its last scoring; with the
    applications by their key. One of a customer counts once: the latest, as one customer.
    """
    applications = (
        Application.objects.filter(
            client=client,
            state__in=DECIDED,
            decided_at__gte=at_riyadh(on=until - A_YEAR, time=dt.time()),
            decided_at__lt=at_riyadh(on=until + dt.timedelta(days=1), time=dt.time()),
        )
        .select_related("customer__debtor")
        .order_by("decided_at")
    )
    latest = {application.customer_id: application for application in applications}
    scorings: dict[int, Scoring] = {
        scoring.application_id: scoring
        for scoring in Scoring.objects.filter(application__in=latest.values()).order_by("pk")
    }
    defaulted = defaults_after(
        customers={key: one.decided_at.date() for key, one in latest.items() if one.decided_at is not None}
    )
    past = [
        Past(
            key=one.pk,
            facts=facts_kept(scorings[one.pk]),
            currency=one.currency,
            granted=Decimal(0) if one.state == ApplicationState.REJECTED else one.recommended_limit or Decimal(0),
            by_points=one.recommended_ground in BY_POINTS,
            defaulted=one.customer_id in defaulted,
        )
        for one in latest.values()
        if one.pk in scorings
    ]
    found = back_test(past=past, before=points_terms(policy=before), after=points_terms(policy=after))
    return found, {one.pk: one for one in latest.values()}
