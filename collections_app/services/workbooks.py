"""Look into a workbook before it is read: how far it swells and how many cells it spans. Writes nothing.

calamine allocates the rectangle between the outermost cells at once: one cell at XFD1048576 asks for 512 GB. What a
file says of itself (<dimension>, the sizes in its directory) is not trusted.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from xml.parsers import expat

from django.utils.translation import gettext_lazy as _

from common.exceptions import Refused

MOST_CELLS = 20_000_000
MOST_BYTES = 1024**3
_CHUNK = 256 * 1024
_HEADER = 30
# Below these, calamine would take the file for another kind of workbook, which is not looked into.
_OTHER_KINDS = frozenset({"content.xml", "xl/workbook.bin"})
_BOOK, _LINKS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_ENCODINGS = frozenset({None, "utf-8", "us-ascii", "iso-8859-1", "windows-1252"})
_PLACE = re.compile(r"\s*([A-Za-z]{0,8})([0-9]{1,12})\s*")


def cells_bounded(*, content: bytes) -> None:
    """Raise Refused for what is no XLSX workbook (``workbook``) or one that is too large (``workbook_large``)."""
    try:
        parts = _parts(content=content)
        size = 0
        for part in parts.values():
            for chunk in _inflated(content=content, part=part):
                size += len(chunk)
                if size > MOST_BYTES:
                    raise _too_large()
        for name in _sheets(content=content, parts=parts):
            _Sheet().feed(_inflated(content=content, part=parts[name]))
    except (zipfile.BadZipFile, zlib.error, expat.ExpatError, ValueError, KeyError, NotImplementedError) as error:
        raise Refused("workbook", _("The workbook cannot be read.")) from error


def _too_large() -> Refused:
    return Refused(
        "workbook_large",
        _("The workbook spans too many cells. Delete what stands far from the table, or save it as CSV."),
    )


def _plain(name: str) -> str:
    """A part's name as calamine compares it: whatever its case and slashes."""
    return name.replace("\\", "/").lower().lstrip("/")


def _parts(*, content: bytes) -> dict[str, zipfile.ZipInfo]:
    if not content.startswith(b"PK\x03\x04"):
        raise ValueError("not a zip")
    parts: dict[str, zipfile.ZipInfo] = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for part in archive.infolist():
            name = _plain(part.filename)
            if name in parts or part.flag_bits & 1 or part.compress_type not in {0, 8}:
                raise ValueError("a part twice, sealed, or packed in another way")
            parts[name] = part
    if _BOOK not in parts or _LINKS not in parts or _OTHER_KINDS & set(parts):
        raise ValueError("not a workbook")
    return parts


def _inflated(*, content: bytes, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """A part's bytes to the end of its stream, whatever size the directory gives it."""
    head = content[part.header_offset : part.header_offset + _HEADER]
    if head[:4] != b"PK\x03\x04" or len(head) < _HEADER:
        raise ValueError("no part here")
    start = part.header_offset + _HEADER + int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
    packed = memoryview(content)[start : start + part.compress_size]
    if int.from_bytes(head[8:10], "little") != part.compress_type or len(packed) != part.compress_size:
        raise ValueError("two tales of one part")
    stream = zlib.decompressobj(-15) if part.compress_type else None
    size = 0
    for at in range(0, len(packed), _CHUNK):
        rest = bytes(packed[at : at + _CHUNK])
        while rest:
            chunk = stream.decompress(rest, _CHUNK) if stream else rest
            rest = stream.unconsumed_tail if stream else b""
            size += len(chunk)
            yield chunk
    if stream:
        chunk = stream.flush()
        size += len(chunk)
        yield chunk
    if size != part.file_size:
        raise ValueError("another size than told")


def _parsed(*, parser: expat.XMLParserType, chunks: Iterator[bytes]) -> None:
    """Parse a part strictly: no document type, and bytes that expat and calamine see alike."""

    def declared(version: str, encoding: str | None, standalone: int) -> None:
        if (encoding.lower() if encoding else None) not in _ENCODINGS:
            raise ValueError("encoding")

    def doctype(*_given: object) -> None:
        raise ValueError("document type")

    parser.XmlDeclHandler = declared
    parser.StartDoctypeDeclHandler = doctype
    first = True
    for chunk in chunks:
        if first and (chunk[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\0" in chunk[:4]):
            raise ValueError("encoding")
        first = first and not chunk
        parser.Parse(chunk, False)
    parser.Parse(b"", True)


def _sheets(*, content: bytes, parts: dict[str, zipfile.ZipInfo]) -> set[str]:
    """The parts that the book names as its sheets."""
    ids: set[str] = set()
    targets: dict[str, str] = {}

    def sheet(name: str, given: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "sheet":
            ids.update(given.values())

    def link(name: str, given: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "Relationship":
            targets[given["Id"]] = _plain(given["Target"])

    for part, handler in ((_BOOK, sheet), (_LINKS, link)):
        parser = expat.ParserCreate()
        parser.StartElementHandler = handler
        _parsed(parser=parser, chunks=_inflated(content=content, part=parts[part]))
    wanted = {targets[one].rpartition("/")[2] for one in ids & set(targets)}
    return {name for name in parts if name.rpartition("/")[2] in wanted}


class _Sheet:
    """How far one sheet's cells reach, counted as calamine counts them."""

    def __init__(self) -> None:
        self.row = self.column = self.rows = self.columns = self.cells = 0

    def feed(self, chunks: Iterator[bytes]) -> None:
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        _parsed(parser=parser, chunks=chunks)

    def _start(self, name: str, given: dict[str, str]) -> None:
        if name == "c" or name.endswith(":c"):
            self.cells += 1
            told = next((value for key, value in given.items() if key.rpartition(":")[2] == "r"), None)
            if told is not None:
                found = _PLACE.fullmatch(told)
                if found is None:
                    raise ValueError("a cell nowhere")
                letters, digits = found.groups()
                row, self.column = int(digits), 0
                for letter in letters.upper():
                    self.column = self.column * 26 + ord(letter) - 64
            else:
                self.column += 1
                row = self.row + 1
            self.columns, self.rows = max(self.columns, self.column), max(self.rows, row)
            if self.columns * self.rows > MOST_CELLS or self.cells > MOST_CELLS:
                raise _too_large()
        elif name == "row" or name.endswith(":row"):
            told = given.get("r")
            if told is not None:
                self.row = max(int(told) - 1, 0)

    def _end(self, name: str) -> None:
        if name == "row" or name.endswith(":row"):
            self.row, self.column = self.row + 1, 0
