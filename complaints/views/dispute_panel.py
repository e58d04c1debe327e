"""On the page of a case: the disputes of its record, and the way to take a new one in."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from accounts.access import user_of
from collections_app.models import Case
from common.clocks import earliest_of
from complaints.models import Dispute
from complaints.policies import can_handle_disputes, disputes_visible_to, sees_disputes

SHOWN = 5


def case_panel(request: HttpRequest, case: Case) -> dict[str, Any] | None:
    """The disputes of a case. Nothing for who does not read them, and where there is nothing to see or do."""
    user = user_of(request)
    if not sees_disputes(user):
        return None
    handles = can_handle_disputes(user)
    found = list(disputes_visible_to(user).filter(case=case).order_by("-filed_at")[:SHOWN])
    if not found and not handles:
        return None
    due = earliest_of(subject_type=Dispute._meta.label, subject_ids=[one.pk for one in found])
    return {
        "template": "complaints/parts/dispute_panel.html",
        "disputes": [(one, due.get(one.pk)) for one in found],
        "handles": handles,
    }
