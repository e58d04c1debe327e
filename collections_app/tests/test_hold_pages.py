"""Holds of a case through their doors: what they cover, whether their days count, objections decided."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from django.urls import reverse

from accounts.models import User
from collections_app.models import Case, Hold
from collections_app.services.holds import hold_place
from collections_app.services.nightly import nightly_run
from common import clock
from common.clock import at_riyadh
from common.components.charts import spans
from tests.doors import LANGUAGES, enter, in_language, words
from tests.world import ACTOR, a_case, make_client, make_team, make_user

pytestmark = pytest.mark.django_db
SUNDAY = dt.date(2026, 11, 1)


def on(days: int) -> dt.date:
    return SUNDAY + dt.timedelta(days=days)


@pytest.fixture(autouse=True)
def _a_sunday_noon() -> Iterator[None]:
    with clock.at(at_riyadh(on=SUNDAY)):
        yield


@pytest.fixture
def collector() -> User:
    return make_user("COLLECTOR", team=make_team())


@pytest.fixture
def leader(collector: User) -> User:
    return make_user("TEAM_LEADER", team=collector.team)


@pytest.fixture
def case(collector: User) -> Case:
    """100 days from the invoice: in default by ten days."""
    case = a_case(make_client(), owner=collector, days_late=40)
    nightly_run(date=SUNDAY)
    case.refresh_from_db()
    return case


@pytest.mark.requirement("CM-41")
@pytest.mark.parametrize("covers", ["", "debt", "receivable"])
def test_a_hold_covers_the_case_a_debt_or_a_receivable_from_a_past_day_to_an_end(
    case: Case, collector: User, covers: str
) -> None:
    receivable = case.receivables.get()
    keys = {"": "", "debt": f"debt:{receivable.debt_id}", "receivable": f"receivable:{receivable.pk}"}
    form = {
        "kind": "CLIENT",
        "covers": keys[covers],
        "from_on": "2026-10-01",
        "until_on": "2026-11-15",
        "reason": "طلب",
    }
    browser, address = enter(collector), reverse("case_hold", args=[case.pk])
    for bad, field in (
        ({"until_on": "2026-09-30"}, "until_on"),
        ({"covers": "receivable:0"}, "covers"),
        ({"covers": "x"}, "covers"),
        ({"from_on": "2027-01-01", "until_on": ""}, "from_on"),
        ({"reason": ""}, "reason"),
    ):
        page = browser.post(address, form | bad)
        assert (page.status_code, list(page.context["hold_form"].errors)) == (422, [field])
        assert 'value="2026-11-15"' in words(page) or not (form | bad)["until_on"] or field == "until_on"
    done = browser.post(address, form)
    assert done["Location"] == f"{reverse('case', args=[case.pk])}?show=holds"
    hold = Hold.objects.get()
    assert (hold.from_on, hold.until_on) == (dt.date(2026, 10, 1), dt.date(2026, 11, 15))
    assert (hold.debt_id, hold.receivable_id) == (
        receivable.debt_id if covers == "debt" else None,
        receivable.pk if covers == "receivable" else None,
    )
    receivable.refresh_from_db()
    assert receivable.held


@pytest.mark.requirement("CM-41")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_whether_the_days_of_each_hold_count(case: Case, leader: User, language: str) -> None:
    hold_place(actor=ACTOR, case=case, kind="CLIENT", from_on=on(-30), until_on=on(-20), reason="بطلب الجهة")
    hold_place(actor=ACTOR, case=case, kind="HARDSHIP", from_on=on(-25), until_on=on(-10), reason="ظرف")
    hold_place(actor=ACTOR, case=case, kind="OBJECTION", from_on=on(-5), reason="المبلغ")
    page = enter(leader, language).get(reverse("case", args=[case.pk]), {"show": "holds"})
    assert in_language(page, language)
    assert [row.counts for row in page.context["holds"]] == ["LATER", "NO", "YES"]
    for arabic, english in (
        ("أيامه لا تُحسب في المرحلة والتعثر", "Its days do not count towards stage and default"),
        ("أيامه محسوبة", "Its days count"),
        ("واحتساب أيامه يُقرَّر معه", "Whether its days count is decided with the objection"),
    ):
        assert (arabic if language == "ar" else english) in words(page)
    assert len(page.context["held_rows"]) == 3
    assert words(page).count("span-bar") >= 3


@pytest.mark.requirement("CM-41")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("decision", "in_default", "held"), [("ACCEPTED", False, True), ("REJECTED", True, False)])
def test_an_objection_is_decided_by_who_leads_with_its_effect_on_default(
    case: Case, collector: User, leader: User, language: str, decision: str, in_default: bool, held: bool
) -> None:
    receivable = case.receivables.get()
    assert receivable.in_default
    hold = hold_place(
        actor=ACTOR, case=case, kind="OBJECTION", from_on=on(-20), reason="المبلغ", receivable=receivable
    )  # fmt: skip
    receivable.refresh_from_db()
    assert (receivable.in_default, receivable.held) == (False, True), "undecided: default is not declared"
    address, shown = reverse("case_objection", args=[case.pk, hold.pk]), {"show": "holds"}
    page = reverse("case", args=[case.pk])
    assert address not in words(enter(collector, language).get(page, shown))
    assert enter(collector).post(address, {"decision": decision, "reason": "بيّن"}).status_code == 404
    browser = enter(leader, language)
    assert address in words(browser.get(page, shown))
    for bad, field in (({"decision": "", "reason": "تأكد المستند"}, "decision"), ({"decision": decision}, "reason")):
        refused = browser.post(address, bad)
        assert (refused.status_code, list(refused.context["objection_form"].errors)) == (422, [field])
    assert "تأكد المستند" in words(browser.post(address, {"decision": "", "reason": "تأكد المستند"}))
    done = browser.post(address, {"decision": decision, "reason": "راجعنا العقد"}, follow=True)
    assert "راجعنا العقد" in words(done)
    assert address not in words(done)
    receivable.refresh_from_db()
    assert (receivable.in_default, receivable.held) == (in_default, held)
    assert browser.post(address, {"decision": decision, "reason": "ثانية"}).status_code == 422
    other = hold_place(actor=ACTOR, case=case, kind="CLIENT", from_on=SUNDAY, reason="بطلب")
    wrong = browser.post(reverse("case_objection", args=[case.pk, other.pk]), {"decision": decision, "reason": "x"})
    assert wrong.status_code == 422
    other.refresh_from_db()
    assert other.decision == ""


@pytest.mark.parametrize("rtl", [False, True])
def test_stretches_are_drawn_on_one_axis_that_holds_them_and_today(rtl: bool) -> None:
    drawn = spans(stretches=[(on(-9), on(-5)), (on(-7), None), (on(-9), on(0))], today=SUNDAY, width=100, rtl=rtl)
    assert (drawn.first, drawn.last) == (on(-9), SUNDAY)
    assert [bar.width for bar in drawn.bars] == [50, 80, 100]
    assert [bar.x for bar in drawn.bars] == ([50, 0, 0] if rtl else [0, 20, 0])
    assert [bar.open_end for bar in drawn.bars] == [False, True, False]
    assert drawn.now_x == (5 if rtl else 95)


def test_a_single_day_among_years_is_still_seen() -> None:
    drawn = spans(stretches=[(on(-2000), on(-1)), (SUNDAY, SUNDAY)], today=SUNDAY, width=300)
    assert drawn.bars[1].width >= 3
    assert drawn.bars[1].x + drawn.bars[1].width <= 300
