"""How fast the bulk work is, beside the least that PostgreSQL itself needs for the same rows in the same run.

    make bench                      a book of 50,000 receivables
    make bench ARGS="--rows 200000"

Each measure prints seconds, the plain-SQL floor and their ratio, and appends one JSON line to docs/measurements/.
Machines differ and are noisy: the ratio is the figure to compare, the seconds are for orientation.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

from config import env

ROOT = Path(__file__).resolve().parent.parent
NAME = "mithaq_bench"
RESULTS = ROOT / "docs" / "measurements" / "bench.jsonl"


def _renamed(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def fresh_database(*, name: str = NAME, again: bool = False) -> bool:
    """A database of our own, made anew by the owner, and the environment that points at it.

    With ``again`` one of that name is taken as it is; whether it was.
    """
    values = env.load(root=ROOT)
    app, owner = values.text("DATABASE_URL"), values.text("DATABASE_OWNER_URL")
    with psycopg.connect(_renamed(owner, "postgres"), autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None
        if not (again and found):
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    os.environ["DATABASE_URL"], os.environ["DATABASE_OWNER_URL"] = _renamed(app, name), _renamed(owner, name)
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.dev"
    return again and found


def drop_database(*, name: str) -> None:
    """Remove a bench's database, once our own connections to it are closed: the owner may not end the application's nor
    a vacuum's, which ends by itself when asked."""
    from django.db import connections

    connections.close_all()
    values = env.load(root=ROOT)
    with psycopg.connect(_renamed(values.text("DATABASE_OWNER_URL"), "postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")


@contextmanager
def timed(into: dict[str, float], name: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    into[name] = time.perf_counter() - started


def best(work: Callable[[], object], times: int = 3) -> float:
    """The shortest of a few runs."""
    found = []
    for _run in range(times):
        started = time.perf_counter()
        work()
        found.append(time.perf_counter() - started)
    return min(found)


@cache
def stamp() -> dict[str, object]:
    """When, of which revision and where a figure was taken; as at the first, for the record itself changes the tree."""
    revision = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    return {
        "on": dt.date.today().isoformat(),
        "revision": revision,
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "python": platform.python_version(),
    }


def kept(lines: Sequence[Mapping[str, Any]]) -> None:
    """Append figures to the record, each with its stamp."""
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    with RESULTS.open("a", encoding="utf-8") as out:
        out.writelines(json.dumps({**line, **stamp()}) + "\n" for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=50_000, help="receivables in the book")
    options = parser.parse_args()
    fresh_database()
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from benchmarks import measures

    lines = measures.run(rows=options.rows, timed=timed, best=best)
    kept(lines)
    for line in lines:
        floor = f"floor {line['floor_s']:8.3f} s  ×{line['ratio']:<7.2f}" if line.get("floor_s") else " " * 26
        print(f"{line['measure']:28} {line['seconds']:8.3f} s  {floor} {line['note']}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
