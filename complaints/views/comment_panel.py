"""Where a matter of social media began, on its page."""

from __future__ import annotations

import datetime as dt

from accounts.models import User
from complaints.choices import Intake
from complaints.models import Matter
from complaints.policies import comments_visible_to
from credit.views.parts import Given, Part


def comment_origin(*, user: User, matter: Matter, now: dt.datetime, given: Given) -> Part | None:
    """The public comment that was taken to a private channel, for who may see it."""
    if matter.intake != Intake.SOCIAL:
        return None
    found = comments_visible_to(user).filter(matter=matter).select_related("channel").first()
    return Part(template="complaints/channels/origin.html", context={"comment": found}, aside=True) if found else None
