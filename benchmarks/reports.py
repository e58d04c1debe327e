"""How long a weekly report takes, how much memory its maker needs, and what a second process brings (DC-08).

    python -m benchmarks.reports --clients 40 --receivables 500

Each client has a book with a week of contacts, promises and payments. Every measured report is a whole one: figures
read, paper drawn, stored and sealed. A figure is a line of docs/measurements/reports.jsonl.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import multiprocessing
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks.__main__ import ROOT, drop_database, fresh_database, stamp

NAME = "mithaq_bench_reports"
RESULTS = ROOT / "docs" / "measurements" / "reports.jsonl"
WARM = 3
# The client, the language, and the reason of a next issue.
Task = tuple[int, str, str]


def _filled(*, clients: int, receivables: int) -> list[int]:
    """Clients with open books, and some of what a week brings."""
    from accounts.choices import Role
    from collections_app.models import Case
    from collections_app.services.contacts import contact_record
    from collections_app.services.ledger import payment_post
    from collections_app.services.nightly import nightly_run
    from collections_app.services.promises import promise_record
    from common import clock
    from common.audit import Actor
    from reporting.rules.weeks import Week
    from tests.faults.world import book_rows
    from tests.world import ACTOR, make_client, make_user, place

    week = Week.of(on=clock.today()).before()
    collector = make_user(Role.COLLECTOR, name="collector")
    ids = []
    for n in range(clients):
        client = make_client(f"C{n:03d}")
        ids.append(client.pk)
        place(client, book_rows(receivables, today=week.starts_on))
    with clock.at(clock.at_riyadh(on=week.starts_on, time=dt.time(0, 15))):
        nightly_run(date=week.starts_on)
    for client_id in ids:
        for n, case in enumerate(Case.objects.filter(client_id=client_id).select_related("client").order_by("pk")[:21]):
            day = week.starts_on + dt.timedelta(days=n % 5)
            with clock.at(clock.at_riyadh(on=day, time=dt.time(10, n))):
                contact_record(
                    actor=Actor.person(collector), user=collector, case=case, channel="PHONE", reached="NO_ONE",
                    outcome="NO_ANSWER", breach_reason="قياس",
                )  # fmt: skip
                promise_record(actor=ACTOR, case=case, amount=Decimal("40.00"), currency="SAR", due_on=day, made_on=day)
                payment_post(
                    actor=ACTOR, case=case, amount=Decimal("25.00"), currency="SAR", value_on=day,
                    reference=f"B-{client_id}-{n}",
                )  # fmt: skip
    return ids


def _begin() -> None:
    import django

    django.setup()


def _made(task: Task) -> tuple[float, float, float]:
    """One report in this process: its seconds, and the most memory that this process and the one beside it that draws
    papers ever had, in MiB.
    """
    from clients.models import Client
    from common import clock
    from common.audit import Actor
    from reporting.rules.weeks import Week
    from reporting.services.reports import report_issue

    client_id, language, reissue = task
    started = time.perf_counter()
    report_issue(
        actor=Actor.system("bench"), client=Client.objects.get(pk=client_id),
        period=Week.of(on=clock.today()).before(), language=language, reissue=reissue,
    )  # fmt: skip
    seconds = time.perf_counter() - started
    drawing = (_most_memory(pid) for pid in Path("/proc/thread-self/children").read_text().split())
    return seconds, _most_memory("self"), max(drawing, default=0.0)


def _most_memory(pid: str) -> float:
    """Of this process alone; what ``getrusage`` says is inherited from whoever began it."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


def _run(tasks: list[Task], *, processes: int) -> dict[str, Any]:
    """All tasks on so many processes, once each of them is warm."""
    pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), initializer=_begin)
    with pool:
        warm, cold = tasks[: WARM * processes], tasks[WARM * processes :]
        list(pool.map(_made, warm))
        started = time.perf_counter()
        found = list(pool.map(_made, cold))
        whole = time.perf_counter() - started
    seconds = sorted(one for one, _worker, _drawing in found)
    return {
        "reports": len(cold),
        "processes": processes,
        "per_second": round(len(cold) / whole, 2),
        "p50_s": round(statistics.median(seconds), 3),
        "p95_s": round(seconds[int(len(seconds) * 0.95)], 3),
        "memory_mib": round(max(worker for _one, worker, _drawing in found), 1),
        "drawing_mib": round(max(drawing for _one, _worker, drawing in found), 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=40)
    parser.add_argument("--receivables", type=int, default=500)
    options = parser.parse_args()
    fresh_database(name=NAME)
    _begin()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    ids = _filled(clients=options.clients, receivables=options.receivables)
    one = _run([(client_id, "ar", "") for client_id in ids], processes=1)
    two = _run([(client_id, "ar", "on two processes") for client_id in ids], processes=2)
    english = _run([(client_id, "en", "") for client_id in ids], processes=1)
    line = {
        "what": "weekly reports", "clients": options.clients, "receivables": options.receivables, "one": one,
        "two": two, "english": english, "ratio": round(two["per_second"] / one["per_second"], 2), **stamp(),
    }  # fmt: skip
    with RESULTS.open("a", encoding="utf-8") as out:
        out.write(json.dumps(line) + "\n")
    print(json.dumps(line, indent=1), flush=True)
    drop_database(name=NAME)


if __name__ == "__main__":
    main()
