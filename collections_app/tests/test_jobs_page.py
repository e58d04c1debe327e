"""The operator's page: what the nights did, and running one again."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from collections_app.services.nightly import nightly_run
from common import clock
from common.models import JobRun
from tests.doors import LANGUAGES, enter, in_language, queries, words
from tests.world import a_case, make_client, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.requirement("DC-04")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("role", ["ADMINISTRATOR", "COLLECTIONS_MANAGER"])
def test_the_page_shows_the_nights_their_steps_and_the_books(role: str, language: str) -> None:
    browser = enter(make_user(role), language)
    assert browser.get(reverse("jobs")).status_code == 200, "before the first night"
    a_case(make_client())
    nightly_run(date=clock.today())
    page = browser.get(reverse("jobs"))
    assert page.status_code == 200
    assert in_language(page, language)
    assert [run.business_date for run in page.context["runs"]] == [clock.today()]
    assert {step["step"] for step in page.context["steps"]} >= {"open", "age", "promises", "tasks"}
    assert ("تم" if language == "ar" else "Done") in words(page)
    assert "عبدالله" not in words(page), "an administrator sees no case data"


def test_a_night_that_failed_says_so() -> None:
    browser = enter(make_user("ADMINISTRATOR"), "en")
    JobRun.objects.create(
        job="nightly", step="run", business_date=clock.today(), status="FAILED", started_at=clock.now(),
        error="OperationalError",
    )  # fmt: skip
    page = words(browser.get(reverse("jobs")))
    assert "Failed" in page and "OperationalError" in page


def test_the_steps_are_measured_over_thirty_nights_and_no_more() -> None:
    browser = enter(make_user("ADMINISTRATOR"))

    def step(ago: int, seconds: float) -> None:
        for name in ("run", "age"):
            JobRun.objects.create(
                job="nightly", step=name, business_date=clock.today() - dt.timedelta(days=ago), status="DONE",
                started_at=clock.now(), seconds=seconds,
            )  # fmt: skip

    step(0, 1.0)
    step(29, 3.0)
    step(30, 500.0)
    found = next(s for s in browser.get(reverse("jobs")).context["steps"] if s["step"] == "age")
    assert (found["nights"], found["mean"], found["worst"]) == (2, 2.0, 3.0)


def test_the_page_costs_the_same_for_few_and_for_many() -> None:
    browser = enter(make_user("ADMINISTRATOR"))
    client = make_client()
    a_case(client)
    nightly_run(date=clock.today())
    few = queries(lambda: browser.get(reverse("jobs")))
    for n in range(4):
        make_client(f"M{n}")
    nightly_run(date=clock.today() + dt.timedelta(days=6))
    assert queries(lambda: browser.get(reverse("jobs"))) == few
    assert few <= 12


@pytest.mark.parametrize("role", ["COLLECTOR", "TEAM_LEADER", "AUDITOR", "GENERAL_MANAGER"])
def test_nobody_else_runs_the_night(role: str) -> None:
    browser = enter(make_user(role))
    assert browser.get(reverse("jobs")).status_code == 404
    assert browser.post(reverse("jobs_run")).status_code == 404


def test_running_again_is_asked_of_a_worker() -> None:
    browser = enter(make_user("ADMINISTRATOR"), "en")
    assert browser.get(reverse("jobs_run")).status_code == 405
    page = browser.post(reverse("jobs_run"), follow=True)
    assert "A worker takes it up now." in words(page)
