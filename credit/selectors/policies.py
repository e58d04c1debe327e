"""Which version of a client's credit policy rules, and how its answers are told."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from clients.models import Client
from common import clock
from credit.choices import LegalForm
from credit.models import CreditPolicy
from credit.rules.scorecard import Component, PointsTerms, Score

# Everything a version says, in the order in which it is read.
TERMS = (
    "minimum_points", "minimum_limit", "rounds_to", "step_amount", "step_points", "points_joint_stock", "points_llc",
    "points_partnership", "points_sole_proprietor", "bank_months", "sums_banks", "limit_months", "review_days",
    "terms_days", "overdue_tolerated", "not_due_most", "grace_days", "defaults_to_cancel", "increase_after_months",
    "increase_percent", "increases_a_year", "reservation_days", "benchmark_days", "benchmarks",
)  # fmt: skip


def credit_policy_on(*, client: Client, on: dt.date) -> CreditPolicy:
    """The latest approved version that has begun by a day; where there is none, the shipped one, not saved."""
    return (
        CreditPolicy.objects.filter(client=client, approved_at__isnull=False, starts_on__lte=on)
        .order_by("-starts_on", "-version")
        .first()
    ) or shipped(client=client)


def shipped(*, client: Client) -> CreditPolicy:
    """The policy as source 001 §4.4 writes it, not saved: version 0, from ever."""
    now = clock.now()
    return CreditPolicy(client=client, version=0, starts_on=dt.date(1970, 1, 1), prepared_at=now, approved_at=now)


def departures(*, policy: CreditPolicy) -> list[str]:
    """The terms by which a version leaves a rule of source 001: what is unpaid past its terms stops every order
    (CM-10), and one limit bounds all that is owed (CM-08).
    """
    found = [] if policy.overdue_tolerated == 0 else ["overdue_tolerated"]
    return found if policy.not_due_most is None else [*found, "not_due_most"]


def points_terms(*, policy: CreditPolicy) -> PointsTerms:
    """What a version says of points and limits, as the scorecard reads it."""
    return PointsTerms(
        step_amount=Decimal(policy.step_amount),
        step_points=policy.step_points,
        form_points={
            LegalForm.JOINT_STOCK: policy.points_joint_stock,
            LegalForm.LLC: policy.points_llc,
            LegalForm.PARTNERSHIP: policy.points_partnership,
            LegalForm.SOLE_PROPRIETOR: policy.points_sole_proprietor,
        },
        bank_months=policy.bank_months,
        minimum_points=policy.minimum_points,
        minimum_limit=Decimal(policy.minimum_limit),
        rounds_to=policy.rounds_to,
    )


def score_told(found: Score) -> dict[str, Any]:
    """A score as programs are answered: points and limit are whole numbers, the limit in riyals."""
    return {
        "points": {**{component.value: found.points[component] for component in Component}, "total": found.total},
        "eligible": found.eligible,
        "limit": found.limit,
    }


def benchmark_of(*, policy: CreditPolicy, industry: str) -> int:
    """After how many days customers of an industry usually pay, by a version: its own, else that of the trade."""
    days: int = policy.benchmarks.get(industry, policy.benchmark_days)
    return days


def policy_versions(*, client: Client) -> list[CreditPolicy]:
    """Every version that somebody proposed, the newest first."""
    found = CreditPolicy.objects.filter(client=client, version__gt=0).select_related("prepared_by", "approved_by")
    return list(found.order_by("-version"))


def shipped_review_days() -> dt.timedelta:
    """How long before a limit ends the shipped policy has it reviewed."""
    field = CreditPolicy._meta.get_field("review_days")
    return dt.timedelta(days=field.get_default())
