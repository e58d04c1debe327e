"""The row of a client's file while it is read: begun or taken up, and ended with what came of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from accounts.models import User
from clients.models import Client
from collections_app.choices import ImportStatus
from collections_app.models import ImportFile
from collections_app.services.file_reading import Source
from collections_app.services.refusal_files import RefusedRows
from common import clock

# One file of a client at a time: an advisory lock by this and the client's id.
LOCK = 0x494D_5054


def file_begin(
    *,
    file: ImportFile | None,
    client: Client,
    kind: str,
    source: Source,
    layout: Any,
    accept_good_rows: bool,
    placed_on: dt.date,
    user: User | None,
) -> tuple[ImportFile, bool]:
    """The file's row, held, and whether it is still to be done: another worker may have, while this one waited."""
    if file is not None:
        file = ImportFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
        return file, file.status == ImportStatus.RUNNING
    sha256, size = source.measured
    made = ImportFile.objects.create(
        client=client,
        kind=kind,
        name=source.name[:200],
        sha256=sha256,
        size=size,
        layout=layout,
        status=ImportStatus.RUNNING,
        accept_good_rows=accept_good_rows,
        placed_on=placed_on,
        uploaded_by=user,
        created_at=clock.now(),
    )
    return made, True


def file_end(*, file: ImportFile, result: dict[str, Any], status: str, kept: RefusedRows | None) -> None:
    """Write what came of a file."""
    file.result, file.status = result, status
    file.rows_total = file.rows_read = result["rows"]
    file.finished_at = clock.now()
    file.refused_path, file.refused_key = (kept.path, kept.key) if kept else ("", None)
    file.save(
        update_fields=["result", "status", "rows_total", "rows_read", "finished_at", "refused_path", "refused_key"]
    )
