"""The only writer of clocks that people and apps move; the tick (``tick.py``) is the other hand of the same engine.

Every function locks the clock, checks the move, changes it and writes its event. They raise Conflict for a move that
the clock cannot make now (``common.choices.CLOCK_MOVES``), and Refused for what it may never.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from common import clock as present
from common import events
from common.audit import Actor
from common.choices import CLOCK_MOVES, LIVE_CLOCK, ClockMove, ClockState
from common.clock import RIYADH
from common.clocks.events import ClockBreached
from common.clocks.reads import days_off
from common.clocks.steps import step_of, steps_in_force
from common.deadlines import Due, counts_from, due_of, kept_of, warnings_of, whole_of
from common.exceptions import Conflict, Refused
from common.models import Clock, ClockEvent, ClockStep

LONGEST_REASON = 500
# What of a clock moves; the database lets nothing else change.
MOVING = (
    "step", "state", "since_at", "counts_from", "left", "due_on", "due_at", "warn_at", "warn_marks", "warned",
    "next_at", "lapsed_at", "paused_at", "ended_at", "moves",
)  # fmt: skip


def locked(clock: Clock) -> Clock:
    """The clock as it stands, under lock, with its step."""
    return Clock.objects.select_for_update(of=("self",)).select_related("step").get(pk=clock.pk)


def moved(
    clock: Clock, *, move: str, to: str, at: dt.datetime, actor: Actor, reason: str = "", mark: str = ""
) -> Clock:
    """Save a clock that moved, and its event. Raises Conflict for a move it cannot make."""
    if to != clock.state and to not in CLOCK_MOVES[clock.state]:
        raise Conflict("clock_moved", _("This deadline stands otherwise by now."))
    clock.state = to
    clock.moves += 1
    clock.save(update_fields=MOVING)
    told(clock, move=move, at=at, actor=actor, reason=reason, mark=mark).save()
    return clock


def told(clock: Clock, *, move: str, at: dt.datetime, actor: Actor, reason: str = "", mark: str = "") -> ClockEvent:
    """The event of the move that a clock has just made, unsaved."""
    return ClockEvent(
        clock=clock,
        client_id=clock.client_id,
        number=clock.moves,
        move=move,
        at=at,
        recorded_at=present.now(),
        state=clock.state,
        due_at=clock.due_at,
        left=clock.left,
        mark=mark,
        reason=reason[:LONGEST_REASON],
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
    )


def set_time(clock: Clock, *, left: int, since: dt.datetime, holidays: Collection[dt.date]) -> None:
    """Reckon due date and warnings of a clock that has this much left from ``since`` on; warnings given stay given."""
    step = clock.step
    due = due_of(unit=step.unit, left=left, since=since, moves_on=step.moves_on, holidays=holidays)
    ahead = [
        alert
        for alert in warnings_of(
            unit=step.unit, amount=step.amount, left=left, since=since, due=due, holidays=holidays, alarms=step.alarms
        )
        if alert.mark not in clock.warned
    ]
    clock.left, clock.counts_from, clock.due_on, clock.due_at = left, since, due.on, due.at
    clock.warn_at, clock.warn_marks = [alert.at for alert in ahead], [alert.mark for alert in ahead]
    clock.next_at = ahead[0].at if ahead else due.at


def _started(
    *, subject_type: str, subject_id: int, client_id: int | None, step: ClockStep, calendar: str, at: dt.datetime,
    actor: Actor,
) -> Clock:  # fmt: skip
    holidays = days_off(calendar=calendar, since=at.astimezone(RIYADH).date())
    clock = Clock(
        kind=step.kind,
        code=step.code,
        subject_type=subject_type,
        subject_id=subject_id,
        client_id=client_id,
        step=step,
        calendar=calendar,
        started_at=at,
        since_at=at,
    )
    since = counts_from(at=at, office_hours=step.office_hours, holidays=holidays)
    set_time(clock, left=whole_of(unit=step.unit, amount=step.amount), since=since, holidays=holidays)
    clock.save()
    told(clock, move=ClockMove.STARTED, at=at, actor=actor).save()
    return clock


def lapsed(clock: Clock, *, actor: Actor) -> Clock:
    """A clock whose last moment is over: late from then on, the steps that this starts, and the word to other apps."""
    assert clock.due_at is not None  # noqa: S101 - what runs has a due date, by constraint
    again = clock.lapsed_at == clock.due_at
    clock.lapsed_at, clock.next_at = clock.due_at, None
    moved(clock, move=ClockMove.LAPSED, to=ClockState.LATE, at=clock.due_at, actor=actor)
    if not again:
        lapse_followed(clock, actor=actor)
    return clock


def lapse_followed(clock: Clock, *, actor: Actor) -> None:
    """What follows from a lapse that is written: steps that begin with it, and ClockBreached."""
    assert clock.due_at is not None  # noqa: S101 - as above
    on = clock.due_at.astimezone(RIYADH).date()
    rows = steps_in_force(kind=clock.kind, on=on, client_id=clock.client_id, profiles=[clock.step.profile])
    for step in rows:
        if step.on_lapse and step.after == clock.code and not _has(clock.subject_type, clock.subject_id, step):
            _started(
                subject_type=clock.subject_type, subject_id=clock.subject_id, client_id=clock.client_id, step=step,
                calendar=clock.calendar, at=clock.due_at, actor=actor,
            )  # fmt: skip
    events.publish(ClockBreached(clock=clock, at=clock.due_at))


def _has(subject_type: str, subject_id: int, step: ClockStep) -> bool:
    return Clock.objects.filter(
        subject_type=subject_type, subject_id=subject_id, kind=step.kind, code=step.code
    ).exists()


def _settled(clock: Clock, *, at: dt.datetime, actor: Actor) -> Clock:
    """A clock that ran out before ``at`` lapses first, though no tick came by: no state is skipped."""
    if clock.state == ClockState.RUNNING and clock.due_at is not None and clock.due_at < at:
        lapsed(clock, actor=actor)
        # Whoever follows a lapse may have moved it.
        return locked(clock)
    return clock


def _not_before(clock: Clock, at: dt.datetime) -> None:
    if at < clock.since_at:
        raise Refused("clock_early", _("That is before this deadline began."))


def _why(reason: str) -> str:
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise Refused("clock_reason", _("Say why, in at most 500 characters."), field="reason")
    return reason


def clock_start(*, subject: Model, kind: str, code: str, at: dt.datetime, actor: Actor, calendar: str = "") -> Clock:
    """Start one step of a matter at the event that happened ``at``; ``calendar`` in place of the step's own.

    Raises LookupError for an unknown step, Conflict while one of the same code lives.
    """
    client_id = getattr(subject, "client_id", None)
    step = step_of(kind=kind, code=code, on=at.astimezone(RIYADH).date(), client_id=client_id)
    label = subject._meta.label
    if Clock.objects.filter(
        subject_type=label, subject_id=subject.pk, kind=kind, code=code, state__in=LIVE_CLOCK
    ).exists():
        raise Conflict("clock_runs", _("This deadline is running already."))
    return _started(
        subject_type=label, subject_id=subject.pk, client_id=client_id, step=step,
        calendar=calendar or step.calendar, at=at, actor=actor,
    )  # fmt: skip


def clock_event(
    *,
    subject: Model,
    kind: str,
    event: str,
    at: dt.datetime,
    actor: Actor,
    profiles: Collection[str] = (),
    calendar: str = "",
    reason: str = "",
) -> list[Clock]:
    """Something happened on a matter: clocks that it meets are met, steps that it starts begin; those that moved.

    Told twice it does nothing the second time: a step that has had its clock is not started again (see
    ``clock_reopen``). Where the lapse of the step before had started it, and the event turns out to have come first,
    it is reckoned from the event: whichever comes first (I-12). Raises LookupError for a kind that no app ships.
    """
    label, client_id, found = subject._meta.label, getattr(subject, "client_id", None), list[Clock]()
    mine = Clock.objects.filter(subject_type=label, subject_id=subject.pk, kind=kind)
    for clock in mine.filter(state__in=LIVE_CLOCK, step__ends=event).order_by("pk"):
        now = _settled(locked(clock), at=at, actor=actor)
        if now.state in LIVE_CLOCK:
            found.append(clock_meet(clock=now, at=at, actor=actor, reason=reason))
    steps = steps_in_force(kind=kind, on=at.astimezone(RIYADH).date(), client_id=client_id, profiles=profiles)
    for step in steps:
        if step.starts != event:
            continue
        known = mine.filter(code=step.code).order_by("-pk").first()
        if known is None:
            found.append(
                _started(
                    subject_type=label,
                    subject_id=subject.pk,
                    client_id=client_id,
                    step=step,
                    calendar=calendar or step.calendar,
                    at=at,
                    actor=actor,
                )
            )
        elif step.on_lapse and known.state == ClockState.RUNNING and at < known.since_at:
            found.append(clock_begun(clock=known, at=at, actor=actor))
    return found


def clock_begun(*, clock: Clock, at: dt.datetime, actor: Actor, reason: str = "") -> Clock:
    """Reckon a clock that runs or is late from ``at`` on, with its whole time: what starts it turned out to have
    happened then. Begun later, all is warned of anew; where its time is over too, the next tick finds it. Raises
    Conflict for one that does not live.
    """
    now = locked(clock)
    if now.state not in {ClockState.RUNNING, ClockState.LATE}:
        raise Conflict("clock_moved", _("This deadline stands otherwise by now."))
    holidays = days_off(calendar=now.calendar, since=at.astimezone(RIYADH).date())
    now.warned = now.warned if at < now.since_at else []
    now.since_at, now.lapsed_at = at, None
    set_time(now, left=whole_of(unit=now.step.unit, amount=now.step.amount), since=at, holidays=holidays)
    return moved(now, move=ClockMove.RECALCULATED, to=ClockState.RUNNING, at=at, actor=actor, reason=reason)


def clock_meet(*, clock: Clock, at: dt.datetime, actor: Actor, reason: str = "") -> Clock:
    """What was due is done ``at``; after the last moment it is met late, and stays so (``Clock.is_late``)."""
    now = _settled(locked(clock), at=at, actor=actor)
    if now.state not in LIVE_CLOCK:
        raise Conflict("clock_moved", _("This deadline stands otherwise by now."))
    if at < now.started_at:
        raise Refused("clock_early", _("That is before this deadline began."))
    now.ended_at, now.next_at = at, None
    return moved(now, move=ClockMove.MET, to=ClockState.MET, at=at, actor=actor, reason=reason)


def clock_cancel(*, clock: Clock, at: dt.datetime, actor: Actor, reason: str) -> Clock:
    """Call a deadline off: what was due is not needed any more."""
    why = _why(reason)
    now = _settled(locked(clock), at=at, actor=actor)
    if now.state not in LIVE_CLOCK:
        raise Conflict("clock_moved", _("This deadline stands otherwise by now."))
    now.ended_at, now.next_at = at, None
    return moved(now, move=ClockMove.CANCELLED, to=ClockState.CANCELLED, at=at, actor=actor, reason=why)


def clock_pause(*, clock: Clock, at: dt.datetime, actor: Actor, reason: str) -> Clock:
    """Stop a running clock; the rest of its time is kept in its own unit, the day of ``at`` being used up.

    Raises Refused where the source of the deadline knows no pause, and for a moment before it began.
    """
    why = _why(reason)
    now = _settled(locked(clock), at=at, actor=actor)
    if not now.step.may_pause:
        raise Refused("clock_no_pause", _("This deadline is never paused: its source knows no pause."))
    if now.state != ClockState.RUNNING:
        raise Conflict("clock_moved", _("This deadline stands otherwise by now."))
    _not_before(now, at)
    holidays = days_off(calendar=now.calendar, since=now.counts_from.astimezone(RIYADH).date())
    assert now.due_on is not None and now.due_at is not None  # noqa: S101 - what runs has a due date, by constraint
    now.left = kept_of(
        unit=now.step.unit, left=now.left, since=now.counts_from, at=at, due=Due(on=now.due_on, at=now.due_at),
        holidays=holidays,
    )  # fmt: skip
    now.paused_at, now.due_on, now.due_at, now.next_at = at, None, None, None
    now.warn_at, now.warn_marks = [], []
    return moved(now, move=ClockMove.PAUSED, to=ClockState.PAUSED, at=at, actor=actor, reason=why)


def clock_resume(*, clock: Clock, at: dt.datetime, actor: Actor, reason: str = "") -> Clock:
    """Let a paused clock go on: the rest of its time from ``at`` on, whose day is not counted."""
    now = locked(clock)
    if now.state != ClockState.PAUSED or now.paused_at is None:
        raise Conflict("clock_moved", _("This deadline stands otherwise by now."))
    if at < now.paused_at:
        raise Refused("clock_early", _("That is before it was paused."))
    _go_on(now, at=at)
    return moved(now, move=ClockMove.RESUMED, to=ClockState.RUNNING, at=at, actor=actor, reason=reason)


def _go_on(clock: Clock, *, at: dt.datetime) -> None:
    # A pause before its time began to count moved nothing.
    since = max(at, clock.counts_from)
    holidays = days_off(calendar=clock.calendar, since=since.astimezone(RIYADH).date())
    clock.since_at, clock.paused_at = at, None
    set_time(clock, left=clock.left, since=since, holidays=holidays)


def clock_reopen(*, clock: Clock, at: dt.datetime, actor: Actor, reason: str, afresh: bool) -> Clock:
    """Open a clock that was met or called off again.

    ``afresh``: the matter goes to its next round, with the whole time from ``at`` on. Otherwise it had not ended after
    all: the due date it had stands, and lapses at once where it is over; what was paused goes on with its rest.
    Raises Conflict while another clock of the same step lives.
    """
    why = _why(reason)
    now = locked(clock)
    if now.state not in {ClockState.MET, ClockState.CANCELLED}:
        raise Conflict("clock_moved", _("This deadline stands otherwise by now."))
    same = Clock.objects.filter(
        subject_type=now.subject_type, subject_id=now.subject_id, kind=now.kind, code=now.code, state__in=LIVE_CLOCK
    )
    if same.exists():
        raise Conflict("clock_runs", _("This deadline is running already."))
    if now.ended_at is not None and at < now.ended_at:
        raise Refused("clock_early", _("That is before it ended."))
    if afresh:
        holidays = days_off(calendar=now.calendar, since=at.astimezone(RIYADH).date())
        now.since_at, now.warned, now.lapsed_at, now.paused_at = at, [], None, None
        since = counts_from(at=at, office_hours=now.step.office_hours, holidays=holidays)
        set_time(now, left=whole_of(unit=now.step.unit, amount=now.step.amount), since=since, holidays=holidays)
    elif now.due_at is None:
        _go_on(now, at=at)
    else:
        now.next_at = now.warn_at[0] if now.warn_at else now.due_at
    now.ended_at = None
    moved(now, move=ClockMove.REOPENED, to=ClockState.RUNNING, at=at, actor=actor, reason=why)
    return _settled(now, at=at, actor=actor)
