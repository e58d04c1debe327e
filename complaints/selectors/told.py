"""What other pages say of a matter, with its address, to who may see it; and what went out about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import Model
from django.urls import reverse

from accounts.models import User
from clients.selectors.messages import kind_words
from common.models import Message
from common.outbox import messages_of
from complaints.models import CallBack
from complaints.policies import matters_visible_to


def matters_told(user: User, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Words and address of each matter that this person may see (slot ``clock_matters``)."""
    found = matters_visible_to(user).filter(pk__in=ids)
    return {
        matter.pk: (f"{matter.reference} · {matter.get_kind_display()}", reverse("matter", args=[matter.pk]))
        for matter in found
    }


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What was said at one moment, by SMS and e-mail."""

    words: Any
    at: dt.datetime
    messages: list[Message]


def messages_told(*, subject: Model) -> list[Sent]:
    """What went out about a matter or dispute, with the words of its kind; the newest first."""
    found = messages_of(subject=subject).select_related("template").defer("content_sealed", "address_sealed")
    # One occasion has a key, and a message of it on each channel (``services/notices.py``).
    occasions = groupby(found, key=lambda one: (one.once_key or "").rpartition(" ")[0] or one.pk)
    told = [list(together) for _key, together in occasions]
    return [Sent(words=kind_words(one[0].template.code), at=one[0].queued_at, messages=one) for one in told]


def calls_told(user: User, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """The same of promised calls: the matter of each."""
    found = CallBack.objects.filter(pk__in=ids, matter__in=matters_visible_to(user)).select_related("matter")
    return {call.pk: (call.matter.reference, f"{reverse('matter', args=[call.matter_id])}#calls") for call in found}
