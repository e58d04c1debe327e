"""The court calendar as other programs read it (iCalendar, RFC 5545). No personal value of anybody stands in it."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable

from django.conf import settings
from django.db.models import QuerySet
from django.utils import translation
from icalendar import Calendar, Event

from accounts.models import User
from common.clock import RIYADH
from legal.choices import CourtDateState
from legal.models import CalendarFeed, CourtDate, LegalFile
from legal.policies import can_have_feed, files_held_by, files_visible_to, is_outside_lawyer
from legal.selectors.files import dates_between

BACK, AHEAD = dt.timedelta(days=30), dt.timedelta(days=365)
A_HEARING = dt.timedelta(hours=1)


def feed_owner(*, token: str) -> User | None:
    """Whose address this is; nobody's when it ended, or when the person may not see court dates any more."""
    digest = hashlib.sha256(token.encode()).hexdigest()
    feed = CalendarFeed.objects.select_related("user").filter(token_hash=digest, ended_at=None).first()
    if feed is None or not feed.user.is_active or not can_have_feed(feed.user):
        return None
    return feed.user


def calendar_files(*, user: User) -> QuerySet[LegalFile]:
    """The files whose days stand in this person's calendar."""
    return files_held_by(user) if is_outside_lawyer(user) else files_visible_to(user)


def calendar_of(*, user: User, today: dt.date) -> bytes:
    """A person's court days of the last month and the year ahead, in their own language."""
    dates = dates_between(files=calendar_files(user=user), first=today - BACK, last=today + AHEAD)
    with translation.override(user.language):
        return calendar_bytes(dates=dates)


def calendar_bytes(*, dates: Iterable[CourtDate]) -> bytes:
    """These days as an iCalendar file: kind, file number, court and place; never a name or an amount."""
    calendar = Calendar()
    calendar.add("prodid", f"-//{settings.AGENCY['short_en']}//court//AR")
    calendar.add("version", "2.0")
    for row in dates:
        event = Event()
        event.add("uid", f"court-date-{row.pk}@mithaq")
        event.add("dtstamp", row.recorded_at)
        event.add("summary", f"{row.get_kind_display()} · {row.file.number}")
        if row.at is None:
            event.add("dtstart", row.on)
            event.add("dtend", row.on + dt.timedelta(days=1))
        else:
            # In universal time: no program has to know Riyadh, whose clock never changes.
            begins = dt.datetime.combine(row.on, row.at, tzinfo=RIYADH).astimezone(dt.UTC)
            event.add("dtstart", begins)
            event.add("dtend", begins + A_HEARING)
        place = " · ".join(part for part in (row.place, row.file.court, row.file.circuit, row.file.city) if part)
        if place:
            event.add("location", place)
        if row.file.court_reference:
            event.add("description", row.file.court_reference)
        cancelled = row.state in {CourtDateState.CANCELLED, CourtDateState.POSTPONED}
        event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
        calendar.add_component(event)
    return bytes(calendar.to_ical())
