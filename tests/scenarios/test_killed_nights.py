"""Nights whose worker or connection died, and nights that nobody began. The campaign kills for real (tests/faults)."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import psycopg
import pytest
from django.db import connection, connections

from clients.models import Client
from collections_app.models import Task
from collections_app.services import nightly, stages
from collections_app.services.nightly import NightStopped, nightly_run, nights_undone
from collections_app.tasks import nightly_sweep_task, nightly_task
from common import clock, jobs
from common.models import JobRun
from reporting.models import CountedDay
from tests.world import a_case, make_client

DAY = dt.timedelta(days=1)


class Killed(BaseException):
    """A death that nothing catches."""


def asked() -> list[tuple[str, str, dt.date]]:
    return sorted(Task.objects.values_list("case__debtor__debtor_ref", "action", "due_on"))


@pytest.mark.django_db(transaction=True)
@pytest.mark.requirement("PL-53", "CM-44")
def test_what_entered_its_stage_before_a_death_in_the_gap_asks_for_its_action_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client, today = make_client(kind="TRADE"), clock.today()
    first = today - 5 * DAY
    # Enters its stage on the second day of the gap, and stands there at its end.
    a_case(client, ref="D-1", days_late=3)
    with clock.at(clock.at_riyadh(on=first)):
        nightly_run(date=first)
    assert not Task.objects.filter(due_on__gt=first).exists()
    parts = stages.aging_parts

    def dies(**given: Any) -> Any:
        if given["day"] == today - DAY:
            raise Killed
        return parts(**given)

    with monkeypatch.context() as broken:
        broken.setattr(stages, "aging_parts", dies)
        with pytest.raises(Killed):
            nightly_run(date=today)
    client.refresh_from_db()
    assert client.book_date == today - DAY
    nightly_sweep_task()
    assert ("D-1", "DEMAND", today) in asked()
    before = asked()
    nightly_run(date=today + DAY)
    assert asked() == before, "once"


@pytest.mark.django_db
def test_a_book_that_an_import_opened_asks_for_what_came_since() -> None:
    client, today = make_client(kind="TRADE"), clock.today()
    a_case(client, ref="D-1", days_late=-1)
    stages.book_open(client_id=client.pk, day=today)
    nightly_run(date=today + 3 * DAY)
    assert asked() == [("D-1", "DEMAND", today + 3 * DAY)]


def at(day: dt.date, hour: int, minute: int) -> dt.datetime:
    return clock.at_riyadh(on=day, time=dt.time(hour, minute))


@pytest.mark.django_db
@pytest.mark.requirement("PL-53", "DC-04")
def test_a_night_that_nobody_began_is_begun_by_the_sweep_once_its_hour_is_over() -> None:
    client, today = make_client(), clock.today()
    a_case(client)
    assert not nights_undone(now=at(today, 12, 0)), "a house that never kept a night"
    nightly_run(date=today - DAY)
    assert nights_undone(now=at(today, 0, 14)) == []
    assert nights_undone(now=at(today, 0, 15)) == [(today, 0)]
    with clock.at(at(today, 9, 0)):
        assert nightly_sweep_task() == 1
        assert nightly_sweep_task() == 0
    client.refresh_from_db()
    assert client.book_date == today
    assert nights_undone(now=at(today, 23, 59)) == []
    assert nights_undone(now=at(today + 40 * DAY, 12, 0)) == [], "a house that stood still for a month"


@pytest.mark.django_db
def test_a_night_asked_for_again_keeps_what_its_run_told() -> None:
    client, today = make_client(), clock.today()
    a_case(client)
    nightly_run(date=today)
    told = JobRun.objects.filter(step="run").values_list("row_count", "seconds").get()
    assert told[0] > 0
    # As Redis does with a message whose worker died after its work.
    nightly_task()
    assert JobRun.objects.filter(step="run").values_list("row_count", "seconds").get() == told


def another() -> psycopg.Connection[Any]:
    given = connection.get_connection_params()
    params = {name: given[name] for name in ("dbname", "user", "host", "port", "password") if given.get(name)}
    return psycopg.connect(**params, autocommit=True)


@pytest.mark.django_db(transaction=True)
@pytest.mark.requirement("PL-53")
def test_a_night_that_lost_its_connection_touches_no_other_book_and_is_gone_on_with(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, other, today = make_client("AAA"), make_client("BBB"), clock.today()
    a_case(one, ref="A-1")
    a_case(other, ref="B-1")
    whole = stages.receivables_age

    def loses_it(**given: Any) -> int:
        with another() as killer, connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            killer.execute("SELECT pg_terminate_backend(%s)", cursor.fetchone())
        return whole(**given)

    with monkeypatch.context() as broken:
        broken.setattr(stages, "receivables_age", loses_it)
        with pytest.raises(NightStopped):
            nightly_run(date=today)
    # The lock went with the connection: whoever holds it now would be at work on the same books.
    assert Client.objects.get(pk=other.pk).book_date is None
    run = JobRun.objects.get(step="run")
    assert (run.status, run.error) == ("FAILED", "AAA: OperationalError")
    nightly_sweep_task()
    assert JobRun.objects.get(step="run").status == "DONE"
    assert {c.book_date for c in Client.objects.all()} == {today}
    assert CountedDay.objects.filter(on=today, closed=False).count() == 2


@pytest.mark.django_db(transaction=True)
def test_one_step_at_once_is_done_once() -> None:
    client, today = make_client(), clock.today()
    began, go, counts = threading.Event(), threading.Event(), []

    def work() -> int:
        began.set()
        assert go.wait(20)
        return 7

    def run(do: Any) -> None:
        try:
            counts.append(jobs.step(job="nightly", name="age", business_date=today, book_id=client.pk, work=do))
        finally:
            connections.close_all()

    first = threading.Thread(target=run, args=(work,))
    second = threading.Thread(target=run, args=(lambda: pytest.fail("done twice"),))
    first.start()
    assert began.wait(20)
    second.start()
    second.join(0.5)
    assert second.is_alive(), "it waits for the first"
    go.set()
    first.join(20)
    second.join(20)
    assert counts == [7, None]
    assert JobRun.objects.get().row_count == 7
    assert nightly.JOB == "nightly"
