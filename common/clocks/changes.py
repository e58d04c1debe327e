"""Changes of holidays and of the table of steps: what they write, which running clocks they would move, and the answer.

A change never moves a running clock: it proposes dates, and each is accepted or declined. Who may ask and who decides
is for the callers' services; these are parts of their acts.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from common import clock as present
from common import events
from common.audit import Actor
from common.choices import ClockMove, ClockState, ProposalState
from common.clocks.events import ClockMoved
from common.clocks.reads import clocks_running, days_off
from common.clocks.running import locked, moved, set_time
from common.deadlines import Due, counts_from, due_of, whole_of
from common.exceptions import Conflict, NotAllowed, Refused
from common.models import Clock, ClockChange, ClockProposal, ClockStep, Holiday

HOLIDAYS, DEADLINES = "HOLIDAYS", "DEADLINES"
SET, REMOVE = "SET", "REMOVE"


@dataclass(frozen=True, kw_only=True)
class Touched:
    """A running clock whose due date would be another one."""

    clock: Clock
    step: ClockStep
    was: dt.datetime
    due: Due


def digest_of(*, kind: str, asked: Any, reason: str) -> str:
    """The hash of what is asked."""
    text = json.dumps([kind, asked, reason], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def holidays_after(*, calendar: str, asked: Sequence[Mapping[str, Any]]) -> frozenset[dt.date]:
    """A calendar's days off as they would be after the asked lines."""
    off = set(days_off(calendar=calendar))
    for line in asked:
        if line["calendar"] == calendar:
            day = dt.date.fromisoformat(line["on"])
            (off.add if line["do"] == SET else off.discard)(day)
    return frozenset(off)


@dataclass(frozen=True, kw_only=True)
class _Time:
    """How a clock would stand: what was left, since when it counts, and when it is due."""

    left: int
    since: dt.datetime
    due: Due


def _reckoned(clock: Clock, *, step: ClockStep, holidays: Collection[dt.date]) -> _Time:
    """A clock by a version of its step and these days off; what was used up before a pause stays used up. In another
    unit its time is reckoned anew.
    """
    left, since = clock.left, clock.counts_from
    # What was filed on a day that is no working day after all counts as of the next (CB-45).
    if left == whole_of(unit=clock.step.unit, amount=clock.step.amount):
        since = counts_from(at=clock.since_at, office_hours=step.office_hours, holidays=holidays)
    if step.pk != clock.step_id:
        whole = whole_of(unit=clock.step.unit, amount=clock.step.amount)
        used = whole - clock.left if step.unit == clock.step.unit else 0
        left = max(0, whole_of(unit=step.unit, amount=step.amount) - used)
    due = due_of(unit=step.unit, left=left, since=since, moves_on=step.moves_on, holidays=holidays)
    return _Time(left=left, since=since, due=due)


def _touched(clock: Clock, *, before: Due, after: Due, step: ClockStep) -> list[Touched]:
    """Nothing where this change moves nothing: a date that was declined is not asked for again by another change."""
    if clock.due_at is None or after.at in {before.at, clock.due_at}:
        return []
    return [Touched(clock=clock, step=step, was=clock.due_at, due=after)]


def touched_by_holidays(
    *, before: Mapping[str, Collection[dt.date]], after: Mapping[str, Collection[dt.date]]
) -> list[Touched]:
    """Running and late clocks that other days off make due otherwise, the nearest due date first.

    A paused clock is reckoned when it goes on, by the calendar of then.
    """
    found = list[Touched]()
    for clock in clocks_running().filter(calendar__in=list(after)):
        was, will = (_reckoned(clock, step=clock.step, holidays=off[clock.calendar]).due for off in (before, after))
        found += _touched(clock, before=was, after=will, step=clock.step)
    return found


def touched_by_step(*, step: ClockStep) -> list[Touched]:
    """The same for the next version of a step: the house's touches no client's own."""
    running = clocks_running().filter(kind=step.kind, code=step.code)
    whose = {"step__client_id": None} if step.client_id is None else {"client_id": step.client_id}
    off = {calendar: days_off(calendar=calendar) for calendar in Holiday.Calendar.values}
    found = list[Touched]()
    for clock in running.filter(**whose) if step.in_use else ():
        was, will = (_reckoned(clock, step=one, holidays=off[clock.calendar]).due for one in (clock.step, step))
        found += _touched(clock, before=was, after=will, step=step)
    return found


def touched_by(*, kind: str, asked: Any) -> list[Touched]:
    """What a change would touch if it were applied now."""
    if kind == HOLIDAYS:
        calendars = {line["calendar"] for line in asked}
        return touched_by_holidays(
            before={code: days_off(calendar=code) for code in calendars},
            after={code: holidays_after(calendar=code, asked=asked) for code in calendars},
        )
    return touched_by_step(step=next_version(asked=asked))


def next_version(*, asked: Mapping[str, Any]) -> ClockStep:
    """A step's next version as it is asked for, unsaved."""
    last = ClockStep.objects.filter(kind=asked["kind"], code=asked["code"], client_id=asked["client_id"]).aggregate(
        last=Max("version")
    )["last"]
    return ClockStep(**{**asked, "starts_on": dt.date.fromisoformat(asked["starts_on"])}, version=(last or 0) + 1)


def change_apply(*, change: ClockChange) -> list[ClockProposal]:
    """Write what was approved, and propose the dates it would move; part of the deciding service's transaction."""
    if change.kind == HOLIDAYS:
        touched = touched_by(kind=HOLIDAYS, asked=change.asked)
        for line in change.asked:
            day = {"calendar": line["calendar"], "on": line["on"]}
            if line["do"] == SET:
                told = {name: line[name] for name in ("name_ar", "name_en", "estimated")}
                Holiday.objects.update_or_create(**day, defaults=told)
            else:
                Holiday.objects.filter(**day).delete()
    else:
        step = next_version(asked=change.asked)
        step.save()
        touched = touched_by_step(step=step)
    return _propose(change=change, touched=touched)


def _propose(*, change: ClockChange, touched: Sequence[Touched]) -> list[ClockProposal]:
    """One waiting date a clock: a later change overtakes what an earlier one proposed."""
    ClockProposal.objects.filter(clock__in=[one.clock.pk for one in touched], state=ProposalState.WAITING).update(
        state=ProposalState.STALE
    )
    return ClockProposal.objects.bulk_create(
        ClockProposal(
            change=change, clock=one.clock, client_id=one.clock.client_id, step=one.step, old_due_at=one.was,
            new_due_at=one.due.at, prepared_by=change.prepared_by, made_at=present.now(),
        )
        for one in touched
    )  # fmt: skip


def proposal_answer(
    *, proposal: ClockProposal, accept: bool, user: Any, at: dt.datetime, reason: str = ""
) -> ClockProposal:
    """Accept a proposed due date, which moves the clock, or decline it; by another person than who asked.

    A proposal whose clock moved meanwhile is overtaken (STALE), whatever the answer. Raises NotAllowed for who asked
    for the change, Refused for declining without a word, Conflict for what was answered.
    """
    asked = ClockProposal.objects.select_for_update(of=("self",)).select_related("step", "clock").get(pk=proposal.pk)
    if asked.state != ProposalState.WAITING:
        raise Conflict("clock_proposal_answered", _("This due date was answered already."))
    if asked.prepared_by_id == user.pk:
        raise NotAllowed("clock_proposal", _("Who asked for a change does not answer what it moves."))
    reason = reason.strip()
    if not accept and not reason:
        raise Refused("decision_reason", _("Declining needs a word of why."), field="reason")
    clock = locked(asked.clock)
    off = days_off(calendar=clock.calendar)
    time = _reckoned(clock, step=asked.step, holidays=off)
    stands = clock.state in {ClockState.RUNNING, ClockState.LATE} and clock.due_at == asked.old_due_at
    if not stands or time.due.at != asked.new_due_at:
        asked.state = ProposalState.STALE
        asked.save(update_fields=["state"])
        return asked
    asked.state = ProposalState.ACCEPTED if accept else ProposalState.DECLINED
    asked.answered_by, asked.answered_at, asked.reason = user, at, reason[:500]
    asked.save(update_fields=["state", "answered_by", "answered_at", "reason"])
    if accept:
        clock.step = asked.step
        was = clock.due_at
        set_time(clock, left=time.left, since=time.since, holidays=off)
        _moved(clock, was=was, at=at, user=user, reason=reason or asked.change.reason)
    return asked


def _moved(clock: Clock, *, was: dt.datetime | None, at: dt.datetime, user: Any, reason: str) -> None:
    """What lapsed stays late where the new date is over too; else it had not lapsed."""
    assert was is not None and clock.due_at is not None  # noqa: S101 - what runs has a due date, by constraint
    stays = clock.state == ClockState.LATE and clock.due_at < at
    if stays:
        clock.lapsed_at, clock.next_at, clock.warn_at, clock.warn_marks = clock.due_at, None, [], []
    to = ClockState.LATE if stays else ClockState.RUNNING
    moved(clock, move=ClockMove.RECALCULATED, to=to, at=at, actor=Actor.person(user), reason=reason)
    events.publish(ClockMoved(clock=clock, was_due_at=was))
