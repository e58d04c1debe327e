"""The process that draws papers: it dies and is begun again, knows no secret, and one bad paper harms no other."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings

from common import documents
from common.documents import DocumentDenied, pdf_render


@pytest.fixture
def paper(tmp_path: Path) -> Iterator[str]:
    """The name of a plain paper, found beside the house's own."""
    (tmp_path / "plain.html").write_text("<html><style>p { color: red }</style><body><p>{{ text }}</p></body></html>")
    (tmp_path / "bad.html").write_text('<html><body><img src="http://127.0.0.1:9/x.png"></body></html>')
    engine = {**settings.TEMPLATES[0], "DIRS": [tmp_path]}
    with override_settings(TEMPLATES=[engine]):
        yield "plain.html"


def drawn(template: str, text: str = "x") -> bytes:
    content, pages = pdf_render(template=template, context={"text": text}, language="en")
    assert content.startswith(b"%PDF-")
    assert pages == 1
    return content


def renderer() -> int:
    process = documents._RENDERER._process
    assert process is not None
    return process.pid


def test_a_renderer_that_was_killed_is_begun_again(paper: str) -> None:
    drawn(paper)
    killed = renderer()
    os.kill(killed, signal.SIGKILL)
    drawn(paper)
    assert renderer() != killed


def test_it_goes_when_it_has_drawn_its_share(paper: str, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn(paper)
    first = renderer()
    drawn(paper)
    assert renderer() == first, "one draws many"
    monkeypatch.setattr(documents, "PAPERS_A_PROCESS", documents._RENDERER._drawn)
    drawn(paper)
    assert renderer() != first
    assert not Path(f"/proc/{first}").exists(), "nothing is left of the one before"


def test_it_has_no_secret_and_no_address_of_the_database(paper: str) -> None:
    drawn(paper)
    told = Path(f"/proc/{renderer()}/environ").read_text()
    names = {line.split("=")[0] for line in told.split("\0") if line}
    assert names <= {"PATH", "LANG", "HOME", "FONTCONFIG_FILE", "PYTHONDONTWRITEBYTECODE"}
    assert settings.SECRET_KEY not in told


def test_a_bad_paper_harms_no_other(paper: str) -> None:
    before = drawn(paper, "same")
    first = renderer()
    with pytest.raises(DocumentDenied, match="denied"):
        pdf_render(template="bad.html", context={}, language="en")
    after = drawn(paper, "same")
    assert renderer() == first
    assert len(after) == len(before)
