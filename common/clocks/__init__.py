"""One clock engine for every deadline (ADR 0038): what an app may call.

An app declares its steps (``common.deadlines.Step``) in its ``rules/deadlines.py``, puts them into the slot
``clock_steps``, and tells the engine what happens on a matter: ``clock_event``. What stands here is part of an act: it
is called inside its transaction, and the act leaves its own row in the audit trail.
"""

from common.clocks.events import ClockBreached, ClockMoved, ClockWarned
from common.clocks.plans import Planned, plan_of
from common.clocks.reads import clocks_of, clocks_running, days_off, earliest_of
from common.clocks.running import (
    clock_begun,
    clock_cancel,
    clock_event,
    clock_meet,
    clock_pause,
    clock_reopen,
    clock_resume,
    clock_start,
)
from common.clocks.steps import kinds_of_steps, step_of, steps_in_force
from common.clocks.tick import Ticked, clocks_tick

__all__ = [
    "ClockBreached",
    "ClockMoved",
    "ClockWarned",
    "Planned",
    "Ticked",
    "clock_begun",
    "clock_cancel",
    "clock_event",
    "clock_meet",
    "clock_pause",
    "clock_reopen",
    "clock_resume",
    "clock_start",
    "clocks_of",
    "clocks_running",
    "clocks_tick",
    "days_off",
    "earliest_of",
    "kinds_of_steps",
    "plan_of",
    "step_of",
    "steps_in_force",
]
