"""What a paper that somebody uploads may be, whatever it is kept for."""

from __future__ import annotations

import io

from django.utils.translation import gettext_lazy as _
from pypdf import PdfReader

from common.exceptions import Refused

LARGEST_PAPER = 10 * 1024 * 1024
MOST_PAGES = 5_000

# By their first bytes: what a court takes, and no other.
_BEGINNINGS = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)


def content_type_of(*, content: bytes) -> str:
    """The kind of file by its own bytes, whatever its name says; empty for what is neither PDF, PNG nor JPEG."""
    return next((kind for beginning, kind in _BEGINNINGS if content.startswith(beginning)), "")


def paper_checked(*, content: bytes) -> tuple[str, int]:
    """Content type and pages of an uploaded paper. Raises Refused for what is no PDF, PNG or JPEG, for more than
    ten mebibytes, and for a PDF that cannot be read, or only with a password, or has no page or too many.
    """
    content_type = content_type_of(content=content)
    if not content_type:
        raise Refused("paper_type", _("A paper is a PDF, PNG or JPEG file."), field="file")
    if len(content) > LARGEST_PAPER:
        raise Refused("paper_size", _("A paper has at most 10 MB."), field="file")
    return content_type, _pages(content) if content_type == "application/pdf" else 1


def _pages(content: bytes) -> int:
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted:
            raise Refused("paper_locked", _("This PDF is locked by a password. Upload it without one."), field="file")
        pages = len(reader.pages)
    except Refused:
        raise
    except Exception as error:  # the reader breaks on broken files in ways of its own
        raise Refused("paper_broken", _("This PDF cannot be read."), field="file") from error
    if not pages:
        raise Refused("paper_broken", _("This PDF cannot be read."), field="file")
    if pages > MOST_PAGES:
        raise Refused("paper_pages", _("A paper has at most 5,000 pages."), field="file")
    return pages
