"""On the page of a case: what was told about it, and where that stands; the way to write down something new."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from accounts.access import user_of
from collections_app.choices import Verdict
from collections_app.models import Case
from common import clock
from common.clocks import earliest_of
from complaints.choices import Stage
from complaints.models import Matter
from complaints.policies import can_register_matters, matter_states_visible_to, matters_visible_to

SHOWN, CONTACTS = 5, 10


def case_panel(request: HttpRequest, case: Case) -> dict[str, Any] | None:
    """The matters of a case by their state alone. Nothing where there is nothing to see or do."""
    user = user_of(request)
    registers = can_register_matters(user)
    found = list(matter_states_visible_to(user).filter(case=case).order_by("-received_at")[:SHOWN])
    if not found and not registers:
        return None
    ids = [matter.pk for matter in found]
    return {
        "template": "complaints/parts/case_panel.html",
        "matters": found,
        "due": earliest_of(subject_type=Matter._meta.label, subject_ids=ids),
        "opens": set(matters_visible_to(user).filter(pk__in=ids).values_list("pk", flat=True)),
        "closed": Stage.CLOSED,
        "registers": registers,
        "contacts": case.attempts.exclude(verdict=Verdict.REFUSED).order_by("-at")[: CONTACTS if registers else 0],
        "now": clock.now(),
    }
