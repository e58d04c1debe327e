"""The months' reports through the doors: counted, reviewed, issued and frozen, discussed, filed (CR-07, CR-17)."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from typing import Any

import pytest
from pypdf import PdfReader

from accounts.choices import Role
from common import clock
from common.clocks import clocks_of, clocks_tick
from complaints.choices import Department, ReportKind
from complaints.models import Category, Matter, MonthlyReport, ReportCourse
from complaints.selectors.month_figures import figures_of
from complaints.services.at_once import matter_solve
from complaints.services.matters import acknowledge
from complaints.services.monthly import digest_of
from complaints.tasks import learning_task
from complaints.tests.handling_worlds import Desk, a_desk, a_matter_at, one_step
from complaints.tests.learning_worlds import (
    WRITTEN,
    Learners,
    a_report,
    approved,
    report_at,
)
from complaints.tests.worlds import a_matter
from tests.doors import LANGUAGES, enter, in_language, words
from tests.world import ACTOR, a_case, make_client, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped_trees")]

START = dt.datetime(2026, 3, 8, 10, 0, tzinfo=clock.RIYADH)
APRIL = dt.datetime(2026, 4, 5, 9, 0, tzinfo=clock.RIYADH)  # a Sunday


def a_category(code: str = "CONTACT_HOURS") -> Category:
    return Category.objects.get(code=code)


def told(day: int, *, phone: str = "0551234567", category: str = "CONTACT_HOURS", **given: Any) -> Matter:
    at = dt.datetime(2026, 3, day, 10, 0, tzinfo=clock.RIYADH)
    return a_matter(at=at, phone=phone, email="", category=a_category(category), **given)


def a_march() -> tuple[Desk, Learners]:
    """A month counted by hand: two complaints answered after 1 and 12 working days, one open, one enquiry."""
    desk, people = a_desk(), Learners()
    client = make_client("AAA")
    for number, (came, over) in enumerate([((2, 10), (3, 10)), ((1, 10), (31, 10))]):
        at = dt.datetime(2026, 3, *came, tzinfo=clock.RIYADH)
        with clock.at(at):
            matter = a_matter_at("INVESTIGATED", desk=desk, at=at, case=a_case(client, ref=f"M-{number}"),
                                 category=a_category())  # fmt: skip
        later = dt.datetime(2026, 3, *over, tzinfo=clock.RIYADH)
        with clock.at(later):
            clocks_tick(at=later)
            for step in ("RESPONDED", "COMMUNICATED", "CLOSED"):
                matter = one_step(matter, to=step, by=desk.officer, at=later)
    with clock.at(START):
        a_matter(at=START, client=client, category=a_category("CONDUCT_WORDS"))
        enquiry = a_matter_at("TRACKED", desk=desk, at=START, kind="ENQUIRY", client=client)
        assert enquiry.kind == "ENQUIRY"
    return desk, people


@pytest.mark.requirement("CR-03")
@pytest.mark.requirement("CR-07")
def test_the_figures_of_a_month_counted_by_hand() -> None:
    a_march()
    with clock.at(APRIL):
        clocks_tick(at=APRIL)
        now = figures_of(kind=ReportKind.PERFORMANCE, month=dt.date(2026, 3, 1))
    assert (now["received"], now["answered"], now["closed"], now["open"]) == (4, 2, 2, 2)
    # The enquiry was due in a day; the complaint waits to be found complete.
    assert now["open_late"] == 1
    assert (now["decided"], now["upheld"], now["untraced"]) == (2, 2, 0)
    kinds = {row["key"]: row for row in now["kinds"]}
    assert kinds["COMPLAINT"]["hours"] == (24 + 30 * 24) / 2
    assert (kinds["ENQUIRY"]["received"], kinds["ENQUIRY"]["open"], kinds["ENQUIRY"]["hours"]) == (1, 1, None)
    departments = {row["key"]: row for row in now["departments"]}
    worked = departments[Department.OPERATIONS]
    assert (worked["closed"], worked["late"]) == (2, 1)
    codes = [point["code"] for point in now["weak"]]
    assert "LATE" in codes
    assert "UNTRACED" not in codes
    assert now["in_time"] == 50.0


@pytest.mark.requirement("CR-05")
def test_what_was_solved_at_once_without_its_cause_is_a_weak_point() -> None:
    desk = a_desk()
    with clock.at(START):
        matter = acknowledge(actor=ACTOR, matter=a_matter(at=START, category=a_category()), at=START)
        matter_solve(user=desk.officer, matter=matter, finding="سُمع التسجيل", answer="اعتُذر إليه", agreed=True,
                     at=START)  # fmt: skip
    with clock.at(APRIL):
        now = figures_of(kind=ReportKind.PERFORMANCE, month=dt.date(2026, 3, 1))
    assert (now["upheld"], now["untraced"]) == (1, 1)
    assert "UNTRACED" in [point["code"] for point in now["weak"]]


def test_a_month_begins_and_ends_in_riyadh() -> None:
    for at in ("2026-03-01T00:00", "2026-03-31T23:59", "2026-02-28T23:59", "2026-04-01T00:00"):
        a_matter(at=dt.datetime.fromisoformat(at).replace(tzinfo=clock.RIYADH), category=a_category())
    march = dt.date(2026, 3, 1)
    assert figures_of(kind=ReportKind.PERFORMANCE, month=march)["received"] == 2
    assert figures_of(kind=ReportKind.REPEATS, month=march)["complaints"] == 2


@pytest.mark.requirement("CR-05")
@pytest.mark.requirement("CR-07")
def test_the_month_that_ended_is_counted_by_itself_once() -> None:
    told(3)
    told(9)
    with clock.at(APRIL):
        assert learning_task() == {"not_done": 0, "reports": 2}
        assert learning_task() == {"not_done": 0, "reports": 0}
    repeats = ReportCourse.objects.get(kind=ReportKind.REPEATS)
    assert (repeats.month, repeats.figures["complaints"], repeats.figures["repeated"]) == (dt.date(2026, 3, 1), 2, 1)
    quality = make_user(Role.QUALITY_OFFICER)
    with clock.at(APRIL):
        for language in LANGUAGES:
            page = enter(quality, language).get("/months/")
            assert in_language(page, language)
            assert f"/months/{repeats.pk}/" in words(page)


def test_months_that_were_missed_are_counted_too_but_none_before_the_first() -> None:
    with clock.at(APRIL):
        assert learning_task()["reports"] == 2
    with clock.at(APRIL + dt.timedelta(days=61)):  # April was missed
        assert learning_task()["reports"] == 4
    months = set(ReportCourse.objects.values_list("month", flat=True))
    assert months == {dt.date(2026, month, 1) for month in (3, 4, 5)}


def test_a_month_is_not_counted_before_its_end() -> None:
    quality = make_user(Role.QUALITY_OFFICER)
    with clock.at(APRIL):
        browser = enter(quality)
        given = {"kind": "PERFORMANCE", "month": "2026-04-01"}
        assert browser.post("/months/new/", given).status_code == 422
        assert browser.post("/months/new/", {**given, "month": "2026-03-01"}).status_code == 302
        assert browser.post("/months/new/", {**given, "month": "2026-03-01"}).status_code == 422


@pytest.mark.requirement("CR-17")
def test_a_report_is_reviewed_issued_discussed_and_filed_in_time() -> None:
    _desk, people = a_march()
    with clock.at(APRIL):
        course = a_report(people)
        url = f"/months/{course.pk}/"
        assert enter(people.general).get(url).status_code == 404  # a draft is not the general manager's
        quality, head = enter(people.quality), enter(people.head, "en")
        assert quality.post(f"{url}issue/", {}).status_code == 422  # nobody has read it
        assert quality.post(f"{url}write/", WRITTEN).status_code == 302
        course.refresh_from_db()
        stale = {"digest": "0" * 64}
        assert head.post(f"{url}review/", stale).status_code == 422
        assert head.post(f"{url}review/", {"digest": digest_of(course), "words": "قُرئ"}).status_code == 302
        assert quality.post(f"{url}write/", {**WRITTEN, "weak_points": "غيره"}).status_code == 302
        course.refresh_from_db()
        assert course.state == "DRAFT"  # a change asks for the review again
        assert head.post(f"{url}review/", {"digest": digest_of(course)}).status_code == 302
        assert quality.post(f"{url}issue/", {}).status_code == 302
        assert enter(people.general).get(url).status_code == 200
        (discussion,) = clocks_of(subject=course)
        assert (discussion.code, discussion.due_on) == ("DISCUSSION", dt.date(2026, 4, 8))
    with clock.at(APRIL + dt.timedelta(days=2)):
        assert enter(people.general).post(f"{url}discuss/", {"decision": "تنبيه أسبوعي"}).status_code == 302
    with clock.at(APRIL + dt.timedelta(days=3)):
        assert enter(people.quality).post(f"{url}archive/", {}).status_code == 302
    course.refresh_from_db()
    assert course.state == "ARCHIVED"
    assert [(c.code, c.state, c.is_late) for c in clocks_of(subject=course).order_by("pk")] == [
        ("DISCUSSION", "MET", False), ("ARCHIVE", "MET", False)
    ]  # fmt: skip


@pytest.mark.requirement("CR-05")
@pytest.mark.requirement("CR-17")
def test_what_is_issued_is_frozen_in_both_languages_and_corrected_by_the_next_issue() -> None:
    _desk, people = a_march()
    with clock.at(APRIL):
        course = report_at("ISSUED", people, kind=ReportKind.REPEATS)
        papers = {paper.language: paper for paper in MonthlyReport.objects.all()}
        assert set(papers) == {"ar", "en"}
        browser = enter(people.general)
        for language, paper in papers.items():
            answer = browser.get(f"/months/{course.pk}/pdf/{language}/")
            assert hashlib.sha256(answer.content).hexdigest() == paper.sha256
            assert PdfReader(io.BytesIO(answer.content)).pages
        text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(papers["en"].content)).pages)
        assert "Repeated complaints" in text
        assert "RC-2026-03-1" in text
        assert browser.get(f"/months/{course.pk}/pdf/fr/").status_code == 404
        told(20)  # what is told later moves nothing that was issued
        quality = enter(people.quality)
        assert quality.post(f"/months/{course.pk}/correct/", {"reason": "شكوى سُجلت متأخرة"}).status_code == 302
        second = ReportCourse.objects.get(issue=2)
        assert second.figures["complaints"] == course.figures["complaints"] + 1
        assert enter(people.head).post(f"/months/{second.pk}/review/", {"digest": digest_of(second)}).status_code == 302
        assert quality.post(f"/months/{second.pk}/issue/", {}).status_code == 302
        course.refresh_from_db()
        assert course.state == "REPLACED"
        again = browser.get(f"/months/{course.pk}/pdf/en/")
        assert hashlib.sha256(again.content).hexdigest() == papers["en"].sha256


@pytest.mark.requirement("CR-05")
def test_repeated_complaints_are_not_reported_without_a_proposal() -> None:
    _desk, people = a_march()
    with clock.at(APRIL):
        course = a_report(people, kind=ReportKind.REPEATS)
        given = {"digest": digest_of(course)}
        assert enter(people.head).post(f"/months/{course.pk}/review/", given).status_code == 302
        answer = enter(people.quality, "en").post(f"/months/{course.pk}/issue/", {})
    assert answer.status_code == 422
    assert "Write what is proposed" in words(answer)
    assert not MonthlyReport.objects.exists()


@pytest.mark.requirement("CR-17")
def test_what_was_not_done_is_explained_before_it_is_discussed() -> None:
    people = Learners()
    with clock.at(APRIL - dt.timedelta(days=40)):
        undone = approved(people, days=5)
    with clock.at(APRIL):
        learning_task()
        course = report_at("ISSUED", people, month=dt.date(2026, 2, 1))
        assert [row["state"] for row in course.figures["recommendations"]] == ["NOT_DONE"]
        (reason,) = clocks_of(subject=course)
        assert (reason.code, reason.due_on) == ("REASON", dt.date(2026, 4, 7))
        general = enter(people.general)
        assert general.post(f"/months/{course.pk}/discuss/", {"decision": "قرار"}).status_code == 422
        given = {"reason": "لم تُخصص الموارد، وخُصصت الآن"}
        assert enter(people.head).post(f"/recommendations/{undone.pk}/reason/", given).status_code == 302
        assert [(c.code, c.state) for c in clocks_of(subject=course).order_by("pk")] == [
            ("REASON", "MET"), ("DISCUSSION", "RUNNING")
        ]  # fmt: skip
        assert general.post(f"/months/{course.pk}/discuss/", {"decision": "قرار"}).status_code == 302
