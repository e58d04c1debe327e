"""Payment files and statements from the browser: kept, looked at, then read by the worker."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clients.models import Client
from collections_app.choices import ImportStatus, IncomingKind
from collections_app.models import IncomingFile
from collections_app.rules import importing, payment_files
from collections_app.services.file_reading import Progress, form_proposed, quiet, sample_of
from collections_app.services.incoming import Received, payments_import, statement_import
from common import clock, jobs
from common.audit import Actor
from common.exceptions import Refused

SAMPLE_ROWS, SAMPLE_SHOWN = 300, 4
MOST_ATTEMPTS = 5
KEPT_FOR = dt.timedelta(days=7)
_LOCK = 0x494E_434D
_WAITS = frozenset({ImportStatus.UPLOADED, ImportStatus.CHECKED})
_ENDED = frozenset({ImportStatus.DONE, ImportStatus.REFUSED, ImportStatus.FAILED})


def _folder() -> Path:
    folder = Path(settings.MEDIA_ROOT) / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def incoming_keep(*, user: User, client: Client | None, kind: str, content: bytes, name: str) -> IncomingFile:
    """Keep an upload; nothing is read or posted yet. The client's last layout stands as the proposal."""
    last = (
        IncomingFile.objects.filter(client=client, kind=kind, status=ImportStatus.DONE).order_by("-created_at").first()
    )
    stored = f"{uuid.uuid4().hex}.bin"
    (_folder() / stored).write_bytes(content)
    return IncomingFile.objects.create(
        client=client,
        kind=kind,
        name=name[:200],
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        layout=last.layout if last is not None else {},
        status=ImportStatus.UPLOADED,
        stored_path=stored,
        uploaded_by=user,
        created_at=clock.now(),
    )


def _content(*, file: IncomingFile) -> bytes:
    try:
        return (_folder() / file.stored_path).read_bytes()
    except OSError as error:
        raise Refused("upload_gone", _("The uploaded file is no longer here. Upload it again.")) from error


def _drop(*, stored: str) -> None:
    if stored:
        (_folder() / stored).unlink(missing_ok=True)


def incoming_forget(*, file: IncomingFile) -> None:
    """Let go of an upload that came to nothing."""
    _drop(stored=file.stored_path)
    file.delete()


def incoming_sample(
    *, file: IncomingFile, encoding: str = "", delimiter: str = ""
) -> tuple[list[list[str]], dict[str, Any]]:
    """The first lines of a payment file and what its columns probably hold. Raises Refused when it is gone."""
    content, before = _content(file=file), file.layout
    encoding, delimiter = form_proposed(content=content, before=before, encoding=encoding, delimiter=delimiter)
    plan = importing.Layout(encoding=encoding, delimiter="\t" if delimiter == "TAB" else delimiter)
    sample = sample_of(content=content, name=file.name, layout=plan, rows=SAMPLE_ROWS)
    header = sample[0] if sample else []
    columns = importing.columns_proposed(
        header=header, before=before.get("columns", {}), headings=payment_files.HEADINGS
    )
    dates = []
    if "value_date" in columns:
        place = header.index(columns["value_date"])
        dates = [cells[place] for cells in sample[1:] if len(cells) == len(header)]
    proposal = {
        "encoding": encoding,
        "delimiter": delimiter,
        "date_format": importing.date_format_proposed(values=dates, before=before.get("date_format")),
        "currency": before.get("currency") or "SAR",
        **{f"column_{name}": column for name, column in columns.items()},
    }
    return sample[:SAMPLE_SHOWN], proposal


def _read(
    *, actor: Actor, file: IncomingFile, content: bytes, layout: Any, dry_run: bool, progress: Progress = quiet
) -> Received:
    """The one reading of an upload, looked at or posted."""
    given = None if dry_run else file
    if file.kind == IncomingKind.STATEMENT:
        return statement_import(
            actor=actor,
            client=file.client,
            content=content,
            name=file.name,
            dry_run=dry_run,
            user=file.uploaded_by,
            file=given,
            progress=progress,
        )
    if file.client is None:  # pragma: no cover - a constraint says so
        raise Refused("incoming_client", _("A payment file is one client's: say whose."))
    return payments_import(
        actor=actor,
        client=file.client,
        content=content,
        name=file.name,
        layout=layout,
        dry_run=dry_run,
        user=file.uploaded_by,
        file=given,
        progress=progress,
    )


def incoming_check(*, user: User, file: IncomingFile, layout: Any) -> IncomingFile:
    """Read and match a kept upload without posting: the preview a person confirms.

    Raises Refused when the layout or the file as a whole is wrong, or when the upload was started before.
    """
    checked = _read(actor=Actor.person(user), file=file, content=_content(file=file), layout=layout, dry_run=True)
    with transaction.atomic():
        locked = IncomingFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
        if locked.status not in _WAITS:
            raise Refused("upload_started", _("This file was started already."))
        locked.layout, locked.status, locked.result = layout, ImportStatus.CHECKED, checked.result
        locked.save(update_fields=["layout", "status", "result"])
    return locked


def incoming_start(*, file: IncomingFile) -> bool:
    """Hand a checked upload to the worker; False when that was done before."""
    return bool(
        IncomingFile.objects.filter(pk=file.pk, status=ImportStatus.CHECKED).update(status=ImportStatus.RUNNING)
    )


def incoming_run(*, file_id: int) -> str:
    """Post a kept upload; safe to run twice, and at once. One that stopped its workers too often is given up."""
    file = IncomingFile.objects.select_related("client", "uploaded_by").get(pk=file_id)
    if file.status in _ENDED:
        # A worker may have died between the posting and this.
        _drop(stored=file.stored_path)
        return file.status
    # One worker a file: who waits for its turn is not counted as having died.
    with jobs.session_lock(key=(_LOCK << 32) + file.pk) as mine:
        file.refresh_from_db(fields=["status"])
        if not mine or file.status != ImportStatus.RUNNING:
            return file.status
        return _post(file=file)


def _post(*, file: IncomingFile) -> str:
    name = f"incoming-attempts-{file.pk}"
    cache.add(name, 0, 24 * 3600)
    if cache.incr(name) > MOST_ATTEMPTS:
        return _failed(file=file, words=_("This file stopped several times. The fault is ours; nothing was posted."))

    def progress(step: str, done: int, total: int) -> None:
        cache.set(f"incoming-{file.pk}", {"step": step, "done": done, "total": total}, 3600)

    actor = Actor.person(file.uploaded_by) if file.uploaded_by else Actor.system("incoming")
    try:
        content = _content(file=file)
        received = _read(actor=actor, file=file, content=content, layout=file.layout, dry_run=False, progress=progress)
    except Refused as refusal:
        return _failed(file=file, words=refusal.message)
    _drop(stored=file.stored_path)
    return received.status


def _failed(*, file: IncomingFile, words: str | Promise) -> str:
    """Say in both languages why an upload came to nothing; it is not tried again."""
    IncomingFile.objects.filter(pk=file.pk, status=ImportStatus.RUNNING).update(
        status=ImportStatus.FAILED,
        finished_at=clock.now(),
        result={**file.result, "error": importing.in_both(words)},
    )
    _drop(stored=file.stored_path)
    return ImportStatus.FAILED


def incoming_progress(*, file: IncomingFile) -> dict[str, Any]:
    """Where a running file is: its step, and how much of all lies behind, in percent."""
    told = cache.get(f"incoming-{file.pk}") or {"step": "wait", "done": 0, "total": 0}
    return {**told, "share": importing.share_done(**told)}


def incoming_expire(*, now: dt.datetime) -> int:
    """Let go of uploads that nobody started within a week: they hold people's data. How many."""
    waiting = IncomingFile.objects.filter(status__in=_WAITS, created_at__lt=now - KEPT_FOR)
    gone = 0
    for file in list(waiting):
        # Asked again row by row: somebody may start it at this moment.
        deleted, _rows = waiting.filter(pk=file.pk).delete()
        if deleted:
            _drop(stored=file.stored_path)
            gone += 1
    kept = [path.name for path in _folder().glob("*.bin")]
    for stored in IncomingFile.objects.filter(stored_path__in=kept, status__in=_ENDED).values_list(
        "stored_path", flat=True
    ):
        _drop(stored=stored)
    return gone
