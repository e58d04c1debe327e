"""The channels: whose each is, how each performs, its reviews (CX-20, CX-27)."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import allow, landing_url, user_of
from accounts.models import User
from common import clock
from common.clocks import days_off
from common.components.navigation import Reminder
from common.exceptions import Refused
from common.forms import blame
from complaints.choices import Intake
from complaints.choices.channels import ChannelFault
from complaints.forms.channels import ChannelForm, ReviewForm, ReviewProposeForm
from complaints.models import Channel, ChannelReview
from complaints.policies import (
    READS_MATTERS,
    can_keep_channels,
    can_propose,
    can_review_channel,
    can_review_channels,
    can_work_account,
    channel_matters,
    channels_of,
    channels_visible_to,
    recommendations_visible_to,
    sees_channels,
)
from complaints.selectors.channels import (
    Line,
    channel_line,
    channel_lines,
    channels_known,
    figures_of_channel,
    figures_read,
    review_period,
    to_mend,
)
from complaints.services.channels import channel_review, channel_save, review_propose
from complaints.views.satisfaction import period_of
from credit.views.parts import act

OF_THEIR_TEAM = "channels-of-their-team"


def _base(*, key: str, first: dt.date, last: dt.date) -> str:
    """The register's address of what came in over a channel in a period; a figure adds which of it it counts."""
    return f"{reverse('matters')}?{urlencode({'view': 'all', 'first': first, 'last': last, 'channel': key})}"


def _visible(request: HttpRequest) -> QuerySet[Channel]:
    return channels_visible_to(user_of(request))


@require_GET
@allow(sees_channels)
def channels(request: HttpRequest) -> HttpResponse:
    """Every channel with its figures of the period, and first what is to be mended."""
    user, (form, first, last) = user_of(request), period_of(request)
    lines = channel_lines(
        channels=_visible(request), matters=channel_matters(user), first=first, last=last, today=clock.today()
    )
    # Who reads the register opens what a figure counts; a team is told how many.
    opens = user.role in READS_MATTERS
    rows = [(line, _base(key=line.key, first=first, last=last) if opens else "") for line in lines]
    context = {
        "rows": rows, "mend": to_mend(lines), "form": form, "first": first, "last": last,
        "keeps": can_keep_channels(user), "faults": dict(ChannelFault.choices),
    }  # fmt: skip
    return render(request, "complaints/channels/list.html", context)


def _page(request: HttpRequest, pk: int, *, form: ReviewForm | None = None) -> HttpResponse:
    user, today = user_of(request), clock.today()
    channel = get_object_or_404(channels_known(_visible(request)), pk=pk)
    first, last = review_period(on=today)
    figures = figures_of_channel(channel=channel, matters=channel_matters(user), first=first, last=last)
    line = channel_line(channel, today=today, off=days_off(calendar="PRIVATE"), figures=figures)
    context = {
        "channel": channel, "line": line, "first": first, "last": last, "faults": dict(ChannelFault.choices),
        "base": _base(key=channel.key, first=first, last=last) if user.role in READS_MATTERS else "",
        "reviews": channel.reviews.select_related("by"), "keeps": can_keep_channels(user),
        "form": (form or ReviewForm()) if can_review_channel(user, channel) else None,
        "is_account": channel.intake == Intake.SOCIAL,
        "works": channel.is_active and channel.intake == Intake.SOCIAL and can_work_account(user, channel),
        "watches": channel.watches.select_related("by")[:10] if channel.intake == Intake.SOCIAL else (),
    }  # fmt: skip
    return render(request, "complaints/channels/one.html", context, status=422 if form else 200)


@require_GET
@allow(sees_channels)
def channel(request: HttpRequest, pk: int) -> HttpResponse:
    """One channel: its people, its figures of the quarter, its reviews."""
    return _page(request, pk)


def _form(request: HttpRequest, channel: Channel | None) -> HttpResponse:
    initial: dict[str, Any] = {"is_active": True}
    if channel is not None:
        told = {name: getattr(channel, name) for name in ("platform", "account", "supervisor", "is_active")}
        initial = {**told, "team": list(channel.team.all())}
    form = ChannelForm(request.POST or None, channel=channel, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            held = channel_save(user=user_of(request), channel=channel, at=clock.now(), **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("Saved"))
            return redirect("channel", held.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "complaints/channels/form.html", {"form": form, "channel": channel}, status=status)


@require_http_methods(["GET", "POST"])
@allow(can_keep_channels)
def channel_new(request: HttpRequest) -> HttpResponse:
    """An account of social media more."""
    return _form(request, None)


@require_http_methods(["GET", "POST"])
@allow(can_keep_channels)
def channel_edit(request: HttpRequest, pk: int) -> HttpResponse:
    return _form(request, get_object_or_404(_visible(request), pk=pk))


@require_POST
@allow(can_review_channels)
def review_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Review it: the figures are kept as they stand."""
    channel, form, user = get_object_or_404(_visible(request), pk=pk), ReviewForm(request.POST), user_of(request)
    return act(
        request, form=form, said=_("The review is kept, with the figures as they stand"), to="channel", pk=channel.pk,
        do=lambda data: channel_review(user=user, channel=channel, at=clock.now(), **data),
        again=lambda: _page(request, pk, form=form), at="#reviews",
    )  # fmt: skip


def _review(request: HttpRequest, pk: int) -> ChannelReview:
    found = ChannelReview.objects.select_related("channel", "by").filter(channel__in=_visible(request))
    return get_object_or_404(found, pk=pk)


def _review_page(request: HttpRequest, review: ChannelReview, *, form: ReviewProposeForm | None = None) -> HttpResponse:
    user = user_of(request)
    made = recommendations_visible_to(user).filter(review=review).first()
    proposes = bool(review.proposal) and can_propose(user) and not hasattr(review, "recommendation")
    context = {
        "review": review, "figures": figures_read(review.figures), "made": made,
        "form": (form or ReviewProposeForm()) if proposes or form else None,
    }  # fmt: skip
    return render(request, "complaints/channels/review.html", context, status=422 if form else 200)


@require_GET
@allow(sees_channels)
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """A review as it was kept."""
    return _review_page(request, _review(request, pk))


@require_POST
@allow(can_propose)
def review_recommend(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a recommendation of what it proposes (CR-08)."""
    found, form = _review(request, pk), ReviewProposeForm(request.POST)
    if form.is_valid():
        try:
            made = review_propose(user=user_of(request), review=found, at=clock.now(), **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("Proposed as %(number)s") % {"number": made.number})
            return redirect("recommendation", made.pk)
    return _review_page(request, found, form=form)


def channels_remembered(request: HttpRequest) -> list[str]:
    """The intakes of the channels in whose team this person was found on their first page: what the navigation shows,
    at the price of no statement a page. What they may open each door asks again."""
    return list(request.session.get(OF_THEIR_TEAM, ()))


def channel_reminder(request: HttpRequest) -> Reminder | None:
    """A quiet line on the first page of who supervises a channel of which something is due, and of the team of an
    account that is still to be looked through (slot ``reminders``)."""
    user, today = user_of(request), clock.today()
    if user.is_portal or request.path != landing_url(user):
        return None
    mine = list(channels_known(channels_of(user).filter(is_active=True)))
    intakes = sorted({one.intake for one in mine})
    if channels_remembered(request) != intakes:
        request.session[OF_THEIR_TEAM] = intakes
    off = days_off(calendar="PRIVATE") if mine else frozenset[dt.date]()
    due = [(one, said) for one in mine if (said := _due(channel_line(one, today=today, off=off), user))]
    if not due:
        return None
    if len(due) > 1:
        words = ngettext(
            "Something is due of %(count)d channel of yours.",
            "Something is due of %(count)d channels of yours.",
            len(due),
        ) % {"count": len(due)}
        return Reminder(words=words, act=_("Open the channels"), url=reverse("channels"))
    one, said = due[0]
    words = " · ".join([one.name, *said])
    return Reminder(words=words, act=_("Open the channel"), url=reverse("channel", args=[one.pk]))


def _due(line: Line, user: User) -> list[str]:
    """What is due of a channel of theirs: all of it for who supervises it, the looks alone for its team."""
    supervises = line.channel is not None and line.channel.supervisor_id == user.pk
    said = [str(fault.label) for fault in line.faults if supervises or fault == ChannelFault.WATCH]
    if line.watched is not None and line.watched.due_today and not line.watched.missed:
        said.append(_("to be looked through today"))
    return said
