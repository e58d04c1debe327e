"""Which standard a file is written in, told by what it begins with."""

from __future__ import annotations

from typing import Any

from collections_app.rules.statements.camt import camt_read
from collections_app.rules.statements.swift import mt940_read
from collections_app.rules.statements.values import Statements, Unreadable

_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def statements_read(*, content: bytes) -> Statements:
    """Read a bank's file, MT940 or camt. Raises Unreadable with the line and the reason."""
    start: Any = content[:4_000]
    if not content.strip(b" \t\r\n\0\xef\xbb\xbf"):
        raise Unreadable("empty", line=1)
    for mark in _MARKS:
        start = start.removeprefix(mark)
    if start.replace(b"\0", b"").lstrip().startswith(b"<"):
        return camt_read(content=content)
    return mt940_read(content=content)
