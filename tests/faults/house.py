"""Real workers on one database, stopped at a named point and killed there, and what the sweeps then make of it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import redis
from celery import Celery
from django.conf import settings
from django.db import connections
from psycopg import sql

from collections_app.services.file_rows import LOCK
from config.settings.base import broker
from tests.faults.points import IMPORT, NIGHT, PAYMENTS, Point

GATE = 0x4641_554C
SWEEPS = {
    NIGHT: "collections.nightly_sweep",
    IMPORT: "collections.import_sweep",
    PAYMENTS: "collections.incoming_sweep",
}
_FUNCTION = f"""
CREATE OR REPLACE FUNCTION fault_gate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_lock_shared({GATE});
    PERFORM pg_advisory_unlock_shared({GATE});
    RETURN NEW;
END $$
"""
_WAITING = """
SELECT a.pid, a.application_name FROM pg_stat_activity a
WHERE a.datname = current_database() AND a.application_name LIKE 'child-%%' AND a.wait_event = %s ORDER BY a.query_start
"""
_AT_WORK = """
SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'child-%'
AND (state <> 'idle' OR pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory'))
"""


def until(check: Callable[[], Any], *, seconds: float = 60, every: float = 0.02, say: str = "") -> Any:
    """What ``check`` answers once it is true; fails after ``seconds``."""
    ends = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < ends, f"waited {seconds} s: {say}"
        time.sleep(every)
    return found


@contextlib.contextmanager
def django_on(database: str) -> Iterator[None]:
    """This process's own Django on another database of the cluster, meanwhile."""
    before = {}
    for alias in ("default", "owner"):
        connections[alias].close()
        before[alias] = connections[alias].settings_dict["NAME"]
        connections[alias].settings_dict["NAME"] = database
    try:
        yield
    finally:
        for alias, name in before.items():
            connections[alias].close()
            connections[alias].settings_dict["NAME"] = name


@dataclass(frozen=True, kw_only=True)
class Stopped:
    """A process that stands at a point: its pid and that of its backend."""

    child: int
    backend: int


@dataclass(kw_only=True)
class House:
    """Workers of one database and one database of Redis, and the gate at which they are stopped."""

    database: str
    redis_url: str
    media: Path
    log: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _gate: psycopg.Connection[Any] | None = None
    _hung: str = ""

    def __post_init__(self) -> None:
        self.redis = redis.Redis.from_url(self.redis_url, socket_timeout=5)
        self.redis.flushdb()
        self.queue = Celery("campaign", broker=broker(self.redis_url), set_as_current=False)
        self.queue.conf.broker_transport_options = {"socket_timeout": 5}
        self.host = connections["owner"].settings_dict["HOST"]
        self.port = connections["owner"].settings_dict["PORT"] or "5432"
        address = f"/{self.database}?host={self.host}&port={self.port}"
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("MITHAQ_", "PYTEST_"))},
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "DATABASE_URL": f"postgresql://mithaq_app@{address}",
            "DATABASE_OWNER_URL": f"postgresql://mithaq_owner@{address}",
            "REDIS_URL": self.redis_url,
            "FAULTS_MEDIA": str(self.media),
        }

    def connect(self, *, user: str = "mithaq_owner", database: str = "") -> psycopg.Connection[Any]:
        return psycopg.connect(
            host=self.host, port=self.port, dbname=database or self.database, user=user, autocommit=True,
            options="-c synchronous_commit=local", application_name="campaign",
        )  # fmt: skip

    # Processes

    def worker(self, *, concurrency: int = 2, **environment: str) -> subprocess.Popen[bytes]:
        """A Celery worker, a process group of its own."""
        command = ["-m", "celery", "-A", "tests.faults.app", "worker", "--concurrency", str(concurrency),
                   "--loglevel", "WARNING", "--without-mingle", "--without-gossip"]  # fmt: skip
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *command], cwd=settings.BASE_DIR, env={**self.environment, **environment},
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.processes.append(process)
        return process

    def send(self, task: str, *arguments: Any, **options: Any) -> None:
        self.queue.send_task(task, args=arguments, **options)

    def end(self) -> None:
        """End every process that this house started, orphans too: each was the first of a group of its own."""
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=60)
        self.open()
        if self._hung:
            with self.connect() as here:
                here.execute(sql.SQL("DROP TRIGGER fault_gate ON {}").format(sql.Identifier(self._hung)))
                here.execute("DROP FUNCTION fault_gate()")
        self.queue.close()
        self.redis.close()

    # The gate

    def shut(self, point: Point, *, client_id: int, **told: Any) -> None:
        """Let nobody pass the point. An import that is read waits for its turn by itself: that lock is held."""
        self._gate = self.connect()
        if not point.table:
            self._gate.execute("SELECT pg_advisory_lock(%s, %s)", [LOCK, client_id])
            return
        self._gate.execute(_FUNCTION)
        when = sql.SQL(point.when.format(**told))  # type: ignore[arg-type]
        timing = sql.SQL(point.timing)  # type: ignore[arg-type]
        self._gate.execute(
            sql.SQL(
                "CREATE TRIGGER fault_gate {} ON {} FOR EACH ROW WHEN ({}) EXECUTE FUNCTION fault_gate()"
            ).format(timing, sql.Identifier(point.table), when)
        )  # fmt: skip
        self._hung = point.table
        self._gate.execute("SELECT pg_advisory_lock(%s)", [GATE])

    def open(self) -> None:
        """Let everybody pass; where the cluster went down the gate is open already."""
        if self._gate is not None:
            self._gate.close()
            self._gate = None

    def stopped_at(self, point: Point) -> Stopped:
        """Wait for a process to stand at the point, or behind its commit."""
        # Only the application's own role sees what its sessions wait for.
        with self.connect(user="mithaq_app") as here:

            def waits(event: str) -> Stopped | None:
                row = here.execute(_WAITING, [event]).fetchone()
                return Stopped(backend=row[0], child=int(row[1].partition("-")[2])) if row else None

            found: Stopped = until(lambda: waits("advisory"), say=f"for {point.name}")
            if not point.committed:
                return found
            self.answer_commits(False)
            self.open()
            return until(lambda: waits("SyncRep"), say=f"for the commit of {point.name}")

    def answer_commits(self, answer: bool) -> None:
        """Make every commit wait for a standby server that there is not, once it is on disk; or wait no longer.

        For the whole cluster: only for one of our own.
        """
        with self.connect(user="postgres", database="postgres") as root:
            name = "" if answer else "nobody"
            root.execute(sql.SQL("ALTER SYSTEM SET synchronous_standby_names = {}").format(name))
            root.execute("SELECT pg_reload_conf()")
        time.sleep(0.3)

    # Victims

    def kill(self, victim: str, *, stopped: Stopped) -> None:
        """Kill with signal 9: ``child`` (the process at the point), ``worker`` (its parent alone, so that the child
        lives on), ``machine`` (the whole group) or ``backend`` (PostgreSQL's process, which takes all others along)."""
        main = self.processes[-1]
        if victim == "child":
            os.kill(stopped.child, signal.SIGKILL)
        elif victim == "worker":
            main.kill()
            main.wait(timeout=60)
        elif victim == "machine":
            self.kill_machine()
        else:
            self.kill_backend(stopped.backend)

    def kill_machine(self) -> None:
        """Kill the last worker with all its children, wherever they are."""
        main = self.processes[-1]
        os.killpg(main.pid, signal.SIGKILL)
        main.wait(timeout=60)

    def kill_backend(self, pid: int) -> None:
        """Kill a process of PostgreSQL, and wait until it has thrown out everybody and takes connections again."""
        with contextlib.closing(self.connect()) as witness:
            os.kill(pid, signal.SIGKILL)
            until(lambda: not self.answers(witness), say="for PostgreSQL to throw everybody out")
        until(self.answers, say="for PostgreSQL to come back")

    def answers(self, session: psycopg.Connection[Any] | None = None) -> bool:
        """Whether PostgreSQL answers an open session, else a new one."""
        try:
            with contextlib.nullcontext(session) if session else self.connect() as here:
                return bool(here.execute("SELECT 1").fetchone())
        except psycopg.OperationalError:
            return False

    def sweep(self, job: str, *, done: Callable[[], bool], seconds: float = 60) -> float:
        """Wake the job's sweep every second, as beat does every minute or five, until the work is done; how long."""
        began = woken = time.monotonic()
        while not self._ask(done):
            if time.monotonic() >= woken:
                self.send(SWEEPS[job], expires=1)
                woken += 1
            assert time.monotonic() < began + seconds, f"not recovered after {seconds} s"
            time.sleep(0.05)
        return time.monotonic() - began

    @staticmethod
    def _ask(done: Callable[[], bool]) -> bool:
        try:
            return done()
        except Exception:  # the cluster may be on its way up
            connections["default"].close()
            return False

    def quiet(self, job: str) -> None:
        """Sweep once more, and wait until nobody works, holds a lock or is waited for."""
        self.send(SWEEPS[job])
        until(lambda: not self.redis.llen("celery"), say="for the queue to be empty")
        with self.connect(user="mithaq_app") as here:
            for _twice in range(2):
                until(lambda: not here.execute(_AT_WORK).fetchone(), say="for the workers to be idle")
                time.sleep(0.2)
