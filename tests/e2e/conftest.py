"""What the journeys need besides a browser: a small agency, and a real worker."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from accounts.models import User
from clients.models import Client, ContactPolicy
from collections_app.models import Case
from collections_app.services.nightly import nightly_run
from common import clock
from tests.world import a_case, make_client, make_team, make_user


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a journey: in a browser, over rows that are committed."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            # A book that a whole module reads stands until its end.
            if "demo" not in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.django_db(transaction=True, databases=["default", "owner"]))


@dataclass(frozen=True, kw_only=True)
class Agency:
    """Two clients, one team, a person a role, and some cases."""

    nakheel: Client
    other: Client
    collector: User
    leader: User
    manager: User
    auditor: User
    administrator: User
    signatory: User
    reader: User
    cases: list[Case]


@pytest.fixture
def agency(transactional_db: None, house: str) -> Agency:
    """A journey's world. It may run at any hour, so the clients' contact hours are the whole day."""
    nakheel, other = make_client("NAK"), make_client("OTH", kind="BANK")
    team = make_team()
    collector = make_user("COLLECTOR", team=team)
    cases = [
        a_case(nakheel, ref=f"D-{n}", amount=f"{9000 - 1000 * n}.00", days_late=100 - n, owner=collector)
        for n in range(4)
    ]
    a_case(other, ref="O-1", days_late=30)
    ContactPolicy.objects.update(
        opens_at=dt.time(0), closes_at=dt.time(23, 59, 59), weekdays=[1, 2, 3, 4, 5, 6, 7]
    )  # fmt: skip
    nightly_run(date=clock.today())
    return Agency(
        nakheel=nakheel,
        other=other,
        collector=collector,
        leader=make_user("TEAM_LEADER", team=team),
        manager=make_user("COLLECTIONS_MANAGER"),
        auditor=make_user("AUDITOR"),
        administrator=make_user("ADMINISTRATOR"),
        signatory=make_user("CLIENT_SIGNATORY", client=nakheel),
        reader=make_user("CLIENT_USER", client=nakheel),
        cases=cases,
    )


@pytest.fixture
def worker(transactional_db: None, house: str) -> Iterator[None]:
    """A real Celery worker on the test database and this process's own queue."""
    found = connection.settings_dict
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "DATABASE_URL": f"postgresql://{found['USER']}@/{found['NAME']}?host={found['HOST']}",
        "DATABASE_OWNER_URL": f"postgresql://mithaq_owner@/{found['NAME']}?host={found['HOST']}",
    }
    log = Path(settings.BASE_DIR) / ".local" / f"worker-{found['NAME']}.log"
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "config", "worker", "--loglevel", "WARNING", "--concurrency", "1",
             "--without-gossip", "--without-mingle"],
            cwd=settings.BASE_DIR, env=environment, stdout=out, stderr=out, start_new_session=True,
        )  # fmt: skip
    yield
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
