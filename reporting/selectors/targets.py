"""Which targets rule."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet

from reporting.models import Target


def targets_of(*, client_id: int) -> QuerySet[Target]:
    """Every target a client ever agreed, each kind's newest first."""
    return Target.objects.filter(client_id=client_id).select_related("recorded_by")


def targets_ruling(*, client_id: int, on: dt.date) -> dict[tuple[str, str], Target]:
    """The target that rules on a day, by code and currency; what was agreed later on for the same day counts."""
    found = Target.objects.filter(client_id=client_id, starts_on__lte=on).order_by("starts_on", "pk")
    return {(target.code, target.currency): target for target in found}
