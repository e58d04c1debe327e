"""PDFs: from a frozen context, with a fetcher that denies everything but our own static files."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

SCHEME = "house:"
# What the caller hands over with the context, by name: pictures that are no files of ours.
GIVEN = "given:"


class DocumentsUnavailable(RuntimeError):
    """The system libraries that make PDFs are missing."""


class DocumentDenied(RuntimeError):
    """A paper asked for something that is no file of ours; it is not made."""


def _static_file(name: str) -> Path:
    """A file of our own static folders. Raises ValueError for anything outside them."""
    for entry in settings.STATICFILES_DIRS:
        prefix, folder = entry if isinstance(entry, tuple) else ("", entry)
        if prefix and not name.startswith(prefix + "/"):
            continue
        relative = name.removeprefix(prefix + "/") if prefix else name
        path = (Path(folder) / relative).resolve()
        if path.is_file() and path.is_relative_to(Path(folder).resolve()):
            return path
    raise ValueError(f"not a file of ours: {name}")


def pdf_render(
    *, template: str, context: dict[str, Any], language: str, given: Mapping[str, tuple[str, bytes]] | None = None
) -> tuple[bytes, int]:
    """A PDF and its number of pages. ``given`` are contents the paper shows as ``given:NAME``, with their types.

    Raises DocumentsUnavailable naming the Debian packages when Pango or HarfBuzz is missing, and DocumentDenied when
    the paper would fetch anything but our own static files.
    """
    try:
        from weasyprint import HTML
        from weasyprint.text.fonts import FontConfiguration
        from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse
    except OSError as error:
        raise DocumentsUnavailable(
            "PDFs need the packages libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0."
        ) from error

    class HouseFetcher(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: Any = None) -> Any:
            if url.startswith(GIVEN) and url.removeprefix(GIVEN) in (given or {}):
                content_type, content = (given or {})[url.removeprefix(GIVEN)]
                return URLFetcherResponse(url, content, {"Content-Type": content_type})
            if not url.startswith(SCHEME):
                raise FatalURLFetchingError(f"denied: {url[:60]}")
            try:
                path = _static_file(url.removeprefix(SCHEME).lstrip("/"))
            except ValueError as error:
                raise FatalURLFetchingError(str(error)) from error
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": kind})

    with translation.override(language):
        html = render_to_string(template, context)
    fonts = FontConfiguration()
    try:
        document = HTML(string=html, url_fetcher=HouseFetcher(), base_url=SCHEME + "/").render(font_config=fonts)
        return document.write_pdf(), len(document.pages)
    except FatalURLFetchingError as error:  # a BaseException: it must not take a worker down
        raise DocumentDenied(str(error)) from error
