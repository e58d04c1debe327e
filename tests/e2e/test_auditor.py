"""The auditor's desk at a real browser: from a record's page to its history, the log, the approvals, the chain."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import expect

from legal.services.escalations import escalation_decide
from tests.browsing import Surfer
from tests.doors import LANGUAGES
from tests.e2e.conftest import Agency
from tests.e2e.hands import follow, send
from tests.e2e.test_portal_people import clean
from tests.world import an_escalation


@pytest.mark.requirement("DC-07")
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_auditor_follows_a_change_a_look_a_decision_and_the_chain(
    agency: Agency, surfer: Surfer, language: str
) -> None:
    manager = surfer.window(agency.manager, language)
    manager.goto(f"/clients/{agency.nakheel.pk}/edit/")
    send(manager, manager.locator("main form"), name_en="=Nakheel")
    reader = surfer.window(agency.reader, language)
    reader.goto(f"/portal/cases/{agency.cases[0].pk}/")
    request = an_escalation(agency.cases[0], by=agency.collector)
    escalation_decide(user=agency.manager, request=request, decision="APPROVED", digest=request.digest)

    page = surfer.window(agency.auditor, language)
    page.goto(f"/clients/{agency.nakheel.pk}/")
    follow(page, f"a[href='/audit/history/clients-client/{agency.nakheel.pk}/']")
    change = page.locator("article.change").first
    expect(change).to_contain_text("=Nakheel")
    expect(change).to_contain_text("Client NAK")
    expect(change).to_contain_text(agency.manager.name_en if language == "en" else agency.manager.name_ar)
    clean(page)
    with page.expect_download() as download:
        page.locator("a.btn[href*='history.csv']").click()
    lines = list(csv.DictReader(Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()))
    assert "'=Nakheel" in {line["after"] for line in lines}

    page.goto("/audit/history/")
    clean(page)
    page.goto("/audit/access/?side=PORTAL")
    expect(page.locator("table.list tbody")).to_contain_text("portal_case")
    clean(page)
    page.goto("/audit/approvals/")
    expect(page.locator("table.list tbody")).to_contain_text(request.digest[:16])
    clean(page)
    with page.expect_download() as download:
        page.locator("a.btn[href*='approvals.xlsx']").click()
    sheet = openpyxl.load_workbook(io.BytesIO(Path(download.value.path()).read_bytes())).active
    assert sheet is not None
    assert request.digest in {row[7] for row in sheet.iter_rows(values_only=True)}
    page.goto("/audit/signatures/")
    clean(page)

    page.goto("/audit/verifications/")
    clean(page)
    send(page, "/audit/verify/")
    expect(page.locator(".note-box.good")).to_be_visible()
    expect(page.locator("table.list tbody tr")).to_have_count(1)
    clean(page)
