"""Every role's first page in a real browser, once in Arabic and once in English."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.choices import PORTAL_ROLES, Role
from accounts.models import User
from collections_app.services.nightly import nightly_run
from common import clock
from legal.services.escalations import escalation_propose
from tests.browsing import Surfer, direction, overflow
from tests.doors import LANGUAGES
from tests.world import a_case, make_client, make_team, make_user

pytestmark = pytest.mark.django_db

# The first page of each role; roles whose rooms are not built yet open their profile.
FIRST = {
    "COLLECTOR": "/day/", "TEAM_LEADER": "/team/", "COLLECTIONS_MANAGER": "/approvals/",
    "LEGAL_OFFICER": "/legal/", "LAWYER": "/lawyer/",
    "GENERAL_MANAGER": "/credit/", "COMPLAINTS_OFFICER": "/matters/board/", "QUALITY_OFFICER": "/matters/board/",
    "BUREAU_OFFICER": "/disputes/", "AUDITOR": "/audit/", "CLIENT_USER": "/portal/", "CLIENT_SIGNATORY": "/portal/",
    "FINANCE_MANAGER": "/credit/", "ADMINISTRATOR": "/jobs/",
    "CREDIT_OFFICER": "/credit/",
}  # fmt: skip


@pytest.fixture(scope="module")
def people(shared_book: None) -> dict[str, User]:
    """One person a role, with something on their table."""
    client, team = make_client("NAK"), make_team()
    found = {role: make_user(role, client=client if role in PORTAL_ROLES else None, team=team) for role in Role.values}
    cases = [a_case(client, ref=f"D-{n}", days_late=20 * n + 5, owner=found["COLLECTOR"]) for n in range(6)]
    nightly_run(date=clock.today())
    escalation_propose(
        user=found["COLLECTOR"], case=cases[-1], grounds="لم تنفع المحاولات السابقة كلها", steps=["CLAIM"]
    )  # fmt: skip
    return found


@pytest.mark.requirement("DC-05", "DC-06", "DC-07", "DC-08")
@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_page_of_a_role_opens(people: dict[str, User], surfer: Surfer, role: str, language: str) -> None:
    page = surfer.window(people[role], language)
    answer: Any = page.goto("/")
    assert answer.status == 200
    assert page.url.removeprefix(surfer.base) == FIRST.get(role, "/profile/")
    assert direction(page) == (language, "rtl" if language == "ar" else "ltr")
    assert page.locator("main h1, .bar h1").first.inner_text().strip()
    assert overflow(page) == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_signing_in_leads_to_the_first_page(people: dict[str, User], surfer: Surfer, language: str) -> None:
    page = surfer.window(None, language)
    page.goto("/day/")
    assert direction(page) == (language, "rtl" if language == "ar" else "ltr")
    assert overflow(page) == 0
    page.fill("input[name=login]", people["COLLECTOR"].email)
    page.fill("input[name=password]", "not the password")
    page.press("input[name=password]", "Enter")
    assert page.locator("[role=alert]").count() == 1
    page.fill("input[name=password]", "a long enough password")
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/day/")
    assert page.locator("tr[data-href]").count() > 0


@pytest.mark.requirement("DC-06")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_navigation_fits_and_shows_where_one_is(people: dict[str, User], surfer: Surfer, language: str) -> None:
    """A manager's many pages are folded into groups; the one with the page they are on stands open."""
    page = surfer.window(people["COLLECTIONS_MANAGER"], language)
    page.goto("/approvals/")
    # Nothing is scrolled to reach the last group, and no entry is out of reach.
    assert page.locator(".nav-list").evaluate("list => list.scrollHeight <= list.clientHeight")
    incoming = page.locator("nav.nav a[href='/incoming/']")
    assert not incoming.is_visible()
    group = page.locator("nav.nav details", has=page.locator("a[href='/incoming/']"))
    group.locator("> summary").focus()
    page.keyboard.press("Enter")
    incoming.click()
    page.wait_for_url("**/incoming/")
    assert page.locator("nav.nav [aria-current]").get_attribute("href") == "/incoming/"
    assert page.locator("nav.nav [aria-current]").is_visible()
    assert page.locator("nav.nav details.nav-group[open]").count() == 1
