"""Reads of the working calendar, the table of deadlines, and what changes of them wait for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from accounts.models import User
from common import slots
from common.choices import ApprovalStatus, ClockState, ProposalState
from common.clocks import clocks_running, kinds_of_steps, steps_in_force
from common.models import Approval, Clock, ClockChange, ClockProposal, ClockStep, Holiday


@dataclass(frozen=True, kw_only=True)
class Day:
    """A day off, as each calendar has it."""

    on: dt.date
    bank: Holiday | None
    private: Holiday | None

    @property
    def row(self) -> Holiday:
        """The one whose names are told."""
        row = self.bank or self.private
        assert row is not None  # noqa: S101 - a day stands here because a calendar has it
        return row

    @property
    def estimated(self) -> bool:
        return any(row is not None and row.estimated for row in (self.bank, self.private))


def calendar_days(*, year: int) -> list[Day]:
    """The days off of a year in either calendar."""
    found: dict[dt.date, dict[str, Holiday]] = {}
    for row in Holiday.objects.filter(on__year=year).order_by("on"):
        found.setdefault(row.on, {})[row.calendar] = row
    return [Day(on=on, bank=rows.get("BANK"), private=rows.get("PRIVATE")) for on, rows in found.items()]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A change with its newest approval and how many due dates wait for an answer."""

    change: ClockChange
    approval: Approval
    waiting: int = 0


def changes_visible_to(user: User) -> Any:
    """Whoever reads the table reads what is asked of it."""
    return ClockChange.objects.select_related("prepared_by")


def changes_told(*, changes: Sequence[ClockChange]) -> list[Asked]:
    """Changes in their order, each with how it stands, in two statements."""
    pks = [change.pk for change in changes]
    newest = (
        Approval.objects.filter(subject_type=ClockChange._meta.label, subject_id__in=pks)
        .order_by("subject_id", "-pk")
        .distinct("subject_id")
        .prefetch_related("decisions__person")
    )
    approvals = {row.subject_id: row for row in newest}
    waiting = dict(
        ClockProposal.objects.filter(change__in=pks, state=ProposalState.WAITING)
        .values_list("change_id")
        .annotate(n=Count("pk"))
    )
    return [
        Asked(change=change, approval=approvals[change.pk], waiting=waiting.get(change.pk, 0))
        for change in changes
        if change.pk in approvals
    ]


def changes_open(*, kinds: Sequence[str]) -> list[Asked]:
    """Changes that wait for a decision, or whose due dates wait for an answer, the newest first."""
    open_ones = Approval.objects.filter(subject_type=ClockChange._meta.label, status=ApprovalStatus.OPEN)
    changes = (
        ClockChange.objects.filter(kind__in=kinds)
        .filter(
            Q(pk__in=open_ones.values("subject_id"))
            | Q(pk__in=ClockProposal.objects.filter(state=ProposalState.WAITING).values("change_id"))
        )
        .select_related("prepared_by")
        .order_by("-pk")
    )
    return changes_told(changes=list(changes[:50]))


def changes_decided(*, kinds: Sequence[str]) -> list[Asked]:
    """The last that were decided or taken back."""
    ended = Approval.objects.filter(subject_type=ClockChange._meta.label).exclude(status=ApprovalStatus.OPEN)
    changes = ClockChange.objects.filter(kind__in=kinds, pk__in=ended.values("subject_id"))
    return changes_told(changes=list(changes.select_related("prepared_by").order_by("-pk")[:10]))


@dataclass(frozen=True, kw_only=True)
class Procedure:
    """A kind of matter and its steps as they are in force, in the manual's own columns (CR-18)."""

    kind: str
    steps: list[ClockStep]
    late: int
    running: int


def procedures(*, on: dt.date) -> list[Procedure]:
    """Every kind with its steps, and how many of its deadlines run and are late."""
    counts = {
        row["kind"]: (row["running"], row["late"])
        for row in Clock.objects.values("kind").annotate(
            running=Count("pk", filter=Q(state=ClockState.RUNNING)), late=Count("pk", filter=Q(state=ClockState.LATE))
        )
    }
    return [
        Procedure(
            kind=kind,
            steps=steps_in_force(kind=kind, on=on, profiles=None, ship=False),
            running=counts.get(kind, (0, 0))[0],
            late=counts.get(kind, (0, 0))[1],
        )
        for kind in kinds_of_steps()
    ]


@dataclass(frozen=True, kw_only=True)
class Line:
    """A clock in a list, with what its app says of its matter (slot ``clock_matters``)."""

    clock: Clock
    words: str
    url: str


def clock_lines(*, user: User, clocks: Sequence[Clock]) -> list[Line]:
    """What each clock is about, as its app tells this person; of what they may not see stands the bare number."""
    told: dict[tuple[str, int], tuple[str, str]] = {}
    for label, words_of in slots.filled("clock_matters"):
        pks = [clock.subject_id for clock in clocks if clock.subject_type == label]
        told |= {(label, pk): words for pk, words in (words_of(user, pks) if pks else {}).items()}
    lines = []
    for clock in clocks:
        words, url = told.get((clock.subject_type, clock.subject_id), (f"{clock.subject_id}", ""))
        lines.append(Line(clock=clock, words=words, url=url))
    return lines


def clocks_late(*, user: User, limit: int = 50) -> list[Line]:
    """Overdue steps, the longest overdue first (CR-18)."""
    return clock_lines(user=user, clocks=list(clocks_running().filter(state=ClockState.LATE)[:limit]))


def step_versions(*, step: ClockStep) -> list[ClockStep]:
    """Every version of one step of the house or of one client, the newest first."""
    rows = ClockStep.objects.filter(kind=step.kind, code=step.code, client_id=step.client_id)
    return list(rows.order_by("-version"))
