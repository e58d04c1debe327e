"""The only writer of promised calls: promised where a matter was not solved at once, kept or late (CR-02, CR-09)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.audit import Actor, record
from common.clocks import clock_event, plan_of
from common.exceptions import Conflict, NotAllowed, Refused
from complaints.choices import ClockKind, Stage
from complaints.models import CallBack, Matter
from complaints.policies import can_handle_matter
from complaints.services.matters import matter_held


def call_back_promise(*, user: User, matter: Matter, at: dt.datetime) -> CallBack:
    """Promise who told us a call; its clock begins. Raises Conflict while one is promised, and for a closed matter."""
    with transaction.atomic():
        held, actor = matter_held(matter), Actor.person(user)
        if held.concerned_id == user.pk or not (held.recorded_by_id == user.pk or can_handle_matter(user, held)):
            raise NotAllowed("matter_handler", _("This matter is handled by others."))
        if held.stage == Stage.CLOSED:
            raise Conflict("matter_closed", _("This matter is closed."))
        if held.call_backs.filter(done_at__isnull=True).exists():
            raise Conflict("call_promised", _("A call is promised already."))
        (step,) = plan_of(kind=ClockKind.CALL_BACK, at=at, client_id=held.client_id)
        call = CallBack.objects.create(matter=held, promised_at=at, due_at=step.due.at, promised_by=user)
        record(
            actor=actor,
            action="call_back.promised",
            subject=call,
            client_id=held.client_id,
            body={"matter": held.pk, "due_at": call.due_at},
        )
        clock_event(subject=call, kind=ClockKind.CALL_BACK, event="PROMISED", at=at, actor=actor)
    return call


def call_back_done(*, user: User, call_back: CallBack, result: str, at: dt.datetime) -> CallBack:
    """Write down that the promised call was made, and what came of it. Raises Conflict when it was."""
    if not result.strip():
        raise Refused("call_result", _("Say what came of the call."), field="result")
    with transaction.atomic():
        held = CallBack.objects.select_for_update(of=("self",)).select_related("matter").get(pk=call_back.pk)
        if held.matter.concerned_id == user.pk or not (
            held.promised_by_id == user.pk or can_handle_matter(user, held.matter)
        ):
            raise NotAllowed("matter_handler", _("This matter is handled by others."))
        if held.done_at is not None:
            raise Conflict("call_done", _("This call was made already."))
        held.done_at, held.result, held.done_by = at, result.strip()[:500], user
        held.save(update_fields=["done_at", "result", "done_by"])
        actor = Actor.person(user)
        record(
            actor=actor,
            action="call_back.done",
            subject=held,
            client_id=held.matter.client_id,
            body={"matter": held.matter_id},
        )
        clock_event(subject=held, kind=ClockKind.CALL_BACK, event="CALLED", at=at, actor=actor)
    return held
