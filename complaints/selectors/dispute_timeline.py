"""A dispute drawn as ten steps on an axis of working days: done, running, to come (the picture of the board)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from common.calendar import working_days_between
from common.choices import LIVE_CLOCK, ClockState
from common.clock import RIYADH
from common.clocks import clocks_of, days_off, steps_in_force
from common.deadlines import due_of
from common.models import Clock, ClockStep, Holiday
from complaints.choices import CORRECTS, ClockKind, CommitteeState, DisputeOutcome
from complaints.models import Dispute
from complaints.selectors.dispute_duties import recipients_due

DONE, NOW, LATE, AHEAD, MAYBE, NONE = "done", "now", "late", "ahead", "maybe", "none"
EVERY = 5
LEAST = 25


@dataclass(kw_only=True)
class Step:
    """One row: where its bar begins and ends, in working days since the filing counts, and what is said of it."""

    words: str | Lazy
    state: str
    code: str = ""
    start: int | None = None
    # Until where it is drawn solid, and until where it may take.
    reached: int | None = None
    due: int | None = None
    marks: tuple[int, ...] = ()
    on: dt.date | None = None
    note: str | Lazy = ""
    # How many working days before (or, below zero, after) its last day it was done; None where that says nothing.
    spare: int | None = None
    length: int | None = None


@dataclass(kw_only=True)
class Timeline:
    """The rows, and the lines across all of them; days are working days since the filing counts."""

    steps: list[Step]
    # None once it is closed.
    today: int | None
    limit: int
    limit_on: dt.date
    length: int
    ticks: list[int] = field(default_factory=list)

    def x(self, day: int) -> float:
        """Where a day stands on the axis, in hundredths of its length from the start edge."""
        return round(3 + 94 * min(max(day, 0), self.length) / self.length, 2)


class _Axis:
    """Days of a dispute as places on its axis, and what is known of its clocks."""

    def __init__(self, dispute: Dispute, now: dt.datetime) -> None:
        self.dispute, self.today = dispute, now.astimezone(RIYADH).date()
        self.off = days_off(calendar=Holiday.Calendar.BANK, since=dispute.counts_from)
        # What was called off says nothing, but for the reply, which a silence calls off.
        self.clocks: dict[str, Clock] = {
            one.code: one
            for one in clocks_of(subject=dispute)
            if one.state != ClockState.CANCELLED or one.code == "MEMBER_REPLY"
        }
        on = dispute.filed_at.astimezone(RIYADH).date()
        steps = steps_in_force(kind=ClockKind.DISPUTE, on=on, client_id=dispute.client_id, ship=False)
        self.rules: dict[str, ClockStep] = {one.code: one for one in steps}

    def place(self, day: dt.date | dt.datetime) -> int:
        on = day.astimezone(RIYADH).date() if isinstance(day, dt.datetime) else day
        return working_days_between(start=self.dispute.counts_from, end=on, holidays=self.off)

    def due_after(self, code: str, since: dt.date) -> dt.date:
        """The last day of a step that begins then: of its clock where that runs, else as it would be."""
        clock = self.clocks.get(code)
        if clock is not None and clock.due_on is not None:
            return clock.due_on
        rule = self.rules[code]
        at = dt.datetime.combine(since, dt.time(12), tzinfo=RIYADH)
        return due_of(unit=rule.unit, left=rule.amount, since=at, moves_on=rule.moves_on, holidays=self.off).on


def timeline_of(*, dispute: Dispute, now: dt.datetime) -> Timeline:
    """The ten steps of a dispute as they stand; writes nothing."""
    axis = _Axis(dispute, now)
    notify_by = axis.due_after("NOTIFY_MEMBER", dispute.counts_from)
    reply_by = axis.due_after("MEMBER_REPLY", notify_by)
    decide_by = axis.due_after("DECISION", reply_by)
    limit_on = axis.due_after("OVERALL", dispute.filed_at.astimezone(RIYADH).date())
    steps = [
        Step(
            words=_("Objection came"), state=DONE, start=0, reached=0, due=0,
            on=dispute.filed_at.astimezone(RIYADH).date(),
        ),
        _clocked(axis, "NOTIFY_MEMBER", since=dispute.counts_from, due=notify_by, done=dispute.notified_at),
        _reply(axis, since=notify_by, due=reply_by),
        _clocked(
            axis, "PROGRESS_NOTICE", since=dispute.counts_from,
            due=axis.due_after("PROGRESS_NOTICE", dispute.counts_from), done=dispute.told_progress_at,
        ),
        _decision(axis, since=reply_by, due=decide_by, limit=limit_on),
        _correction(axis, since=decide_by, due=axis.due_after("CORRECTION", decide_by)),
        _clocked(
            axis, "RESULT", since=decide_by, due=axis.due_after("RESULT", decide_by), done=dispute.told_result_at
        ),
        _recipients(axis),
        _statement(axis),
        _committee(axis),
    ]  # fmt: skip
    last = max(step.due or 0 for step in steps)
    today, limit = None if dispute.closed_at else axis.place(axis.today), axis.place(limit_on)
    length = max(LEAST, -(-max(last, limit, min(today or 0, last + EVERY)) // EVERY) * EVERY)
    return Timeline(
        steps=steps, today=today, limit=limit, limit_on=limit_on, length=length,
        ticks=list(range(0, length + 1, EVERY)),
    )  # fmt: skip


def _clocked(
    axis: _Axis, code: str, *, since: dt.date, due: dt.date, done: dt.datetime | None, words: str | Lazy = ""
) -> Step:
    """A step with a clock of its own."""
    clock, rule = axis.clocks.get(code), axis.rules[code]
    begun = clock.counts_from.astimezone(RIYADH).date() if clock is not None else since
    step = Step(
        words=words or rule.words, state=AHEAD, code=code, start=axis.place(begun), due=axis.place(due), on=due,
        length=rule.amount,
    )  # fmt: skip
    if done is not None:
        step.state, step.reached, step.on = DONE, axis.place(done), done.astimezone(RIYADH).date()
        step.spare = (step.due or 0) - step.reached
    elif clock is not None and clock.state in LIVE_CLOCK:
        over = clock.due_on is not None and axis.today > clock.due_on
        step.state, step.reached = LATE if over else NOW, max(axis.place(axis.today), step.start or 0)
    return step


def _reply(axis: _Axis, *, since: dt.date, due: dt.date) -> Step:
    dispute = axis.dispute
    step = _clocked(axis, "MEMBER_REPLY", since=since, due=due, done=dispute.replied_at)
    if dispute.silent:
        step.state, step.reached, step.note = DONE, step.due, _("silent: counts for the objector")
    clock = axis.clocks.get("MEMBER_REPLY")
    if clock is not None and not dispute.silent and dispute.replied_at is None:
        step.marks = _alarms(clock, axis)
    return step


def _alarms(clock: Clock, axis: _Axis) -> tuple[int, ...]:
    start = axis.place(clock.counts_from)
    return tuple(start + day for day in clock.step.alarms)


def _decision(axis: _Axis, *, since: dt.date, due: dt.date, limit: dt.date) -> Step:
    """Its own days, or the thirty overall where they end before (B9)."""
    step = _clocked(axis, "DECISION", since=since, due=due, done=axis.dispute.decided_at)
    if limit < due:
        if step.state != DONE:
            step.on = limit
        step.note = _("the 30 days come first")
    return step


def _correction(axis: _Axis, *, since: dt.date, due: dt.date) -> Step:
    dispute = axis.dispute
    if dispute.outcome == DisputeOutcome.REJECTED and dispute.committee != CommitteeState.FOR_OBJECTOR:
        return Step(words=axis.rules["CORRECTION"].words, state=NONE, note=_("rejected: the item stays"))
    return _clocked(axis, "CORRECTION", since=since, due=due, done=dispute.corrected_at)


def _recipients(axis: _Axis) -> Step:
    dispute = axis.dispute
    words, named = _("Notices to recipients of the last year"), list(dispute.recipients.all())
    if recipients_due(dispute=dispute):
        return Step(words=words, state=NOW, note=_("to be told now"))
    told = [row.told_at for row in named if row.told_at is not None]
    if told:
        return _once(axis, words, max(told))
    return Step(words=words, state=MAYBE, note=_("on a correction") if not dispute.outcome else _("nobody to tell"))


def _once(axis: _Axis, words: Lazy, at: dt.datetime, note: str | Lazy = "") -> Step:
    """A step without a clock that was done on a day."""
    return Step(words=words, state=DONE, start=axis.place(at), on=at.astimezone(RIYADH).date(), note=note)


def _statement(axis: _Axis) -> Step:
    dispute = axis.dispute
    words = _("Objector's statement in the record")
    if dispute.statement_at is not None:
        return _once(axis, words, dispute.statement_at)
    if dispute.outcome in {DisputeOutcome.UPHELD, DisputeOutcome.UNVERIFIABLE}:
        return Step(words=words, state=NONE, note=_("settled"))
    return Step(words=words, state=MAYBE, note=_("on request"))


def _committee(axis: _Axis) -> Step:
    dispute = axis.dispute
    words = _("Right to go to the committee")
    if dispute.committee == CommitteeState.ASKED:
        return Step(words=words, state=NOW, note=_("with the committee"))
    if dispute.committee and dispute.committee_at is not None:
        return _once(axis, words, dispute.committee_at, note=dispute.get_committee_display())
    if dispute.outcome in CORRECTS:
        return Step(words=words, state=MAYBE, note=_("upheld"))
    return Step(words=words, state=MAYBE, note=_("open to the objector") if dispute.outcome else _("on a rejection"))
