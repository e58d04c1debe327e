"""A large book, made set-based: what every bench over large books stands on.

One debtor to eight receivables, issued over the two hundred days before ``FIRST``; the receivables of a case lie far
apart on disk, as files bring them. One in five is paid in half, by payments whose acts are sealed, so that questions
about the past, as it was known, have something to read.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.__main__ import fresh_database

if TYPE_CHECKING:
    from clients.models import Client

FIRST = dt.date(2026, 1, 1)
BATCH = 500_000
A_FILE = 1_000  # payments that one act told of

_CASES = """
INSERT INTO parties_party (kind, wrapped_key, created_at)
SELECT 'PERSON', NULL, now() FROM generate_series(1, %(cases)s);
INSERT INTO collections_app_debtor (client_id, party_id, debtor_ref, name, kind, city, prefers)
SELECT %(client)s, p.id, 'D' || p.id, 'عبدالله', 'PERSON', '', '' FROM parties_party p;
INSERT INTO collections_app_case
    (client_id, debtor_id, status, track, placed_on, currency, currencies, balance)
SELECT %(client)s, id, 'PLACED', 'AMICABLE', %(first)s, 'SAR', 1, 0 FROM collections_app_debtor;
INSERT INTO collections_app_debt (client_id, case_id, debt_ref, currency, product)
SELECT %(client)s, id, 'D' || debtor_id, 'SAR', '' FROM collections_app_case;
ANALYZE collections_app_case, collections_app_debt;
CREATE TABLE bench_debt AS
SELECT id, case_id, row_number() OVER (ORDER BY id) AS k FROM collections_app_debt WHERE client_id = %(client)s;
CREATE UNIQUE INDEX ON bench_debt (k) INCLUDE (id, case_id);
ANALYZE bench_debt;
"""

# Entries before their receivables, as an import writes them.
_BATCH = """
INSERT INTO collections_app_ledgerentry
    (client_id, receivable_id, kind, component, amount, currency, effective_on, recorded_at, event_id, allocation)
SELECT %(client)s, n, 'CHARGE', 'PRINCIPAL', 10 + n %% 9000, 'SAR', %(first)s - (n * 7 %% 200)::int, now(), %(charged)s,
       ''
FROM generate_series(%(low)s, %(high)s) AS n;
INSERT INTO collections_app_payment
    (id, client_id, case_id, reference, value_on, amount, currency, suspense, method, received_by, payer_name,
     recorded_at, allocation_method, reversed_amount)
SELECT n / 5, %(client)s, d.case_id, 'P' || n, %(first)s - 1, (10 + n %% 9000) / 2, 'SAR', 0, 'FILE', 'CLIENT', '',
       now(), 'OLDEST_FIRST', 0
FROM generate_series(%(low)s, %(high)s) AS n JOIN bench_debt d ON d.k = 1 + (n - 1) %% %(cases)s
WHERE n %% 5 = 0;
INSERT INTO collections_app_ledgerentry
    (client_id, receivable_id, kind, component, amount, currency, effective_on, recorded_at, event_id, allocation,
     payment_id)
SELECT %(client)s, n, 'PAYMENT', 'PRINCIPAL', -((10 + n %% 9000) / 2), 'SAR', %(first)s - 1, now(),
       (%(events)s::bigint[])[1 + (n - %(low)s) / 5 / %(a_file)s], 'COMPUTED', n / 5
FROM generate_series(%(low)s, %(high)s) AS n WHERE n %% 5 = 0;
INSERT INTO collections_app_receivable
    (id, client_id, case_id, debt_id, receivable_ref, issued_on, due_on, currency, amount, balance, status, held,
     in_default, next_change_on)
SELECT n, %(client)s, d.case_id, d.id, 'R' || n, %(first)s - (n * 7 %% 200)::int, %(first)s - (n * 7 %% 200)::int + 60,
       'SAR', 10 + n %% 9000, 10 + n %% 9000 - CASE WHEN n %% 5 = 0 THEN (10 + n %% 9000) / 2 ELSE 0 END, 'OPEN', false,
       false, %(first)s - (n * 7 %% 200)::int
FROM generate_series(%(low)s, %(high)s) AS n JOIN bench_debt d ON d.k = 1 + (n - 1) %% %(cases)s;
"""

_SETTLED = """
SELECT setval('collections_app_receivable_id_seq', (SELECT max(id) FROM collections_app_receivable));
SELECT setval('collections_app_payment_id_seq', (SELECT max(id) FROM collections_app_payment));
"""
HOT = (
    "collections_app_receivable", "collections_app_case", "collections_app_ledgerentry", "collections_app_payment",
    "collections_app_stagetransition", "collections_app_task", "collections_app_defaultepisode", "common_auditevent",
    "common_auditseal", "common_jobrun",
)  # fmt: skip


def database(*, name: str, again: bool = False) -> bool:
    """A database of this name with the schema of today; whether it was there already (and ``again`` was asked)."""
    found = fresh_database(name=name, again=again)
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    return found


def made(*, rows: int, code: str = "BENCH") -> Client:
    """A client with a book of ``rows`` receivables that no night has seen yet; the one that is there, when it is."""
    from django.db import connections, transaction

    from clients.models import Client
    from clients.services.clients import client_create
    from common.audit import Actor, record, seal

    actor = Actor.system("bench")
    if (there := Client.objects.filter(code=code, book_date__isnull=True).first()) is not None:
        return there
    client = client_create(actor=actor, code=code, name_ar="قياس", name_en="Bench", kind="TRADE")
    asked: dict[str, Any] = {"client": client.pk, "cases": max(rows // 8, 1), "first": FIRST, "a_file": A_FILE}
    with connections["owner"].cursor() as owner:
        owner.execute(_CASES, asked)
        for low in range(1, rows + 1, BATCH):
            high = min(low + BATCH - 1, rows)
            with transaction.atomic():
                charged = record(actor=actor, action="bench.book", client_id=client.pk).pk
                files = range(1 + (high - low) // 5 // A_FILE)
                events = [record(actor=actor, action="bench.paid", client_id=client.pk).pk for _n in files]
            owner.execute(_BATCH, {**asked, "low": low, "high": high, "charged": charged, "events": events})
            # Tables that grow from nothing have no statistics yet; joins of the next batch stand on them.
            owner.execute("ANALYZE collections_app_receivable, collections_app_ledgerentry, collections_app_payment")
        owner.execute(_SETTLED)
        owner.execute("DROP TABLE bench_debt")
    connections["owner"].close()
    seal()
    settle()
    return client


def settle(*tables: str) -> None:
    """What autovacuum would have done by now, so that no measure is met by it."""
    from django.db import connections

    with connections["owner"].cursor() as owner:
        owner.execute(f"VACUUM ANALYZE {', '.join(tables or HOT)}")


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def in_turn(*works: Callable[[], object], times: int = 5) -> list[list[float]]:
    """The seconds of each work, run in alternation, so that a busy minute of the machine meets all of them."""
    found: list[list[float]] = [[] for _work in works]
    for _turn in range(times):
        for work, seconds in zip(works, found, strict=True):
            seconds.append(timed(work))
    return found


def asked(sql: str, params: dict[str, Any] | None = None) -> list[Any]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


def memory_mib(what: str) -> float:
    """This process's memory: VmRSS now, VmHWM at its highest since the last forgetting."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(what)) / 1024


def forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def line(name: str, size: int, ours_s: float, floor_s: float | None, **more: Any) -> dict[str, Any]:
    """One line of the record."""
    return {
        "name": name,
        "size": size,
        "ours_s": round(ours_s, 4),
        "floor_s": round(floor_s, 4) if floor_s else None,
        "ratio": round(ours_s / floor_s, 3) if floor_s else None,
        **more,
    }


def spread(seconds: Sequence[float]) -> list[float]:
    """The least and the most of the runs, for who wonders how noisy the machine was."""
    return [round(min(seconds), 4), round(max(seconds), 4)]
