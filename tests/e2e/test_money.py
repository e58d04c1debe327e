"""A finance manager's morning: a statement and a payment file are read, posted where certain, and the rest decided."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from collections_app.models import IncomingPayment, Payment
from common import clock
from tests.browsing import PHONE, Surfer, direction, overflow
from tests.doors import LANGUAGES
from tests.e2e.conftest import Agency
from tests.e2e.hands import follow
from tests.e2e.test_face import violations
from tests.world import make_user

SIZES = ({"width": 1440, "height": 900}, {"width": 1280, "height": 800}, PHONE)


def statement() -> bytes:
    """D-1 pays its whole receivable by name, D-2 a part of it, somebody says nothing."""
    day = f"{clock.today():%y%m%d}"
    return (
        f":20:S\n:25:SA0380000000608010167519\n:60F:C{day}SAR0,00\n"
        f":61:{day}C8000,00NTRFNONREF\n:86:INVOICE D-1-1\n"
        f":61:{day}C250,00NTRFNONREF\n:86:166?00CREDIT?20D-2 THIRD PART?32AHMAD SALEM\n"
        f":61:{day}C75,50NTRFNONREF\n:86:THANK YOU\n"
        f":62F:C{day}SAR8325,50\n"
    ).encode()


@pytest.mark.requirement("CM-33")
@pytest.mark.parametrize("language", LANGUAGES)
def test_money_that_came_is_posted_where_it_is_certain_and_decided_where_it_is_not(
    agency: Agency, worker: None, surfer: Surfer, language: str, tmp_path: Path
) -> None:
    finance = make_user("FINANCE_MANAGER")
    file = tmp_path / "statement.sta"
    file.write_bytes(statement())
    page = surfer.window(finance, language)
    page.goto("/")
    follow(page, "main .counters a[href='/incoming/']")
    page.wait_for_url("**/incoming/")
    faults: list[str] = []

    def looked_at(name: str) -> None:
        faults.extend(f"{name} {fault}" for fault in violations(page))
        for size in SIZES:
            page.set_viewport_size(size)  # type: ignore[arg-type]
            if overflow(page) > 0:
                faults.append(f"{name} is {overflow(page)} pixels too wide at {size['width']}")
        page.set_viewport_size(SIZES[0])  # type: ignore[arg-type]

    looked_at("empty list")
    follow(page, "main a[href='/incoming/new/']")
    assert direction(page)[0] == language
    looked_at("upload")
    page.check("[name=kind][value=STATEMENT]")
    page.set_input_files("[name=file]", str(file))
    page.click("main form button.primary")
    page.wait_for_url(re.compile(r"/incoming/files/\d+/$"))
    expect(page.get_by_text("SA0380000000608010167519")).to_be_visible()
    assert not Payment.objects.exists()
    looked_at("preview")
    page.click("form[action$='/start/'] button.primary")
    done = "المؤكّد مرحَّل" if language == "ar" else "What is certain is posted"
    expect(page.locator("#state").get_by_text(done, exact=True)).to_be_visible(timeout=60_000)
    looked_at("result")
    page.goto("/incoming/")
    looked_at("list")
    # The part payment: the first suggestion is taken.
    follow(page, "tr:has-text('250.00') a.name")
    expect(page.get_by_text("AHMAD SALEM").first).to_be_visible()
    looked_at("one with suggestions")
    page.click("form[action$='/take/'] button.primary")
    page.wait_for_url(re.compile(r"/incoming/$"))
    # Nobody's money: found by hand, without leaving the page.
    follow(page, "tr:has-text('75.50') a.name")
    page.evaluate("window.stillHere = true")
    page.fill("[name=find]", "D-3")
    page.click("#by-hand form button >> nth=0")
    field = page.locator("#by-hand input[name^=share_]")
    expect(field).to_be_visible()
    assert page.evaluate("window.stillHere") is True
    looked_at("one by hand")
    field.fill("75.50")
    page.click("#by-hand button.primary")
    page.wait_for_url(re.compile(r"/incoming/$"))
    assert sorted(IncomingPayment.objects.values_list("state", flat=True)) == ["MATCHED"] * 3
    assert {payment.case.debtor.debtor_ref for payment in Payment.objects.all()} == {"D-1", "D-2", "D-3"}
    follow(page, "a[href*='view=posted']")
    looked_at("posted")
    follow(page, "a[href*='view=files']")
    looked_at("files")
    assert not faults, "\n".join(faults)


def test_the_pages_work_without_javascript(agency: Agency, surfer: Surfer, tmp_path: Path) -> None:
    finance = make_user("FINANCE_MANAGER")
    file = tmp_path / "payments.csv"
    file.write_text(f"payment_ref,value_date,debtor_ref,amount\nP-1,{clock.today()},D-1,12.00\n", encoding="utf-8")
    page = surfer.window(finance, "en", java_script_enabled=False)
    page.goto("/incoming/new/")
    page.select_option("[name=client]", str(agency.nakheel.pk))
    page.set_input_files("[name=file]", str(file))
    page.click("main form button.primary")
    page.wait_for_url(re.compile(r"/columns/$"))
    page.click("button[name=check]")
    page.wait_for_url(re.compile(r"/incoming/files/\d+/$"))
    expect(page.get_by_text("No set of open receivables comes to this amount.")).to_be_visible()
