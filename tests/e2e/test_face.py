"""How the pages look and read: accessibility, sizes, and the style guide against its stored pictures.

Pictures are compared small and grey, so that a browser's own smoothing does not matter; a component that moved, grew or
changed its colour does. ``UPDATE_REFERENCE=1 make e2e`` draws them anew.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import Page

from accounts.models import User
from clients.models import StageChange, StagePolicy
from collections_app.models import EscalationRequest
from collections_app.services.contacts import contact_record
from common import clock
from legal.services.escalations import escalation_decide, escalation_propose
from reporting.rules.weeks import Week
from reporting.services.reports import report_issue
from tests.browsing import PHONE, Surfer, direction, overflow
from tests.doors import LANGUAGES
from tests.e2e.conftest import Agency
from tests.world import ACTOR, a_stage_change, a_stage_draft

REFERENCE = Path(__file__).parent / "reference"
UPDATE = os.environ.get("UPDATE_REFERENCE") == "1"
SMALL = 240  # the width pictures are kept in
WCAG = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]},
}


def violations(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.1 A and AA, one line a rule with its first places."""
    found: Any = Axe().run(page, options=WCAG).response["violations"]
    return [
        f"{rule['id']} ({rule['impact']}): " + " | ".join(node["html"][:160] for node in rule["nodes"][:3])
        for rule in found
    ]


@pytest.fixture
def busy(agency: Agency) -> tuple[Agency, EscalationRequest, EscalationRequest]:
    """An agency with something on every page: contacts, a promise, requests in two hands."""
    for n, case in enumerate(agency.cases[:2]):
        contact_record(
            actor=ACTOR, user=agency.collector, case=case, channel="PHONE", reached="HOLDER", outcome="PROMISE",
            promise_amount=Decimal(100), promise_on=clock.today(), note=f"اتصال {n}",
        )  # fmt: skip
    requests = [
        escalation_propose(
            user=agency.collector, case=case, grounds="لم تنفع المحاولات السابقة كلها", steps=["CLAIM", "MEDIATION"]
        )
        for case in agency.cases[2:]
    ]
    escalation_decide(user=agency.manager, request=requests[0], decision="APPROVED", digest=requests[0].digest)
    for days in ({"EARLY": 31}, {"GRACE": 75}):
        draft = a_stage_draft(agency.nakheel, by=agency.manager, days=days)
    a_stage_change(draft, client=agency.nakheel, by=agency.manager, starts_on=clock.today() + dt.timedelta(days=9))
    return agency, requests[0], requests[1]


def places(
    agency: Agency, approved: EscalationRequest, proposed: EscalationRequest
) -> list[tuple[User | None, list[str]]]:
    case = agency.cases[0].pk
    draft, change = StagePolicy.objects.get(state="DRAFT").pk, StageChange.objects.get()
    return [
        (None, ["/account/login/"]),
        (
            agency.collector,
            ["/day/", f"/cases/{case}/", f"/cases/{case}/?show=ledger", f"/cases/{case}/?show=holds", "/cases/",
             "/promises/", f"/cases/{agency.cases[1].pk}/escalate/", "/cases/999999/", "/profile/"],
        ),
        (agency.leader, ["/team/", "/imports/", "/imports/new/"]),
        (
            agency.manager,
            ["/approvals/", f"/approvals/{proposed.pk}/", "/clients/", f"/clients/{agency.nakheel.pk}/",
             f"/clients/{agency.nakheel.pk}/contact-policy/", "/reports/", "/jobs/", "/stage-policies/",
             f"/stage-policies/{draft}/", f"/stage-policies/{draft}/edit/", f"/stage-policies/{draft}/preview/",
             f"/stage-changes/{change.pk}/"],
        ),
        (agency.auditor, ["/audit/", "/audit/events/"]),
        (agency.administrator, ["/users/", "/users/new/", "/teams/", "/roles/"]),
        (
            agency.signatory,
            ["/portal/", "/portal/reports/", "/portal/cases/", f"/portal/cases/{case}/", "/portal/trail/",
             "/portal/authorisations/", f"/portal/authorisations/{approved.pk}/"],
        ),
    ]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_keeps_anybody_out(
    busy: tuple[Agency, EscalationRequest, EscalationRequest], surfer: Surfer, language: str
) -> None:
    agency, approved, proposed = busy
    report_issue(actor=ACTOR, client=agency.nakheel, period=Week.of(on=clock.today()).before(), language=language)
    faults: list[str] = []
    for person, addresses in places(agency, approved, proposed):
        page = surfer.window(person, language)
        for address in addresses:
            page.goto(address)
            assert direction(page) == (language, "rtl" if language == "ar" else "ltr"), address
            faults += [f"{address} {fault}" for fault in violations(page)]
            if overflow(page) > 0:
                faults.append(f"{address} is {overflow(page)} pixels too wide")
    assert not faults, "\n".join(faults)


def test_the_check_itself_sees_a_fault(agency: Agency, surfer: Surfer) -> None:
    page = surfer.window(None)
    page.goto("/account/login/")
    assert violations(page) == []
    page.evaluate("document.querySelector('label[for=id_login]').remove()")
    assert [fault.split(" ")[0] for fault in violations(page)] == ["label"]
    page.evaluate("document.documentElement.removeAttribute('lang')")
    assert {fault.split(" ")[0] for fault in violations(page)} == {"label", "html-has-lang"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", [{"width": 1280, "height": 800}, {"width": 1920, "height": 1080}, PHONE])
def test_no_page_is_wider_than_its_window(
    busy: tuple[Agency, EscalationRequest, EscalationRequest], surfer: Surfer, language: str, size: dict[str, int]
) -> None:
    agency, approved, proposed = busy
    faults = []
    for person, addresses in places(agency, approved, proposed):
        page = surfer.window(person, language, size=size)
        for address in addresses:
            page.goto(address)
            if overflow(page) > 0:
                faults.append(f"{address} is {overflow(page)} pixels too wide")
    assert not faults, "\n".join(faults)


def small(picture: bytes) -> Image.Image:
    """A picture as it is kept: grey and small."""
    image = Image.open(io.BytesIO(picture)).convert("L")
    return image.resize((SMALL, max(round(image.height * SMALL / image.width), 1)), Image.Resampling.BOX)


def difference(first: Image.Image, second: Image.Image) -> float:
    """The share of small squares that look different, after a little blur; 1 when the sizes are far apart."""
    if abs(first.height - second.height) > max(4, first.height * 0.03):
        return 1.0
    height = min(first.height, second.height)
    pair = [image.crop((0, 0, SMALL, height)).resize((SMALL // 3, height // 3)) for image in (first, second)]
    apart = ImageChops.difference(*pair).point(lambda value: 255 if value > 24 else 0)
    return float(ImageStat.Stat(apart).mean[0]) / 255


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_style_guide_looks_as_it_did(agency: Agency, surfer: Surfer, language: str) -> None:
    page = surfer.window(agency.administrator, language, size={"width": 1280, "height": 900})
    page.goto(f"/styleguide/?lang={language}")
    assert direction(page) == (language, "rtl" if language == "ar" else "ltr")
    page.evaluate("document.fonts.ready")
    assert violations(page) == []
    assert overflow(page) == 0
    measured = {
        "font": round(
            page.evaluate(
                """() => {
                    const probe = document.createElement("span");
                    probe.textContent = "ميثاق Mithaq 0123456789";
                    probe.style.cssText = "font-size:100px;position:absolute;white-space:nowrap";
                    document.body.append(probe);
                    const width = probe.getBoundingClientRect().width;
                    probe.remove();
                    return width;
                }"""
            )
        ),
        "sections": {
            section.get_attribute("id"): round(section.bounding_box()["height"])  # type: ignore[index]
            for section in page.locator("section[id^=sg-]").all()
        },
    }
    now = small(page.screenshot(full_page=True, animations="disabled"))
    picture, sizes = REFERENCE / f"styleguide-{language}.png", REFERENCE / f"styleguide-{language}.json"
    if UPDATE:
        REFERENCE.mkdir(exist_ok=True)
        now.quantize(16).save(picture, optimize=True)
        sizes.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
        pytest.skip("the reference was drawn anew")
    kept = json.loads(sizes.read_text(encoding="utf-8"))
    if abs(kept["font"] - measured["font"]) > 2:
        pytest.skip(f"the fonts of this machine differ: {measured['font']} instead of {kept['font']} pixels")
    assert list(measured["sections"]) == list(kept["sections"])
    moved = {
        name: (kept["sections"][name], height)
        for name, height in measured["sections"].items()
        if abs(height - kept["sections"][name]) > 6
    }
    assert not moved, f"heights of sections that moved (then, now): {moved}"
    apart = difference(small(picture.read_bytes()), now)
    if apart > 0.03:
        now.save(Path(os.environ.get("TMPDIR", "/tmp")) / f"styleguide-{language}-now.png")
    assert apart <= 0.03, f"{apart:.1%} of the picture changed"
