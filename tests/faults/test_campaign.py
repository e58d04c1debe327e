"""Every named point, every victim: nothing lost, nothing doubled, nothing half done (`make faults`)."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.faults.conftest import Campaign
from tests.faults.house import House
from tests.faults.points import NIGHT, POINTS, Point
from tests.faults.world import proven, told_points
from tests.measured import keep
from tests.whole_book import differences, whole_book

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
VICTIMS = ("child", "worker", "machine", "backend")


@pytest.mark.requirement("PL-53", "DC-04", "PL-04")
@pytest.mark.parametrize("victim", VICTIMS)
@pytest.mark.parametrize("point", POINTS, ids=str)
def test_killed_there_it_ends_as_if_nobody_had(point: Point, victim: str, campaign: Campaign, house: House) -> None:
    outcome, seconds = "failed", None
    try:
        expected = campaign.undisturbed(point.job)
        task = campaign.task(point.job)
        before = whole_book()
        house.worker()
        house.shut(point, **told_points(today=campaign.today))
        house.send(task.name, *task.arguments)
        stopped = house.stopped_at(point)
        assert not task.done(), "nobody sees what is not committed"
        house.kill(victim, stopped=stopped)
        if point.committed:
            house.answer_commits(True)
        house.open()
        if victim in {"worker", "machine"}:
            house.worker()
        seconds = round(house.sweep(point.job, done=task.done), 2)
        house.quiet(point.job)
        after = whole_book()
        wrong = differences(expected, after) + proven()
        assert not wrong, "\n".join(wrong[:20])
        assert after != before, "the case did something"
        assert not list(campaign.media.rglob("*.bin")), "what was read is not kept on the disk"
        outcome = "as undisturbed"
    finally:
        if point.committed:
            house.answer_commits(True)
        at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        keep("faults.jsonl", at=at, point=point.name, victim=victim, recovered_s=seconds, outcome=outcome)


def test_there_are_ten_points_of_the_night_and_of_the_import_at_least() -> None:
    assert len({point.name for point in POINTS if point.job in {NIGHT, "import"}}) >= 10
