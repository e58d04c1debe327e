"""Why an act was done and by whom, from the audit event it left."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import User
from common.models import AuditEvent


@dataclass(frozen=True, kw_only=True)
class Told:
    """What somebody said when they acted."""

    reason: str
    who: str
    at: dt.datetime


def reasons_of(*, event_ids: Iterable[int | None]) -> dict[int, Told]:
    """The reason, person and moment of each of these acts, in two queries.

    A person's name is in the reader's language; a job's as the trail keeps it."""
    wanted = {pk for pk in event_ids if pk}
    if not wanted:
        return {}
    events = list(AuditEvent.objects.filter(pk__in=wanted))
    people = User.objects.in_bulk({event.actor_id for event in events if event.actor_kind == "USER"})
    return {
        event.pk: Told(
            reason=str(event.body.get("reason") or ""),
            who=str(people[event.actor_id].name) if event.actor_id in people else event.actor_name,
            at=event.at,
        )
        for event in events
    }
