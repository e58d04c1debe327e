"""The night's doors on the command line: chosen steps, figures again."""

from __future__ import annotations

import datetime as dt
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from clients.models import Client
from collections_app.models import StageTransition
from collections_app.services.nightly import nightly_run
from common import clock
from common.models import JobRun
from config.schedule import NIGHTLY_NEEDS, NIGHTLY_STEPS
from reporting.models import DayStock
from tests.world import a_case, make_client

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
NAMES = [name for name, *_more in NIGHTLY_STEPS]


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def done(client: Client, day: dt.date) -> set[str]:
    runs = JobRun.objects.filter(job="nightly", book_id=client.pk, business_date=day, status="DONE")
    return set(runs.exclude(step="run").values_list("step", flat=True))


def test_the_needs_name_steps_there_are_and_only_earlier_ones() -> None:
    for name, needs in NIGHTLY_NEEDS:
        assert all(NAMES.index(need) < NAMES.index(name) for need in needs)


@pytest.mark.requirement("DC-04")
def test_chosen_steps_bring_along_what_they_stand_on_and_no_more() -> None:
    client, today = make_client(), clock.today()
    a_case(client)
    answer = json.loads(run("nightly", "--date", today.isoformat(), "--steps", "age", "--json"))
    assert list(answer["rows"]) == ["open", "policies", "age"]
    assert (answer["changed"], answer["clients"], answer["waiting"]) == (True, 1, [])
    assert done(client, today) == {"open", "policies", "age"}
    assert StageTransition.objects.filter(client=client).exists()
    assert not DayStock.objects.exists()
    assert not JobRun.objects.filter(step="run").exists(), "the date is not taken for done"


@pytest.mark.requirement("PL-53")
def test_the_whole_night_does_what_chosen_steps_left() -> None:
    client, today = make_client(), clock.today()
    a_case(client)
    run("nightly", "--date", today.isoformat(), "--steps", "open, age")
    transitions = StageTransition.objects.count()
    answer = json.loads(run("nightly", "--date", today.isoformat(), "--json"))
    assert not {"open", "policies", "age"} & set(answer["rows"]), "done once"
    assert done(client, today) == set(NAMES)
    assert JobRun.objects.get(step="run").status == "DONE"
    assert StageTransition.objects.count() == transitions
    assert "nothing changed" in run("nightly", "--date", today.isoformat(), "--steps", "rollup")


def test_an_unknown_step_is_refused_with_the_list() -> None:
    make_client()
    for asked in ("age,figures", "", "AGE"):
        with pytest.raises(CommandError, match=", ".join(NAMES)):
            run("nightly", "--date", clock.today().isoformat(), "--steps", asked)
    assert not JobRun.objects.exists()
    assert Client.objects.get().book_date is None


def test_chosen_steps_leave_no_gap_behind_them() -> None:
    client, today = make_client(), clock.today()
    a_case(client)
    nightly_run(date=today)
    with pytest.raises(CommandError, match=f"AAA: a night before {today + 2 * DAY} is not complete"):
        run("nightly", "--date", (today + 2 * DAY).isoformat(), "--steps", "age")
    client.refresh_from_db()
    assert client.book_date == today
    run("nightly", "--date", (today + DAY).isoformat(), "--steps", "age")
    # Its date is not complete: the next one waits, for a whole night as for a part.
    with pytest.raises(CommandError, match="not complete"):
        run("nightly", "--date", (today + 2 * DAY).isoformat(), "--steps", "open")
    nightly_run(date=today + 2 * DAY)
    assert done(client, today + 2 * DAY) == set(NAMES)
    assert done(client, today + DAY) == set(NAMES) - {"tasks", "limitations", "rollup"}, "passed through"


def test_a_book_that_waits_is_named_beside_those_that_went_on() -> None:
    today = clock.today()
    behind, ready = make_client("BBB"), make_client("AAA")
    nightly_run(date=today - 3 * DAY, client_ids=[behind.pk])
    nightly_run(date=today - DAY, client_ids=[ready.pk])
    answer = json.loads(run("nightly", "--date", today.isoformat(), "--steps", "open", "--json"))
    assert (answer["clients"], answer["waiting"]) == (1, ["BBB"])
    behind.refresh_from_db()
    assert behind.book_date == today - 3 * DAY


def test_a_failed_run_stays_failed_when_only_some_steps_are_done() -> None:
    client, today = make_client(), clock.today()
    a_case(client)
    JobRun.objects.create(
        job="nightly", step="run", business_date=today, status="FAILED", started_at=clock.now(), error="AAA: X"
    )
    run("nightly", "--date", today.isoformat(), "--steps", "age")
    assert JobRun.objects.get(step="run").status == "FAILED"


class TestRollup:
    def test_figures_of_a_day_are_written_again_and_nothing_else(self) -> None:
        client, today = make_client(), clock.today()
        a_case(client)
        nightly_run(date=today)
        DayStock.objects.all().delete()
        runs, transitions = JobRun.objects.count(), StageTransition.objects.count()
        answer = json.loads(run("rollup", "--date", today.isoformat(), "--client", "aaa", "--json"))
        assert (answer["date"], answer["waiting"]) == (today.isoformat(), [])
        assert answer["figures"]["AAA"] >= DayStock.objects.count() > 0
        assert (JobRun.objects.count(), StageTransition.objects.count()) == (runs, transitions)
        client.refresh_from_db()
        assert client.book_date == today
        assert f"AAA {today}" in run("rollup", "--date", today.isoformat())

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (("--date", "today"), "'today' is not a date"),
            (("--date", "2026-01-01", "--client", "ZZZ"), "There is no client ZZZ."),
            (("--date", "2099-01-01"), "No book has reached 2099-01-01: AAA."),
        ],
    )
    def test_a_slip_is_said_and_writes_nothing(self, arguments: tuple[str, ...], says: str) -> None:
        client = make_client()
        a_case(client)
        nightly_run(date=clock.today())
        figures = DayStock.objects.count()
        with pytest.raises(CommandError, match=says):
            run("rollup", *arguments)
        assert DayStock.objects.count() == figures
