"""The process that draws papers: HTML in, PDF out. It imports nothing of Django and reaches nothing but our own files.

A worker keeps one beside it (``common.documents``). Whatever the drawing of papers leaves in memory goes with it when
it has drawn its share, and the worker itself never grows by it. It ends when the pipe to its worker closes, however the
worker ended.

Both sides speak in pickles with their length before them; who writes here is our own parent alone.
"""

from __future__ import annotations

import mimetypes
import pickle
import re
import struct
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

SCHEME = "house:"
# What the caller hands over with the paper, by name: pictures that are no files of ours.
GIVEN = "given:"
_LENGTH = struct.Struct(">Q")
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
# Styles of different papers that are kept as they were read.
STYLES_KEPT = 32


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A paper to be drawn. ``folders`` are those of static files, each behind its prefix."""

    html: str
    folders: Sequence[tuple[str, str]]
    given: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The paper and its number of pages; else what it asked for and may not have, or the kind of what went wrong."""

    pdf: bytes = b""
    pages: int = 0
    denied: str = ""
    failed: str = ""


def send(pipe: IO[bytes], told: object) -> None:
    """Write one thing, whole."""
    content = pickle.dumps(told)
    pipe.write(_LENGTH.pack(len(content)) + content)
    pipe.flush()


def receive(pipe: IO[bytes]) -> Any:
    """Read one thing. Raises EOFError when the other side is gone."""
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    length = _LENGTH.unpack(head)[0]
    content = pipe.read(length)
    if len(content) < length:
        raise EOFError
    return pickle.loads(content)  # noqa: S301 - our own parent's or child's


def static_file(name: str, *, folders: Sequence[tuple[str, str]]) -> Path:
    """A file of our own static folders. Raises ValueError for anything outside them."""
    for prefix, folder in folders:
        if prefix and not name.startswith(prefix + "/"):
            continue
        path = (Path(folder) / name.removeprefix(prefix + "/" if prefix else "")).resolve()
        if path.is_file() and path.is_relative_to(Path(folder).resolve()):
            return path
    raise ValueError(f"not a file of ours: {name}")


class Press:
    """Draws papers. Fonts and styles are read once: most papers of a worker have the same."""

    def __init__(self) -> None:
        from weasyprint.text.fonts import FontConfiguration

        self._fonts = FontConfiguration()
        self._styles: dict[str, Any] = {}

    def draw(self, asked: Asked) -> Answer:
        from weasyprint import HTML
        from weasyprint.urls import FatalURLFetchingError

        fetcher = _fetcher(asked)
        try:
            sheets = [self._style(text, fetcher) for text in _STYLE.findall(asked.html)]
            html = HTML(string=_STYLE.sub("", asked.html), url_fetcher=fetcher, base_url=SCHEME + "/")
            document = html.render(font_config=self._fonts, stylesheets=sheets)
            return Answer(pdf=document.write_pdf(), pages=len(document.pages))
        except FatalURLFetchingError as error:  # a BaseException: it must not take the process down
            return Answer(denied=str(error))

    def _style(self, text: str, fetcher: Any) -> Any:
        from weasyprint import CSS

        if text not in self._styles:
            if len(self._styles) >= STYLES_KEPT:
                self._styles.clear()
            self._styles[text] = CSS(string=text, url_fetcher=fetcher, base_url=SCHEME + "/", font_config=self._fonts)
        return self._styles[text]


def _fetcher(asked: Asked) -> Any:
    """Whoever is asked for anything but a file of ours, or what was given, ends the paper."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class HouseFetcher(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: Any = None) -> Any:
            if url.startswith(GIVEN) and url.removeprefix(GIVEN) in asked.given:
                content_type, content = asked.given[url.removeprefix(GIVEN)]
                return URLFetcherResponse(url, content, {"Content-Type": content_type})
            if not url.startswith(SCHEME):
                raise FatalURLFetchingError(f"denied: {url[:60]}")
            try:
                path = static_file(url.removeprefix(SCHEME).lstrip("/"), folders=asked.folders)
            except ValueError as error:
                raise FatalURLFetchingError(str(error)) from error
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": kind})

    return HouseFetcher()


def main() -> None:
    """Draw what is asked for until the pipe closes. The first word says whether papers can be drawn at all."""
    asking, answering = sys.stdin.buffer, sys.stdout.buffer
    # What a library prints must not come between the answers.
    sys.stdout = sys.stderr
    try:
        press = Press()
    except OSError as error:
        send(answering, Answer(failed=str(error)))
        return
    send(answering, Answer())
    while True:
        try:
            asked = receive(asking)
        except EOFError:
            return
        try:
            answer = press.draw(asked)
        except Exception as error:
            answer = Answer(failed=type(error).__name__)
        send(answering, answer)
