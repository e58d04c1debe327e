"""How many SMS one number gets in a day (of Riyadh): what is more is held back until the next, and never lost.

A policy value: a person sets it, with the reason; every value stands with its day. Who guesses at other people's
numbers at a public door cannot have them flooded.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from common import clock, crypto
from common.audit import Actor, record
from common.choices import MessageChannel, MessageState
from common.clock import RIYADH, at_riyadh
from common.deadlines import OPENS
from common.exceptions import Refused
from common.models import Message, MessageLimit

# What holds before anybody set another: no document names a figure.
SHIPPED, MOST = 10, 100
LONGEST_REASON = 300
_LOCK = 0x534D
_WENT = (MessageState.CLAIMED, MessageState.SENT, MessageState.IN_DOUBT)


def number_index(*, channel: str, address: str) -> bytes | None:
    """By what the messages to one number are counted; None for what is no SMS."""
    return crypto.blind_index(value=address, kind="SMS") if channel == MessageChannel.SMS else None


def limit_standing() -> MessageLimit | None:
    """The value that somebody set last, with who and why."""
    return MessageLimit.objects.select_related("set_by").order_by("-pk").first()


def limit_of(standing: MessageLimit | None) -> int:
    """How many a number gets, by what was set last."""
    return SHIPPED if standing is None else standing.sms_a_day


def limit_set(*, user: Any, sms_a_day: int, reason: str) -> MessageLimit:
    """Another value from now on. Raises Refused for one that is none, or without a reason."""
    if not 1 <= sms_a_day <= MOST:
        raise Refused("message_limit", _("Between 1 and 100."), field="sms_a_day")
    reason = reason.strip()[:LONGEST_REASON]
    if not reason:
        raise Refused("message_reason", _("Say why."), field="reason")
    with transaction.atomic():
        made = MessageLimit.objects.create(sms_a_day=sms_a_day, reason=reason, set_at=clock.now(), set_by=user)
        record(actor=Actor.person(user), action="outbox.limit_set", subject=made,
               body={"sms_a_day": sms_a_day, "reason": reason})  # fmt: skip
    return made


def held_until(*, message: Message, now: dt.datetime) -> dt.datetime | None:
    """The opening of the next day where this number had its messages of today; None where it may leave.

    Part of the claim: two workers with messages to one number wait for each other here.
    """
    if message.address_index is None:
        return None
    index = bytes(message.address_index)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_LOCK, index.hex()])
    today = now.astimezone(RIYADH).date()
    went = Message.objects.filter(
        address_index=index, state__in=_WENT, claimed_at__gte=at_riyadh(on=today, time=dt.time(0)), claimed_at__lte=now
    )
    if went.count() < limit_of(limit_standing()):
        return None
    return at_riyadh(on=today + dt.timedelta(days=1), time=OPENS)
