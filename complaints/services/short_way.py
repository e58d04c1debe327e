"""The short way of enquiries, suggestions and appreciation: read, answered and told in one act, no stage skipped."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common.exceptions import Refused
from complaints.choices import MatterKind, Stage
from complaints.models import Matter
from complaints.services.deciding import matter_answer, matter_close, matter_communicate
from complaints.services.handling import matter_assess, matter_investigated
from complaints.services.steps import worked


def matter_answer_at_once(
    *,
    user: User,
    matter: Matter,
    words: str,
    how: str,
    at: dt.datetime,
    note: str = "",
) -> Matter:
    """Answer what is no complaint and close it, through every stage (CX-21): the letter goes out by message, or
    somebody told them, as ``note`` says. Raises Refused for a complaint, and whatever the steps raise.
    """
    with transaction.atomic():
        held = worked(user=user, matter=matter, stage=Stage.ACKNOWLEDGED)
        if held.kind == MatterKind.COMPLAINT:
            raise Refused("matter_kind", _("A complaint is looked into step by step."))
        held = matter_assess(user=user, matter=held, questions=(), plan="", department=held.department,
                             handler=user, at=at)  # fmt: skip
        held = matter_investigated(user=user, matter=held, at=at)
        held = matter_answer(user=user, matter=held, words=words, at=at)
        held = matter_communicate(user=user, matter=held, how=how, at=at, note=note)
        return matter_close(user=user, matter=held, at=at)
