#!/usr/bin/env python3
"""Serve this checkout: migrate, then web, worker and beat under one small supervisor; Ctrl-C stops all of it.

Services that this start brought up are stopped with it; demo data is made once, while the web answers already.
"""

from __future__ import annotations

import argparse
import http.client
import os
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path
from types import FrameType

import services  # the scripts beside this one
import static_files
from services import LOCAL, ROOT, fail

BIN = ROOT / ".venv" / "bin"
PYTHON = str(BIN / "python")
STOP_AFTER = 20
# Where there is memory to write to, the web's heartbeat does not wait for a disk.
MEMORY = ["--worker-tmp-dir", "/dev/shm"] if Path("/dev/shm").is_dir() else []  # noqa: S108
# Celery's advice for servers, where root runs a checkout of its own.
QUIET = "ignore:You're running the worker with superuser privileges"


def manage(*arguments: str) -> None:
    if subprocess.run([PYTHON, "manage.py", *arguments], cwd=ROOT, check=False).returncode != 0:
        fail(f"manage.py {arguments[0]} failed; its words stand above.")


class Supervisor:
    """Starts processes, prefixes what they say, and ends them all."""

    def __init__(self) -> None:
        self.processes: dict[str, subprocess.Popen[str]] = {}

    def start(self, name: str, *command: str) -> None:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches us alone; we end the others in order
            env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": QUIET},
        )
        self.processes[name] = process
        threading.Thread(target=self._echo, args=(name, process), daemon=True).start()

    def _echo(self, name: str, process: subprocess.Popen[str]) -> None:
        for line in process.stdout or ():
            print(f"{name:>6} | {line}", end="", flush=True)

    def ended(self) -> str:
        """The name of a server that ended by itself, or nothing. The demo's maker may end."""
        for name, process in self.processes.items():
            if process.poll() is not None and name != "demo":
                return f"{name} ended with {process.returncode}"
        return ""

    def stop(self) -> None:
        """Ask every process to finish what it does; after a while, insist."""
        for process in self.processes.values():
            process.terminate()
        until = time.monotonic() + STOP_AFTER
        for process in self.processes.values():
            try:
                process.wait(timeout=max(until - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def healthy(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def wait_for_web(house: Supervisor, port: int) -> None:
    until = time.monotonic() + 60
    while not healthy(port):
        if house.ended() or time.monotonic() > until:
            fail(f"the web did not start ({house.ended() or 'no answer in a minute'}); its words stand above.")
        time.sleep(0.2)


def serve(house: Supervisor, *, port: int, demo: bool) -> None:
    services.up()
    manage("migrate", "--verbosity", "0")
    static_files.collect()
    house.start(
        "web", str(BIN / "gunicorn"), "config.wsgi:application", "--bind", f"127.0.0.1:{port}", "--workers", "2",
        "--threads", "4", *MEMORY, "--log-level", "warning", "--timeout", "120",
    )  # fmt: skip
    celery = [str(BIN / "celery"), "--quiet", "--app", "config"]
    house.start("worker", *celery, "worker", "--loglevel", "WARNING", "--concurrency", "2")
    house.start("beat", *celery, "beat", "--loglevel", "WARNING", "--schedule", str(LOCAL / "beat"), "--pidfile", "")
    wait_for_web(house, port)
    print(f"\nMithaq answers at http://localhost:{port}/ (Ctrl-C stops it)\n", flush=True)
    if demo:
        manage("demo_signins")
        house.start("demo", PYTHON, "manage.py", "demo", "--if-empty")
    while not house.ended():
        time.sleep(0.5)
    fail(house.ended())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--without-demo", action="store_true")
    options = parser.parse_args()
    if not port_is_free(options.port):
        fail(f"port {options.port} is taken. Another one: make run PORT={options.port + 1}")

    def asked(signum: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for number in signals:
        signal.signal(number, asked)
    house = Supervisor()
    try:
        serve(house, port=options.port, demo=not options.without_demo)
    except KeyboardInterrupt:
        print("\nstopping …", flush=True)
        demo = house.processes.get("demo")
        if demo and demo.poll() is None:
            print("The demo data is not finished; `make reset` lets it begin anew.", flush=True)
    finally:
        for number in signals:
            signal.signal(number, signal.SIG_IGN)  # asked once is enough
        house.stop()
        if services.STARTED:
            services.down(*services.STARTED)


if __name__ == "__main__":
    main()
