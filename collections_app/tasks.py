"""What workers do: ids in, services called, safe to run twice."""

from __future__ import annotations

from contextlib import suppress

from celery import shared_task

from collections_app.choices import ImportStatus
from collections_app.models import ImportFile, IncomingFile
from collections_app.services import file_withdrawals, incoming_uploads, nightly, restaging, suspects, uploads
from common import audit, clock


@shared_task(name="collections.nightly")
def nightly_task(date: str | None = None, client_id: int | None = None) -> dict[str, object]:
    """Bring every book, or one client's, to a date (today in Riyadh when not given)."""
    day = clock.date_of(date) if date else clock.today()
    night = nightly.nightly_run(date=day, client_ids=None if client_id is None else [client_id])
    return {"date": day.isoformat(), "busy": night.busy, "days": night.days, "rows": night.rows}


@shared_task(name="collections.nightly_sweep")
def nightly_sweep_task() -> int:
    """Go on with every run that began and did not end (its worker died, or a step failed), or that nobody began."""
    runs = nightly.nights_undone(now=clock.now())
    for day, book_id in runs:
        with suppress(nightly.NightStopped):
            nightly.nightly_run(date=day, client_ids=[book_id] if book_id else None)
    return len(runs)


@shared_task(name="audit.seal")
def audit_seal_task() -> int:
    """Chain the events that no seal holds yet."""
    return audit.seal()


@shared_task(name="collections.import")
def import_task(file_id: int) -> str:
    """Import a kept upload."""
    return uploads.upload_run(file_id=file_id)


@shared_task(name="collections.import_sweep")
def import_sweep_task() -> int:
    """Go on with uploads whose worker died; let go of those that nobody started."""
    uploads.uploads_expire(now=clock.now())
    waiting = list(ImportFile.objects.filter(status=ImportStatus.RUNNING).values_list("pk", flat=True))
    for file_id in waiting:
        import_task.delay(file_id)
    for file_id in suspects.suspects_undone():
        suspects_task.delay(file_id)
    for file_id in file_withdrawals.withdrawals_undone():
        file_withdraw_task.delay(file_id)
    return len(waiting)


@shared_task(name="collections.file_withdraw")
def file_withdraw_task(file_id: int) -> bool:
    """Take back a file of which a person said that it was imported wrongly."""
    return file_withdrawals.file_withdraw_run(file_id=file_id)


@shared_task(name="collections.suspects")
def suspects_task(file_id: int) -> int:
    """Take rows into the book of which a person said what they are."""
    return suspects.suspects_book(file_id=file_id)


@shared_task(name="collections.incoming")
def incoming_task(file_id: int) -> str:
    """Post what a kept payment file or statement brings."""
    return incoming_uploads.incoming_run(file_id=file_id)


@shared_task(name="collections.incoming_sweep")
def incoming_sweep_task() -> int:
    """Go on with files of money whose worker died; let go of those that nobody started."""
    incoming_uploads.incoming_expire(now=clock.now())
    waiting = list(IncomingFile.objects.filter(status=ImportStatus.RUNNING).values_list("pk", flat=True))
    for file_id in waiting:
        incoming_task.delay(file_id)
    return len(waiting)


@shared_task(name="collections.restage")
def restage_task(place_id: int) -> str:
    """Prepare or re-stage the book of one place of an approved change of stages."""
    return restaging.restage_run(place_id=place_id)


@shared_task(name="collections.restage_sweep")
def restage_sweep_task() -> int:
    """Go on with every re-staging that began and did not end, or that the queue lost."""
    waiting = restaging.places_unfinished()
    for place_id in waiting:
        restage_task.delay(place_id)
    return len(waiting)
