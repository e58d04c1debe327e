"""What clocks tell other apps: published in the transaction that made it true, each once."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from common.events import Event
from common.models import Clock


@dataclass(frozen=True, kw_only=True)
class ClockWarned(Event):
    """A warning before a lapse. ``mark``: ``60``, ``80``, ``BEFORE`` (one working day) or the day of an alarm; of
    several at once, the last.
    """

    clock: Clock
    mark: str
    at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class ClockBreached(Event):
    """A clock lapsed: nothing met it by ``at``, its last moment. The steps that a lapse starts are running already."""

    clock: Clock
    at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class ClockMoved(Event):
    """A reviewed recalculation moved a due date; a clock that had lapsed may run again."""

    clock: Clock
    was_due_at: dt.datetime
