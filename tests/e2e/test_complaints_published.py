"""What is published, at real browsers: a visitor on a phone, who writes, who approves, who reads it in the house."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from accounts.choices import Role
from common import clock
from complaints.models import AsideMail, FaqEntry, Matter, PolicyReading
from complaints.services.categories import categories_ship
from complaints.services.editions_shipped import editions_ship
from complaints.services.mails import mail_take
from complaints.tests.imap_world import a_mail
from complaints.tests.published_worlds import QUESTION
from complaints.tests.worlds import a_matter
from tests.browsing import PHONE, Surfer, direction
from tests.doors import LANGUAGES
from tests.e2e.conftest import Agency
from tests.e2e.hands import follow
from tests.e2e.test_complaints_register import clean
from tests.e2e.test_journeys import prove
from tests.world import make_user


@pytest.mark.requirement("CR-06", "CX-17")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_visitor_finds_the_answer_before_and_while_asking(agency: Agency, surfer: Surfer, language: str) -> None:
    cache.clear()
    categories_ship()
    editions_ship()
    page = surfer.window(None, language, size=PHONE)
    page.goto("/help/questions/")
    assert direction(page) == (language, "rtl" if language == "ar" else "ltr")
    clean(page)
    page.fill("[name=q]", "تذكير" if language == "ar" else "reminder")
    page.press("[name=q]", "Enter")
    expect(page.locator("#REMINDERS[open] .said")).to_be_visible()
    clean(page)
    page.goto("/help/policy/")
    clean(page)
    page.goto("/help/")
    page.fill("[name=words]", "اعتراض")
    page.select_option("[name=category]", "AMOUNT")
    question = getattr(FaqEntry.objects.get(code="REMINDERS"), f"question_{language}")
    page.locator("#suggested summary", has_text=question).click()
    expect(page.locator("#suggested details[open] p").first).to_be_visible()
    clean(page)
    # What was typed stays where it was, and another category has other answers.
    expect(page.locator("[name=words]")).to_have_value("اعتراض")
    page.select_option("[name=category]", "CONTACT")
    expect(page.locator("#suggested")).not_to_contain_text(question)


@pytest.mark.requirement("CR-06")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_question_goes_from_a_matter_over_two_people_to_everybody(
    agency: Agency, surfer: Surfer, language: str
) -> None:
    categories_ship()
    quality, general = make_user(Role.QUALITY_OFFICER), make_user(Role.GENERAL_MANAGER)
    matter = a_matter()
    page = surfer.window(quality, language)
    page.goto(f"/matters/{matter.pk}/")
    follow(page, f"a[href$='?matter={matter.pk}']")
    clean(page)
    for name in ("question_ar", "question_en", "answer_ar", "answer_en"):
        page.fill(f"[name={name}]", str(QUESTION[name]))
    page.click("form.entry button.primary")
    page.wait_for_url("**/matters/published/questions/*/")
    clean(page)
    draft = FaqEntry.objects.get()
    expect(page.locator("form[action$='/publish/']")).to_have_count(0)

    other = surfer.window(general, language)
    other.goto("/matters/published/questions/")
    clean(other)
    follow(other, f"a.name[href$='/{draft.pk}/']")
    other.click("form[action$='/publish/'] button")
    prove(other)
    other.wait_for_url(f"**/matters/published/questions/{draft.pk}/")
    expect(other.locator(".chip.good").first).to_be_visible()
    clean(other)

    visitor = surfer.window(None, language, size=PHONE)
    visitor.goto("/help/questions/")
    expect(visitor.locator(f"#{draft.code} summary")).to_have_text(str(QUESTION[f"question_{language}"]))


@pytest.mark.requirement("CX-09", "CX-18", "CR-18")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_collector_reads_the_manual_and_the_policy(agency: Agency, surfer: Surfer, language: str) -> None:
    editions_ship()
    page = surfer.window(agency.collector, language, size=PHONE)
    page.goto("/day/")
    clean(page)
    follow(page, ".reminder a")
    clean(page)
    page.locator("main form button.primary").click()
    expect(page.locator(".note-box.good")).to_be_visible()
    assert PolicyReading.objects.get().user == agency.collector
    page.goto("/day/")
    expect(page.locator(".reminder")).to_have_count(0)
    page.goto("/procedures/")
    expect(page.locator("table.manual")).to_have_count(3)  # complaints, the month, objections
    clean(page)


@pytest.mark.requirement("CX-03", "CX-20")
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_officer_decides_on_mails_and_quality_reads_the_figures(
    agency: Agency, surfer: Surfer, language: str
) -> None:
    categories_ship()
    officer, quality = make_user(Role.COMPLAINTS_OFFICER), make_user(Role.QUALITY_OFFICER)
    for number in range(3):
        mail_take(raw=a_mail(Auto_Submitted="auto-replied", Message_ID=f"<{number}@x>"), at=clock.now())
    page = surfer.window(officer, language)
    page.goto("/matters/mails/")
    clean(page)
    follow(page, "tbody a.btn")
    clean(page)
    page.locator("form[action$='/take/'] button").click()
    page.wait_for_url("**/matters/*/")
    assert Matter.objects.count() == 1
    page.goto("/matters/mails/")
    for box in page.locator("[name=mails]").all():
        box.check()
    page.fill("[name=reason]", "ردود آلية")
    page.click("button.danger")
    expect(page.locator("[name=mails]")).to_have_count(0)
    assert AsideMail.objects.filter(state="DISMISSED").count() == 2

    figures = surfer.window(quality, language)
    figures.goto("/matters/satisfaction/")
    clean(figures)
    follow(figures, "tbody a.name")
    expect(figures.locator("tbody a.name")).to_have_text(Matter.objects.get().reference)
    clean(figures)
