"""Days of people at their browsers, from the first page to what their work leaves in the book."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from playwright.sync_api import Page, expect

from accounts.models import User
from collections_app.models import Case, ContactAttempt, Promise, Receivable
from collections_app.services.contacts import contact_record
from common import clock
from legal.services.escalations import escalation_decide, escalation_propose
from reporting.rules.weeks import Week
from reporting.services.reports import report_issue
from tests.browsing import PHONE, Surfer, direction, overflow
from tests.doors import LANGUAGES
from tests.e2e.conftest import Agency
from tests.e2e.hands import follow
from tests.world import ACTOR, IBM, PASSWORD


def path(page: Page) -> str:
    return re.sub(r"^https?://[^/]+", "", page.url)


@pytest.mark.requirement("DC-05", "PL-17", "CM-42")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_collector_works_a_case_with_the_keyboard_alone(agency: Agency, surfer: Surfer, language: str) -> None:
    page = surfer.window(agency.collector, language)
    page.goto("/")
    rows = page.locator("tr[data-href]")
    hrefs = [row.get_attribute("data-href") for row in rows.all()]
    assert len(hrefs) == 4
    keys = page.keyboard
    keys.press("j")
    keys.press("j")
    keys.press("k")
    assert page.locator("tr[aria-selected=true]").get_attribute("data-href") == hrefs[1]
    keys.press("Enter")
    page.wait_for_url(f"**{hrefs[1]}")
    keys.press("c")
    expect(page.locator("input[name=channel][value=PHONE]")).to_be_checked()
    answered = page.locator("input[name=reached][value=HOLDER]")
    for _tab in range(4):
        keys.press("Tab")
        if answered.evaluate("node => node === document.activeElement"):
            break
    keys.press("Space")
    expect(answered).to_be_checked()
    keys.press("1")
    expect(page.locator("input[name=outcome][value=PROMISE]")).to_be_checked()
    amount = page.locator("input[name=promise_amount]")
    expect(amount).to_be_visible()
    expect(page.locator("[name=call_back_at]")).to_be_hidden()
    for _tab in range(3):
        if amount.evaluate("node => node === document.activeElement"):
            break
        keys.press("Tab")
    keys.type("1500.50")
    keys.press("Tab")
    due = clock.today() + dt.timedelta(days=5)
    keys.type(f"{due:%m%d%Y}")
    keys.press("Control+Enter")
    page.wait_for_url(lambda url: hrefs[1] not in url)
    assert path(page) == hrefs[0], "the next case is the first of those that are left"
    promise = Promise.objects.get()
    assert (promise.amount, promise.due_on, promise.made_by) == (Decimal("1500.50"), due, agency.collector)
    assert f"/cases/{promise.case_id}/" == hrefs[1]
    page.goto("/day/")
    assert [row.get_attribute("data-href") for row in rows.all()] == [h for h in hrefs if h != hrefs[1]]
    page.keyboard.press("n")
    page.wait_for_url(f"**{hrefs[0]}")


@pytest.mark.requirement("DC-05")
def test_a_wrong_promise_comes_back_to_the_same_page_with_the_focus_on_what_is_wrong(
    agency: Agency, surfer: Surfer
) -> None:
    page = surfer.window(agency.collector, "en")
    page.goto(f"/cases/{agency.cases[0].pk}/")
    page.check("input[name=reached][value=HOLDER]", force=True)
    page.check("input[name=outcome][value=PROMISE]", force=True)
    page.fill("[name=promise_amount]", "999999")
    page.fill("[name=promise_on]", clock.today().isoformat())
    page.fill("[name=note]", "He said so")
    page.click("button[name=stay]")
    expect(page.locator("[role=alert]")).to_be_focused()
    expect(page.locator("[name=promise_amount]")).to_have_value("999999")
    expect(page.locator("[name=note]")).to_have_value("He said so")
    expect(page.get_by_text("The promise is above what is due.")).to_be_visible()
    page.fill("[name=promise_amount]", "100")
    page.click("button[name=stay]")
    page.wait_for_url(f"**/cases/{agency.cases[0].pk}/")
    assert Promise.objects.get().amount == Decimal("100.00")


@pytest.mark.requirement("PL-50")
def test_a_number_is_masked_until_it_is_revealed(agency: Agency, surfer: Surfer) -> None:
    page = surfer.window(agency.collector)
    page.goto(f"/cases/{agency.cases[0].pk}/")
    assert "+966551234567" not in page.content()
    page.click(f"form[action='/cases/{agency.cases[0].pk}/reveal/'] button")
    expect(page.get_by_text("+966551234567").first).to_be_visible()


@pytest.mark.requirement("PL-04")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_leader_imports_a_file_and_watches_it_written(
    agency: Agency, worker: None, surfer: Surfer, language: str, tmp_path: Path
) -> None:
    page = surfer.window(agency.leader, language)
    page.goto("/imports/")
    follow(page, "a[href='/imports/new/']")
    page.select_option("[name=client]", str(agency.other.pk))
    page.set_input_files("[name=file]", str(IBM / "invoices.csv"))
    page.click("main form button.primary")
    # The columns are proposed by their headings; the person confirms them.
    page.wait_for_url(re.compile(r"/imports/\d+/columns/$"))
    expect(page.locator("[name=column_due_on]")).to_have_value("DueDate")
    page.click("button[name=check]")
    page.wait_for_url(re.compile(r"/imports/\d+/$"))
    assert direction(page)[0] == language
    expect(page.get_by_text("2,466").first).to_be_visible()
    assert not Receivable.objects.filter(client=agency.other, receivable_ref="0000611365").exists()
    page.click("form[action$='/start/'] button.primary")
    page.wait_for_url(re.compile(r"/imports/\d+/$"))
    page.evaluate("window.stillHere = true")
    written = "كُتب" if language == "ar" else "Written"
    expect(page.locator("#state").get_by_text(written, exact=True)).to_be_visible(timeout=60_000)
    assert page.evaluate("window.stillHere") is True, "the page was told, not loaded again"
    assert Receivable.objects.filter(client=agency.other).count() == 2466 + 1
    # A file with a fault: nothing is written, and the rows that were not accepted can be taken home.
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("a,b,c,d\nX,1,2026-01-01,10\nX,2,2026-01-01,ten\n", encoding="utf-8")
    page.goto(f"/imports/new/?client={agency.nakheel.pk}")
    page.set_input_files("[name=file]", str(wrong))
    page.click("details:has([name=layout]) > summary")
    page.fill(
        "[name=layout]",
        json.dumps({"columns": {"debtor_ref": "a", "receivable_ref": "b", "due_on": "c", "amount": "d"}}),
    )
    page.click("main form button.primary")
    page.wait_for_url(re.compile(r"/imports/\d+/$"))
    expect(page.get_by_role("cell", name="ten")).to_be_visible()
    with page.expect_download() as taken:
        page.click("a[href$='refusals.csv']")
    assert "ten" in Path(taken.value.path()).read_text(encoding="utf-8-sig")
    assert not Case.objects.filter(debtor__debtor_ref="X").exists()


def totp(secret: str) -> str:
    """The code an authenticator app shows now."""
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def prove(page: Page, password: str = PASSWORD) -> None:
    """Give the fresh proof that an act which binds asks for."""
    page.wait_for_url("**/account/confirm/**")
    page.fill("[name=password]", password)
    page.press("[name=password]", "Enter")


@pytest.mark.requirement("DC-07", "PL-36")
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_auditor_filters_exports_and_verifies(agency: Agency, surfer: Surfer, language: str) -> None:
    for n, case in enumerate(agency.cases):
        contact_record(
            actor=ACTOR, user=agency.collector, case=case, channel="PHONE", reached="NO_ONE", outcome="NO_ANSWER",
            note="=HYPERLINK()" if n == 0 else "",
        )  # fmt: skip
    page = surfer.window(agency.auditor, language)
    page.goto("/")
    assert path(page) == "/audit/"
    assert page.locator("tbody tr").count() == 4
    page.fill("[name=q]", "D-0")
    page.press("[name=q]", "Enter")
    page.wait_for_url("**q=D-0**")
    assert page.locator("tbody tr").count() == 1
    with page.expect_download() as taken:
        page.click("a[href*='trail.csv']")
    rows = list(csv.DictReader(io.StringIO(Path(taken.value.path()).read_text(encoding="utf-8-sig"))))
    assert [(row["account"], row["outcome"]) for row in rows] == [("D-0", "NO_ANSWER")]
    assert rows[0]["note"].startswith("'"), "a cell opens nothing by itself"
    page.goto("/audit/events/")
    page.click("form[action$='/verify/'] button")
    page.wait_for_url("**/audit/verifications/")
    expect(page.locator("main .note-box.good", has_text=re.compile(r"\d+"))).to_be_visible()
    assert page.locator("main [role=alert]").count() == 0, "the chain holds"


@pytest.mark.requirement("DC-08")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_client_takes_its_report_home_and_finds_nothing_of_another(
    agency: Agency, surfer: Surfer, language: str
) -> None:
    week = Week.of(on=clock.today()).before()
    own = report_issue(actor=ACTOR, client=agency.nakheel, period=week, language=language)
    other = report_issue(actor=ACTOR, client=agency.other, period=week, language=language)
    page = surfer.window(agency.reader, language)
    page.goto("/")
    assert path(page) == "/portal/"
    assert direction(page)[0] == language
    with page.expect_download() as taken:
        page.click(f"a[href='/portal/reports/{own.pk}.pdf']")
    assert Path(taken.value.path()).read_bytes()[:5] == b"%PDF-"
    for address in (f"/portal/reports/{other.pk}.pdf", f"/portal/cases/{Case.objects.get(client=agency.other).pk}/"):
        answer = page.goto(address)
        assert answer is not None and answer.status == 404
    assert agency.other.name_ar not in page.content() and agency.other.name_en not in page.content()


@pytest.mark.requirement("PL-50")
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_administrator_makes_a_user_who_sets_a_password_and_a_second_factor(
    agency: Agency, surfer: Surfer, language: str
) -> None:
    mail.outbox.clear()
    page = surfer.window(agency.administrator, language)
    page.goto("/users/")
    follow(page, "a[href='/users/new/']")
    page.fill("[name=email]", "new@house.example")
    page.fill("[name=name_ar]", "نورة")
    page.fill("[name=name_en]", "Noura")
    page.select_option("[name=role]", "COLLECTOR")
    page.click("main form button.primary")
    page.wait_for_url("**/users/")
    expect(page.get_by_text("new@house.example")).to_be_visible()
    assert not User.objects.get(email="new@house.example").has_usable_password()
    assert page.goto(f"/cases/{agency.cases[0].pk}/").status == 404, "an administrator sees no case"  # type: ignore[union-attr]

    link = re.search(r"https?://\S+/account/reset/key/\S+", str(mail.outbox[0].body))
    assert link is not None
    hers = surfer.window(None, language)
    hers.goto(link.group())
    for name in ("password1", "password2"):
        hers.fill(f"[name={name}]", "a word that nobody guesses 7")
    hers.press("[name=password2]", "Enter")
    hers.wait_for_url("**/done/")
    hers.goto("/day/")
    hers.fill("[name=login]", "new@house.example")
    hers.fill("[name=password]", "a word that nobody guesses 7")
    hers.press("[name=password]", "Enter")
    # Whoever signed in just now is not asked for the password again.
    hers.wait_for_url("**/account/factor/app/**")
    hers.goto("/day/")
    assert "/account/" in hers.url, "no work before the second factor stands"
    secret = re.search(r"[A-Z2-7]{32}", hers.locator("main").inner_text())
    assert secret is not None, "the key to type stands beside the picture"
    hers.fill("[name=code]", totp(secret.group()))
    hers.press("[name=code]", "Enter")
    hers.wait_for_url(lambda url: "/factor/app/" not in url)
    assert User.objects.get(email="new@house.example").has_second_factor
    answer = hers.goto("/day/")
    assert answer is not None
    assert (answer.status, path(hers)) == (200, "/day/")


@pytest.mark.parametrize("language", LANGUAGES)
def test_on_a_phone_nothing_is_wider_than_the_hand(agency: Agency, surfer: Surfer, language: str) -> None:
    report_issue(actor=ACTOR, client=agency.nakheel, period=Week.of(on=clock.today()).before(), language=language)
    places = {
        agency.collector: ("/day/", f"/cases/{agency.cases[0].pk}/", f"/cases/{agency.cases[0].pk}/?show=ledger"),
        agency.reader: ("/portal/", "/portal/cases/", "/portal/reports/"),
    }
    for person, addresses in places.items():
        page = surfer.window(person, language, size=PHONE, has_touch=True, is_mobile=True)
        for address in addresses:
            page.goto(address)
            assert overflow(page) <= 0, f"{address} is {overflow(page)} pixels too wide"
            assert page.locator("main").is_visible()


@pytest.mark.requirement("DC-05")
@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_works_without_scripts(agency: Agency, surfer: Surfer, language: str) -> None:
    page = surfer.window(agency.collector, language, java_script_enabled=False)
    page.goto("/day/")
    first = page.locator("tr[data-href] a.name").first
    href = first.get_attribute("href")
    first.click()
    page.wait_for_url(f"**{href}")
    page.check("input[name=reached][value=HOLDER]", force=True)
    page.check("input[name=outcome][value=PROMISE]", force=True)
    due = clock.today() + dt.timedelta(days=3)
    page.fill("[name=promise_amount]", "250")
    page.fill("[name=promise_on]", due.isoformat())
    page.click("button[name=next]")
    page.wait_for_url(lambda url: not url.endswith(str(href)))
    assert (Promise.objects.get().amount, ContactAttempt.objects.count()) == (Decimal("250.00"), 1)
    page.locator(f"button[name=language][value={'en' if language == 'ar' else 'ar'}]").first.click()
    assert direction(page)[0] != language


@pytest.mark.parametrize("language", LANGUAGES)
def test_switching_the_language_keeps_the_place(agency: Agency, surfer: Surfer, language: str) -> None:
    page = surfer.window(agency.collector, language)
    page.goto(f"/cases/{agency.cases[1].pk}/?show=ledger")
    other = "en" if language == "ar" else "ar"
    page.locator(f"button[name=language][value={other}]").first.click()
    page.wait_for_function(f"document.documentElement.lang === '{other}'")
    assert path(page) == f"/cases/{agency.cases[1].pk}/?show=ledger"


def test_what_a_manager_returned_cannot_be_signed(agency: Agency, surfer: Surfer) -> None:
    request = escalation_propose(
        user=agency.collector, case=agency.cases[0], grounds="لم تنفع المحاولات السابقة كلها", steps=["CLAIM"]
    )  # fmt: skip
    escalation_decide(
        user=agency.manager, request=request, decision="RETURNED", digest=request.digest, reason="أكمل المحاولات"
    )  # fmt: skip
    page = surfer.window(agency.signatory)
    answer = page.goto(f"/portal/authorisations/{request.pk}/")
    assert answer is not None
    assert answer.status == 404 or page.locator("form[action$='/sign/']").count() == 0
