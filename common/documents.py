"""PDFs: from a frozen context, drawn by a process that can fetch nothing but our own static files."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from common.rendering import GIVEN, SCHEME, Answer, Asked, receive, send

__all__ = ["GIVEN", "SCHEME", "DocumentDenied", "DocumentsUnavailable", "pdf_render"]

# So many papers are drawn by one process; then the next one begins with a clean memory (measured: it grows from 75 to
# about 100 MiB within these and no further, ADR 0050).
PAPERS_A_PROCESS = 200


class DocumentsUnavailable(RuntimeError):
    """The system libraries that make PDFs are missing."""


class DocumentDenied(RuntimeError):
    """A paper asked for something that is no file of ours; it is not made."""


class _Renderer:
    """The process beside this one that draws papers, begun with the first of them; one paper at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner, self._drawn = 0, 0

    def draw(self, asked: Asked) -> Answer:
        """One paper. A process that died meanwhile is begun again, once."""
        with self._lock:
            # A worker that was forked has none of its own yet; the parent's pipe is not ours to use.
            if self._owner != os.getpid():
                self._process, self._owner = None, os.getpid()
            if self._drawn >= PAPERS_A_PROCESS:
                self._end()
            for last in (False, True):
                process = self._begun()
                try:
                    send(_open(process.stdin), asked)
                    answer: Answer = receive(_open(process.stdout))
                except (EOFError, OSError):
                    self._end()
                    if last:
                        raise
                else:
                    self._drawn += 1
                    return answer
        raise AssertionError("unreachable")

    def _begun(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._process, self._drawn = _process(), 0
            said: Answer = receive(_open(self._process.stdout))
            if said.failed:
                self._end()
                raise DocumentsUnavailable(
                    "PDFs need the packages libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0."
                )
        return self._process

    def _end(self) -> None:
        process, self._process, self._drawn = self._process, None, 0
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                _open(pipe).close()
        process.kill()
        process.wait()


def _process() -> subprocess.Popen[bytes]:
    # It needs no secrets of ours, and so has none.
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "HOME", "FONTCONFIG_FILE") if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-c", "from common.rendering import main; main()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=settings.BASE_DIR,
        env={**kept, "PYTHONDONTWRITEBYTECODE": "1"},
    )


def _open(pipe: IO[bytes] | None) -> IO[bytes]:
    """A pipe that we asked for."""
    if pipe is None:
        raise EOFError
    return pipe


_RENDERER = _Renderer()


def _folders() -> list[tuple[str, str]]:
    entries = [entry if isinstance(entry, tuple) else ("", entry) for entry in settings.STATICFILES_DIRS]
    return [(prefix, str(folder)) for prefix, folder in entries]


def pdf_render(
    *, template: str, context: dict[str, Any], language: str, given: Mapping[str, tuple[str, bytes]] | None = None
) -> tuple[bytes, int]:
    """A PDF and its number of pages. ``given`` are contents the paper shows as ``given:NAME``, with their types.

    Raises DocumentsUnavailable naming the Debian packages when Pango or HarfBuzz is missing, DocumentDenied when the
    paper would fetch anything but our own static files, and RuntimeError with the kind of any other fault.
    """
    with translation.override(language):
        html = render_to_string(template, context)
    answer = _RENDERER.draw(Asked(html=str(html), folders=_folders(), given=dict(given or {})))
    if answer.denied:
        raise DocumentDenied(answer.denied)
    if answer.failed:
        raise RuntimeError(f"the paper was not drawn: {answer.failed}")
    return answer.pdf, answer.pages
