"""The court calendar: a month in both calendars, a list, a file, and a person's private address."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import allow, user_of
from accounts.models import User
from common import clock
from common.components.format import MONTHS, hijri, short
from legal.models import CalendarFeed, CourtDate
from legal.policies import can_have_feed, can_see_legal, files_visible_to, is_outside_lawyer
from legal.rules.calendars import month_beside, month_of, weeks_of
from legal.selectors.feeds import calendar_of, feed_owner
from legal.selectors.files import dates_between
from legal.services.feeds import feed_end, feed_make


def month_context(*, request: HttpRequest, files: Any) -> dict[str, Any]:
    """The month that is asked for: its weeks of days, each with its Hijri day and what stands on it."""
    today, language = clock.today(), short(get_language() or "ar")
    first = month_of(text=request.GET.get("month", ""), today=today)
    weeks = weeks_of(first=first)
    on: dict[Any, list[CourtDate]] = {}
    for row in dates_between(files=files, first=weeks[0][0], last=weeks[-1][-1]):
        on.setdefault(row.on, []).append(row)
    last = month_beside(first=first, months=1)
    spans = [hijri(on=day, language=language, year=True).partition(" ")[2] for day in (first, weeks[-1][-1])]
    return {
        "first": first,
        "month_name": f"{MONTHS[language][first.month - 1]} {first.year}",
        "hijri_span": " – ".join(dict.fromkeys(spans)),
        "before": f"{month_beside(first=first, months=-1):%Y-%m}",
        "after": f"{last:%Y-%m}",
        "today": today,
        "weeks": [
            [
                {
                    "on": day,
                    "inside": day.month == first.month,
                    "hijri": hijri(on=day, language=language),
                    "dates": on.get(day, []),
                }
                for day in week
            ]
            for week in weeks
        ],
        "listed": [(day, rows) for day, rows in sorted(on.items()) if day.month == first.month],
    }


@require_GET
@allow(can_see_legal)
def calendar(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    context = month_context(request=request, files=files_visible_to(user))
    feed = CalendarFeed.objects.filter(user=user, ended_at=None).first()
    return render(request, "legal/calendar.html", {**context, "feed": feed, "layout": "layouts/app.html"})


@require_GET
@allow(can_see_legal)
def calendar_file(request: HttpRequest) -> HttpResponse:
    """The same days as a file for another program."""
    response = _answer(user_of(request))
    response["Content-Disposition"] = 'attachment; filename="court-dates.ics"'
    return response


@require_POST
@allow(can_have_feed)
def feed(request: HttpRequest) -> HttpResponse:
    """Make this person's private address, shown this once, or end it."""
    user = user_of(request)
    if request.POST.get("end"):
        feed_end(user=user)
        messages.success(request, _("The address is no longer valid."))
        return redirect("lawyer_files" if is_outside_lawyer(user) else "legal_calendar")
    token = feed_make(user=user)
    address = request.build_absolute_uri(reverse("calendar_feed_read", args=[token]))
    layout = "layouts/lawyer.html" if is_outside_lawyer(user) else "layouts/app.html"
    response = render(request, "legal/feed.html", {"address": address, "layout": layout})
    response["Cache-Control"] = "no-store"
    return response


@require_GET
def feed_read(request: HttpRequest, token: str) -> HttpResponse:
    """A calendar program reads; the address itself is the key, and an ended one is nowhere."""
    owner = feed_owner(token=token)
    if owner is None:
        raise Http404
    return _answer(owner)


def _answer(user: User) -> HttpResponse:
    response = HttpResponse(calendar_of(user=user, today=clock.today()), content_type="text/calendar; charset=utf-8")
    response["Cache-Control"] = "private, no-store"
    return response
