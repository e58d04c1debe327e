"""Was a contact told of in time? Pure."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from collections_app.rules.contact.decide import Refusal
from common.clock import RIYADH

# How many days after its day a contact is still told of without a reason.
LATE_DAYS = 3


def late_record(*, at: dt.datetime, told_at: dt.datetime, placed_on: dt.date) -> Refusal | None:
    """Told of days later a contact fits any window of attempts; before the placement it was not ours (PL-13)."""
    on = at.astimezone(RIYADH).date()
    if (told_at.astimezone(RIYADH).date() - on).days <= LATE_DAYS and on >= placed_on:
        return None
    return Refusal(
        rule="LATE-RECORD",
        words=_("Told of more than three days late, or from before the case was placed."),
        source="PL-13",
    )
