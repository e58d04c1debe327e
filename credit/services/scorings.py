"""The only writer of scorings: an application's points by the policy of a day, with every input kept."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common import clock
from common.audit import record
from common.exceptions import Conflict, Refused
from credit.choices import ApplicationState
from credit.models import Application, Scoring
from credit.rules.facts import TOO_LARGE
from credit.rules.scorecard import Component, score
from credit.selectors.decisions import is_scored
from credit.selectors.policies import credit_policy_on, points_terms
from credit.selectors.scorings import inputs_of, inputs_told
from credit.services.applications import application_held, editor
from credit.services.policies import credit_policy_kept

SCORED_IN = frozenset({ApplicationState.SUBMITTED, ApplicationState.ANALYSED})


def scoring_make(*, user: User, application: Application, on: dt.date) -> Scoring:
    """Score an application by what its file says now and the policy of a day (CM-02 to CM-08). The latest counts.

    Raises NotAllowed for who does not prepare credit files, Refused for a cash customer (CM-18) and for figures that
    no limit of the house holds, Conflict while the application is filled in and once it is recommended.
    """
    actor = editor(user)
    with transaction.atomic():
        held = application_held(application=application)
        if held.state not in SCORED_IN:
            raise Conflict(
                "scoring_state", _("An application is scored between its submission and the recommendation.")
            )
        if not is_scored(held):
            raise Refused("scoring_none", _("Cash accounts and increases are not scored."))
        policy = credit_policy_kept(policy=credit_policy_on(client=held.customer.client, on=on))
        inputs = inputs_of(application=held, policy=policy)
        found = score(facts=inputs.facts, terms=points_terms(policy=policy))
        if found.limit >= TOO_LARGE:
            raise Refused("scoring_large", _("These figures give a limit larger than any that is kept here."))
        scoring = Scoring.objects.create(
            client_id=held.client_id,
            application=held,
            policy=policy,
            inputs=inputs_told(inputs=inputs, application=held, policy=policy),
            capital_points=found.points[Component.CAPITAL],
            form_points=found.points[Component.LEGAL_FORM],
            bank_points=found.points[Component.BANK_BALANCE],
            sales_points=found.points[Component.SALES],
            total=found.total,
            eligible=found.eligible,
            score_limit=Decimal(found.limit),
            at=clock.now(),
            by=user,
        )
        record(
            actor=actor,
            action="application.scored",
            subject=held,
            body={"scoring": scoring.pk, "policy": policy.version, "total": found.total, "limit": found.limit},
        )
    return scoring
