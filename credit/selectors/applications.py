"""Reads of applications: what waits for whom, their way, and lateness by role (CM-46)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet, Subquery

from accounts.choices import Role
from common.db import rows
from credit.choices import OPEN_APPLICATION, ApplicationState
from credit.models import Application, ApplicationMove


def last_moves(*, applications: QuerySet[Application]) -> QuerySet[ApplicationMove]:
    """The move each of these stands on: who has it now, and until when; the nearest due first."""
    last = ApplicationMove.objects.filter(application=OuterRef("application")).order_by("-pk").values("pk")[:1]
    return (
        ApplicationMove.objects.filter(application__in=applications, pk=Subquery(last))
        .select_related("application__customer__debtor", "client", "by")
        .order_by("due_at", "pk")
    )


def applications_waiting(*, applications: QuerySet[Application], role: str = "") -> QuerySet[ApplicationMove]:
    """The open ones, for a role or for anybody, the nearest due first."""
    found = last_moves(applications=applications.filter(state__in=OPEN_APPLICATION))
    return found.filter(waits_for=role) if role else found


def application_version(*, application: Application) -> int:
    """Which version of an application a form is filled from: the last row of its history."""
    last = application.history.order_by("-history_id").values_list("history_id", flat=True).first()
    return last or 0


@dataclass(frozen=True, kw_only=True)
class Step:
    """One move of an application, and how the step before it was kept."""

    move: ApplicationMove
    # When the step that this move began was done; None while it lasts.
    done_at: dt.datetime | None
    late: bool
    # The role it waits for, in words.
    waits: str


def application_way(*, application: Application, now: dt.datetime) -> list[Step]:
    """Every step of an application, the newest first, each with whether its own role kept to its time."""
    moves = list(application.moves.select_related("by").order_by("pk"))
    ends = [move.at for move in moves[1:]] + [None]
    return [
        Step(
            move=move,
            done_at=end,
            late=move.due_at is not None and (end or now) > move.due_at,
            waits=str(Role(move.waits_for).label) if move.waits_for else "",
        )
        for move, end in reversed(list(zip(moves, ends, strict=True)))
    ]


@dataclass(frozen=True, kw_only=True)
class Lateness:
    """How one role kept to its time: what it has now, and what it did in a stretch of days."""

    role: str
    words: str
    has: int
    late: int
    done: int
    done_late: int


# A step lasts from its move to the next one of the same application.
_LATENESS = """
WITH steps AS (
    SELECT waits_for, at, due_at, lead(at) OVER (PARTITION BY application_id ORDER BY id) AS done_at
    FROM credit_applicationmove
    WHERE application_id IN (
        SELECT application_id FROM credit_applicationmove WHERE at >= %(since)s
        UNION SELECT id FROM credit_application WHERE state = ANY(%(open)s)
    )
)
SELECT waits_for AS role,
       count(*) FILTER (WHERE done_at IS NULL) AS has,
       count(*) FILTER (WHERE done_at IS NULL AND due_at < %(now)s) AS late,
       count(*) FILTER (WHERE done_at >= %(since)s) AS done,
       count(*) FILTER (WHERE done_at >= %(since)s AND done_at > due_at) AS done_late
FROM steps WHERE waits_for <> '' GROUP BY waits_for
"""


def lateness_by_role(*, now: dt.datetime, days: int) -> list[Lateness]:
    """How each role kept to its time in the last days (CM-46), the one with most late now first."""
    told = {"now": now, "since": now - dt.timedelta(days=days), "open": sorted(OPEN_APPLICATION)}
    found = [Lateness(words=str(Role(row["role"]).label), **row) for row in rows(_LATENESS, told)]
    return sorted(found, key=lambda row: (-row.late, -row.has, row.role))


# The way of an application as people read it, for a credit and a cash account.
CREDIT_WAY = (
    ApplicationState.DRAFT, ApplicationState.SUBMITTED, ApplicationState.ANALYSED, ApplicationState.RECOMMENDED,
    ApplicationState.APPROVED, ApplicationState.ACTIVE,
)  # fmt: skip
CASH_WAY = (ApplicationState.DRAFT, ApplicationState.SUBMITTED, ApplicationState.ACTIVE)
