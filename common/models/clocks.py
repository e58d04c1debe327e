"""Deadlines: the table of steps in versions, clocks that run, every move of one, and what changes of the table propose.

Clocks know no trade words: a matter is the type and id of a row, and the client it belongs to (ADR 0038).
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import get_language

from common.choices import ClockMove, ClockState, ClockUnit, ProposalState
from common.models.calendar import Holiday


class ClockStep(models.Model):
    """One version of one deadline; fields as in ``common.deadlines.Step``. Append-only.

    In force on a day: the greatest (starts_on, version) that has begun, of the client, else of the house. A version
    that is not ``in_use`` takes the deadline away.
    """

    kind = models.CharField(max_length=30)
    code = models.CharField(max_length=30)
    # Empty: the house's; else one client's own.
    client_id = models.BigIntegerField(null=True, blank=True)
    version = models.PositiveSmallIntegerField(default=1)
    starts_on = models.DateField()
    in_use = models.BooleanField(default=True)
    words_ar = models.CharField(max_length=160)
    words_en = models.CharField(max_length=160)
    starts = models.CharField(max_length=30)
    ends = models.CharField(max_length=30)
    after = models.CharField(max_length=30, blank=True)
    on_lapse = models.BooleanField(default=False)
    # Days, working days or hours.
    amount = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=2, choices=ClockUnit.choices)
    calendar = models.CharField(max_length=10, choices=Holiday.Calendar.choices)
    moves_on = models.BooleanField(default=False)
    office_hours = models.BooleanField(default=False)
    may_pause = models.BooleanField(default=True)
    alarms = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    profile = models.CharField(max_length=20, blank=True)
    source = models.CharField(max_length=200)
    verified = models.BooleanField(default=True)
    number = models.CharField(max_length=10, blank=True)
    responsible = models.CharField(max_length=30, blank=True)
    output_ar = models.CharField(max_length=160, blank=True)
    output_en = models.CharField(max_length=160, blank=True)

    class Meta:
        ordering = ["kind", "number", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "code", "client_id", "version"], name="clock_step_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="clock_step_has_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}.{self.code} v{self.version}"

    @property
    def words(self) -> str:
        """Its name in the reader's language."""
        return self.words_en if (get_language() or "ar").startswith("en") else self.words_ar

    @property
    def output(self) -> str:
        """What it brings forth, in the reader's language."""
        return self.output_en if (get_language() or "ar").startswith("en") else self.output_ar


class Clock(models.Model):
    """One deadline of one matter. ``common.clocks`` is its only writer; every change has its ClockEvent."""

    kind = models.CharField(max_length=30)
    code = models.CharField(max_length=30)
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    # Empty for a matter of no single client.
    client_id = models.BigIntegerField(null=True, blank=True)
    step = models.ForeignKey(ClockStep, on_delete=models.PROTECT, related_name="clocks")
    calendar = models.CharField(max_length=10, choices=Holiday.Calendar.choices)
    state = models.CharField(max_length=10, choices=ClockState.choices, default=ClockState.RUNNING)
    # The event that started it; where it last started, went on or was opened again; since when it counts.
    started_at = models.DateTimeField()
    since_at = models.DateTimeField()
    counts_from = models.DateTimeField()
    # What was left at ``counts_from``, or, paused, what is: days or working days, seconds of hours.
    left = models.IntegerField()
    # Empty while it is paused.
    due_on = models.DateField(null=True, blank=True)
    # The last moment in time.
    due_at = models.DateTimeField(null=True, blank=True)
    # Warnings still ahead, the first first, and those given.
    warn_at = ArrayField(models.DateTimeField(), default=list, blank=True)
    warn_marks = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    warned = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    # When the tick has something to do: the next warning, else the lapse; empty unless it runs.
    next_at = models.DateTimeField(null=True, blank=True)
    # When it lapsed: its ``due_at`` of then.
    lapsed_at = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    # How often it moved: the number of its last event.
    moves = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id", "kind", "code"],
                condition=models.Q(state__in=["RUNNING", "PAUSED", "LATE"]),
                name="clock_one_lives",
            ),
            models.CheckConstraint(
                condition=models.Q(state="RUNNING", due_on__isnull=False, due_at__isnull=False, next_at__isnull=False)
                | models.Q(state="LATE", due_at__isnull=False, lapsed_at__isnull=False, next_at__isnull=True)
                | models.Q(state="PAUSED", due_at__isnull=True, paused_at__isnull=False, next_at__isnull=True)
                | models.Q(state__in=["MET", "CANCELLED"], ended_at__isnull=False, next_at__isnull=True),
                name="clock_stands_as_it_is",
            ),
            models.CheckConstraint(condition=models.Q(left__gte=0), name="clock_left_is_time"),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=models.Q(next_at__isnull=False), name="clock_next_moment"),
            models.Index(fields=["subject_type", "subject_id"], name="clock_subject"),
            models.Index(
                fields=["due_at"], condition=models.Q(state__in=["RUNNING", "PAUSED", "LATE"]), name="clock_board"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}.{self.code} of {self.subject_type} {self.subject_id}"

    @property
    def is_late(self) -> bool:
        """True for what lapsed and is not met, and for what was met after its last moment."""
        if self.state == ClockState.MET:
            return self.due_at is not None and self.ended_at is not None and self.ended_at > self.due_at
        return self.state == ClockState.LATE


class ClockEvent(models.Model):
    """One move of a clock, and how it stood after it. Append-only."""

    clock = models.ForeignKey(Clock, on_delete=models.PROTECT, related_name="events")
    # Written by a trigger: the clock's.
    client_id = models.BigIntegerField(null=True, blank=True)
    number = models.PositiveIntegerField()
    move = models.CharField(max_length=15, choices=ClockMove.choices)
    # When it happened, and when it was written down.
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=ClockState.choices)
    due_at = models.DateTimeField(null=True, blank=True)
    left = models.IntegerField()
    # Which warning.
    mark = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True, blank=True)
    actor_name = models.CharField(max_length=120)

    class Meta:
        ordering = ["clock", "number"]
        constraints = [models.UniqueConstraint(fields=["clock", "number"], name="clock_event_once")]

    def __str__(self) -> str:
        return f"{self.clock_id}/{self.number} {self.move}"


class ClockChange(models.Model):
    """A change of holidays or of the table of steps, as one person asked for it; another decides (an Approval).

    ``kind`` is that of its approval: HOLIDAYS or DEADLINES. Append-only: what became of it, the approval says.
    """

    kind = models.CharField(max_length=30)
    # Lines of holidays, or the fields of a step's next version (``common.clocks.changes``).
    asked = models.JSONField()
    reason = models.CharField(max_length=500)
    digest = models.CharField(max_length=64)
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class ClockProposal(models.Model):
    """A due date that a change would move: accepted or declined by another person than who asked for the change."""

    change = models.ForeignKey(ClockChange, on_delete=models.PROTECT, related_name="proposals")
    clock = models.ForeignKey(Clock, on_delete=models.PROTECT, related_name="proposals")
    client_id = models.BigIntegerField(null=True, blank=True)
    # The version of the step by which the new date is reckoned.
    step = models.ForeignKey(ClockStep, on_delete=models.PROTECT, related_name="+")
    old_due_at = models.DateTimeField()
    new_due_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=ProposalState.choices, default=ProposalState.WAITING)
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["old_due_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["clock"], condition=models.Q(state="WAITING"), name="clock_proposal_one_waits"
            ),
            models.CheckConstraint(
                condition=models.Q(answered_by__isnull=True) | ~models.Q(answered_by=models.F("prepared_by")),
                name="clock_proposal_two_people",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["WAITING", "STALE"], answered_by__isnull=True)
                | models.Q(state__in=["ACCEPTED", "DECLINED"], answered_by__isnull=False, answered_at__isnull=False),
                name="clock_proposal_answered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.clock_id}: {self.old_due_at} to {self.new_due_at}"
