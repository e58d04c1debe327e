"""What other pages say of a matter, with its address, to who may see it; and what went out about it."""

from __future__ import annotations

from collections.abc import Sequence
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


def messages_told(*, subject: Model) -> list[tuple[Any, Message]]:
    """What went out about a matter or dispute, each with the words of its kind; the newest first."""
    found = messages_of(subject=subject).select_related("template").defer("content_sealed", "address_sealed")
    return [(kind_words(message.template.code), message) for message in found]


def calls_told(user: User, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """The same of promised calls: the matter of each."""
    found = CallBack.objects.filter(pk__in=ids, matter__in=matters_visible_to(user)).select_related("matter")
    return {call.pk: (call.matter.reference, f"{reverse('matter', args=[call.matter_id])}#calls") for call in found}
