"""What the first page of the credit desk looks at: what ends soon, what follows a stop, who is stopped."""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, OuterRef, Q, QuerySet

from credit.choices import FollowUpState
from credit.models import Agent, CreditLimit, CreditPaper, CreditStop, Customer, StopFollowUp


def limits_ending(*, customers: QuerySet[Customer], first: dt.date, last: dt.date) -> QuerySet[CreditLimit]:
    """The limits in force of open accounts that end in a stretch of days, the nearest first (CM-09)."""
    later = CreditLimit.objects.filter(customer=OuterRef("customer")).filter(
        Q(starts_on__gt=OuterRef("starts_on")) | Q(starts_on=OuterRef("starts_on"), pk__gt=OuterRef("pk"))
    )
    return (
        CreditLimit.objects.filter(~Exists(later), customer__in=customers.filter(closed_on__isnull=True))
        .filter(ends_on__range=(first, last))
        .select_related("customer__debtor", "client")
        .order_by("ends_on", "pk")
    )


def follow_ups_open(*, customers: QuerySet[Customer]) -> QuerySet[StopFollowUp]:
    """What has to be done about stops, the nearest day first (CM-47)."""
    found = StopFollowUp.objects.filter(state=FollowUpState.OPEN, customer__in=customers)
    return found.select_related("customer__debtor", "client", "stop").order_by("due_on", "pk")


def stops_counted(*, customers: QuerySet[Customer]) -> int:
    """How many customers are stopped now."""
    standing = CreditStop.objects.filter(customer=OuterRef("pk"), ended_on__isnull=True)
    return customers.filter(Exists(standing)).count()


def agents_ending(*, customers: QuerySet[Customer], first: dt.date, last: dt.date) -> QuerySet[Agent]:
    """The powers to sign that run out in a stretch of days."""
    found = Agent.objects.filter(
        customer__in=customers.filter(closed_on__isnull=True),
        valid_until__range=(first, last),
        revoked_on__isnull=True,
    )
    return found.select_related("customer__debtor__party", "client").order_by("valid_until", "pk")


def papers_ending(*, customers: QuerySet[Customer], first: dt.date, last: dt.date) -> QuerySet[CreditPaper]:
    """The papers that run out in a stretch of days, and of whose kind nothing lasts longer."""
    longer = CreditPaper.objects.filter(customer=OuterRef("customer"), kind=OuterRef("kind")).filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=last)
    )
    found = CreditPaper.objects.filter(
        ~Exists(longer), customer__in=customers.filter(closed_on__isnull=True), valid_until__range=(first, last)
    )
    return found.defer("content_sealed").select_related("customer__debtor", "client").order_by("valid_until", "pk")
