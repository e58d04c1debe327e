"""What the nights did: runs, their steps per book, durations against the last thirty nights, books that lag."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case, F, Sum, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from common import slots
from common.components.charts import Column, columns
from common.models import JobRun

# As the run table names it (collections_app/services/nightly.py).
JOB = "nightly"
NIGHTS = 30
SHOWN = 14
BAR_WIDTH, BAR_HEIGHT = 168, 30

# What stops a step, by the name that the run keeps, for who has to do something about it.
FAULT_WORDS: dict[str, str | Promise] = {
    "OperationalError": _(
        "The database could not be reached, or broke the step off (a lock waited for too long, no room left). "
        "It is tried again every minute."
    ),
    "InterfaceError": _("The connection to the database was lost. It is tried again every minute."),
    "IntegrityError": _(
        "The database refused what the step was about to write, because a rule of the book would be broken. "
        "A developer must look at the log."
    ),
    "InternalError": _("The database refused the step. A developer must look at the log."),
    "DataError": _("A figure or date in the book is beyond what can be stored. A developer must look at the log."),
    "Refused": _("The book stands more than ten years before the date: open it on a recent date instead."),
    "MemoryError": _("The machine ran out of memory."),
}
OTHER_FAULT = _("The step stopped for a reason the log knows. A developer must look at it.")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A book that stopped, and what that means."""

    code: str
    name: str
    words: str | Promise


def faults_of(run: JobRun) -> list[Fault]:
    """The books a run names as stopped: their code, the kind of fault, and its words."""
    found = []
    for part in filter(None, run.error.split("; ")):
        code, _colon, name = part.rpartition(": ")
        found.append(Fault(code=code, name=name, words=FAULT_WORDS.get(name, OTHER_FAULT)))
    return found


def night_runs(*, limit: int = SHOWN) -> list[JobRun]:
    """Runs, what failed or is under way first, then the newest."""
    first = Case(
        When(status=JobRun.Status.FAILED, then=Value(0)),
        When(status=JobRun.Status.RUNNING, then=Value(1)),
        default=Value(2),
    )
    runs = JobRun.objects.filter(job=JOB, step="run").order_by(first, "-business_date", F("book_id").asc())
    return list(runs[:limit])


def step_words() -> list[tuple[str, Any]]:
    """The declared steps in order, with their words."""
    return [(name, words) for name, _path, words in slots.filled("nightly_steps")]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step over the last nights: each night's seconds drawn, the last one's told."""

    name: str
    words: Any
    bars: Sequence[Column]
    table: Sequence[dict[str, Any]]
    nights: int
    last: float | None
    mean: float
    worst: float
    total: int


def steps_measured(*, until: dt.date, rtl: bool = False, nights: int = NIGHTS) -> tuple[list[Step], set[dt.date]]:
    """Each step's seconds and rows of the nights up to ``until``, books together; and the dates that were opened."""
    since = until - dt.timedelta(days=nights)
    found = (
        JobRun.objects.filter(
            job=JOB, business_date__gt=since, business_date__lte=until, chunk=0, status=JobRun.Status.DONE
        )
        .exclude(step="run")
        .values("step", "business_date")
        .annotate(seconds=Sum("seconds"), rows=Sum("row_count"))
        .order_by("business_date")
    )
    by_step: dict[str, list[dict[str, Any]]] = {}
    for row in found:
        by_step.setdefault(row["step"], []).append(dict(row))
    days = [since + dt.timedelta(days=ahead) for ahead in range(1, nights + 1)]
    measured = []
    for name, words in step_words():
        table = by_step.get(name, [])
        if not table:
            continue
        # In milliseconds: a bar's scale begins at one, and most steps take less than a second.
        taken = {row["business_date"]: Decimal(str(round((row["seconds"] or 0) * 1000, 1))) for row in table}
        seconds = [row["seconds"] or 0.0 for row in table]
        measured.append(
            Step(
                name=name,
                words=words,
                bars=columns(
                    values=[(day, taken.get(day, Decimal(0))) for day in days],
                    width=BAR_WIDTH,
                    height=BAR_HEIGHT,
                    rtl=rtl,
                ),
                table=list(reversed(table)),
                nights=len(table),
                last=seconds[-1] if table[-1]["business_date"] == until else None,
                mean=sum(seconds) / len(seconds),
                worst=max(seconds),
                total=sum(row["rows"] for row in table),
            )
        )
    return measured, {row["business_date"] for row in by_step.get("open", [])}


def dates_missed(*, runs: Sequence[dt.date], opened: set[dt.date], today: dt.date) -> list[dict[str, Any]]:
    """Dates since the first known run on which no night ran, and whether a later one made up for them."""
    if not runs:
        return []
    ran, day = set(runs), max(min(runs), today - dt.timedelta(days=NIGHTS))
    found = []
    while day < today:
        if day not in ran:
            found.append({"on": day, "caught_up": day in opened})
        day += dt.timedelta(days=1)
    return list(reversed(found))


def books(*, today: dt.date) -> list[dict[str, Any]]:
    """Every client's book, its date and how many days it is behind; who lags most first, unopened ones last."""
    found = [
        {"client": client, "behind": (today - client.book_date).days if client.book_date else None}
        for client in Client.objects.order_by("code")
    ]
    return sorted(found, key=lambda book: (book["behind"] is None, -(book["behind"] or 0), book["client"].code))


def run_dates(*, today: dt.date) -> list[dt.date]:
    """The dates of the last thirty days for which the whole house's night ran to its end."""
    return list(
        JobRun.objects.filter(
            job=JOB,
            step="run",
            book_id=0,
            status=JobRun.Status.DONE,
            business_date__gt=today - dt.timedelta(days=NIGHTS),
        ).values_list("business_date", flat=True)
    )


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One step of one book in one run."""

    words: Any
    state: str  # DONE, RUNNING, FAILED, NOT_DONE
    rows: int | None = None
    seconds: float | None = None


@dataclass(frozen=True, kw_only=True)
class BookOfRun:
    """One book in one run: its steps in order, and what stopped it."""

    client: Client
    cells: list[Cell]
    fault: Fault | None
    state: str

    @property
    def rows(self) -> int:
        return sum(cell.rows or 0 for cell in self.cells)

    @property
    def seconds(self) -> float:
        return sum(cell.seconds or 0.0 for cell in self.cells)


def run_opened(*, run: JobRun) -> dict[str, Any]:
    """One run step by step and book by book, what failed first; and the missed days that it took along."""
    clients = Client.objects.order_by("code")
    chosen = list(clients.filter(pk=run.book_id) if run.book_id else clients)
    done = {
        (row.book_id, row.step): row
        for row in JobRun.objects.filter(
            job=JOB, business_date=run.business_date, chunk=0, status=JobRun.Status.DONE
        ).exclude(step="run")
    }
    faults = {fault.code: fault for fault in faults_of(run)}
    found = []
    for client in chosen:
        fault = faults.get(client.code)
        cells, reached = [], True
        for name, words in step_words():
            row = done.get((client.pk, name))
            if row is not None:
                cells.append(Cell(words=words, state="DONE", rows=row.row_count, seconds=row.seconds))
                continue
            state = "NOT_DONE"
            if reached and fault is not None and run.status == JobRun.Status.FAILED:
                state = "FAILED"
            elif reached and run.status == JobRun.Status.RUNNING:
                state = "RUNNING"
            reached = False
            cells.append(Cell(words=words, state=state))
        states = {cell.state for cell in cells}
        state = next((s for s in ("FAILED", "RUNNING", "NOT_DONE") if s in states), "DONE")
        found.append(BookOfRun(client=client, cells=cells, fault=fault, state=state))
    order = {"FAILED": 0, "RUNNING": 1, "NOT_DONE": 2, "DONE": 3}
    found.sort(key=lambda book: (order[book.state], book.client.code))
    caught = JobRun.objects.filter(
        job=JOB, step="open", started_at__gte=run.started_at, business_date__lt=run.business_date
    )
    if run.finished_at is not None:
        caught = caught.filter(started_at__lte=run.finished_at)
    if run.book_id:
        caught = caught.filter(book_id=run.book_id)
    return {
        "books": found,
        "caught_up": sorted(set(caught.values_list("business_date", flat=True))),
        "other": [fault for code, fault in faults.items() if code not in {client.code for client in chosen}],
    }
