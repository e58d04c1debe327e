"""What complaints teach, at real browsers: causes, others treated alike, the month's report, recommendations."""

from __future__ import annotations

import datetime as dt
import hashlib
import re

import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from accounts.choices import Role
from common import clock
from common.tests.holidays_sa import holidays_write
from complaints.choices import ReportKind
from complaints.models import Matter, MonthlyReport, Recommendation, Redress, ReportCourse, RootCause
from complaints.services.categories import categories_ship
from complaints.services.causes import causes_ship
from complaints.tests.learning_worlds import WRITTEN, an_upheld_complaint
from tests.browsing import Surfer
from tests.doors import LANGUAGES
from tests.e2e.hands import follow, send, the_day
from tests.e2e.test_complaints_register import clean
from tests.world import make_client, make_user

pytestmark = pytest.mark.parametrize("language", LANGUAGES)
MARCH, APRIL = dt.date(2026, 3, 8), dt.date(2026, 4, 5)


@pytest.fixture
def upheld(transactional_db: None, house: str, monkeypatch: pytest.MonkeyPatch) -> Matter:
    """A complaint of a call, found justified in March; four holders were called so."""
    cache.clear()
    the_day(monkeypatch, MARCH)
    holidays_write()
    categories_ship()
    causes_ship()
    return an_upheld_complaint(make_client("AAA"), count=4, at=clock.at_riyadh(on=MARCH, time=dt.time(10)))


@pytest.mark.requirement("CX-16", "CR-05")
def test_from_a_justified_complaint_to_its_cause_and_to_others_treated_so(
    upheld: Matter, surfer: Surfer, language: str
) -> None:
    page = surfer.window(make_user(Role.QUALITY_OFFICER), language)
    page.goto(f"/matters/{upheld.pk}/")
    cause = RootCause.objects.filter(parent__isnull=False).order_by("pk")[0]
    send(page, f"/matters/{upheld.pk}/cause/", cause=str(cause.pk))
    upheld.refresh_from_db()
    assert upheld.root_cause == cause.code
    page.goto("/matters/repeats/")
    clean(page)
    page.goto(f"/matters/{upheld.pk}/")
    follow(page, f"#learn a[href$='/matters/{upheld.pk}/ripple/']")
    clean(page)
    boxes = page.locator("[name=cases]")
    expect(boxes).to_have_count(3)
    boxes.first.uncheck()
    page.fill("[name=due_on]", "2026-03-22")
    page.locator("form.entry button.primary").click()
    page.wait_for_url("**/redress/**")
    rows = list(Redress.objects.order_by("pk"))
    assert len(rows) == 2
    for row, state in zip(rows, ("SAME", "OTHER"), strict=True):
        page.goto("/redress/")
        send(page, f"/redress/{row.pk}/", state=state, answer="روجع الملف وصُحّح")
    clean(page)
    assert not Redress.objects.filter(answered_at=None).exists()


@pytest.mark.requirement("CR-05", "CR-07", "CR-17")
def test_the_months_reports_from_their_counting_to_their_file(
    upheld: Matter, surfer: Surfer, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    the_day(monkeypatch, APRIL)
    people = {role: make_user(role) for role in (Role.QUALITY_OFFICER, Role.COLLECTIONS_MANAGER, Role.GENERAL_MANAGER)}
    quality, head, general = (surfer.window(user, language) for user in people.values())
    for kind in ReportKind.values:
        quality.goto("/months/")
        send(quality, "/months/new/", kind=kind, month="2026-03-01")
        course = ReportCourse.objects.get(kind=kind)
        address = f"/months/{course.pk}/"
        quality.goto(address)
        send(quality, f"{address}write/", **WRITTEN)
        head.goto(address)
        send(head, f"{address}review/", words="اطلعت عليه")
        quality.goto(address)
        send(quality, f"{address}issue/")
        clean(quality)
        for paper in MonthlyReport.objects.filter(kind=kind):
            link = quality.locator(f"main a[href$='{address}pdf/{paper.language}/']").first.get_attribute("href")
            answer = quality.request.get(str(link))
            assert (answer.status, hashlib.sha256(answer.body()).hexdigest()) == (200, paper.sha256)
        the_day(monkeypatch, APRIL + dt.timedelta(days=2))
        general.goto(address)
        clean(general)
        send(general, f"{address}discuss/", decision="يُتابع أسبوعيًا")
        quality.goto(address)
        send(quality, f"{address}archive/")
        course.refresh_from_db()
        assert course.state == "ARCHIVED"
        the_day(monkeypatch, APRIL)
    assert MonthlyReport.objects.count() == 4


@pytest.mark.requirement("CR-08")
def test_a_recommendation_from_a_head_to_what_became_of_it(
    upheld: Matter, surfer: Surfer, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    the_day(monkeypatch, APRIL)
    owner, manager = make_user(Role.COLLECTIONS_MANAGER), make_user(Role.GENERAL_MANAGER)
    head, general = surfer.window(owner, language), surfer.window(manager, language)
    head.goto(f"/matters/{upheld.pk}/")
    follow(head, "#learn a[href*='/recommendations/new/']")
    clean(head)
    head.select_option("[name=department]", "OPERATIONS")
    head.fill("[name=problem]", "اتصال بعد التاسعة")
    head.fill("[name=proposal]", "إيقاف الاتصال آليًا عند الثامنة والنصف")
    head.locator("form.entry button.primary").click()
    head.wait_for_url(re.compile(r"/recommendations/\d+/$"))
    one = Recommendation.objects.get()
    assert list(one.matters.all()) == [upheld]
    address = f"/recommendations/{one.pk}/"
    general.goto(address)
    clean(general)
    send(general, f"{address}approve/", owner=str(owner.pk), due_on="2026-04-20")
    head.goto("/recommendations/?tab=mine")
    expect(head.locator("main")).to_contain_text(one.number)
    head.goto(address)
    send(head, f"{address}done/", result="أُوقف آليًا")
    clean(head)
    one.refresh_from_db()
    assert (one.state, one.decided_by) == ("DONE", manager)
