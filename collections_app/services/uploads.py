"""Uploads waiting for the worker: stored outside the web's reach, imported by a task, with progress."""

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
from collections_app.choices import FileKind, ImportStatus
from collections_app.models import FileWithdrawal, ImportFile, ImportLayout
from collections_app.rules import importing, maintenance
from collections_app.services.file_reading import sample_of
from collections_app.services.files import file_import
from collections_app.services.refusal_files import refused_drop, refused_expire
from common import clock, jobs
from common.audit import Actor
from common.exceptions import Refused

SAMPLE_ROWS, SAMPLE_SHOWN = 300, 4
MOST_ATTEMPTS = 5
# By which column of a file the form of its dates is guessed.
_DATES = ("due_on", "value_date")
KEPT_FOR = dt.timedelta(days=7)
_LOCK = 0x5550_4C44
_ENDED = frozenset({ImportStatus.DONE, ImportStatus.REFUSED, ImportStatus.FAILED})


def _folder() -> Path:
    folder = Path(settings.MEDIA_ROOT) / "imports"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def upload_keep(
    *,
    user: User,
    client: Client,
    content: bytes,
    name: str,
    placed_on: dt.date,
    layout: Any = None,
    kind: str = FileKind.PLACEMENT,
) -> ImportFile:
    """Keep an upload until somebody has said what its columns hold; nothing is read or written yet.

    Without a ``layout`` the one of the client's last file of this kind stands as the proposal. Raises Refused for a
    placement date that lies ahead.
    """
    importing.placed_on_checked(placed_on=placed_on, today=clock.today())
    last = ImportLayout.objects.filter(client=client, name=_layout_name(kind=kind)).first()
    stored = f"{uuid.uuid4().hex}.bin"
    (_folder() / stored).write_bytes(content)
    return ImportFile.objects.create(
        client=client,
        kind=kind,
        name=name[:200],
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        layout=layout if layout is not None else (last.definition if last else {}),
        status=ImportStatus.UPLOADED,
        stored_path=stored,
        placed_on=placed_on,
        uploaded_by=user,
        created_at=clock.now(),
    )


def _layout_name(*, kind: str) -> str:
    """Under which name a client's last layout of this kind of file stands."""
    return "last" if kind == FileKind.PLACEMENT else f"last {kind.lower()}"


def _drop(*, stored: str) -> None:
    """Remove a stored upload, if it is there still."""
    if stored:
        (_folder() / stored).unlink(missing_ok=True)


def upload_content(*, file: ImportFile) -> bytes:
    """The bytes of a kept upload. Raises Refused when they are gone."""
    try:
        return (_folder() / file.stored_path).read_bytes()
    except OSError as error:
        raise Refused("upload_gone", _("The uploaded file is no longer here. Upload it again.")) from error


def upload_sample(
    *, file: ImportFile, encoding: str = "", delimiter: str = ""
) -> tuple[list[list[str]], dict[str, Any]]:
    """The first lines of a kept upload, and what its columns probably hold, for a person to confirm.

    The encoding and delimiter asked for win; else the last layout's; else UTF-8 where the bytes allow it, and
    Windows-1256 where they do not; the delimiter that parts the first line most. Raises Refused when it is gone.
    """
    content = upload_content(file=file)
    before = file.layout
    if not encoding:
        likely = (before.get("encoding", "utf-8"), "utf-8", "windows-1256")
        encoding = next((name for name in likely if _decodes(content, name)), "utf-8")
    if not delimiter:
        first = content[:4_000].decode(encoding, errors="ignore").partition("\n")[0]
        last = "\t" if before.get("delimiter") == "TAB" else before.get("delimiter", ",")
        delimiter = last if last in first else max(",;\t|", key=first.count)
    delimiter = "TAB" if delimiter == "\t" else delimiter
    plan = importing.Layout(encoding=encoding, delimiter="\t" if delimiter == "TAB" else delimiter)
    sample = sample_of(content=content, name=file.name, layout=plan, rows=SAMPLE_ROWS)
    header = sample[0] if sample else []
    columns = importing.columns_proposed(
        header=header, before=before.get("columns", {}), headings=maintenance.FIELDS[file.kind].headings
    )
    dates = []
    dated = next((columns[name] for name in _DATES if name in columns), None)
    if dated is not None:
        place = header.index(dated)
        dates = [cells[place] for cells in sample[1:] if len(cells) == len(header)]
    proposal = {
        "encoding": encoding,
        "delimiter": delimiter,
        "date_format": importing.date_format_proposed(values=dates, before=before.get("date_format")),
        "currency": before.get("currency") or "SAR",
        **{f"column_{name}": column for name, column in columns.items()},
    }
    return sample[:SAMPLE_SHOWN], proposal


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def upload_forget(*, file: ImportFile) -> None:
    """Let go of an upload that came to nothing."""
    _drop(stored=file.stored_path)
    refused_drop(path=file.refused_path)
    file.delete()


def upload_check(*, user: User, file: ImportFile, layout: Any) -> ImportFile:
    """Check a kept upload by a layout without writing it: the preview a person confirms.

    Raises Refused when the layout or the file as a whole is wrong, or when the upload was started before.
    """
    client = file.client
    checked = file_import(
        kind=file.kind,
        actor=Actor.person(user),
        client=client,
        content=upload_content(file=file),
        name=file.name,
        layout=layout,
        placed_on=file.placed_on,
        dry_run=True,
        user=user,
    )
    same = ImportFile.objects.filter(client=client, sha256=file.sha256, status=ImportStatus.DONE)
    if same.exclude(pk__in=FileWithdrawal.objects.filter(client=client).values("file")).exists():
        words = importing.in_both(importing.WARNINGS["same_file"])
        checked.result["warnings"].insert(
            0, {"code": "same_file", "lines": checked.result["rows"], "first": 1, **words}
        )
    with transaction.atomic():
        locked = ImportFile.objects.select_for_update().get(pk=file.pk)
        if locked.status not in {ImportStatus.UPLOADED, ImportStatus.CHECKED}:
            raise Refused("upload_started", _("This file was started already."))
        ImportLayout.objects.update_or_create(
            client=client, name=_layout_name(kind=file.kind), defaults={"definition": layout}
        )
        before, kept = locked.refused_path, checked.refused
        locked.layout, locked.status = layout, ImportStatus.CHECKED
        locked.result, locked.rows_total = checked.result, checked.result["rows"]
        locked.refused_path, locked.refused_key = (kept.path, kept.key) if kept else ("", None)
        locked.save(update_fields=["layout", "status", "result", "rows_total", "refused_path", "refused_key"])
        transaction.on_commit(lambda: refused_drop(path=before))
    return locked


def upload_start(*, file: ImportFile, accept_good_rows: bool) -> bool:
    """Hand a checked upload to the worker; False when that was done before."""
    return bool(
        ImportFile.objects.filter(pk=file.pk, status=ImportStatus.CHECKED).update(
            status=ImportStatus.RUNNING, accept_good_rows=accept_good_rows
        )
    )


def upload_run(*, file_id: int) -> str:
    """Import a kept upload, telling its progress; safe to run twice, and at once.

    A new book is opened with it, on today's date, in one transaction. A file that stopped its workers
    ``MOST_ATTEMPTS`` times is given up.
    """
    file = ImportFile.objects.select_related("client", "uploaded_by").get(pk=file_id)
    if file.status in _ENDED:
        # A worker may have died between the import and this.
        _drop(stored=file.stored_path)
        return file.status
    # One worker a file: who waits for its turn, or reads for long, is not counted as having died.
    with jobs.session_lock(key=(_LOCK << 32) + file.pk) as mine:
        file.refresh_from_db(fields=["status"])
        if not mine or file.status != ImportStatus.RUNNING:
            return file.status
        return _import(file=file)


def _import(*, file: ImportFile) -> str:
    if _attempt(file=file) > MOST_ATTEMPTS:
        return _failed(file=file, words=_("This import stopped several times. The fault is ours; nothing was written."))
    path = _folder() / file.stored_path

    def progress(step: str, done: int, total: int) -> None:
        cache.set(f"import-{file.pk}", {"step": step, "done": done, "total": total}, 3600)

    actor = Actor.person(file.uploaded_by) if file.uploaded_by else Actor.system("import")
    try:
        imported = file_import(
            kind=file.kind,
            actor=actor,
            client=file.client,
            content=path,
            name=file.name,
            layout=file.layout,
            placed_on=file.placed_on,
            accept_good_rows=file.accept_good_rows,
            user=file.uploaded_by,
            file=file,
            open_book=True,
            progress=progress,
        )
    except Refused as refusal:
        return _failed(file=file, words=refusal.message)
    except FileNotFoundError:
        return _failed(file=file, words=_("The uploaded file is no longer here. Upload it again."))
    _drop(stored=file.stored_path)
    return imported.status


def _attempt(*, file: ImportFile) -> int:
    """Which attempt this is. Forgotten after a day: it only keeps one bad file from stopping workers for ever."""
    name = f"import-attempts-{file.pk}"
    cache.add(name, 0, 24 * 3600)
    return int(cache.incr(name))


def uploads_expire(*, now: dt.datetime) -> int:
    """Let go of uploads that nobody started within a week: they hold people's data. How many.

    And of the bytes that a worker left behind when it died after its import.
    """
    kept = [path.name for path in _folder().glob("*.bin")]
    for stored in ImportFile.objects.filter(stored_path__in=kept, status__in=_ENDED).values_list(
        "stored_path", flat=True
    ):
        _drop(stored=stored)
    waiting = ImportFile.objects.filter(
        status__in=[ImportStatus.UPLOADED, ImportStatus.CHECKED], created_at__lt=now - KEPT_FOR
    )
    gone = 0
    for file in list(waiting):
        # Asked again row by row: somebody may start it at this moment.
        deleted, _rows = waiting.filter(pk=file.pk).delete()
        if deleted:
            _drop(stored=file.stored_path)
            gone += 1
    refused_expire(now=now)
    return gone


def _failed(*, file: ImportFile, words: str | Promise) -> str:
    """Say in both languages why an upload came to nothing; it is not tried again."""
    ImportFile.objects.filter(pk=file.pk, status=ImportStatus.RUNNING).update(
        status=ImportStatus.FAILED,
        finished_at=clock.now(),
        result={**file.result, "error": importing.in_both(words)},
    )
    _drop(stored=file.stored_path)
    return ImportStatus.FAILED


def upload_progress(*, file: ImportFile) -> dict[str, Any]:
    """Where a running import is: its step, rows done and total, and how much of all lies behind, in percent."""
    told = cache.get(f"import-{file.pk}") or {"step": "wait", "done": 0, "total": file.rows_total}
    return {**told, "share": importing.share_done(**told)}
