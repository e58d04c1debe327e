"""Two cases of the campaign in every `make test`, on the checkout's own servers: only their own workers die."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from collections_app.services import uploads
from collections_app.tasks import nightly_task
from common import clock
from tests.faults.house import House
from tests.faults.points import BY_NAME, NIGHT
from tests.faults.reports import build_clients, killed_half_way
from tests.faults.world import build, hand_over, proven, told_points
from tests.whole_book import differences, whole_book


@pytest.fixture
def house(tmp_path: Path, settings: Any) -> Iterator[House]:
    settings.MEDIA_ROOT = tmp_path
    place, _mark, _number = settings.REDIS_URL.partition("db=")
    redis = f"{place}db=11" if _mark else settings.REDIS_URL.rstrip("/") + "/11"
    name = str(connection.settings_dict["NAME"])
    found = House(
        database=name, redis_url=redis, media=tmp_path, log=Path(settings.BASE_DIR) / ".local" / f"worker-{name}.log"
    )
    yield found
    found.end()


@pytest.mark.django_db(transaction=True)
@pytest.mark.requirement("PL-53", "DC-04", "PL-04")
@pytest.mark.parametrize(("name", "victim"), [("night.age", "child"), ("import.entries", "machine")])
def test_killed_there_it_ends_as_if_nobody_had(name: str, victim: str, house: House) -> None:
    point, today = BY_NAME[name], clock.today()
    build(today=today)
    undisturbed = hand_over(point.job, today=today)
    if point.job == NIGHT:
        nightly_task()
    else:
        uploads.upload_run(file_id=undisturbed.arguments[0])
    assert undisturbed.done()
    expected = whole_book()
    call_command("flush", database="owner", interactive=False, verbosity=0)
    build(today=today)
    task = hand_over(point.job, today=today)
    house.worker(FAULTS_CHUNK="25000")
    house.shut(point, **told_points(today=today))
    house.send(task.name, *task.arguments)
    stopped = house.stopped_at(point)
    assert not task.done()
    house.kill(victim, stopped=stopped)
    house.open()
    if victim == "machine":
        house.worker(FAULTS_CHUNK="25000")
    house.sweep(point.job, done=task.done)
    house.quiet(point.job)
    wrong = differences(expected, whole_book()) + proven()
    assert not wrong, "\n".join(wrong[:20])
    assert not list(Path(settings.MEDIA_ROOT).rglob("*.bin"))


@pytest.mark.django_db(transaction=True)
@pytest.mark.requirement("DC-08", "PL-53")
def test_the_reports_of_a_week_are_all_there_once_though_everything_was_killed_half_way(house: House) -> None:
    build_clients(count=4, today=clock.today())
    assert killed_half_way(house=house, wanted=8)["wrong"] == []
