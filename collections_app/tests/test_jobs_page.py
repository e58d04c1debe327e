"""The operator's page: what the nights did, and running one again."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

from collections_app.services.nightly import nightly_run
from collections_app.tasks import nightly_task
from common import clock, jobs
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
    assert {step.name for step in page.context["steps"]} >= {"open", "age", "promises", "tasks"}
    assert ("تم" if language == "ar" else "Done") in words(page)
    assert "عبدالله" not in words(page), "an administrator sees no case data"


def a_run(status: str, *, ago: int = 0, **fields: Any) -> JobRun:
    return JobRun.objects.create(
        job="nightly", step="run", business_date=clock.today() - dt.timedelta(days=ago), status=status,
        started_at=clock.now(), **fields,
    )  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_night_that_failed_says_so_first_and_in_words(language: str) -> None:
    browser = enter(make_user("ADMINISTRATOR"), language)
    a_run("DONE")
    a_run("FAILED", ago=3, error="AAA: OperationalError; BBB: KeyError")
    page = browser.get(reverse("jobs"))
    assert [run.status for run in page.context["runs"]] == ["FAILED", "DONE"]
    said = words(page)
    assert ("تعذّر" if language == "ar" else "Failed") in said
    assert "OperationalError" in said and "KeyError" in said
    assert ("تعذر الوصول إلى قاعدة البيانات" if language == "ar" else "The database could not be reached") in said
    assert ("على مطوّر أن يراجعه" if language == "ar" else "A developer must look at it") in said


@pytest.mark.requirement("PL-53")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_run_opened_names_each_step_of_each_book_and_what_stopped_it(language: str) -> None:
    good, bad = make_client("AAA"), make_client("BBB")
    a_case(bad)
    nightly_run(date=clock.today())
    run = JobRun.objects.get(step="run")
    JobRun.objects.filter(book_id=bad.pk, step__in=["age", "tasks", "rollup"]).delete()
    jobs.begin(job="nightly", business_date=clock.today())
    jobs.fail(run=run, error="BBB: IntegrityError")
    page = enter(make_user("ADMINISTRATOR"), language).get(reverse("jobs_one", args=[run.pk]))
    assert in_language(page, language)
    first, second = page.context["books"]
    assert (first.client, first.state, second.client, second.state) == (bad, "FAILED", good, "DONE")
    told = [*["DONE"] * 6, "FAILED", "DONE", "NOT_DONE", *["DONE"] * 4, "NOT_DONE"]
    assert [cell.state for cell in first.cells] == told
    assert first.cells[3].rows == 1 and first.cells[3].seconds is not None
    assert ("رفضت قاعدة البيانات" if language == "ar" else "The database refused what the step") in words(page)
    # The repair: the night again, for this book alone, through the worker's own door.
    nightly_task(run.business_date.isoformat(), bad.pk)
    again = enter(make_user("COLLECTIONS_MANAGER"), language).get(reverse("jobs_one", args=[run.pk]))
    assert {book.state for book in again.context["books"]} == {"DONE"}


def test_a_run_under_way_is_looked_at_again_by_itself_and_as_a_piece() -> None:
    make_client()
    run = jobs.begin(job="nightly", business_date=clock.today())
    browser = enter(make_user("ADMINISTRATOR"), "en")
    for address in (reverse("jobs"), reverse("jobs_one", args=[run.pk])):
        whole = words(browser.get(address))
        assert f'hx-get="{address}"' in whole and "every" in whole
        piece = words(browser.get(address, headers={"HX-Request": "true"}))
        assert "<html" not in piece and "Under way" in piece
    jobs.finish(run=run, row_count=0, seconds=0.1)
    assert "hx-get" not in words(browser.get(reverse("jobs")))


def test_missed_nights_and_books_that_lag_are_named() -> None:
    today, day = clock.today(), dt.timedelta(days=1)
    behind, ready = make_client("BBB"), make_client("AAA")
    nightly_run(date=today - 5 * day)
    nightly_run(date=today - 2 * day)
    nightly_run(date=today, client_ids=[ready.pk])
    page = enter(make_user("ADMINISTRATOR"), "en").get(reverse("jobs"))
    assert [(m["on"], m["caught_up"]) for m in page.context["missed"]] == [
        (today - day, True), (today - 3 * day, True), (today - 4 * day, True)
    ]  # fmt: skip
    assert [(b["client"], b["behind"]) for b in page.context["books"]] == [(behind, 2), (ready, 0)]
    assert "days behind" in words(page)
    run = JobRun.objects.get(step="run", business_date=today - 2 * day)
    opened = enter(make_user("COLLECTIONS_MANAGER"), "en").get(reverse("jobs_one", args=[run.pk]))
    assert opened.context["caught_up"] == [today - 4 * day, today - 3 * day]


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
    page = browser.get(reverse("jobs"))
    found = next(s for s in page.context["steps"] if s.name == "age")
    assert (found.nights, found.last, found.mean, found.worst) == (2, 1.0, 2.0, 3.0)
    # Thirty bars, the last night's marked; a night that did not run has none.
    assert [round(bar.height) for bar in found.bars if bar.amount] == [30, 10]
    assert words(page).count('class="column-most"') == 1


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


@pytest.mark.parametrize(
    ("of", "asked"),
    [
        (lambda run, client: {}, (0, None)),
        (lambda run, client: {"run": run.pk}, (3, None)),
        (lambda run, client: {"client": client.pk}, (0, "client")),
        (lambda run, client: {"run": run.pk, "client": client.pk}, (3, "client")),
        (lambda run, client: {"run": "x", "client": "-1"}, (0, None)),
    ],
)
def test_what_is_run_again_is_the_date_and_the_book_that_was_asked_for(
    of: Any, asked: tuple[int, str | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, run = make_client(), a_run("FAILED", ago=3)
    sent: list[tuple[Any, ...]] = []
    monkeypatch.setattr("collections_app.views.jobs.nightly_task.delay", lambda *given: sent.append(given))
    enter(make_user("ADMINISTRATOR")).post(reverse("jobs_run"), of(run, client))
    ago, book = asked
    assert sent == [((clock.today() - dt.timedelta(days=ago)).isoformat(), client.pk if book else None)]


def test_running_again_is_asked_of_a_worker() -> None:
    browser = enter(make_user("ADMINISTRATOR"), "en")
    assert browser.get(reverse("jobs_run")).status_code == 405
    page = browser.post(reverse("jobs_run"), follow=True)
    assert "A worker takes it up now." in words(page)
