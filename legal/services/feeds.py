"""The only writer of the private addresses of the court calendar."""

from __future__ import annotations

import hashlib
import secrets

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common import clock
from common.audit import Actor, record
from common.exceptions import NotAllowed
from legal.models import CalendarFeed
from legal.policies import can_have_feed


def feed_digest(token: str) -> str:
    """What is kept of a token: nobody reads an address out of the database."""
    return hashlib.sha256(token.encode()).hexdigest()


def feed_make(*, user: User) -> str:
    """A private address for this person's own calendar program: its token, shown once. An older one ends.

    Raises NotAllowed for who sees no court dates.
    """
    if not can_have_feed(user):
        raise NotAllowed("feed", _("This calendar is for the legal desk and its lawyers."))
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        feed, _made = CalendarFeed.objects.update_or_create(
            user=user, defaults={"token_hash": feed_digest(token), "made_at": clock.now(), "ended_at": None}
        )
        record(actor=Actor.person(user), action="feed.made", subject=feed)
    return token


def feed_end(*, user: User) -> None:
    """End the person's address at once; without one nothing happens."""
    with transaction.atomic():
        feed = CalendarFeed.objects.select_for_update().filter(user=user, ended_at=None).first()
        if feed is None:
            return
        feed.ended_at = clock.now()
        feed.save(update_fields=["ended_at"])
        record(actor=Actor.person(user), action="feed.ended", subject=feed)
