"""The night: closes the day before, brings every client's book to the day, gaps day by day.

Each step of each client and date is one transaction that also writes its row in the run table, so that a killed
worker loses nothing: the next start or sweep goes on with the first step that is not done.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from collections_app.services import promises, stages
from common import jobs, slots
from common.exceptions import Refused

logger = logging.getLogger(__name__)

JOB = "nightly"
FIRST_DATE, LAST_DATE = dt.date(1990, 1, 1), dt.date(2099, 12, 31)
MOST_DAYS = 3_700
_LOCK = 0x4E49_4748

# A step is told the client, the day, the book's date before this run, and whether the day is the last of the run.
Step = Callable[..., int]


@dataclass(kw_only=True)
class Night:
    """What a run did."""

    date: dt.date
    busy: bool = False
    clients: int = 0
    days: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        return self.days > 0


class NightStopped(Exception):
    """Some book's night stopped; every other book has had its own. ``night`` says which and how far it came."""

    def __init__(self, night: Night) -> None:
        super().__init__("; ".join(night.failed))
        self.night = night


def nightly_run(*, date: dt.date, client_ids: Sequence[int] | None = None) -> Night:
    """Bring every book to ``date``. One writer at a time: with another at work it answers busy and does nothing.

    Raises NightStopped, after the last book, when a step of some book failed; Refused for a date no book knows.
    A date at or before a book's own changes nothing there, except that steps a dead worker left undone are done.
    """
    if not FIRST_DATE <= date <= LAST_DATE:
        raise Refused("night_date", _("A night lies between 1990 and 2099."))
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
            _run(date=date, book_id=book_id, clients=clients, night=night)
    if night.failed:
        raise NightStopped(night)
    return night


def _run(*, date: dt.date, book_id: int, clients: Sequence[Client], night: Night) -> None:
    run, tick = jobs.begin(job=JOB, business_date=date, book_id=book_id), time.monotonic()
    failed = []
    for client in clients:
        # One book's fault leaves the others their night; the sweep comes back to it.
        try:
            _bring(client=client, date=date, night=night)
        except Exception as error:
            # Where, not what: a database's message may quote the row.
            trace = "".join(traceback.format_tb(error.__traceback__))
            logger.error("nightly %s: book %s stopped by %s\n%s", date, client.code, type(error).__name__, trace)
            failed.append(f"{client.code}: {type(error).__name__}")
    if failed:
        jobs.fail(run=run, error="; ".join(failed))
        night.failed += failed
    else:
        jobs.finish(run=run, row_count=sum(night.rows.values()), seconds=time.monotonic() - tick)


def steps() -> tuple[tuple[str, Step], ...]:
    """The declared list of steps: name and function, in order. Named in ``config/schedule.py``."""
    return tuple((name, import_string(path)) for name, path, _words in slots.filled("nightly_steps"))


def _bring(*, client: Client, date: dt.date, night: Night) -> None:
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
        for name, step in steps():
            count = jobs.step(
                job=JOB,
                name=name,
                business_date=day,
                book_id=client.pk,
                work=lambda step=step, day=day: step(  # type: ignore[misc]
                    client_id=client.pk, day=day, since=since, last=day == date
                ),
            )
            if count is not None:
                did = True
                night.rows[name] = night.rows.get(name, 0) + count
        night.days += did
        worked = worked or did
    night.clients += worked


def step_open(*, client_id: int, day: dt.date, since: dt.date, last: bool) -> int:
    """Move the book to the day and apply what is valued on it."""
    return stages.book_open(client_id=client_id, day=day)


def step_age(*, client_id: int, day: dt.date, since: dt.date, last: bool) -> int:
    """Holds and ages: every receivable whose next change has come."""
    return stages.receivables_age(client_id=client_id, day=day)


def step_promises(*, client_id: int, day: dt.date, since: dt.date, last: bool) -> int:
    """Promises whose day is over."""
    return promises.promises_judge(client_id=client_id, day=day)


def step_tasks(*, client_id: int, day: dt.date, since: dt.date, last: bool) -> int:
    """The stages' actions, for the day the run ends on alone: a stage passed through in a gap asks for nothing."""
    stages.tasks_of_closed_cancel(client_id=client_id)
    return (
        stages.stage_tasks_fire(client_id=client_id, since=min(since, day - dt.timedelta(days=1)), day=day)
        if last
        else 0
    )
