"""The campaign's databases: one house built once, each case in a copy of its own."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connections

from common import clock
from tests.faults.house import House, django_on
from tests.faults.world import Task, build, hand_over
from tests.whole_book import whole_book


class Campaign:
    """Copies of the built house, and what an undisturbed worker makes of each job."""

    def __init__(self, *, template: str, media: Path) -> None:
        self.template, self.media, self.today = template, media, clock.today()
        self.copies = 0
        self._undisturbed: dict[str, dict[str, Counter[str]]] = {}

    def copied(self) -> str:
        """The name of a new database that is a copy of the template."""
        self.copies += 1
        name = f"test_fault_{self.copies}"
        for alias in ("default", "owner"):
            connections[alias].close()
        owner = connections["owner"].settings_dict
        with psycopg.connect(
            host=owner["HOST"], port=owner["PORT"], dbname="postgres", user=owner["USER"], autocommit=True
        ) as root:
            root.execute(f'DROP DATABASE IF EXISTS "{name}"')
            root.execute(f'CREATE DATABASE "{name}" TEMPLATE "{self.template}"')
        # A sequence is copied as it stands, and says that its next values are in the log already; that is so for the
        # template alone. After a crash the copy's would go back. The first value after a checkpoint is logged anew.
        with psycopg.connect(host=owner["HOST"], port=owner["PORT"], dbname="postgres", user="postgres") as root:
            root.execute("CHECKPOINT")
        return name

    def copy(self) -> House:
        """A fresh copy of the house, with an empty queue."""
        name = self.copied()
        log = Path(settings.BASE_DIR) / ".local" / "worker-faults.log"
        return House(database=name, redis_url=settings.REDIS_URL, media=self.media, log=log)

    def forget(self, house: House) -> None:
        house.end()
        # A case that failed leaves its upload to nobody else.
        for kept in self.media.rglob("*.bin"):
            kept.unlink()
        # As the superuser: autovacuum may be at work there.
        with house.connect(user="postgres", database="postgres") as root:
            root.execute(f'DROP DATABASE IF EXISTS "{house.database}" WITH (FORCE)')

    def task(self, job: str) -> Task:
        return hand_over(job, today=self.today)

    def undisturbed(self, job: str) -> dict[str, Counter[str]]:
        """The whole book after a worker did the job and nobody killed it."""
        if job not in self._undisturbed:
            house = self.copy()
            try:
                with django_on(house.database):
                    task = self.task(job)
                    house.worker()
                    house.send(task.name, *task.arguments)
                    house.sweep(job, done=task.done)
                    house.quiet(job)
                    self._undisturbed[job] = whole_book()
            finally:
                self.forget(house)
        return self._undisturbed[job]


@pytest.fixture(scope="session")
def campaign(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[Campaign]:
    """The house, built once and committed. Only on servers that nobody else uses."""
    if "FAULTS_PLACE" not in os.environ:
        pytest.skip("kills PostgreSQL's processes: `make faults` brings servers of its own")
    media = tmp_path_factory.mktemp("media")
    with django_db_blocker.unblock():
        settings.MEDIA_ROOT = media
        template = str(connections["owner"].settings_dict["NAME"])
        assert template.startswith("test_")
        build(today=clock.today())
        # A copy: what transactional tests flush when they end is the test database itself.
        found = Campaign(template=template, media=media)
        found.template = found.copied()
        yield found


@pytest.fixture
def house(campaign: Campaign) -> Iterator[House]:
    """A copy of the house for one case, and this process's Django on it."""
    found = campaign.copy()
    try:
        with django_on(found.database):
            yield found
    finally:
        campaign.forget(found)
