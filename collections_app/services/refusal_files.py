"""The refused rows of a file in the client's own columns, with the reasons: to be corrected and sent back.

They are people's data of nobody in the book, so they wait on the disk, sealed line by line under a key of the file,
which stands in its row: when the key goes, they are gone. The file that leaves is written anew at each download, in
the reader's language, as the client's was written: the same kind, encoding, delimiter, heading and order, and a last
column that says why. It is read again by the same layout as it is.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from collections_app.models import ImportFile
from collections_app.rules import importing
from collections_app.rules.importing import REASONS, WHY_REFUSED, Layout, in_both
from collections_app.services.cells import Reading, Rounded
from collections_app.services.file_reading import Source, records_read
from common import crypto
from common.audit import Actor, record
from common.db import rows, streamed
from common.exceptions import Refused
from common.spreadsheets import XLSX, text_write, workbook_write

KEPT_FOR = dt.timedelta(days=30)
_ORPHAN = dt.timedelta(days=1)
_COLUMN = "refused_row"
_IN_MEMORY = 2 * 1024 * 1024
_REFUSED = """
SELECT line, json_agg(json_build_array("column", code) ORDER BY at)::text FROM staged_refusal
GROUP BY line ORDER BY line
"""


@dataclass(frozen=True, kw_only=True)
class RefusedRows:
    """Where the refused rows of a file lie, and the key that reads them, wrapped."""

    path: str
    key: bytes


@dataclass(frozen=True, kw_only=True)
class Written:
    """A file as it leaves."""

    content: IO[bytes]
    name: str
    content_type: str


def _folder() -> Path:
    folder = Path(settings.MEDIA_ROOT) / "imports"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def refused_keep(*, source: Source, layout: Layout) -> RefusedRows | None:
    """Keep the refused rows of the file that is staged, its heading first; None when not even its letters are right."""
    if rows("SELECT 1 FROM staged_refusal WHERE code = 'undecodable' LIMIT 1"):
        return None
    key, wrapped = crypto.new_data_key()
    found = _with_reasons(source=source, layout=layout)
    _line, heading, _none = next(found)
    stored = f"{uuid.uuid4().hex}.refused"
    with (_folder() / stored).open("wb") as out:
        out.write(_sealed(key=key, told={"heading": heading, "workbook": source.is_workbook}))
        for row in found:
            out.write(_sealed(key=key, told=row))
    return RefusedRows(path=stored, key=wrapped)


def _with_reasons(*, source: Source, layout: Layout) -> Iterator[tuple[int, list[Any], Any]]:
    """The heading, then every refused line with its cells as they were read and what is wrong with them.

    A line that could not be parted into cells comes without any.
    """
    records = records_read(source=source, layout=layout, reading=Reading())
    number, heading = next(records)
    ours = bool(heading) and importing.is_reason_heading(heading[-1])
    width = len(heading)
    yield number, heading[:-1] if ours else heading, None
    at, cells = next(records, (None, []))
    for chunk in streamed(_REFUSED):
        for line, reasons in chunk:
            while at is not None and at < line:
                at, cells = next(records, (None, []))
            told: list[Any] = []
            if at == line:
                told = cells[:-1] if ours and len(cells) == width else cells
            # A number that lost its digits stays a number, so that it is refused again when nobody corrects it.
            yield line, [int(cell) if isinstance(cell, Rounded) else cell for cell in told], json.loads(reasons)


def _sealed(*, key: bytes, told: Any) -> bytes:
    text = json.dumps(told, ensure_ascii=False)
    return base64.b64encode(crypto.encrypt(key=key, value=text, column=_COLUMN)) + b"\n"


def _opened(*, kept: RefusedRows) -> Iterator[Any]:
    """What was kept, line by line. Raises Refused when it is gone."""
    key = crypto.unwrap(wrapped=kept.key)
    try:
        stream = (_folder() / kept.path).open("rb")
    except OSError as error:
        raise Refused("refused_gone", _("The refused rows are no longer kept. Upload the file again.")) from error
    with stream:
        for line in stream:
            yield json.loads(crypto.decrypt(key=key, sealed=base64.b64decode(line), column=_COLUMN))


def refused_write(*, user: User, file: ImportFile, language: str) -> Written:
    """Write the refused rows of a file for somebody who reads ``language``. Raises Refused when they are gone."""
    # Kept in memory only as long as it is small.
    content: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed by who sends it
    kept = RefusedRows(path=file.refused_path, key=bytes(file.refused_key or b""))
    workbook = _rewritten(kept=kept, layout=file.layout, language=language, content=content)
    content.seek(0)
    with transaction.atomic():
        record(
            actor=Actor.person(user),
            action="import.refused_taken",
            subject=file,
            client_id=file.client_id,
            body={"rows": file.result["refused"]},
        )
    ending = "xlsx" if workbook else Path(file.name).suffix.lstrip(".") or "csv"
    kind = XLSX if workbook else f"text/csv; charset={file.layout.get('encoding') or 'utf-8'}"
    return Written(content=content, name=f"{Path(file.name).stem}-refused.{ending}", content_type=kind)


def refused_rows(*, file: ImportFile) -> Iterator[tuple[int, dict[str, str], list[str]]]:
    """The refused lines of a file by number: their cells by heading, and the codes of what is wrong with them.

    Nothing when they are no longer kept.
    """
    if not file.refused_path:
        return
    kept = _opened(kept=RefusedRows(path=file.refused_path, key=bytes(file.refused_key or b"")))
    heading = [name.strip() for name in next(kept)["heading"]]
    for line, cells, told in kept:
        yield line, dict(zip(heading, map(str, cells), strict=False)), [code for _column, code in told]


def refused_save(*, kept: RefusedRows, layout: Any, path: Path, language: str = "en") -> None:
    """Write refused rows to a file, for whoever works on the command line."""
    with path.open("wb") as content:
        _rewritten(kept=kept, layout=layout, language=language, content=content)


def _rewritten(*, kept: RefusedRows, layout: Any, language: str, content: IO[bytes]) -> bool:
    """Write kept rows as the client's file was written; whether that was a workbook."""
    rows_ = _opened(kept=kept)
    first = next(rows_)
    plan = importing.layout_read(definition=layout, known=layout.get("columns", {}), required=())
    words = _Words(language=language, encoding="utf-8" if first["workbook"] else plan.encoding)
    heading = [*first["heading"], words.say(WHY_REFUSED)]
    lines = ([*cells, words.reasons(line=line, told=told, bare=not cells)] for line, cells, told in rows_)
    table = chain([heading], lines)
    if first["workbook"]:
        workbook_write(content=content, rows=table)
    else:
        text_write(content=content, rows=table, encoding=plan.encoding, delimiter=plan.delimiter)
    return bool(first["workbook"])


@dataclass(frozen=True, kw_only=True)
class _Words:
    """Sentences in the reader's language, where the file's encoding can hold them; else in the other."""

    language: str
    encoding: str

    def say(self, text: Any) -> str:
        both = in_both(text)
        for said in (both[self.language], both["en"], both["ar"]):
            try:
                said.encode(self.encoding)
            except UnicodeEncodeError:
                continue
            return said
        return both["en"].encode(self.encoding, errors="replace").decode(self.encoding)

    def reasons(self, *, line: int, told: Sequence[Sequence[str]], bare: bool) -> str:
        """What is wrong with a line, column by column; its number where nothing else says which it was."""
        parts = [f"{column}: {self.say(REASONS[code])}" if column else self.say(REASONS[code]) for column, code in told]
        return " | ".join([f"#{line}", *parts] if bare else parts)


def refused_drop(*, path: str) -> None:
    """Remove kept rows, if they are there still."""
    if path:
        (_folder() / path).unlink(missing_ok=True)


def refused_expire(*, now: dt.datetime) -> int:
    """Let go of refused rows after a month, and of what no file speaks of; of how many files."""
    old = ImportFile.objects.exclude(refused_path="").filter(created_at__lt=now - KEPT_FOR)
    paths = list(old.values_list("refused_path", flat=True))
    old.update(refused_path="", refused_key=None)
    for path in paths:
        refused_drop(path=path)
    lying = [path for path in _folder().glob("*.refused") if path.stat().st_mtime < (now - _ORPHAN).timestamp()]
    spoken_of = set(
        ImportFile.objects.filter(refused_path__in=[p.name for p in lying]).values_list("refused_path", flat=True)
    )
    for path_ in lying:
        if path_.name not in spoken_of:
            refused_drop(path=path_.name)
    return len(paths)
