"""What a recommendation and a decision stand on."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from credit.choices import ApplicationState, CustomerKind, Purpose
from credit.models import Application, Scoring
from credit.rules.recommending import Standing
from credit.selectors.guarantees import guarantee_on
from credit.selectors.increases import increase_of
from credit.selectors.scorings import NOTES


def is_scored(application: Application) -> bool:
    """Points are asked of an account on credit that is new or renewed; an increase stands on regular payment."""
    return application.customer.kind == CustomerKind.CREDIT and application.purpose != Purpose.INCREASE


def standing_of(*, application: Application, scoring: Scoring | None, on: dt.date) -> Standing:
    """Points, guarantee and what is asked, on a day."""
    guarantee = guarantee_on(customer=application.customer, on=on)
    increase = increase_of(customer=application.customer, on=on) if application.purpose == Purpose.INCREASE else None
    return Standing(
        purpose=application.purpose,
        eligible=scoring.eligible if scoring is not None else False,
        score_limit=scoring.score_limit if scoring is not None else Decimal(0),
        guarantee=guarantee.amount if guarantee is not None else None,
        increase=increase.most if increase is not None and increase.eligible else None,
        asked=application.asked_limit,
    )


def reasons_against(*, application: Application, scoring: Scoring | None) -> list[str | Promise]:
    """Why the points did not carry what was asked, in words for the customer: the total, then what did not count."""
    if scoring is None:
        return []
    found: list[str | Promise] = []
    if not scoring.eligible:
        found.append(
            _("The points by the credit policy are %(total)s; at least %(minimum)s are needed.")
            % {"total": f"{scoring.total:,}", "minimum": f"{scoring.policy.minimum_points:,}"}
        )
    elif application.asked_limit is not None and scoring.score_limit < application.asked_limit:
        found.append(
            _("The points by the credit policy carry a limit of %(limit)s, less than was asked for.")
            % {"limit": f"{scoring.score_limit:,.2f}"}
        )
    found += [NOTES[code] for codes in scoring.inputs["notes"].values() for code in codes]
    return found


def adverse(application: Application) -> bool:
    """True for a decision against the customer that bureau data was weighed in: rejected, or less than was asked."""
    if not application.bureau_weighed or application.decided_at is None:
        return False
    if application.state == ApplicationState.REJECTED:
        return True
    limit, asked = application.recommended_limit, application.asked_limit
    return limit is not None and asked is not None and limit < asked
