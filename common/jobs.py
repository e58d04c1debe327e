"""Jobs that survive: each step commits its work and its DONE together, and is skipped when it is done already."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from django.db import Error, connection, transaction
from django.db.models import Min, Sum

from common import clock
from common.audit import Actor, record
from common.models import JobRun


@contextmanager
def session_lock(*, key: int) -> Iterator[bool]:
    """A PostgreSQL advisory lock held by this connection; yields False when another holds it.

    It ends with the connection, so a killed worker leaves nothing locked.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        got = bool(cursor.fetchone()[0])
    try:
        yield got
    finally:
        # Where the connection broke the lock went with it, and what broke it is to be heard, not this.
        if got and not connection.needs_rollback and connection.connection is not None:
            with suppress(Error), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


def holds(*, key: int) -> bool:
    """Whether this connection still holds an advisory lock; False when it broke, and a new one took its place."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1 "
                "AND pid = pg_backend_pid() AND (classid::bigint << 32 | objid::bigint) = %s)",
                [key],
            )
            return bool(cursor.fetchone()[0])
    except Error:
        connection.close()
        return False


def begin(*, job: str, business_date: dt.date, book_id: int = 0) -> JobRun:
    """Write down that a job is under way, before its first step; a sweep finds it when it died.

    ``book_id`` is 0 for the whole house; a run of one book is swept for that book alone.
    """
    run, _ = JobRun.objects.get_or_create(
        job=job,
        step="run",
        book_id=book_id,
        business_date=business_date,
        chunk=0,
        defaults={"status": JobRun.Status.RUNNING, "started_at": clock.now()},
    )
    if run.status != JobRun.Status.RUNNING:
        run.status, run.error = JobRun.Status.RUNNING, ""
        run.save(update_fields=["status", "error"])
    return run


def finish(*, run: JobRun, row_count: int, seconds: float) -> None:
    """Close a job's own row: what it wrote and took."""
    run.status = JobRun.Status.DONE
    run.row_count = row_count
    run.finished_at = clock.now()
    run.seconds = round(seconds, 3)
    run.save(update_fields=["status", "row_count", "finished_at", "seconds"])


def worked_since(*, run: JobRun) -> dict[str, Any]:
    """The rows and seconds of all steps since a run began, whoever did them: processes that died and their successors.

    So a run that was begun again, or again when it was done already, tells of the whole of its work.
    """
    steps = JobRun.objects.filter(job=run.job, chunk=0, started_at__gte=run.started_at, status=JobRun.Status.DONE)
    steps = steps.filter(business_date__lte=run.business_date).exclude(step=run.step)
    if run.book_id:
        steps = steps.filter(book_id=run.book_id)
    told = steps.aggregate(rows=Sum("row_count"), seconds=Sum("seconds"))
    return {"row_count": told["rows"] or 0, "seconds": told["seconds"] or 0.0}


def fail(*, run: JobRun, error: str) -> None:
    """Say why a job stopped; the next sweep or start goes on from its last done step. A run that a successor has ended
    meanwhile stays ended.
    """
    run.status, run.error = JobRun.Status.FAILED, error
    JobRun.objects.filter(pk=run.pk, status=JobRun.Status.RUNNING).update(status=run.status, error=error)


def step(
    *, job: str, name: str, business_date: dt.date, work: Callable[[], int], book_id: int = 0, chunk: int = 0
) -> int | None:
    """Run one step once: its writes, its row and its audit event commit together. None when it was done before.

    A step that wrote nothing leaves no event.
    """
    done = JobRun.objects.filter(
        job=job, step=name, book_id=book_id, business_date=business_date, chunk=chunk, status=JobRun.Status.DONE
    )
    if done.exists():
        return None
    with transaction.atomic():
        started, tick = clock.now(), time.monotonic()
        # The row first: whoever runs the same step at the same time waits here, and then finds it done.
        run, _made = JobRun.objects.select_for_update().get_or_create(
            job=job,
            step=name,
            book_id=book_id,
            business_date=business_date,
            chunk=chunk,
            defaults={"status": JobRun.Status.RUNNING, "started_at": started},
        )
        if run.status == JobRun.Status.DONE:
            return None
        count = work()
        run.status, run.row_count, run.error = JobRun.Status.DONE, count, ""
        run.started_at, run.finished_at = started, clock.now()
        run.seconds = round(time.monotonic() - tick, 4)
        run.save()
        if count:
            record(
                actor=Actor.system(job),
                action=f"{job}.{name}",
                subject=run,
                client_id=book_id or None,
                body={"date": business_date, "chunk": chunk, "rows": count},
            )
    return count


def step_in_parts(
    *,
    job: str,
    name: str,
    business_date: dt.date,
    parts: Callable[[], Sequence[Callable[[], int]]],
    book_id: int = 0,
) -> int | None:
    """Run one step part by part, each with its own transaction and row (chunk 1 and on); None when it was done before.

    ``parts`` says what is left to do now, so that a killed worker's successor begins with that; a single part is the
    step itself. The step's own row (chunk 0) says that nothing is left, with the rows and seconds of all.
    """
    mine = JobRun.objects.filter(job=job, step=name, book_id=book_id, business_date=business_date)
    if mine.filter(chunk=0, status=JobRun.Status.DONE).exists():
        return None
    given = {"job": job, "name": name, "business_date": business_date, "book_id": book_id}
    left, before = parts(), mine.filter(chunk__gt=0).count()
    if len(left) <= 1 and not before:
        return step(**given, work=left[0] if left else lambda: 0)  # type: ignore[arg-type]
    for number, work in enumerate(left, start=before + 1):
        step(**given, work=work, chunk=number)  # type: ignore[arg-type]
    done = mine.filter(chunk__gt=0).aggregate(rows=Sum("row_count"), seconds=Sum("seconds"), started=Min("started_at"))
    mine.update_or_create(
        job=job,
        step=name,
        book_id=book_id,
        business_date=business_date,
        chunk=0,
        defaults={
            "status": JobRun.Status.DONE,
            "row_count": done["rows"] or 0,
            "started_at": done["started"] or clock.now(),
            "finished_at": clock.now(),
            "seconds": done["seconds"] or 0,
            "error": "",
        },
    )
    return int(done["rows"] or 0)
