"""What a paper may be."""

from __future__ import annotations

LARGEST_PAPER = 10 * 1024 * 1024

# By their first bytes: what a court takes, and no other.
_BEGINNINGS = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)


def content_type_of(*, content: bytes) -> str:
    """The kind of file by its own bytes, whatever its name says; empty for what is neither PDF, PNG nor JPEG."""
    return next((kind for beginning, kind in _BEGINNINGS if content.startswith(beginning)), "")
