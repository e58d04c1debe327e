"""What hands do at a page: forms filled in and sent, words read; and the clock of the whole house set."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable
from contextvars import ContextVar

import pytest
from django.utils import translation
from playwright.sync_api import Locator, Page, Response, expect
from pypdf import PdfReader

from common import clock
from complaints.models import MatterPaper
from tests.world import a_pdf

PAPER = {"name": "paper.pdf", "mimeType": "application/pdf", "buffer": a_pdf()}


def the_day(monkeypatch: pytest.MonkeyPatch, day: dt.date, *, hour: int = 9) -> None:
    """Set the clock of the whole house to a morning: also where the server's threads ask it."""
    morning = clock.at_riyadh(on=day, time=dt.time(hour, 0))
    monkeypatch.setattr(clock, "_set_to", ContextVar("clock_of_the_house", default=morning))


def form_at(page: Page, action: str) -> Locator:
    """The form that goes there, with everything opened in which it is folded away."""
    form = page.locator(f"main form[action$='{action}']").first
    for folded in form.locator("xpath=ancestor::details[not(@open)]").all():
        folded.locator("> summary").click()
    return form


def follow(page: Page, link: str) -> None:
    """Follow the first such link, until the page it leads to has come."""
    with page.expect_navigation():
        page.locator(link).first.click()


def send(page: Page, action: str | Locator, *, status: int = 302, **values: str | Iterable[str]) -> None:
    """Fill in a form and send it, as the person does who sees it; ``status`` is the answer."""
    form = form_at(page, action) if isinstance(action, str) else action
    for name, value in values.items():
        field = form.locator(f"[name='{name}']")
        kind = field.first.evaluate("field => field.type")
        if kind == "file":
            field.set_input_files([PAPER])
        elif kind == "checkbox":
            for one in () if isinstance(value, str) else value:
                form.locator(f"[name='{name}'][value='{one}']").check()
            if value == "on":
                field.check()
        elif kind == "radio":
            form.locator(f"[name='{name}'][value='{value}']").check()
        elif kind == "select-one":
            field.select_option(str(value))
        else:
            field.fill(str(value))
    # A form may also ask what it would do while it is filled in: the answer meant is the one that leads on.
    with page.expect_navigation(), page.expect_response(_sent) as sent:
        form.locator("button:not([type=button])").first.click()
    assert sent.value.status == status, f"{sent.value.url}: {page.locator('main').inner_text()[:2000]}"


def _sent(answer: Response) -> bool:
    """The answer to a form that was sent, whether it leads on or comes back with what is wrong."""
    return answer.request.method == "POST" and answer.request.is_navigation_request()


def says(page: Page, word: object, language: str) -> None:
    """The page holds these words, in the language it is read in."""
    with translation.override(language):
        expect(page.locator("main")).to_contain_text(str(word))


def paper_read(page: Page, paper: MatterPaper) -> str:
    """Open a paper that a page links: a PDF as long as was written down; its words, page after page."""
    link = page.locator(f"main a[href$='/papers/{paper.pk}/']").first
    answer = page.request.get(str(link.get_attribute("href")))
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    pages = PdfReader(io.BytesIO(answer.body())).pages
    assert len(pages) == (paper.pages or len(pages))
    return "\n".join(one.extract_text() for one in pages)
