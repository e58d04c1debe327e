"""The reports of a week at real browsers: a manager has them made, a client opens one, a figure, its rows."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from common import clock
from common.models import Message
from common.outbox import message_opened
from reporting.choices import ReportState
from reporting.models import Report, ReportJob, ReportReader
from reporting.rules.weeks import Week
from tests.browsing import PHONE, Surfer, overflow
from tests.doors import LANGUAGES
from tests.e2e.conftest import Agency
from tests.e2e.hands import send
from tests.world import make_user


@pytest.mark.requirement("DC-08", "DC-04")
@pytest.mark.parametrize("language", LANGUAGES)
def test_from_the_managers_button_to_the_rows_behind_a_clients_figure(
    agency: Agency, worker: None, surfer: Surfer, language: str, tmp_path: Path
) -> None:
    agency.reader.language = language
    agency.reader.save(update_fields=["language"])
    week = Week.of(on=clock.today()).before()
    house = surfer.window(make_user("GENERAL_MANAGER"), language)
    house.goto("/reports/targets/")
    send(house, "/reports/targets/?client=" + str(agency.nakheel.pk), code="PROMISE_KEPT_COUNT", value="60",
         starts_on=(week.starts_on - dt.timedelta(days=7)).isoformat(), agreed_in="محضر اجتماع")  # fmt: skip
    house.goto("/reports/")
    house.click("#runs form button")
    # The page looks again by itself until the worker has made them all.
    expect(house.locator("#runs .chip.good")).to_be_visible(timeout=150_000)
    house.reload()
    expect(house.locator("table.list").last.locator("tbody tr")).to_have_count(ReportJob.objects.count())
    assert set(ReportJob.objects.values_list("state", flat=True)) == {ReportState.ISSUED}

    report = Report.objects.get(client=agency.nakheel, language=language)
    letters = [message_opened(message=message) for message in Message.objects.filter(client_id=agency.nakheel.pk)]
    (told,) = (letter for letter in letters if letter["address"] == agency.reader.email)
    link = next(word for word in told["text"].split() if word.startswith("http"))
    page = surfer.window(agency.reader, language)
    page.goto(link[link.index("/portal/") :])
    expect(page.locator("h1")).to_contain_text(str(report.covers.number))
    expect(page.locator("main")).to_contain_text(report.sha256)
    with page.expect_download() as download:
        page.locator("main footer a.btn.primary").click()
    content = Path(download.value.path()).read_bytes()
    assert hashlib.sha256(content).hexdigest() == report.sha256
    assert report.number in PdfReader(io.BytesIO(content)).pages[0].extract_text()
    # The open balance opens its receivables, and they add up to it.
    owed = sum((Decimal(row["amount"]) for row in report.context["aging"]["SAR"]), Decimal(0))
    page.locator("main table a[href*='AGING']").click()
    expect(page.locator("main dl")).to_contain_text(f"{owed:,.2f}")
    shown = page.locator("dl .hash").inner_text()
    with page.expect_download() as download:
        page.locator("a.btn[href*='.csv']").click()
    rows = Path(download.value.path()).read_bytes()
    assert hashlib.sha256(rows).hexdigest() == shown
    assert b"O-1" not in rows
    page.goto("/portal/reports/")
    send(page, "/portal/reports/told/")
    assert not ReportReader.objects.get(user=agency.reader).told_of_reports

    phone = surfer.window(agency.reader, language, size=PHONE)
    for address in (f"/portal/reports/{report.pk}/", "/portal/reports/"):
        phone.goto(address)
        assert overflow(phone) == 0, address
