"""Who has an application in each state, and within how many working days the step should be done (CM-46).

The source names the roles, and the finance department's "within 24 hours" (§4.5); the other days are the house's own
(I-25), and one place to change them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from accounts.choices import Role
from common.calendar import add_working_days
from common.clock import RIYADH, at_riyadh
from credit.choices import ApplicationState

# When a working day is over.
DAY_ENDS = dt.time(16, 0)


@dataclass(frozen=True, kw_only=True)
class Step:
    """The role that has an application, and the working days it has for it."""

    role: str
    days: int


STEPS: Mapping[str, Step] = {
    ApplicationState.DRAFT: Step(role=Role.CREDIT_OFFICER, days=5),
    ApplicationState.SUBMITTED: Step(role=Role.CREDIT_OFFICER, days=2),
    ApplicationState.ANALYSED: Step(role=Role.FINANCE_MANAGER, days=1),
    ApplicationState.RECOMMENDED: Step(role=Role.GENERAL_MANAGER, days=2),
    ApplicationState.APPROVED: Step(role=Role.CREDIT_OFFICER, days=10),
    ApplicationState.SIGNED: Step(role=Role.CREDIT_OFFICER, days=1),
}


def due_at(*, state: str, entered_at: dt.datetime, holidays: Collection[dt.date]) -> dt.datetime | None:
    """By when the step of a state should be done; None where nobody has to do anything. The first day is not counted
    (I-11)."""
    step = STEPS.get(state)
    if step is None:
        return None
    start = entered_at.astimezone(RIYADH).date()
    return at_riyadh(on=add_working_days(start=start, days=step.days, holidays=holidays), time=DAY_ENDS)
