"""The panel by which a matter becomes a frequent question (CR-06)."""

from __future__ import annotations

import datetime as dt

from accounts.models import User
from complaints.models import Matter
from complaints.policies import can_prepare_editions
from credit.views.parts import Given, Part


def question(*, user: User, matter: Matter, now: dt.datetime, given: Given) -> Part | None:
    """For who writes questions: nothing of the matter is carried over but its category."""
    return Part(template="complaints/published/of_matter.html", aside=True) if can_prepare_editions(user) else None
