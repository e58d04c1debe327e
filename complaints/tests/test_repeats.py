"""What repeats and why, through the doors: counted by everything, each traced to its root cause (CR-05)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from accounts.choices import Role
from common import clock
from complaints.models import Category, Matter, RootCause
from complaints.rules.learning import pareto
from complaints.tests.handling_worlds import a_desk, a_matter_at
from complaints.tests.worlds import a_matter
from tests.doors import enter, queries, words
from tests.world import a_case, make_client, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped_trees")]

START = dt.datetime(2026, 3, 8, 10, 0, tzinfo=clock.RIYADH)
APRIL = dt.datetime(2026, 4, 5, 9, 0, tzinfo=clock.RIYADH)  # a Sunday


def a_category(code: str = "CONTACT_HOURS") -> Category:
    return Category.objects.get(code=code)


def told(day: int, *, phone: str = "0551234567", category: str = "CONTACT_HOURS", **given: Any) -> Matter:
    at = dt.datetime(2026, 3, day, 10, 0, tzinfo=clock.RIYADH)
    return a_matter(at=at, phone=phone, email="", category=a_category(category), **given)


@pytest.mark.requirement("CR-05")
def test_what_repeats_is_counted_by_everything_and_leads_to_its_matters() -> None:
    client = make_client("AAA")
    collector = make_user(Role.COLLECTOR)
    first = told(1, client=client, product="قرض", concerned=collector)
    again = told(5, client=client, product="قرض", concerned=collector)
    told(6, phone="0559999999", client=client, product="بطاقة")
    told(7, category="CONDUCT_WORDS", client=client)
    quality = make_user(Role.QUALITY_OFFICER)
    with clock.at(APRIL):
        browser = enter(quality, "en")
        page = browser.get("/matters/repeats/?since=2026-03-01&until=2026-03-31&by=category")
        assert [(row["row"].count, row["row"].repeated) for row in page.context["rows"]] == [(3, 1), (1, 0)]
        assert [str(row["row"].cumulative) for row in page.context["rows"]] == ["75.0", "100.0"]
        by = {}
        for name in ("department", "product", "collector", "client", "intake", "stage", "cause"):
            shown = browser.get(f"/matters/repeats/?since=2026-03-01&until=2026-03-31&by={name}")
            by[name] = {row["name"]: row["row"].count for row in shown.context["rows"]}
        assert by["product"] == {"قرض": 2, "بطاقة": 1, "None named": 1}
        assert by["collector"] == {collector.name_en: 2, "None named": 2}
        assert by["client"] == {client.name_en: 4}
        assert by["stage"] == by["cause"] == {"None named": 4}
        listed = browser.get(page.context["rows"][0]["again"])
        assert [matter.reference for matter in listed.context["page"]] == [again.reference]
        narrowed = browser.get(page.context["rows"][0]["narrow"])
        assert narrowed.context["by"] == "department"
        assert narrowed.context["whole"] == 3
        crossed = browser.get(narrowed.context["rows"][0]["narrow"])
        assert [chip["by"] for chip in crossed.context["chosen"]] == ["Category", "Department"]
        assert browser.get(crossed.context["chosen"][0]["url"]).context["whole"] == 4
        whole = browser.get(page.context["rows"][0]["list"])
        assert first.reference in words(whole)
        assert whole.context["page"].paginator.count == 3


@pytest.mark.parametrize(("days", "repeats"), [(29, 1), (30, 1), (31, 0)])
def test_a_repetition_is_within_its_days(days: int, repeats: int) -> None:
    """Both sides of the boundary, at the same hour of the day."""
    for at in (START, START + dt.timedelta(days=days)):
        a_matter(at=at, category=a_category())
    quality = make_user(Role.QUALITY_OFFICER)
    with clock.at(APRIL + dt.timedelta(days=30)):
        page = enter(quality).get("/matters/repeats/?since=2026-03-01&until=2026-05-01&days=30")
    assert page.context["again"] == repeats


def test_who_is_complained_of_counts_nothing_of_it() -> None:
    head = make_user(Role.COLLECTIONS_MANAGER)
    told(3, concerned=head)
    told(4)
    with clock.at(APRIL):
        page = enter(head).get("/matters/repeats/?since=2026-03-01&until=2026-03-31")
        assert page.context["whole"] == 1
        listed = enter(head).get("/matters/repeats/list/?since=2026-03-01&until=2026-03-31")
    assert listed.context["page"].paginator.count == 1


@pytest.mark.parametrize(
    "asked",
    ["of_category=x", "of_collector=99999999999999999999", "of_stage=%22'", "since=nonsense&until=9999-12-31", "by=x",
     "days=7", "kind=x", "of_product=-", "since=2026-03-31&until=2026-03-01", "page=x", "of_category=-&repeated=1"],
)  # fmt: skip
def test_strange_addresses_narrow_to_nothing_worse(asked: str) -> None:
    told(3)
    browser = enter(make_user(Role.QUALITY_OFFICER))
    for page in ("", "list/"):
        assert browser.get(f"/matters/repeats/{page}?{asked}").status_code == 200


def test_shares_end_at_a_hundred() -> None:
    rows = pareto([("a", 1, 0, 0), ("b", 1, 0, 0), ("c", 1, 1, 0)])
    assert str(rows[-1].cumulative) == "100.0"
    assert [row.key for row in rows] == ["a", "b", "c"]
    assert pareto([]) == []


def test_a_page_of_many_costs_what_a_page_of_few_costs() -> None:
    quality = make_user(Role.QUALITY_OFFICER)
    with clock.at(APRIL):
        told(2)
        few = queries(lambda: enter(quality).get("/matters/repeats/list/?since=2026-03-01"))
        for day in range(3, 12):
            told(day)
        assert queries(lambda: enter(quality).get("/matters/repeats/list/?since=2026-03-01")) == few


# Root causes (CR-05).


@pytest.mark.requirement("CR-05")
def test_a_justified_complaint_is_traced_to_its_root_cause_on_its_page() -> None:
    with clock.at(START):
        desk = a_desk()
        matter = a_matter_at("COMMUNICATED", desk=desk, case=a_case(make_client("AAA")))
        cause = RootCause.objects.get(code="PROCEDURE_BROKEN")
        quality = make_user(Role.QUALITY_OFFICER)
        browser = enter(quality, "en")
        assert "The root cause is not named yet" in words(browser.get(f"/matters/{matter.pk}/"))
        branch = RootCause.objects.get(code="PROCEDURE")
        assert browser.post(f"/matters/{matter.pk}/cause/", {"cause": branch.pk}).status_code == 422
        assert browser.post(f"/matters/{matter.pk}/cause/", {"cause": cause.pk}).status_code == 302
        matter.refresh_from_db()
        assert matter.root_cause == "PROCEDURE_BROKEN"
        assert cause.name_en in words(browser.get(f"/matters/{matter.pk}/"))
        tree = browser.get("/matters/causes/")
        used = {leaf.code: leaf.used for _branch, leaves in tree.context["tree"] for leaf in leaves}
        assert used["PROCEDURE_BROKEN"] == 1


def test_an_open_complaint_has_no_root_cause_yet() -> None:
    with clock.at(START):
        desk = a_desk()
        matter = a_matter_at("ASSESSED", desk=desk, case=a_case(make_client("AAA")))
        cause = RootCause.objects.get(code="PROCEDURE_BROKEN")
        answer = enter(desk.officer).post(f"/matters/{matter.pk}/cause/", {"cause": cause.pk})
    assert answer.status_code == 422
    matter.refresh_from_db()
    assert matter.root_cause == ""


def test_the_tree_of_causes_is_the_quality_officers() -> None:
    browser = enter(make_user(Role.QUALITY_OFFICER))
    branch = RootCause.objects.get(code="SYSTEM")
    given = {"code": "system_slow", "parent": branch.pk, "name_ar": "بطء", "name_en": "Slow", "position": 9,
             "is_active": "on"}  # fmt: skip
    assert browser.post("/matters/causes/new/", given).status_code == 302
    made = RootCause.objects.get(code="SYSTEM_SLOW")
    assert browser.post("/matters/causes/new/", given).status_code == 422  # the code is there
    under_leaf = {**given, "code": "x", "parent": made.pk}
    assert browser.post("/matters/causes/new/", under_leaf).status_code == 422
    assert browser.post(f"/matters/causes/{branch.pk}/", {**given, "parent": made.pk}).status_code == 422
    assert browser.post(f"/matters/causes/{made.pk}/", {**given, "name_en": "Slower"}).status_code == 302
    made.refresh_from_db()
    assert made.name_en == "Slower"


@pytest.mark.requirement("CX-15")
def test_whom_a_confidential_complaint_is_about_is_found_by_no_count() -> None:
    collector = make_user(Role.COLLECTOR)
    told(1, concerned=collector)
    hidden = told(2, phone="0559999999", concerned=collector, is_confidential=True)
    with clock.at(APRIL):
        browser = enter(make_user(Role.QUALITY_OFFICER), "en")
        span = "since=2026-03-01&until=2026-03-31"
        shown = browser.get(f"/matters/repeats/?{span}&by=collector")
        assert {row["name"]: row["row"].count for row in shown.context["rows"]} == {
            collector.name_en: 1, "None named": 1,
        }  # fmt: skip
        listed = browser.get(f"/matters/repeats/list/?{span}&of_collector={collector.pk}")
        assert hidden.reference not in words(listed)
