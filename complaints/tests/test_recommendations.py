"""Recommendations and redress through the doors: decided, carried out or explained; others seen to (CR-08)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.choices import Role
from common import clock
from common.clocks import clocks_of
from complaints.choices import Outcome
from complaints.models import Category, Matter, Recommendation, Redress, ReportCourse
from complaints.selectors.ripple import attempts_alike, traits_of
from complaints.tasks import learning_task
from complaints.tests.handling_worlds import a_desk, a_matter_at
from complaints.tests.learning_worlds import (
    Learners,
    a_recommendation,
    an_upheld_complaint,
    approved,
    redress_of,
    report_at,
    treated_alike,
)
from complaints.tests.worlds import a_matter
from tests.doors import LANGUAGES, enter, in_language, words
from tests.world import a_case, make_client, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped_trees")]

START = dt.datetime(2026, 3, 8, 10, 0, tzinfo=clock.RIYADH)
APRIL = dt.datetime(2026, 4, 5, 9, 0, tzinfo=clock.RIYADH)  # a Sunday


def a_category(code: str = "CONTACT_HOURS") -> Category:
    return Category.objects.get(code=code)


def told(day: int, *, phone: str = "0551234567", category: str = "CONTACT_HOURS", **given: Any) -> Matter:
    at = dt.datetime(2026, 3, day, 10, 0, tzinfo=clock.RIYADH)
    return a_matter(at=at, phone=phone, email="", category=a_category(category), **given)


@pytest.mark.requirement("CR-08")
@pytest.mark.requirement("CX-16")
def test_a_recommendation_from_a_complaint_to_its_file() -> None:
    with clock.at(APRIL):
        people, desk = Learners(), a_desk()
        matter = a_matter_at("CLOSED", desk=desk, at=APRIL, case=a_case(make_client("AAA")))
        head = enter(people.head, "en")
        address = f"/recommendations/new/?matters={matter.reference}"
        assert matter.reference in words(head.get(address))
        given = {"department": "OPERATIONS", "problem": "اتصال متأخر", "proposal": "إيقاف آلي", "how": ""}
        assert head.post(address, {**given, "proposal": " "}).status_code == 422
        assert head.post(address, given).status_code == 302
        one = Recommendation.objects.get()
        assert [m.pk for m in one.matters.all()] == [matter.pk]
        assert one.number in words(head.get("/recommendations/"))  # proposed this week
        assert one.number in words(head.get(f"/matters/{matter.pk}/"))
        general = enter(people.general)
        due = {"owner": people.head.pk, "due_on": "2026-04-20"}
        assert head.post(f"/recommendations/{one.pk}/approve/", due).status_code == 422  # the general manager's
        assert general.post(f"/recommendations/{one.pk}/approve/", {"owner": "", "due_on": ""}).status_code == 422
        assert general.post(f"/recommendations/{one.pk}/approve/", due).status_code == 302
        assert general.post(f"/recommendations/{one.pk}/approve/", due).status_code == 422
    with clock.at(APRIL + dt.timedelta(days=8)):
        head = enter(people.head)
        assert head.get("/recommendations/").context["page"].paginator.count == 0  # another week
        assert head.get("/recommendations/?tab=mine").context["page"].paginator.count == 1
        assert head.post(f"/recommendations/{one.pk}/done/", {"result": "أُوقف الاتصال آليًا"}).status_code == 302
        assert enter(people.quality).post(f"/recommendations/{one.pk}/archive/", {}).status_code == 302
    one.refresh_from_db()
    assert (one.state, one.result) == ("ARCHIVED", "أُوقف الاتصال آليًا")


@pytest.mark.requirement("CR-08")
def test_what_was_not_done_owes_its_reason_within_two_days() -> None:
    people = Learners()
    with clock.at(APRIL):
        one = approved(people, days=1)
    # Due on the 6th: on the morning of the 7th it was not done; two days later is the 9th, a Thursday.
    with clock.at(APRIL + dt.timedelta(days=1)):
        assert learning_task()["not_done"] == 0
    with clock.at(APRIL + dt.timedelta(days=2)):
        assert learning_task()["not_done"] == 1
        (reason,) = clocks_of(subject=one)
        assert (reason.code, reason.due_on) == ("REASON", dt.date(2026, 4, 9))
        assert enter(people.quality).post(f"/recommendations/{one.pk}/archive/", {}).status_code == 422
        given = {"reason": "تأخر المورّد"}
        assert enter(people.head).post(f"/recommendations/{one.pk}/reason/", given).status_code == 302
        again = {"owner": people.head.pk, "due_on": "2026-04-30"}
        assert enter(people.general).post(f"/recommendations/{one.pk}/again/", again).status_code == 302
    one.refresh_from_db()
    assert (one.state, one.due_on) == ("APPROVED", dt.date(2026, 4, 30))


def test_nobody_decides_on_their_own_proposal() -> None:
    """Not even by hand in the database."""
    people = Learners()
    one = a_recommendation(people)
    with pytest.raises(IntegrityError, match="recommendation_by_two"), transaction.atomic():
        Recommendation.objects.filter(pk=one.pk).update(decided_by=people.head)
    with pytest.raises(IntegrityError, match="recommendation does not go"), transaction.atomic():
        Recommendation.objects.filter(pk=one.pk).update(state="ARCHIVED")


def test_an_issued_report_cannot_be_rewritten_by_hand() -> None:
    with clock.at(APRIL):
        course = report_at("ISSUED", Learners())
    for changed in ({"weak_points": "غيره"}, {"figures": {}}, {"month": dt.date(2026, 1, 1)}, {"state": "DRAFT"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ReportCourse.objects.filter(pk=course.pk).update(**changed)


def test_who_was_given_one_sees_it_and_no_other() -> None:
    people = Learners()
    leader = make_user(Role.TEAM_LEADER)
    mine, other = approved(people), a_recommendation(people)
    Recommendation.objects.filter(pk=mine.pk).update(owner=leader)
    browser = enter(leader)
    assert browser.get(f"/recommendations/{mine.pk}/").status_code == 200
    assert browser.get(f"/recommendations/{other.pk}/").status_code == 404
    assert browser.post(f"/recommendations/{mine.pk}/done/", {"result": "تم"}).status_code == 302


@pytest.mark.requirement("CX-16")
def test_others_who_were_treated_so_are_found_chosen_and_seen_to() -> None:
    with clock.at(START):
        matter = an_upheld_complaint(make_client("AAA"), count=4, at=START)
        quality = enter(make_user(Role.QUALITY_OFFICER), "en")
        assert f"/matters/{matter.pk}/ripple/" in words(quality.get(f"/matters/{matter.pk}/"))
        page = quality.get(f"/matters/{matter.pk}/ripple/")
        assert {trait: count for _said, trait, count, _on in page.context["counts"]}["COLLECTOR"] == 3
        found = [one.case.pk for one in page.context["alike"]]
        assert len(found) == 3
        assert matter.case_id not in found
        given = {"traits": ["COLLECTOR", "HOUR"], "days": "30", "cases": found[:2], "due_on": "2026-03-22"}
        assert quality.post(f"/matters/{matter.pk}/ripple/", {**given, "cases": [matter.case_id]}).status_code == 422
        assert quality.post(f"/matters/{matter.pk}/ripple/", {**given, "due_on": "2026-03-07"}).status_code == 422
        assert not Redress.objects.exists()
        assert quality.post(f"/matters/{matter.pk}/ripple/", given).status_code == 302
        rows = list(Redress.objects.order_by("pk"))
        assert [row.case_id for row in rows] == sorted(found[:2])
        assert rows[0].shared["traits"] == {"COLLECTOR": matter.concerned_id, "HOUR": 10}
        # Those looked into already are not offered again.
        assert len(quality.get(f"/matters/{matter.pk}/ripple/").context["alike"]) == 1
        assert quality.post(f"/redress/{rows[0].pk}/", {"state": "SAME", "answer": ""}).status_code == 422
        answer = {"state": "SAME", "answer": "اتُّصل به ليلًا أيضًا، واعتُذر إليه"}
        assert quality.post(f"/redress/{rows[0].pk}/", answer).status_code == 302
        assert quality.post(f"/redress/{rows[0].pk}/", answer).status_code == 422
        shown = quality.get("/redress/?tab=done")
        assert answer["answer"] in words(shown)


def test_each_trait_narrows_and_another_hour_is_not_alike() -> None:
    with clock.at(START):
        matter = an_upheld_complaint(make_client("AAA"), count=2, at=START)
        other = make_client("CCC")
        caller = make_user(Role.COLLECTOR, name="another")
    with clock.at(START + dt.timedelta(hours=3)):
        treated_alike(other, count=2, owner=caller, at=START + dt.timedelta(hours=3))
        quality, traits = make_user(Role.QUALITY_OFFICER), traits_of(matter=matter)

        def count(*names: str, days: int = 30) -> int:
            asked = {name: traits[name] for name in names}
            return attempts_alike(matter=matter, user=quality, traits=asked, days=days).count()

        assert count("CHANNEL") == 3
        assert count("COLLECTOR") == count("HOUR") == count("COLLECTOR", "CHANNEL", "HOUR") == 1
        assert attempts_alike(matter=matter, user=quality, traits={"HOUR": 13}, days=30).count() == 2


def test_nothing_follows_from_a_complaint_that_was_not_upheld() -> None:
    with clock.at(START):
        matter = an_upheld_complaint(make_client("AAA"), count=2, at=START)
        Matter.objects.filter(pk=matter.pk).update(outcome=Outcome.UNJUSTIFIED)
        quality = enter(make_user(Role.QUALITY_OFFICER))
        page = quality.get(f"/matters/{matter.pk}/ripple/")
        assert page.context["alike"] == []
        given = {"traits": ["COLLECTOR"], "days": "30", "cases": [1], "due_on": "2026-03-22"}
        assert quality.post(f"/matters/{matter.pk}/ripple/", given).status_code == 422


def test_redress_shows_no_word_of_a_confidential_complaint() -> None:
    secret = "قال لي كلامًا جارحًا أمام والدتي"
    with clock.at(START):
        matter = an_upheld_complaint(make_client("AAA"), count=2, at=START, words=secret, is_confidential=True)
        quality = make_user(Role.QUALITY_OFFICER)
        redress_of(matter, by=quality, at=START)
        browser = enter(quality)
        for address in ("/redress/", f"/matters/{matter.pk}/ripple/", "/matters/repeats/list/?since=2026-03-01"):
            page = words(browser.get(address))
            assert matter.reference in page
            assert secret not in page
        # Who is complained of finds nothing of it, whatever their role.
        Matter.objects.filter(pk=matter.pk).update(concerned=quality)
        assert matter.reference not in words(browser.get("/redress/"))
        assert browser.get(f"/matters/{matter.pk}/ripple/").status_code == 404


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_in_both_languages(language: str) -> None:
    with clock.at(APRIL):
        people = Learners()
        one, course = a_recommendation(people), report_at("ISSUED", people)
        for user in (people.quality, people.general, people.head):
            browser = enter(user, language)
            for address in ("/matters/repeats/", "/matters/causes/", "/months/", f"/months/{course.pk}/",
                            "/recommendations/", f"/recommendations/{one.pk}/", "/redress/"):  # fmt: skip
                page = browser.get(address)
                assert page.status_code == 200, address
                assert in_language(page, language)
