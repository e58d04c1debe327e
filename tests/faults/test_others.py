"""What else dies: Redis and its queue, messages that come twice, successors that come together, a web's connection."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

from tests.faults.conftest import Campaign
from tests.faults.house import SWEEPS, House, until
from tests.faults.points import BY_NAME, IMPORT, NIGHT, PAYMENTS
from tests.faults.world import proven, told_points
from tests.whole_book import differences, whole_book

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]


def redis_pid() -> int:
    return int((Path(os.environ["FAULTS_PLACE"]) / "redis" / "redis.pid").read_text())


def redis_dies(house: House) -> None:
    """Kill Redis and start it anew; it keeps nothing."""
    pid = redis_pid()
    os.kill(pid, signal.SIGKILL)
    until(lambda: not Path(f"/proc/{pid}/cwd").exists(), say="for Redis to be gone")
    environment = {key: value for key, value in os.environ.items() if not key.endswith("_URL")}
    command = [sys.executable, str(Path(settings.BASE_DIR) / "scripts" / "services.py"), "up"]
    subprocess.run(command, env=environment, check=True, timeout=60)


def redis_stands_still(house: House) -> None:
    """Redis answers nobody for a while; who hands a task over meanwhile is refused, and does not wait for ever."""
    hand_over = "from config.celery import app; app.send_task('collections.nightly_sweep')"
    pid = redis_pid()
    os.kill(pid, signal.SIGSTOP)
    try:
        handing = subprocess.run(
            [sys.executable, "-c", hand_over], cwd=settings.BASE_DIR, env=house.environment, timeout=120,
            capture_output=True, text=True,
        )  # fmt: skip
    finally:
        os.kill(pid, signal.SIGCONT)
    assert "OperationalError" in handing.stderr, handing.stderr


def as_undisturbed(campaign: Campaign, job: str) -> None:
    wrong = differences(campaign.undisturbed(job), whole_book()) + proven()
    assert not wrong, "\n".join(wrong[:20])


@pytest.mark.requirement("PL-53")
@pytest.mark.parametrize("job", [NIGHT, IMPORT, PAYMENTS])
def test_what_waits_in_a_queue_that_is_lost_is_handed_over_again(job: str, campaign: Campaign, house: House) -> None:
    campaign.undisturbed(job)
    task = campaign.task(job)
    house.send(task.name, *task.arguments)
    assert house.redis.llen("celery") == 1
    redis_dies(house)
    assert house.redis.llen("celery") == 0
    house.worker()
    house.sweep(job, done=task.done)
    house.quiet(job)
    as_undisturbed(campaign, job)


@pytest.mark.requirement("PL-53")
def test_redis_dies_under_a_worker_at_work(campaign: Campaign, house: House) -> None:
    campaign.undisturbed(NIGHT)
    task, point = campaign.task(NIGHT), BY_NAME["night.age"]
    worker = house.worker()
    house.shut(point, **told_points(today=campaign.today))
    house.send(task.name)
    house.stopped_at(point)
    redis_dies(house)
    house.open()
    until(task.done, say="for the child to end its task: PostgreSQL alone is asked")
    # Celery's worker may end itself over a lost Redis; who supervises it starts it again. It may not merely stand.
    house.send(SWEEPS[NIGHT])
    until(lambda: worker.poll() is not None or not house.redis.llen("celery"), say="for the worker to come back or end")
    if worker.poll() is not None:
        house.worker()
    house.quiet(NIGHT)
    as_undisturbed(campaign, NIGHT)


@pytest.mark.requirement("PL-53")
@pytest.mark.parametrize("happens", [redis_dies, redis_stands_still])
def test_an_idle_worker_outlives_its_redis(happens: Callable[[House], None], campaign: Campaign, house: House) -> None:
    campaign.undisturbed(NIGHT)
    task = campaign.task(NIGHT)
    house.worker()
    until(lambda: any(c["cmd"] == "brpop" for c in house.redis.client_list()), say="for the worker to wait for work")
    happens(house)
    house.send(task.name)
    until(task.done, say="for the same worker to take the task")
    house.quiet(NIGHT)
    as_undisturbed(campaign, NIGHT)


@pytest.mark.requirement("PL-53")
@pytest.mark.parametrize("name", ["night.ended", "import.ended", "payments.ended"])
def test_a_message_that_comes_again_after_the_work_changes_nothing(name: str, campaign: Campaign, house: House) -> None:
    """The worker dies between its commit and its acknowledgement; nobody sweeps, Redis gives the message again."""
    point = BY_NAME[name]
    campaign.undisturbed(point.job)
    task = campaign.task(point.job)
    house.worker(FAULTS_VISIBILITY="3")
    house.shut(point, **told_points(today=campaign.today))
    house.send(task.name, *task.arguments)
    stopped = house.stopped_at(point)
    house.kill("machine", stopped=stopped)
    house.answer_commits(True)
    until(task.done, say="for the commit to be seen")
    assert house.redis.hlen("unacked") == 1
    # A worker looks for such messages when it begins, and then every hundred seconds.
    time.sleep(4)
    house.worker(FAULTS_VISIBILITY="3")
    until(lambda: not house.redis.hlen("unacked") and not house.redis.llen("celery"), seconds=240, say="to come again")
    house.quiet(point.job)
    as_undisturbed(campaign, point.job)


@pytest.mark.requirement("PL-53", "DC-04")
@pytest.mark.parametrize("name", ["night.part", "import.entries", "payments.post"])
def test_two_workers_that_go_on_at_once_do_the_work_once(name: str, campaign: Campaign, house: House) -> None:
    point = BY_NAME[name]
    campaign.undisturbed(point.job)
    task = campaign.task(point.job)
    house.worker()
    house.shut(point, **told_points(today=campaign.today))
    house.send(task.name, *task.arguments)
    house.kill("machine", stopped=house.stopped_at(point))
    house.open()
    for _worker in range(2):
        house.worker()
    for _turn in range(4):
        house.send(task.name, *task.arguments)
        house.send(SWEEPS[point.job])
    house.sweep(point.job, done=task.done)
    house.quiet(point.job)
    as_undisturbed(campaign, point.job)


@pytest.mark.requirement("PL-53")
def test_a_statement_whose_process_was_killed_ends_by_itself(campaign: Campaign, house: House) -> None:
    """The gate stays shut: what the dead worker's statement waits for never comes."""
    campaign.undisturbed(NIGHT)
    task, point = campaign.task(NIGHT), BY_NAME["night.age"]
    house.worker()
    house.shut(point, **told_points(today=campaign.today))
    house.send(task.name)
    stopped = house.stopped_at(point)
    house.kill("machine", stopped=stopped)
    with house.connect() as here:
        alive = "SELECT 1 FROM pg_stat_activity WHERE pid = %s"
        assert here.execute(alive, [stopped.backend]).fetchone()
        until(lambda: not here.execute(alive, [stopped.backend]).fetchone(), seconds=20, say="for the orphan to end")
    house.open()
    house.worker()
    house.sweep(NIGHT, done=task.done)
    house.quiet(NIGHT)
    as_undisturbed(campaign, NIGHT)


def test_a_web_that_lost_its_connections_answers_the_next_request(campaign: Campaign, house: House) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["-m", "gunicorn", "config.wsgi:application", "--bind", f"127.0.0.1:{port}", "--threads", "2"]
    with house.log.open("ab") as log:
        web = subprocess.Popen(
            [sys.executable, *command],
            cwd=settings.BASE_DIR,
            env=house.environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    house.processes.append(web)

    def ask() -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            return refused.code
        except OSError:
            return 0

    until(lambda: ask() == 200, say="for the web")
    sessions = "SELECT pid FROM pg_stat_activity WHERE datname = %s AND usename = 'mithaq_app'"
    with house.connect(user="postgres", database="postgres") as root:
        kept = root.execute(sessions, [house.database]).fetchall()
        assert kept, "the web keeps its connection"
        root.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = ANY(%s)", [[p for (p,) in kept]]
        )
        time.sleep(0.2)
        assert ask() == 200
        (backend,) = root.execute(sessions, [house.database]).fetchone()  # type: ignore[misc]
    house.kill_backend(backend)
    assert ask() == 200
