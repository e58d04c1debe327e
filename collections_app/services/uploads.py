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
from collections_app.choices import ImportStatus
from collections_app.models import ImportFile, ImportLayout
from collections_app.rules import importing
from collections_app.services import stages
from collections_app.services.imports import portfolio_import
from common import clock
from common.audit import Actor
from common.exceptions import Refused


def _folder() -> Path:
    folder = Path(settings.MEDIA_ROOT) / "imports"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def upload_keep(
    *, user: User, client: Client, content: bytes, name: str, layout: Any, placed_on: dt.date, accept_good_rows: bool
) -> ImportFile:
    """Keep an upload and check it without writing: the preview a person confirms."""
    stored = f"{uuid.uuid4().hex}.bin"
    (_folder() / stored).write_bytes(content)
    try:
        checked = portfolio_import(
            actor=Actor.person(user),
            client=client,
            content=content,
            name=name,
            layout=layout,
            placed_on=placed_on,
            accept_good_rows=accept_good_rows,
            dry_run=True,
            user=user,
        )
    except Exception:
        (_folder() / stored).unlink()
        raise
    sha256 = hashlib.sha256(content).hexdigest()
    earlier = ImportFile.objects.filter(client=client, sha256=sha256, status=ImportStatus.DONE).exists()
    if earlier:
        words = importing.in_both(importing.WARNINGS["same_file"])
        checked.result["warnings"].insert(
            0, {"code": "same_file", "lines": checked.result["rows"], "first": 1, **words}
        )
    with transaction.atomic():
        ImportLayout.objects.update_or_create(client=client, name="last", defaults={"definition": layout})
        return ImportFile.objects.create(
            client=client,
            name=name[:200],
            sha256=sha256,
            size=len(content),
            layout=layout,
            status=ImportStatus.CHECKED,
            accept_good_rows=accept_good_rows,
            stored_path=stored,
            placed_on=placed_on,
            uploaded_by=user,
            created_at=clock.now(),
            rows_total=checked.result["rows"],
            result=checked.result,
        )


def upload_start(*, file: ImportFile, accept_good_rows: bool) -> bool:
    """Hand a checked upload to the worker; False when that was done before."""
    return bool(
        ImportFile.objects.filter(pk=file.pk, status=ImportStatus.CHECKED).update(
            status=ImportStatus.RUNNING, accept_good_rows=accept_good_rows
        )
    )


def upload_run(*, file_id: int) -> str:
    """Import a kept upload, telling its progress; safe to run twice, and at once.

    A new book is opened with it, on today's date.
    """
    file = ImportFile.objects.select_related("client", "uploaded_by").get(pk=file_id)
    if file.status != ImportStatus.RUNNING:
        return file.status
    path = _folder() / file.stored_path

    def progress(step: str, done: int, total: int) -> None:
        cache.set(f"import-{file.pk}", {"step": step, "done": done, "total": total}, 3600)

    actor = Actor.person(file.uploaded_by) if file.uploaded_by else Actor.system("import")
    try:
        imported = portfolio_import(
            actor=actor,
            client=file.client,
            content=path.read_bytes(),
            name=file.name,
            layout=file.layout,
            placed_on=file.placed_on,
            accept_good_rows=file.accept_good_rows,
            user=file.uploaded_by,
            file=file,
            progress=progress,
        )
    except Refused as refusal:
        return _failed(file=file, words=refusal.message)
    except FileNotFoundError:
        return _failed(file=file, words=_("The uploaded file is no longer here. Upload it again."))
    if imported.status == ImportStatus.DONE and file.client.book_date is None:
        progress("age", 0, 0)
        with transaction.atomic():
            stages.book_open(client_id=file.client_id, day=clock.today())
            stages.receivables_age(client_id=file.client_id, day=clock.today())
            stages.stage_tasks_fire(
                client_id=file.client_id, since=clock.today() - dt.timedelta(days=1), day=clock.today()
            )
    path.unlink(missing_ok=True)
    return imported.status


def _failed(*, file: ImportFile, words: str | Promise) -> str:
    """Say in both languages why an upload came to nothing; it is not tried again."""
    ImportFile.objects.filter(pk=file.pk, status=ImportStatus.RUNNING).update(
        status=ImportStatus.FAILED,
        finished_at=clock.now(),
        result={**file.result, "error": importing.in_both(words)},
    )
    if file.stored_path:
        (_folder() / file.stored_path).unlink(missing_ok=True)
    return ImportStatus.FAILED


def upload_progress(*, file: ImportFile) -> dict[str, Any]:
    """Where a running import is: its step, rows done and total."""
    return cache.get(f"import-{file.pk}") or {"step": "wait", "done": 0, "total": file.rows_total}
