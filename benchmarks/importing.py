"""Bringing a large file into the book, beside the same work written by hand in SQL.

    make bench-import ARGS="--rows 1000000"

The file holds ``--rows`` receivables of three tenths as many debtors, in no order, with names, identity numbers,
phones, addresses and contracts; a few come partly paid, paid or disputed. The floor takes the same rows, of other
people, in the same run: COPY into a table of texts, every check that the import makes as SQL, the same values sealed in
a bare loop (the database has no AES-GCM), and inserts into the same tables, with their indexes, constraints and
triggers, of another client. One run each where there are half a million rows or more, else the median of three.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks import __main__ as bench

DAY = dt.date(2026, 6, 1)
HEADER = (
    "debtor_ref", "debtor_name", "national_id", "mobile", "email", "city", "debt_ref", "receivable_ref", "issued_on",
    "due_on", "amount", "open_amount", "paid_on", "disputed",
)  # fmt: skip
LAYOUT = {"columns": {name: name for name in HEADER}}
MANY = 500_000
_FIRST = ("عبدالله", "نورة", "محمد", "سارة", "فهد", "ريم", "خالد", "هند", "سعود", "لمى")
_LAST = ("القحطاني", "الحربي", "الغامدي", "العتيبي", "الدوسري", "الشهري", "المطيري", "الزهراني")
_CITIES = ("الرياض", "جدة", "الدمام", "مكة", "أبها")


def _check_digit(nine: str) -> str:
    total = sum(sum(divmod(int(d) * 2, 10)) if n % 2 == 0 else int(d) for n, d in enumerate(nine))
    return str(-total % 10)


def lines(rows: int, *, number: int) -> Iterator[str]:
    """The lines of a file of this number; each number tells of other people."""
    rng = random.Random(7)
    debtors = max(rows * 3 // 10, 1)
    yield ",".join(HEADER) + "\n"
    # A walk through all rows in an order that is none, without holding it.
    step = next(n for n in range(int(rows * 0.618) | 1, 2 * rows + 3, 2) if rows % n or n == 1)
    while _common(step, rows) != 1:
        step += 2
    for turn in range(rows):
        n = turn * step % rows
        d = n % debtors
        issued = DAY - dt.timedelta(days=30 + n % 300)
        amount = 1_000 + n * 7919 % 900_000
        kind = rng.random()
        still_open = f"{amount // 2 / 100:.2f}" if kind < 0.10 else ""
        paid = (issued + dt.timedelta(days=20)).isoformat() if 0.10 <= kind < 0.12 else ""
        who = number * debtors + d
        nine = f"1{who:08d}"
        contract = f"{d:07d}-{n // debtors % 2 if d % 3 == 0 else 0}"
        cells = (
            f"{number}-{d:07d}",
            f"{_FIRST[d % 10]} {_FIRST[d // 10 % 10]} {_LAST[d // 100 % 8]}",
            nine + _check_digit(nine),
            f"05{'0345689'[d % 7]}{who % 10_000_000:07d}",
            f"d{who}@example.com" if d % 3 == 0 else "",
            _CITIES[d % 5],
            f"{number}-L{contract}",
            f"R{n:08d}",
            f"{issued}",
            f"{issued + dt.timedelta(days=60)}",
            f"{amount // 100}.{amount % 100:02d}",
            still_open,
            paid,
            "yes" if 0.12 <= kind < 0.13 else "",
        )
        yield ",".join(cells) + "\n"


def _common(a: int, b: int) -> int:
    while b:
        a, b = b, a % b
    return a


def _written(path: Path, *, rows: int, number: int) -> None:
    with path.open("w", encoding="utf-8") as out:
        out.writelines(lines(rows, number=number))


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--no-floor", action="store_true")
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    bench.fresh_database(name="mithaq_bench_import")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    lines = run(rows=options.rows, floor=not options.no_floor, profile=options.profile)
    if not options.profile:
        bench.kept(lines)
    for line in lines:
        print(json.dumps(line), flush=True)


def run(*, rows: int, floor: bool = True, profile: bool = False) -> list[dict[str, Any]]:
    """Ours and the floor over the same file; one line for the benchmark's record."""
    from benchmarks.importing_floor import floor_import
    from clients.services.clients import client_create
    from collections_app.services.imports import portfolio_import
    from common.audit import Actor

    actor = Actor.system("bench")
    times = 1 if rows >= MANY else 3
    ours: list[float] = []
    by_hand: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(times):
            path = Path(folder) / "rows.csv"
            _written(path, rows=rows, number=2 * turn)
            client, other = (
                client_create(actor=actor, code=f"{code}{turn}", name_ar="قياس", name_en="Bench", kind="BANK")
                for code in ("OURS", "FLOOR")
            )
            steps: dict[str, float] = {}
            before, started = peak_mib(), time.perf_counter()

            def told(step: str, done: int, total: int, steps: dict[str, float] = steps) -> None:
                steps.setdefault(f"{step}{done if step == 'write' else ''}", time.perf_counter())

            if profile:
                import cProfile

                profiler = cProfile.Profile()
                profiler.enable()
            result = portfolio_import(
                actor=actor, client=client, content=path, name="rows.csv", layout=LAYOUT, placed_on=DAY, progress=told
            ).result
            ours.append(time.perf_counter() - started)
            if profile:
                profiler.disable()
                profiler.print_stats("tottime")
            after = peak_mib()
            if result["accepted"] != rows:
                raise RuntimeError(f"{result['accepted']} of {rows}: {result['refusals'][:3]}")
            told_of = f"{rows / ours[-1]:,.0f} rows/s, peak {before:.0f} → {after:.0f} MiB"
            print(f"ours {ours[-1]:.1f} s, {told_of}", file=sys.stderr)
            marks = [*steps.items(), ("end", started + ours[-1])]
            print({a: round(t2 - t1, 1) for (a, t1), (_b, t2) in pairwise(marks)}, file=sys.stderr)
            if floor:
                _written(path, rows=rows, number=2 * turn + 1)
                started = time.perf_counter()
                parts = floor_import(path=path, client_id=other.pk, placed_on=DAY)
                by_hand.append(time.perf_counter() - started)
                print(f"floor {by_hand[-1]:.1f} s {parts}", file=sys.stderr)
    line: dict[str, Any] = {
        "name": "import", "size": rows, "ours_s": round(statistics.median(ours), 2), "runs": times,
        "peak_mib": round(after), "before_mib": round(before),
    }  # fmt: skip
    if by_hand:
        line |= {"floor_s": round(statistics.median(by_hand), 2)}
        line |= {"ratio": round(line["ours_s"] / line["floor_s"], 2)}
    return [line]


if __name__ == "__main__":
    main()
