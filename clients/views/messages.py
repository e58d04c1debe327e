"""Messages to people: what left, waits, failed or is in doubt, and what a person does about it (ADR 0039)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages as said_to_user
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import allow, user_of
from accounts.services.users import access_record
from clients.forms import LimitForm, MessageReasonForm, StopForm
from clients.models import Client
from clients.policies import (
    can_act_on_messages,
    can_read_message,
    can_read_messages,
    can_see_messages,
    can_stop_messages,
)
from clients.selectors.clients import clients_visible_to
from clients.selectors.messages import (
    VIEWS,
    message_happenings,
    message_lines,
    messages_counted,
    messages_visible_to,
)
from common import clock, crypto
from common.audit import Actor
from common.choices import MessageChannel
from common.exceptions import Refused
from common.forms import key_of
from common.mail import message_id
from common.message_limits import limit_of, limit_set, limit_standing
from common.models import Message, MessageStop
from common.outbox import (
    message_cancel,
    message_confirm,
    message_opened,
    message_resend,
    outbox_lift,
    outbox_stop,
    stops_standing,
)

A_PAGE = 50
# Seconds for which a message stays open to who opened it.
OPEN_FOR = 300


@require_GET
@allow(can_see_messages)
def message_list(request: HttpRequest) -> HttpResponse:
    """Every message by where it stands; what a person must decide goes first."""
    return _list(request)


def _list(request: HttpRequest, *, stop: StopForm | None = None, limit: LimitForm | None = None) -> HttpResponse:
    user, asked = user_of(request), request.GET
    found = messages_visible_to(user)
    if asked.get("channel") in MessageChannel.values:
        found = found.filter(channel=asked["channel"])
    if (client_id := key_of(asked.get("client", ""))) is not None:
        found = found.filter(client_id=client_id)
    counts = messages_counted(found)
    view = asked.get("view", "")
    if view not in VIEWS:
        view = next((name for name in ("open", "waiting") if counts[name]), "sent")
    order = ("next_at", "pk") if view == "waiting" else ("-queued_at", "-pk")
    page = Paginator(found.filter(state__in=VIEWS[view]).order_by(*order), A_PAGE).get_page(asked.get("page"))
    clients, standing = list(clients_visible_to(user).order_by("code")), limit_standing()
    context = {
        "view": view,
        "counts": counts,
        "page": page,
        "lines": message_lines(user=user, found=page.object_list),
        "clients": clients,
        "channels": MessageChannel.choices,
        "stops": [(stop, _client_of(stop, clients)) for stop in stops_standing()],
        "stop_form": stop or StopForm(clients=clients),
        "limit_form": limit or LimitForm(initial={"sms_a_day": limit_of(standing)}),
        "limit": standing,
        "sms_a_day": limit_of(standing),
        "may_read": can_read_messages(user),
        "may_stop": can_stop_messages(user),
        "no_sms": not settings.SMS_PROVIDER,
    }
    status = 422 if stop is not None or limit is not None else 200
    return render(request, "messages/list.html", context, status=status)


def _client_of(stop: MessageStop, clients: list[Client]) -> Client | None:
    return next((client for client in clients if client.pk == stop.client_id), None)


def _message(request: HttpRequest, pk: int) -> Message:
    return get_object_or_404(messages_visible_to(user_of(request)), pk=pk)


def _page(request: HttpRequest, found: Message, *, form: MessageReasonForm | None = None) -> HttpResponse:
    user = user_of(request)
    opened: dict[str, str] | None = None
    unreadable = False
    is_open = request.session.get(f"message-{found.pk}", 0) > clock.now().timestamp()
    may_read = can_read_message(user, found)
    if may_read and is_open:
        try:
            opened = message_opened(message=found)
        except crypto.Unreadable:
            unreadable = True
    context: dict[str, Any] = {
        "message": found,
        "line": message_lines(user=user, found=[found])[0],
        "happenings": message_happenings(found),
        "opened": opened,
        "unreadable": unreadable,
        "outside_name": message_id(found.key) if found.channel == MessageChannel.EMAIL else str(found.key),
        "form": form or MessageReasonForm(),
        "may_read": may_read,
        "withheld": can_read_messages(user) and not may_read,
        "may_act": can_act_on_messages(user),
    }
    return render(request, "messages/message.html", context, status=422 if form is not None else 200)


@require_GET
@allow(can_see_messages)
def message(request: HttpRequest, pk: int) -> HttpResponse:
    """One message: where it stands, what happened, and what may be done; its text once it was opened."""
    return _page(request, _message(request, pk))


@require_POST
@allow(can_read_messages)
def message_reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """Show address and text for five minutes; the look is written down first."""
    found = _message(request, pk)
    if not can_read_message(user_of(request), found):
        raise Http404
    access_record(user=user_of(request), what="message.reveal", subject=found)
    request.session[f"message-{found.pk}"] = clock.now().timestamp() + OPEN_FOR
    return redirect("message", found.pk)


def _acted(request: HttpRequest, pk: int, act: Callable[..., Message], done: str) -> HttpResponse:
    """One act on a message, with its reason; what is refused is said on the page."""
    found = _message(request, pk)
    form = MessageReasonForm(request.POST)
    if form.is_valid():
        try:
            act(actor=Actor.person(user_of(request)), message=found, reason=form.cleaned_data["reason"])
        except Refused as refusal:
            form.add_error("reason" if "reason" in refusal.fields else None, str(refusal.message))
        else:
            said_to_user.success(request, done)
            return redirect("message", found.pk)
    return _page(request, _message(request, pk), form=form)


@require_POST
@allow(can_act_on_messages)
def resend(request: HttpRequest, pk: int) -> HttpResponse:
    """Send again what is in doubt or failed."""
    return _acted(request, pk, message_resend, _("It is sent again"))


@require_POST
@allow(can_act_on_messages)
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a message in doubt did leave."""
    return _acted(request, pk, message_confirm, _("Recorded as sent"))


@require_POST
@allow(can_act_on_messages)
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a message be."""
    return _acted(request, pk, message_cancel, _("Cancelled"))


@require_POST
@allow(can_stop_messages)
def stop(request: HttpRequest) -> HttpResponse:
    """Let nothing more leave by a channel, for a client, or at all."""
    form = StopForm(request.POST, clients=list(clients_visible_to(user_of(request)).order_by("code")))
    if form.is_valid():
        try:
            outbox_stop(user=user_of(request), **form.cleaned_data)
        except Refused as refusal:
            form.add_error("reason" if "reason" in refusal.fields else None, str(refusal.message))
        else:
            said_to_user.success(request, _("Stopped: nothing more leaves there"))
            return redirect("messages")
    return _list(request, stop=form)


@require_POST
@allow(can_stop_messages)
def lift(request: HttpRequest, pk: int) -> HttpResponse:
    """Let messages leave again."""
    found = get_object_or_404(MessageStop, pk=pk)
    try:
        outbox_lift(user=user_of(request), stop=found)
    except Refused as refusal:
        said_to_user.error(request, str(refusal.message))
    else:
        said_to_user.success(request, _("Messages leave again"))
    return redirect("messages")


@require_POST
@allow(can_stop_messages)
def limit(request: HttpRequest) -> HttpResponse:
    """How many SMS one number gets in a day, from now on."""
    form = LimitForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            limit_set(user=user_of(request), sms_a_day=data["sms_a_day"], reason=data["limit_reason"])
        except Refused as refusal:
            form.add_error(None, str(refusal.message))
        else:
            said_to_user.success(request, _("Saved"))
            return redirect("messages")
    return _list(request, limit=form)
