"""Bring a client's file into the book: all or nothing, unless the good rows alone are asked for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from accounts.models import User
from clients.models import Client
from collections_app.choices import FileKind, ImportStatus
from collections_app.models import ImportFile
from collections_app.rules import importing
from collections_app.services import leading_zeros, stage_actions, stages
from collections_app.services.booking import Booking
from collections_app.services.file_reading import Progress, Source, quiet
from collections_app.services.file_rows import LOCK, file_begin, file_end
from collections_app.services.refusal_files import RefusedRows, refused_drop, refused_keep
from collections_app.services.staging import Staging, refusals_told
from common import clock
from common.audit import Actor, record
from common.db import rows

MOST_LISTED = 1_000

# The order of locks is the house's: the client, its cases by id, then what hangs on them. A book that this import opens
# is locked as the opening will lock it: a weaker lock that grew later could meet another's.
_LOCK_CLIENT = "SELECT book_date FROM clients_client WHERE id = %(client_id)s FOR "


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What an import came to. ``file`` is None for a dry run."""

    result: dict[str, Any]
    status: str
    file: ImportFile | None
    refused: RefusedRows | None = None


class _DryRun(Exception):
    """Leaves the transaction without a trace."""


def portfolio_import(
    *,
    actor: Actor,
    client: Client,
    content: bytes | Path,
    name: str,
    layout: Any,
    placed_on: dt.date,
    accept_good_rows: bool = False,
    dry_run: bool = False,
    user: User | None = None,
    file: ImportFile | None = None,
    open_book: bool = False,
    keep_refused: bool = True,
    progress: Progress = quiet,
) -> Imported:
    """Read, check and write one file of a client (PL-04).

    ``content`` on disk is read from there in blocks: what the process holds does not grow with the file.
    Nothing is written when any row is refused, unless ``accept_good_rows``; nothing ever with ``dry_run``. The same
    file twice adds nothing. ``placed_on`` is the placement date, not later than today. With ``open_book`` a new book
    is opened on today's date in the same transaction. The refused rows are kept for their download, of a dry run by the
    caller, unless ``keep_refused`` says no. Raises Refused when the file or layout as a whole is wrong.
    """
    importing.placed_on_checked(placed_on=placed_on, today=clock.today())
    plan = importing.layout_read(definition=layout)
    source = Source(content=content, name=name)
    kept = None
    progress("read", 0, 0)
    try:
        with transaction.atomic():
            staging = Staging(client=client)
            staging.read(
                source=source, layout=plan, terms_days=client.terms_days, today=clock.today(), progress=progress
            )
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, client.pk])
            book_date = Client.objects.values_list("book_date", flat=True).get(pk=client.pk)
            opens = open_book and not dry_run and book_date is None
            rows(_LOCK_CLIENT + ("UPDATE" if opens else "SHARE"), {"client_id": client.pk})
            file, going = file_begin(
                file=file,
                client=client,
                kind=FileKind.PLACEMENT,
                source=source,
                layout=layout,
                accept_good_rows=accept_good_rows,
                placed_on=placed_on,
                user=user,
            )
            if not going:
                return Imported(result=file.result, status=file.status, file=file)
            result, status = _write(
                actor=actor,
                client=client,
                file=file,
                staging=staging,
                tells_disputed="disputed" in plan.columns,
                accept_good_rows=accept_good_rows,
                progress=progress,
            )
            before = file.refused_path
            if keep_refused and result["refused"]:
                kept = refused_keep(source=source, layout=plan)
            if opens and status == ImportStatus.DONE:
                progress("age", 0, 0)
                _open(actor=actor, client=client, day=clock.today())
            file_end(file=file, result=result, status=status, kept=kept)
            staging.clear()
            if dry_run:
                raise _DryRun
            transaction.on_commit(lambda: refused_drop(path=before))
    except _DryRun:
        return Imported(result=result | {"dry_run": True}, status=status, file=None, refused=kept)
    except BaseException:
        if kept is not None:
            refused_drop(path=kept.path)
        raise
    return Imported(result=result, status=status, file=file, refused=kept)


def _open(*, actor: Actor, client: Client, day: dt.date) -> None:
    """Open a new book with its first file, unless the night did meanwhile."""
    if Client.objects.filter(pk=client.pk, book_date__isnull=False).exists():
        return
    stages.book_open(client_id=client.pk, day=day)
    stages.receivables_age(client_id=client.pk, day=day)
    stage_actions.stage_actions_fire(client_id=client.pk, since=day - dt.timedelta(days=1), day=day)
    record(actor=actor, action="book.opened", subject=client, client_id=client.pk, body={"day": day})


def _write(
    *,
    actor: Actor,
    client: Client,
    file: ImportFile,
    staging: Staging,
    tells_disputed: bool,
    accept_good_rows: bool,
    progress: Progress,
) -> tuple[dict[str, Any], str]:
    """Decide, book; the result that the page and the command show, and the status."""
    progress("check", 0, staging.total)
    staging.check(tells_disputed=tells_disputed)
    refused_lines = staging.refused
    refused = bool(refused_lines) and not accept_good_rows
    made = {"cases": 0, "debts": 0, "receivables": 0, "payments": 0, "contacts": 0}
    body = {"sha256": file.sha256, "rows": staging.total}
    if refused:
        body["refused"] = refused_lines
        record(actor=actor, action="import.refused", subject=file, client_id=client.pk, body=body)
    elif staging.bring:
        made = Booking(actor=actor, client=client, file=file, staging=staging, progress=progress).write()
    else:
        record(actor=actor, action="import.unchanged", subject=file, client_id=client.pk, body=body)
    if not refused:
        leading_zeros.zeros_keep(file=file, passing=staging.passing)
    suspects = staging.suspect_rows(most=MOST_LISTED)
    result = {
        "rows": staging.total,
        "accepted": 0 if refused else staging.bring,
        # What the good rows alone would bring: the preview of a file with refusals shows it.
        "would": staging.bring,
        "refused": refused_lines,
        "unchanged": staging.unchanged,
        "suspects": staging.suspects,
        **made,
        "ages": staging.ages(as_of=file.placed_on),
        "refusals": refusals_told(most=MOST_LISTED),
        "suspect_lines": [row["line"] for row in suspects],
        "suspect_rows": suspects,
        "warnings": [
            {"code": code, "lines": count, "first": first, **importing.in_both(importing.WARNINGS[code])}
            for code, (count, first) in staging.warnings.items()
        ],
        "written": not refused and bool(staging.bring),
    }
    return result, ImportStatus.REFUSED if refused else ImportStatus.DONE
