"""Whether a customer may have a higher limit, from the facts (CM-14, I-10)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from credit.choices import LimitGround, StopKind
from credit.models import Customer
from credit.rules.increase import Answer, Facts, Late, Terms, increase_answer
from credit.selectors.policies import credit_policy_on
from credit.selectors.standing import agreement_on, limit_on, stops_standing
from credit.selectors.stops import late_runs


def increase_of(*, customer: Customer, on: dt.date, asked: Decimal | None = None) -> Answer:
    """Eligibility on a day with every reason against; without ``asked`` whether there could be an increase at all.

    Regularity is read from the ledger: the days on which something was past its terms, tolerated or not.
    """
    policy = credit_policy_on(client=customer.client, on=on)
    agreement, limit = agreement_on(customer=customer, on=on), limit_on(customer=customer, on=on)
    raised = customer.limits.filter(ground=LimitGround.INCREASE).values_list("starts_on", flat=True)
    return increase_answer(
        facts=Facts(
            asked_on=on,
            signed_on=agreement.signed_on if agreement is not None else None,
            limit=limit.amount if limit is not None else None,
            limit_ends_on=limit.ends_on if limit is not None else None,
            asked=asked,
            late=[Late(since=since, until=until) for since, until in late_runs(customer_id=customer.pk, day=on)],
            increased_on=list(raised),
            # What is overdue is told as irregular already.
            stops=[stop.kind for stop in stops_standing(customer=customer) if stop.kind != StopKind.OVERDUE],
        ),
        terms=Terms(
            after_months=policy.increase_after_months,
            percent=policy.increase_percent,
            a_year=policy.increases_a_year,
        ),
    )
