"""Telling and taking in, at real browsers: a visitor on a phone, a collector on a case, an officer, a client."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect

from accounts.choices import Role
from complaints.models import Category, Matter
from complaints.services.categories import categories_ship
from tests.browsing import PHONE, Surfer, direction, overflow
from tests.doors import LANGUAGES
from tests.e2e.conftest import Agency
from tests.e2e.hands import follow
from tests.e2e.test_face import violations
from tests.world import a_pdf, make_user


def clean(page: Page) -> None:
    """Nothing that axe-core finds against WCAG 2.1 A and AA, and nothing wider than the window."""
    assert violations(page) == []
    assert overflow(page) == 0


@pytest.mark.requirement("CR-01", "CX-12")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_visitor_on_a_phone_tells_us_with_a_file_and_reads_the_reference(
    agency: Agency, surfer: Surfer, language: str, tmp_path: Path
) -> None:
    cache.clear()
    categories_ship()
    (tmp_path / "statement.pdf").write_bytes(a_pdf())
    page = surfer.window(None, language, size=PHONE)
    page.goto("/help/")
    assert direction(page) == (language, "rtl" if language == "ar" else "ltr")
    clean(page)
    page.fill("[name=words]", "اتصل بي المحصّل بعد العاشرة ليلًا")
    page.fill("[name=name]", "سامي")
    page.click("button.primary")
    expect(page.locator(".field.bad [name=phone]")).to_be_visible()
    clean(page)
    page.fill("[name=phone]", "0551234567")
    page.select_option("[name=category]", "CONTACT")
    page.set_input_files("[name=papers]", tmp_path / "statement.pdf")
    page.click("button.primary")
    page.wait_for_url("**/help/told/**")
    matter = Matter.objects.get()
    expect(page.locator(".reference")).to_have_text(matter.reference)
    clean(page)
    assert matter.papers.count() == 1


@pytest.mark.requirement("CR-02", "CR-04", "CX-11")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_complaint_from_a_contact_to_its_handler_and_solved(agency: Agency, surfer: Surfer, language: str) -> None:
    categories_ship()
    officer, case = make_user(Role.COMPLAINTS_OFFICER), agency.cases[0]
    desk = surfer.window(agency.collector, language)
    desk.goto(f"/cases/{case.pk}/")
    follow(desk, "#matters a.btn")
    desk.fill("[name=words]", "أزعجني الاتصال المتكرر")
    desk.select_option("[name=category]", str(Category.objects.get(code="CONTACT_OFTEN").pk))
    desk.check("[name=promises_call]")
    desk.click("form.entry button.primary")
    desk.wait_for_url(f"**/cases/{case.pk}/")
    matter = Matter.objects.get()
    expect(desk.locator("#matters")).to_contain_text(matter.reference)

    page = surfer.window(officer, language)
    page.goto("/matters/")
    clean(page)
    follow(page, f"tr[data-href='/matters/{matter.pk}/'] a.name")
    clean(page)
    page.locator("#admit button").click()
    page.select_option("#about [name=handler]", str(officer.pk))
    page.locator("#about details[open] button").first.click()
    page.fill("#calls [name=result]", "اتصلنا به واعتذرنا")
    page.locator("#calls form button").first.click()
    page.locator("#calls summary").click()
    page.fill("#calls [name=finding]", "تسعة اتصالات في يومين")
    page.fill("#calls [name=answer]", "أُوقف الاتصال الهاتفي")
    page.check("#calls [name=agreed]")
    page.locator("#calls details button").click()
    expect(page.locator(".heading-line .chip.good")).to_be_visible()
    clean(page)
    matter.refresh_from_db()
    assert (matter.stage, matter.handler, matter.outcome) == ("CLOSED", officer, "JUSTIFIED")
    assert matter.call_backs.get().result == "اتصلنا به واعتذرنا"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_client_asks_in_the_portal(agency: Agency, surfer: Surfer, language: str) -> None:
    page = surfer.window(agency.reader, language)
    page.goto("/portal/matters/")
    clean(page)
    follow(page, "a.btn.primary")
    clean(page)
    page.fill("[name=words]", "متى يصل كشف نوفمبر؟")
    page.fill("[name=debtor_ref]", "D-0")
    page.click("form.entry button.primary")
    page.wait_for_url("**/portal/matters/")
    matter = Matter.objects.get()
    expect(page.locator("table.list")).to_contain_text(matter.reference)
    assert matter.client == agency.nakheel
