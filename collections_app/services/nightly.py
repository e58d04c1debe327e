"""The night: closes the day before, brings every client's book to the day, gaps day by day.

Each step of each client and date is one transaction that also writes its row in the run table, so that a killed
worker loses nothing: the next start or sweep goes on with the first step that is not done.
"""

from __future__ import annotations

import datetime as dt
import logging
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from django.db.models import Max, Min
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from collections_app.services import promises, stage_actions, stages
from common import clock, jobs, slots
from common.exceptions import Refused
from common.models import JobRun

logger = logging.getLogger(__name__)

JOB = "nightly"
FIRST_DATE, LAST_DATE = dt.date(1990, 1, 1), dt.date(2099, 12, 31)
MOST_DAYS = 3_700
KEPT_NIGHTS = dt.timedelta(days=30)
_LOCK = 0x4E49_4748


@dataclass(frozen=True, kw_only=True)
class InParts:
    """A step whose work is parted, each part its own transaction: ``parts`` says what is left."""

    parts: Callable[..., Sequence[Callable[[], int]]]


@dataclass(frozen=True, kw_only=True)
class OnLastDay:
    """A step of the day that a run ends on alone: days of a gap are passed through, and leave no row of it."""

    work: Callable[..., int]


# A step is told the client, the day, the book's date before this run, and whether the day is the last of the run.
Step = Callable[..., int] | InParts | OnLastDay


@dataclass(kw_only=True)
class Night:
    """What a run did."""

    date: dt.date
    busy: bool = False
    clients: int = 0
    days: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    # Books that a partial run did not touch: a whole night must come first.
    waiting: list[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        return self.days > 0


class NightStopped(Exception):
    """Some book's night stopped; every other book has had its own. ``night`` says which and how far it came."""

    def __init__(self, night: Night) -> None:
        super().__init__("; ".join(night.failed))
        self.night = night


def nightly_run(*, date: dt.date, client_ids: Sequence[int] | None = None, only: Sequence[str] | None = None) -> Night:
    """Bring every book to ``date``. One writer at a time: with another at work it answers busy and does nothing.

    Raises NightStopped, after the last book, when a step of some book failed; Refused for a date no book knows.
    A date at or before a book's own changes nothing there, except that steps a dead worker left undone are done.

    ``only`` names steps of the declared list (Refused for any other): they alone are run, with what they stand on. Such
    a run writes no row of its own, so that no sweep and no page takes the date for done; the next whole night does the
    rest. It goes at most one day beyond a book's date, and only when that date is complete: ``waiting`` names the
    books where it is not, because steps left out of a gap would be left out for ever.
    """
    if not FIRST_DATE <= date <= LAST_DATE:
        raise Refused("night_date", _("A night lies between 1990 and 2099."))
    chosen_steps = steps() if only is None else _steps_with_needs(only=only)
    night = Night(date=date)
    with jobs.session_lock(key=_LOCK) as got:
        if not got:
            night.busy = True
            return night
        books = Client.objects.order_by("pk")
        chosen = list(books if client_ids is None else books.filter(pk__in=client_ids))
        # A run of some books is written down book by book: the sweep never spreads it over the others.
        parts = [(0, chosen)] if client_ids is None else [(client.pk, [client]) for client in chosen]
        for book_id, clients in parts:
            _run(date=date, book_id=book_id, clients=clients, night=night, run_steps=chosen_steps, whole=only is None)
    if night.failed:
        raise NightStopped(night)
    return night


def nights_undone(*, now: dt.datetime) -> list[tuple[dt.date, int]]:
    """The dates, and the books (0 for all), whose night is to be gone on with, in order.

    Runs that began and did not end; and today's, when its hour is over and nobody began it: the word to begin was lost
    with a queue or a worker, or another run was at work just then. A house that kept no night for a month is not woken
    by that: its next night is.
    """
    runs = JobRun.objects.filter(job=JOB, step="run")
    found = set(runs.exclude(status=JobRun.Status.DONE).values_list("business_date", "book_id"))
    here = now.astimezone(clock.RIYADH)
    last: dt.date | None = runs.filter(book_id=0).aggregate(on=Max("business_date"))["on"]
    over = any(here.time() >= hour for hour in slots.filled("night_at"))
    if over and last is not None and here.date() - KEPT_NIGHTS <= last < here.date():
        found.add((here.date(), 0))
    return sorted(found)


def _run(
    *,
    date: dt.date,
    book_id: int,
    clients: Sequence[Client],
    night: Night,
    run_steps: Sequence[tuple[str, Step]],
    whole: bool,
) -> None:
    run = jobs.begin(job=JOB, business_date=date, book_id=book_id) if whole else None
    failed = []
    for client in clients:
        # One book's fault leaves the others their night; the sweep comes back to it.
        try:
            if whole or _complete(client=client, date=date):
                _bring(client=client, date=date, night=night, run_steps=run_steps)
            else:
                night.waiting.append(client.code)
        except Exception as error:
            # Where, not what: a database's message may quote the row.
            trace = "".join(traceback.format_tb(error.__traceback__))
            logger.error("nightly %s: book %s stopped by %s\n%s", date, client.code, type(error).__name__, trace)
            failed.append(f"{client.code}: {type(error).__name__}")
            if not jobs.holds(key=_LOCK):
                # With its connection went the lock: from here on a successor may be at work.
                night.failed += failed
                if run is not None:
                    jobs.fail(run=run, error="; ".join(failed))
                raise NightStopped(night) from error
    night.failed += failed
    if run is None:
        return
    if failed:
        jobs.fail(run=run, error="; ".join(failed))
    else:
        jobs.finish(run=run, **jobs.worked_since(run=run))


def steps() -> tuple[tuple[str, Step], ...]:
    """The declared list of steps: name and function, in order. Named in ``config/schedule.py``."""
    return tuple((name, import_string(path)) for name, path, _words in slots.filled("nightly_steps"))


def _steps_with_needs(*, only: Sequence[str]) -> tuple[tuple[str, Step], ...]:
    """The named steps and what they stand on, in the declared order. Raises Refused for a name that is no step's."""
    known = [name for name, _step in steps()]
    if unknown := [name for name in only if name not in known]:
        words = _("There is no step %(step)s. The steps are: %(steps)s.")
        raise Refused("night_steps", words % {"step": unknown[0] or "''", "steps": ", ".join(known)})
    needs, wanted = dict(slots.filled("nightly_needs")), set(only)
    while more := {need for name in wanted for need in needs.get(name, ())} - wanted:
        wanted |= more
    return tuple((name, step) for name, step in steps() if name in wanted)


def _complete(*, client: Client, date: dt.date) -> bool:
    """May a partial run touch this book: it does not move on, or by one day from a date on which all was done."""
    if client.book_date is None or date <= client.book_date:
        return True
    done = JobRun.objects.filter(
        job=JOB, book_id=client.pk, business_date=client.book_date, chunk=0, status=JobRun.Status.DONE
    ).values_list("step", flat=True)
    return (date - client.book_date).days == 1 and {name for name, _step in steps()} <= set(done)


def _bring(*, client: Client, date: dt.date, night: Night, run_steps: Sequence[tuple[str, Step]]) -> None:
    if client.book_date is None:
        days, since = [date], date - dt.timedelta(days=1)
    elif date < client.book_date:
        return
    elif (date - client.book_date).days > MOST_DAYS:
        raise Refused("night_gap", _("The book stands more than ten years before this date."))
    else:
        # The book's own date comes first: its steps are done already, unless a worker died among them.
        days = [client.book_date + dt.timedelta(days=ahead) for ahead in range((date - client.book_date).days + 1)]
        since = client.book_date
    worked = False
    for day in days:
        did = False
        for name, step in run_steps:
            told = {"client_id": client.pk, "day": day, "since": since, "last": day == date}
            whose = {"job": JOB, "name": name, "business_date": day, "book_id": client.pk}
            if isinstance(step, InParts):
                count = jobs.step_in_parts(**whose, parts=partial(step.parts, **told))  # type: ignore[arg-type]
            elif isinstance(step, OnLastDay):
                if day != date:
                    continue
                count = jobs.step(**whose, work=partial(step.work, **told))  # type: ignore[arg-type]
            else:
                count = jobs.step(**whose, work=partial(step, **told))  # type: ignore[arg-type]
            if count is not None:
                did = True
                night.rows[name] = night.rows.get(name, 0) + count
        night.days += did
        worked = worked or did
    night.clients += worked


def step_open(*, client_id: int, day: dt.date, since: dt.date, last: bool) -> int:
    """Move the book to the day and apply what is valued on it."""
    return stages.book_open(client_id=client_id, day=day)


def _age_parts(*, client_id: int, day: dt.date, since: dt.date, last: bool) -> list[Callable[[], int]]:
    """Holds and ages: every receivable whose next change has come, so many cases at a time."""
    return [
        partial(stages.receivables_age, client_id=client_id, day=day, between=part)
        for part in stages.aging_parts(client_id=client_id, day=day)
    ]


step_age = InParts(parts=_age_parts)


def step_promises(*, client_id: int, day: dt.date, since: dt.date, last: bool) -> int:
    """Promises whose day is over."""
    return promises.promises_judge(client_id=client_id, day=day)


def _tasks_fire(*, client_id: int, day: dt.date, since: dt.date, last: bool) -> int:
    since = _asked_until(client_id=client_id, day=day)
    asked = stage_actions.stage_actions_fire(client_id=client_id, since=since, day=day)
    return asked + stage_actions.stage_requests_settle(client_id=client_id, day=day)


def _asked_until(*, client_id: int, day: dt.date) -> dt.date:
    """The last day whose stage actions were asked for: what was entered since asks now, if it stands still.

    From the run table, not from where the book stood when this process began: a process that died on its way through a
    gap moved the book and asked for nothing.
    """
    done = JobRun.objects.filter(job=JOB, book_id=client_id, chunk=0, status=JobRun.Status.DONE)
    asked = done.filter(step="tasks", business_date__lt=day).aggregate(on=Max("business_date"))["on"]
    opened: dt.date | None = done.filter(step="open").aggregate(on=Min("business_date"))["on"]
    return asked or (opened or day) - dt.timedelta(days=1)


# The stages' actions, for the day the run ends on alone: a stage passed through in a gap asks for nothing.
step_tasks = OnLastDay(work=_tasks_fire)
