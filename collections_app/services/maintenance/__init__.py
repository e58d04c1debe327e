"""A client's files beside new debts: what it says of debts that we have. All or nothing, unless the good rows alone are
asked for; the same file twice changes nothing.

What a kind of file does stands in a module of its own; here is what all of them go through: read into a temporary
table, hold against the book, refuse by row, write, one event.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from accounts.models import User
from clients.models import Client
from collections_app.choices import FileKind, ImportStatus
from collections_app.models import ImportFile
from collections_app.rules import importing, maintenance
from collections_app.services.cells import Reading
from collections_app.services.file_reading import Progress, Source, lines_read, quiet
from collections_app.services.file_rows import LOCK, file_begin, file_end
from collections_app.services.imports import MOST_LISTED, Imported
from collections_app.services.maintenance.balances import Balances
from collections_app.services.maintenance.contacts import Contacts
from collections_app.services.maintenance.recalls import Recalls
from collections_app.services.maintenance.work import Work
from collections_app.services.refusal_files import refused_drop, refused_keep
from collections_app.services.staging import (
    ANALYZE_FROM,
    CHUNK,
    REFUSALS,
    refusals_stage,
    refusals_told,
    refused_count,
    told_taken,
)
from common import clock
from common.audit import Actor, record
from common.db import execute

WORKS: dict[str, type[Work]] = {FileKind.CONTACTS: Contacts, FileKind.BALANCES: Balances, FileKind.RECALLS: Recalls}


class _DryRun(Exception):
    """Leaves the transaction without a trace."""


class _NotWhole(Exception):
    """Something could not be written, and the file is all or nothing."""


def maintenance_import(
    *,
    actor: Actor,
    client: Client,
    kind: str,
    content: bytes | Path,
    name: str,
    layout: Any,
    placed_on: dt.date,
    accept_good_rows: bool = False,
    dry_run: bool = False,
    user: User | None = None,
    file: ImportFile | None = None,
    progress: Progress = quiet,
) -> Imported:
    """Read, check and write one file of contact data or balances, as ``portfolio_import`` does one of new debts.

    ``placed_on`` is the day of the file. Raises Refused when the file or layout as a whole is wrong.
    """
    importing.placed_on_checked(placed_on=placed_on, today=clock.today())
    plan = maintenance.layout_read(kind=kind, definition=layout)
    source = Source(content=content, name=name)
    kept = None
    progress("read", 0, 0)
    try:
        with transaction.atomic():
            work = WORKS[kind](client=client, layout=plan, day=placed_on, actor=actor)
            execute(REFUSALS)
            execute(work.TABLE)
            total, warnings = _read(work=work, source=source, kind=kind, progress=progress)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, client.pk])
            Client.held(client_id=client.pk)
            file, going = file_begin(
                file=file,
                client=client,
                kind=kind,
                source=source,
                layout=layout,
                accept_good_rows=accept_good_rows,
                placed_on=placed_on,
                user=user,
            )
            if not going:
                return Imported(result=file.result, status=file.status, file=file)
            progress("check", 0, total)
            work.check(file=file, warnings=warnings)
            progress("write", 0, 1)
            made, written = _written(work=work, file=file, accept_good_rows=accept_good_rows)
            result = _result(work=work, total=total, warnings=warnings, made=made, written=written)
            if result["refused"]:
                kept = refused_keep(source=source, layout=plan)
            execute(f"DROP TABLE staged_refusal, {work.NAME}")
            before = file.refused_path
            if dry_run:
                raise _DryRun
            file_end(file=file, result=result, status=ImportStatus.DONE if written else ImportStatus.REFUSED, kept=kept)
            transaction.on_commit(lambda: refused_drop(path=before))
    except _DryRun:
        status = ImportStatus.DONE if written else ImportStatus.REFUSED
        return Imported(result=result | {"dry_run": True}, status=status, file=None, refused=kept)
    except BaseException:
        if kept is not None:
            refused_drop(path=kept.path)
        raise
    return Imported(result=result, status=file.status, file=file, refused=kept)


def _result(
    *, work: Work, total: int, warnings: Mapping[str, tuple[int, int]], made: Mapping[str, Any], written: bool
) -> dict[str, Any]:
    """What is said of a file: its lines, how many of them brought something, what was refused and warned of."""
    refused, brought = refused_count(), work.brings()
    return {
        "rows": total,
        "accepted": brought if written else 0,
        "would": brought,
        "refused": refused,
        "unchanged": total - refused - brought,
        "suspects": 0,
        **made,
        **work.extra,
        "refusals": refusals_told(most=MOST_LISTED),
        "warnings": [
            {"code": code, "lines": count, "first": first, **importing.in_both(importing.WARNINGS[code])}
            for code, (count, first) in warnings.items()
        ],
        "written": written and bool(brought),
    }


def _read(*, work: Work, source: Source, kind: str, progress: Progress) -> tuple[int, dict[str, tuple[int, int]]]:
    """The file's good lines into the kind's table; how many lines it has, and what was warned of."""
    reading = Reading()
    warnings: dict[str, tuple[int, int]] = {}
    found = lines_read(
        content=source.content,
        name=source.name,
        layout=work.layout,
        reading=reading,
        required=maintenance.FIELDS[kind].required,
        progress=progress,
    )
    told = (row for cells in found for row in work.staged(cells=cells, today=clock.today()))
    while chunk := list(islice(told, CHUNK)):
        with connection.cursor() as cursor, cursor.copy(f"COPY {work.NAME} ({work.COLUMNS}) FROM STDIN") as copy:
            for row in chunk:
                copy.write_row(row)
        told_taken(reading=reading, warnings=warnings)
    told_taken(reading=reading, warnings=warnings)
    if reading.total >= ANALYZE_FROM:
        execute(f"ANALYZE {work.NAME}")
    return reading.total, warnings


def _written(*, work: Work, file: ImportFile, accept_good_rows: bool) -> tuple[dict[str, int], bool]:
    """Write what the good rows bring, with the file's event; what was made, and whether it stands."""
    body = {"kind": file.kind, "sha256": file.sha256, "refused": refused_count()}
    if not body["refused"] or accept_good_rows:
        faults: list[importing.Refusal] = []
        try:
            with transaction.atomic():
                action = "import.maintained" if work.brings() else "import.unchanged"
                event = record(
                    actor=work.actor,
                    action=action,
                    subject=file,
                    client_id=file.client_id,
                    body={**body, "rows": work.brings()},
                )
                made, faults = work.write(file=file, event_id=event.pk)
                if faults and not accept_good_rows:
                    raise _NotWhole
        except _NotWhole:
            pass
        else:
            refusals_stage(refusals=faults)
            return made, True
        refusals_stage(refusals=faults)
    record(actor=work.actor, action="import.refused", subject=file, client_id=file.client_id, body=body)
    return dict.fromkeys(work.MAKES, 0), False
