"""Why an act was done and by whom, from the audit event it left."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from common.models import AuditEvent


@dataclass(frozen=True, kw_only=True)
class Told:
    """What somebody said when they acted."""

    reason: str
    who: str
    at: dt.datetime


def reasons_of(*, event_ids: Iterable[int | None]) -> dict[int, Told]:
    """The reason, person and moment of each of these acts, in one query."""
    wanted = {pk for pk in event_ids if pk}
    if not wanted:
        return {}
    events = AuditEvent.objects.filter(pk__in=wanted).values_list("pk", "body", "actor_name", "at")
    return {pk: Told(reason=str(body.get("reason") or ""), who=who, at=at) for pk, body, who, at in events}
