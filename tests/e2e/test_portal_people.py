"""A company keeps its own users at real browsers: named by the house, invited, approved to sign, switched off."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.browsing import PHONE, Surfer, overflow
from tests.doors import LANGUAGES
from tests.e2e.conftest import Agency
from tests.e2e.hands import follow, form_at, send
from tests.e2e.test_face import violations
from tests.e2e.test_journeys import prove
from tests.world import PASSWORD, a_picture, enrol

LOGO = {"name": "logo.png", "mimeType": "image/png", "buffer": a_picture(size=(300, 90))}


def clean(page: Page) -> None:
    """Nothing that axe-core finds, and nothing wider than the window."""
    assert violations(page) == []
    assert overflow(page) == 0


def press(page: Page, action: str) -> None:
    """Press the button of a form; what asks for a proof first is given one."""
    with page.expect_navigation():
        form_at(page, action).locator("button").first.click()
    if "/confirm/" in page.url or "/factor/" in page.url:
        prove(page)


@pytest.mark.requirement("DC-08")
@pytest.mark.parametrize("language", LANGUAGES)
def test_from_the_first_keeper_to_a_signatory_and_out_again(agency: Agency, surfer: Surfer, language: str) -> None:
    member = agency.reader.client_membership
    house = surfer.window(agency.manager, language)
    house.goto(f"/clients/{agency.nakheel.pk}/")
    send(house, f"/people/{member.pk}/users/")
    keeper = surfer.window(agency.reader, language)
    keeper.goto("/portal/people/")
    clean(keeper)
    expect(keeper.locator("table.list tbody tr")).to_have_count(2)

    # The mark: uploaded here, in the bar at once.
    follow(keeper, "a[href='/portal/logo/']")
    keeper.locator("input[type=file]").set_input_files([LOGO])
    with keeper.expect_navigation():
        keeper.locator("main form[enctype] button").click()
    mark = keeper.locator("header .client-logo")
    expect(mark).to_be_visible()
    assert mark.evaluate("picture => picture.naturalWidth") == 300
    clean(keeper)

    # A colleague who shall sign: the agency is asked, and agrees.
    keeper.goto("/portal/people/new/")
    clean(keeper)
    told = {"email": "huda@nak.example", "name_ar": "هدى السبيعي", "name_en": "Huda", "title": "محاسبة"}
    for name, value in {**told, "power": "وكالة رقم 4512"}.items():
        keeper.fill(f"[name={name}]", value)
    with keeper.expect_navigation():
        keeper.locator("main form button").click()
    prove(keeper)
    keeper.wait_for_url(re.compile(r"/portal/people/\d+/"))
    person = User.objects.get(email=told["email"])
    assert mail.outbox[-1].to == [person.email]
    expect(keeper.locator(".heading-line .chip.attn")).to_be_visible()
    clean(keeper)

    house.goto("/approvals/")
    expect(house.locator("main")).to_contain_text("وكالة رقم 4512")
    with house.expect_navigation():
        house.locator("button[name=decision][value=APPROVED]").click()
    prove(house)
    keeper.reload()
    expect(keeper.locator(".heading-line .chip.good")).to_be_visible()
    assert User.objects.get(pk=person.pk).role == "CLIENT_SIGNATORY"

    # They choose a password by the link, set the second factor up, and are in; on a telephone.
    link = re.search(r"/account/reset/key/[^\s]+", str(mail.outbox[-1].body))
    assert link is not None
    theirs = surfer.window(None, language, size=PHONE)
    theirs.goto(link[0])
    for name in ("password1", "password2"):
        theirs.fill(f"[name={name}]", PASSWORD)
    with theirs.expect_navigation():
        theirs.press("[name=password2]", "Enter")
    theirs.goto("/account/login/")
    theirs.fill("[name=login]", person.email)
    theirs.fill("[name=password]", PASSWORD)
    with theirs.expect_navigation():
        theirs.press("[name=password]", "Enter")
    # Whoever signed in just now sets it up without giving the password again.
    expect(theirs).to_have_url(re.compile("/account/factor/app/"))
    enrol(person)
    theirs.goto("/portal/dashboard/")
    clean(theirs)
    theirs.goto("/portal/")
    assert overflow(theirs) == 0

    # Switched off: they are out at the next press.
    keeper.goto(f"/portal/people/{person.client_membership.pk}/")
    with keeper.expect_navigation():
        keeper.locator("button[name=on][value=no]").click()
    theirs.goto("/portal/")
    theirs.wait_for_url(re.compile("/account/login/"))
    # And the own page offers nothing to change.
    keeper.goto(f"/portal/people/{member.pk}/")
    expect(keeper.locator("main form[action*='/access/'], main form[action*='/sign/']")).to_have_count(0)


@pytest.mark.requirement("DC-08")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_dashboards_bar_opens_its_rows(agency: Agency, surfer: Surfer, language: str) -> None:
    page = surfer.window(agency.reader, language)
    page.goto("/portal/")
    follow(page, "a[href='/portal/dashboard/']")
    clean(page)
    page.locator("details > summary").first.click()
    expect(page.locator("details[open] table").first).to_be_visible()
    owed = page.locator("tr.total .fig").first.inner_text()
    follow(page, "main a[href*='/figures/AGING/']")
    expect(page.locator("main table").last).to_contain_text("D-")
    assert owed
    page.go_back()
    page.locator("select[name=portfolio]").select_option(index=1)
    page.wait_for_url(re.compile(r"portfolio=\d"))
    clean(page)
