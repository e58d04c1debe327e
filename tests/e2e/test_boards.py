"""Boards at real browsers: from a chart to its rows and its file, a view kept and opened first, on desk and phone."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from collections_app.services.ledger import payment_post
from common import clock
from reporting.models import BoardView
from reporting.rules.boards import boards_of
from tests.browsing import PHONE, Surfer, direction, overflow
from tests.doors import LANGUAGES
from tests.e2e.conftest import Agency
from tests.e2e.hands import follow, send
from tests.e2e.test_complaints_register import clean
from tests.world import ACTOR

WHOLE = {"ar": "اللوحات", "en": "Boards"}


def rows_counted(page: Page) -> int:
    """How many rows the page of a cell lists, which is what its heading says."""
    listed = page.locator("main table tbody tr").count()
    assert str(listed) in page.locator("main h2").first.inner_text() or listed <= 2
    return listed


@pytest.mark.requirement("PL-35", "PL-39", "CM-43")
@pytest.mark.parametrize("language", LANGUAGES)
def test_from_a_chart_to_its_rows_its_file_and_a_view_of_ones_own(
    agency: Agency, surfer: Surfer, language: str
) -> None:
    payment_post(
        actor=ACTOR, case=agency.cases[0], amount=Decimal("250.00"), currency="SAR", value_on=clock.today(),
        reference="P-1",
    )  # fmt: skip
    page = surfer.window(agency.manager, language)
    page.goto("/")
    follow(page, "nav.nav a[href='/boards/']")
    assert direction(page)[0] == language
    expect(page.locator("h1")).to_have_text(WHOLE[language])
    # One client alone: what was open of the others is not there.
    page.select_option("main [name='client']", str(agency.nakheel.pk))
    with page.expect_navigation():
        page.locator("main .board-filters button").click()
    assert f"client={agency.nakheel.pk}" in page.url
    collected = page.locator("#collected")
    expect(collected).to_contain_text("250.00")
    # The table behind the picture says the same, and leads to its rows.
    aging = page.locator("#aging")
    aging.locator("summary").click()
    link = aging.locator("details tbody a").first
    count = int(link.inner_text().replace(",", ""))
    with page.expect_navigation():
        link.click()
    assert rows_counted(page) == count
    assert "O-1" not in page.locator("main").inner_text()
    with page.expect_download() as download:
        page.locator("main a.btn[href*='rows.csv']").click()
    content = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert len(list(csv.reader(io.StringIO(content)))) == count + 1
    # A row leads to its case.
    with page.expect_navigation():
        page.locator("main tbody a").first.click()
    assert "/cases/" in page.url
    page.goto(f"/boards/money/?period=month&client={agency.nakheel.pk}")
    with page.expect_download() as download:
        page.locator("#waterfall .files a[href*='.xlsx']").click()
    assert download.value.suggested_filename.startswith("waterfall-")

    send(page, "/boards/views/", name="النخيل هذا الشهر")
    view = BoardView.objects.get()
    expect(page.locator("main .kept-bar a[aria-current='true']")).to_contain_text("النخيل هذا الشهر")
    page.goto("/boards/views/")
    clean(page)
    send(page, f"/boards/views/{view.pk}/change/", is_default="on", every="WEEK")
    page.goto("/boards/")
    assert f"client={agency.nakheel.pk}" in page.url
    view.refresh_from_db()
    assert (view.is_default, view.every) == (True, "WEEK")


@pytest.mark.requirement("PL-35")
@pytest.mark.parametrize("language", LANGUAGES)
def test_boards_are_well_drawn_for_everybody_on_desk_and_phone(agency: Agency, surfer: Surfer, language: str) -> None:
    for user in (agency.manager, agency.leader, agency.collector, agency.auditor, agency.administrator):
        desk = surfer.window(user, language)
        phone = surfer.window(user, language, size=PHONE)
        for board in boards_of(role=user.role):
            desk.goto(f"/boards/{board}/")
            for folded in desk.locator(".board-foot summary").all():
                folded.click()
            clean(desk)
            phone.goto(f"/boards/{board}/")
            assert overflow(phone) == 0, (user.role, board)
        desk.context.close()
        phone.context.close()
