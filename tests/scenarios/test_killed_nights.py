"""Nights whose worker or connection died, and nights that nobody began. The campaign kills for real (tests/faults)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from collections_app.models import Task
from collections_app.services import stages
from collections_app.services.nightly import nightly_run
from collections_app.tasks import nightly_sweep_task
from common import clock
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
    moved = stages.receivables_age

    def dies(**given: Any) -> int:
        if given["day"] == today - DAY:
            raise Killed
        return moved(**given)

    with monkeypatch.context() as broken:
        broken.setattr(stages, "receivables_age", dies)
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
