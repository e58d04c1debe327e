"""What other pages say of recommendations and reports: words and address, for who may see them."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse

from accounts.models import User
from complaints.policies import recommendations_visible_to, reports_visible_to


def recommendations_told(user: User, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Words and address of each recommendation that this person may see (slot ``clock_matters``)."""
    found = recommendations_visible_to(user).filter(pk__in=ids)
    return {one.pk: (one.number, reverse("recommendation", args=[one.pk])) for one in found}


def reports_told(user: User, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """The same of the reports of the months."""
    found = reports_visible_to(user).filter(pk__in=ids)
    return {
        one.pk: (f"{one.get_kind_display()} {one.month:%Y-%m}", reverse("month_report", args=[one.pk])) for one in found
    }
