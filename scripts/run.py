#!/usr/bin/env python3
"""Serve this checkout: migrate, then web, worker and beat under one small supervisor; Ctrl-C stops all of it.

Services that this start brought up are stopped with it; demo data is made once, while the web answers already.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path
from types import FrameType

import services  # the script beside this one

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
PYTHON = str(BIN / "python")
STOP_AFTER = 20


def manage(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PYTHON, "manage.py", *arguments], cwd=ROOT, text=True, check=True, **options)  # type: ignore[call-overload, no-any-return]


# Of the packages only what pages ask for.
LEFT_OUT = [
    *("bootstrap-grid*", "bootstrap-utilities*", "bootstrap.css", "bootstrap.min.css", "bootstrap.rtl*"),
    *("ibm-plex*.woff", "*-100-*", "*-200-*", "*-300-*", "*cyrillic*", "*latin-ext*", "rest_framework*", "admin*"),
]


def collect_static() -> None:
    """Gather and name the static files, unless nothing changed since."""
    sources = [ROOT / "package-lock.json", *(ROOT / "static").rglob("*")]
    newest = str(max(path.stat().st_mtime for path in sources))
    stamp = ROOT / ".local" / "stamps" / "static"
    if stamp.exists() and stamp.read_text() == newest:
        return
    ignore = [word for pattern in LEFT_OUT for word in ("--ignore", pattern)]
    manage("collectstatic", "--no-input", "--clear", "--verbosity", "0", *ignore)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(newest)


# Where there is memory to write to, the web's heartbeat does not wait for a disk.
MEMORY = ["--worker-tmp-dir", "/dev/shm"] if Path("/dev/shm").is_dir() else []  # noqa: S108


class Supervisor:
    """Starts processes, prefixes what they say, and ends them all when one ends or somebody asks."""

    def __init__(self) -> None:
        self.processes: dict[str, subprocess.Popen[str]] = {}
        self.stopping = threading.Event()

    def start(self, name: str, command: list[str]) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=1,
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        self.processes[name] = process
        threading.Thread(target=self._echo, args=(name, process), daemon=True).start()
        return process

    def _echo(self, name: str, process: subprocess.Popen[str]) -> None:
        for line in process.stdout or ():
            print(f"{name:>6} | {line}", end="", flush=True)

    def stop(self) -> None:
        for process in self.processes.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        ends = time.monotonic() + STOP_AFTER
        for process in self.processes.values():
            try:
                process.wait(timeout=max(ends - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


def wait_for(url: str) -> bool:
    for _attempt in range(120):
        try:
            with urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310 - our own address
                return answer.status == 200
        except OSError:
            time.sleep(0.25)
    return False


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--without-demo", action="store_true")
    options = parser.parse_args()
    were_up = services.postgres_running()
    services.up()
    manage("migrate", "--verbosity", "0")
    collect_static()
    house = Supervisor()

    def asked(signum: int, frame: FrameType | None) -> None:
        house.stopping.set()

    signal.signal(signal.SIGINT, asked)
    signal.signal(signal.SIGTERM, asked)
    house.start(
        "web",
        [str(BIN / "gunicorn"), "config.wsgi:application", "--bind", f"127.0.0.1:{options.port}", "--workers", "2",
         "--threads", "4", *MEMORY, "--log-level", "warning", "--timeout", "120"],
    )  # fmt: skip
    house.start(
        "worker",
        [str(BIN / "celery"), "-A", "config", "worker", "--loglevel", "WARNING", "--concurrency", "2"],
    )
    house.start(
        "beat",
        [str(BIN / "celery"), "-A", "config", "beat", "--loglevel", "WARNING", "--schedule",
         str(ROOT / ".local" / "beat"), "--pidfile", ""],
    )  # fmt: skip
    address = f"http://localhost:{options.port}/"
    if not wait_for(f"http://127.0.0.1:{options.port}/healthz"):
        print("run: the web did not start; its words stand above.", file=sys.stderr)
        house.stop()
        return 1
    print(f"\nMithaq answers at {address}\n")
    if not options.without_demo:
        manage("demo_signins")
        print(flush=True)
        demo = house.start("demo", [PYTHON, "manage.py", "demo", "--if-empty"])
    else:
        demo = None
    code = 0
    while not house.stopping.wait(0.5):
        for name, process in house.processes.items():
            ended = process.poll()
            if ended is not None and process is not demo:
                print(f"run: {name} ended with {ended}", file=sys.stderr)
                code = 1
                house.stopping.set()
    print("\nstopping …", flush=True)
    house.stop()
    if not were_up:
        services.down()
    return code


if __name__ == "__main__":
    sys.exit(main())
