"""Bank guarantees that can carry a limit (CM-06, I-09)."""

from __future__ import annotations

import datetime as dt

from django.db.models import F, Q

from credit.choices import CollateralKind
from credit.models import Collateral, Customer


def guarantee_on(*, customer: Customer, on: dt.date) -> Collateral | None:
    """The bank guarantee that stands on a day and pays the most: of a local bank, irrevocable, renewing itself and
    unconditional. None where no paper is all of these.
    """
    return (
        customer.collaterals.filter(
            Q(valid_until__isnull=True) | Q(valid_until__gte=on),
            Q(released_on__isnull=True) | Q(released_on__gt=on),
            kind=CollateralKind.BANK_GUARANTEE,
            valid_from__lte=on,
            local_bank=True,
            irrevocable=True,
            auto_renewing=True,
            unconditional=True,
        )
        .order_by("-amount", F("valid_until").desc(nulls_first=True), "pk")
        .first()
    )
