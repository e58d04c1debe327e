"""What time does to clocks: warnings and lapses, found by one statement over the clocks whose moment has come."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from common import events
from common.audit import Actor, record
from common.choices import ClockMove
from common.clock import RIYADH
from common.clocks.events import ClockWarned
from common.clocks.running import lapse_followed, told
from common.db import rows
from common.deadlines import in_working_time
from common.models import Clock, ClockEvent, Holiday

log = logging.getLogger(__name__)
ENGINE = Actor.system("clocks")
CHUNK = 500

# A lapse whenever it comes; a warning only in working time of its calendar.
_DUE = """
WITH due AS (
    SELECT id, due_at < %(at)s AS lapses,
           (SELECT count(*) FROM unnest(warn_at) AS w(at) WHERE w.at <= %(at)s)::int AS passed
    FROM common_clock
    WHERE next_at <= %(at)s
      AND (due_at < %(at)s OR (warn_at[1] <= %(at)s AND calendar = ANY(%(open)s)))
      AND id <> ALL(%(skip)s) AND (%(only)s::bigint IS NULL OR id = %(only)s)
    ORDER BY next_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
UPDATE common_clock c SET
    moves = c.moves + 1,
    state = CASE WHEN due.lapses THEN 'LATE' ELSE c.state END,
    lapsed_at = CASE WHEN due.lapses THEN c.due_at ELSE c.lapsed_at END,
    warned = CASE WHEN due.lapses THEN c.warned ELSE c.warned || c.warn_marks[:due.passed] END,
    warn_at = CASE WHEN due.lapses THEN '{}' ELSE c.warn_at[due.passed + 1:] END,
    warn_marks = CASE WHEN due.lapses THEN '{}' ELSE c.warn_marks[due.passed + 1:] END,
    next_at = CASE WHEN due.lapses THEN NULL ELSE coalesce(c.warn_at[due.passed + 1], c.due_at) END
FROM due WHERE c.id = due.id
RETURNING c.id, due.lapses, CASE WHEN due.lapses THEN '' ELSE array_to_string(c.warned, ' ') END AS warned,
    due.passed
"""


@dataclass(kw_only=True)
class Ticked:
    """What a tick did: clocks warned of, clocks that lapsed, and those whose followers failed (they stay due)."""

    warned: int = 0
    lapsed: int = 0
    failed: list[int] = field(default_factory=list)


def clocks_tick(*, at: dt.datetime) -> Ticked:
    """Give every warning and lapse whose moment has come by ``at``, each once; safe to run twice and side by side.

    Warnings wait for working time; of several that passed unseen one is given, the last. Each chunk commits with all
    that follows from it. Where a follower fails, its chunk is taken one by one, and the clock that cannot be followed
    stays due, is logged, and is tried again by the next tick.
    """
    ticked, on = Ticked(), at.astimezone(RIYADH).date()
    off = set(Holiday.objects.filter(on=on).values_list("calendar", flat=True))
    working = [
        calendar
        for calendar in Holiday.Calendar.values
        if in_working_time(at=at, holidays={on} if calendar in off else ())
    ]
    while _chunk(at=at, working=working, ticked=ticked):
        pass
    return ticked


def _chunk(*, at: dt.datetime, working: Sequence[str], ticked: Ticked) -> bool:
    """One chunk; False when nothing is left."""
    params = {"at": at, "open": list(working), "skip": ticked.failed, "only": None, "limit": CHUNK}
    try:
        done = _give(params)
    except Exception:
        log.exception("a chunk of clocks could not be followed; its clocks are taken one by one")
    else:
        ticked.warned, ticked.lapsed = ticked.warned + done.warned, ticked.lapsed + done.lapsed
        return bool(done.warned or done.lapsed)
    progress = False
    for pk in _ids(params):
        try:
            done = _give({**params, "only": pk, "limit": 1})
        except Exception:
            log.exception("clock %s could not be followed", pk)
            ticked.failed.append(pk)
            progress = True
        else:
            ticked.warned, ticked.lapsed = ticked.warned + done.warned, ticked.lapsed + done.lapsed
            progress = progress or bool(done.warned or done.lapsed)
    return progress


def _ids(params: dict[str, Any]) -> list[int]:
    found = rows(
        "SELECT id FROM common_clock WHERE next_at <= %(at)s AND id <> ALL(%(skip)s)"
        " AND (due_at < %(at)s OR (warn_at[1] <= %(at)s AND calendar = ANY(%(open)s)))"
        " ORDER BY next_at, id LIMIT %(limit)s",
        params,
    )
    return [row["id"] for row in found]


def _give(params: dict[str, Any]) -> Ticked:
    """Write the moves of one chunk, their events and what follows, in one transaction."""
    with transaction.atomic():
        found = rows(_DUE, params)
        if not found:
            return Ticked()
        clocks = Clock.objects.select_related("step").in_bulk([row["id"] for row in found])
        order = sorted(found, key=lambda row: row["id"])
        marks = {row["id"]: " ".join(row["warned"].split()[-row["passed"] :]) for row in found if not row["lapses"]}
        at = params["at"]
        ClockEvent.objects.bulk_create(
            told(clocks[row["id"]], move=ClockMove.LAPSED, at=clocks[row["id"]].due_at or at, actor=ENGINE)
            if row["lapses"]
            else told(clocks[row["id"]], move=ClockMove.WARNED, at=at, actor=ENGINE, mark=marks[row["id"]])
            for row in order
        )
        ticked = Ticked(lapsed=sum(row["lapses"] for row in found))
        ticked.warned = len(found) - ticked.lapsed
        record(
            actor=ENGINE,
            action="clocks.ticked",
            subject_type="common.Clock",
            body={"at": at, "warned": ticked.warned, "lapsed": ticked.lapsed, "clocks": sorted(clocks)},
        )
        for row in order:
            clock = clocks[row["id"]]
            if row["lapses"]:
                lapse_followed(clock, actor=ENGINE)
            else:
                events.publish(ClockWarned(clock=clock, mark=marks[clock.pk].split()[-1], at=at))
        return ticked
