"""Which version of a client's credit policy rules."""

from __future__ import annotations

import datetime as dt

from clients.models import Client
from common import clock
from credit.models import CreditPolicy


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


def shipped_review_days() -> dt.timedelta:
    """How long before a limit ends the shipped policy has it reviewed."""
    field = CreditPolicy._meta.get_field("review_days")
    return dt.timedelta(days=field.get_default())
