"""The night over large books, beside a full scan written by hand that leaves the same rows behind.

    make bench-nights                        100,000 receivables
    make bench-nights ARGS="--rows 1000000"

The floor of a night is a pair of statements: one looks at every open receivable of the book and writes new stages,
next dates and transitions, the other at every case and writes its stage; with the row of the run table. It knows no
holds, no products, no rules of default and no parts. Both work on the same rows, indexes, keys and triggers, in turn,
night after night; the floor is rolled back. Medians of ``--nights`` nights.
"""

from __future__ import annotations

import argparse
import datetime as dt
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.__main__ import fresh_database, kept

FIRST = dt.date(2026, 1, 1)

BOOK = """
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
INSERT INTO collections_app_ledgerentry
    (client_id, receivable_id, kind, component, amount, currency, effective_on, recorded_at, event_id, allocation)
SELECT %(client)s, n, 'CHARGE', 'PRINCIPAL', 10 + n %% 9000, 'SAR', %(first)s - (n * 7 %% 200)::int, now(), 1, ''
FROM generate_series(1, %(rows)s) AS n;
INSERT INTO collections_app_receivable
    (id, client_id, case_id, debt_id, receivable_ref, issued_on, due_on, currency, amount, balance, status, held,
     in_default, next_change_on)
SELECT n, %(client)s, d.case_id, d.id, 'R' || n, %(first)s - (n * 7 %% 200)::int, %(first)s - (n * 7 %% 200)::int + 60,
       'SAR', 10 + n %% 9000, 10 + n %% 9000, 'OPEN', false, false, %(first)s - (n * 7 %% 200)::int
FROM generate_series(1, %(rows)s) AS n
JOIN (SELECT id, case_id, row_number() OVER (ORDER BY id) AS k FROM collections_app_debt) d
    ON d.k = 1 + (n - 1) %% %(cases)s;
"""

# What the trade ladder says, by hand: four thresholds, and default with the second.
_POSITION = """CASE WHEN %(day)s - r.issued_on >= 151 THEN 4 WHEN %(day)s - r.issued_on >= 121 THEN 3
    WHEN %(day)s - r.issued_on >= 91 THEN 2 WHEN %(day)s - r.issued_on >= 61 THEN 1 ELSE 0 END"""
FLOOR_RECEIVABLES = f"""
WITH moved AS (
    UPDATE collections_app_receivable r
    SET stage_id = w.id, stage_position = n.position, stage_since = %(day)s, in_default = n.position >= 2,
        next_change_on = CASE n.position WHEN 0 THEN r.issued_on + 61 WHEN 1 THEN r.issued_on + 91
            WHEN 2 THEN r.issued_on + 121 WHEN 3 THEN r.issued_on + 151 END
    FROM (
        SELECT r.id, r.stage_position AS was, {_POSITION} AS position
        FROM collections_app_receivable r WHERE r.client_id = %(client)s AND r.status = 'OPEN'
    ) n
    JOIN (SELECT w.id, w.position, lag(w.id) OVER (ORDER BY w.position) AS before FROM clients_stagepolicyrow w
          JOIN clients_client k ON k.stage_policy_id = w.policy_id WHERE k.id = %(client)s) w ON w.position = n.position
    WHERE r.id = n.id AND n.was IS DISTINCT FROM n.position
    RETURNING r.id, r.case_id, CASE WHEN n.was IS NOT NULL THEN w.before END AS was, w.id AS stage,
              %(day)s - r.issued_on AS days
)
INSERT INTO collections_app_stagetransition
    (client_id, receivable_id, case_id, from_stage_id, to_stage_id, "on", days, recorded_at)
SELECT %(client)s, id, case_id, was, stage, %(day)s, days, now() FROM moved
"""
FLOOR_CASES = """
UPDATE collections_app_case c SET stage_depth = w.depth, stage_id = w.id
FROM (
    SELECT case_id, max(stage_position) AS position FROM collections_app_receivable
    WHERE client_id = %(client)s AND status = 'OPEN' AND NOT held GROUP BY case_id
) s
JOIN clients_client k ON k.id = %(client)s
JOIN clients_stagepolicyrow w ON w.policy_id = k.stage_policy_id AND w.position = s.position
WHERE c.id = s.case_id AND c.stage_id IS DISTINCT FROM w.id
"""
FLOOR_RUN = """
INSERT INTO common_jobrun (job, step, book_id, business_date, chunk, status, row_count, started_at, seconds, error)
VALUES ('floor', 'age', %(client)s, %(day)s, 0, 'DONE', 0, now(), 0, '')
"""


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _memory_mib(what: str) -> float:
    """This process's memory: VmRSS now, VmHWM at its highest since the last forgetting."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(what)) / 1024


def _forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def run(*, rows: int, nights: int) -> list[dict[str, Any]]:
    from django.db import connection, connections, transaction

    from clients.services.clients import client_create
    from collections_app.models import StageTransition
    from collections_app.services import nightly, stages
    from common.audit import Actor
    from common.jobs import step, step_in_parts

    client = client_create(actor=Actor.system("bench"), code="BENCH", name_ar="قياس", name_en="Bench", kind="TRADE")
    asked = {"client": client.pk, "cases": max(rows // 8, 1), "rows": rows, "first": FIRST}
    with connections["owner"].cursor() as owner:
        owner.execute(BOOK, asked)
        owner.execute("SELECT setval('collections_app_receivable_id_seq', %s)", [rows])
    connections["owner"].close()

    def settle() -> None:
        with connections["owner"].cursor() as owner:
            owner.execute("VACUUM ANALYZE collections_app_receivable, collections_app_case")
            owner.execute("VACUUM ANALYZE collections_app_stagetransition")

    def floor(day: dt.date) -> float:
        told = {"client": client.pk, "day": day}

        def work() -> None:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    for sql in (FLOOR_RECEIVABLES, FLOOR_CASES, FLOOR_RUN):
                        cursor.execute(sql, told)
                    # What commits would check.
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                transaction.set_rollback(True)

        return timed(work)

    def ours(day: dt.date) -> float:
        def work() -> None:
            step_in_parts(
                job="bench", name="age", business_date=day, book_id=client.pk,
                parts=lambda: nightly.step_age.parts(client_id=client.pk, day=day, since=day, last=True),
            )  # fmt: skip

        return timed(work)

    def opened(day: dt.date) -> float:
        return timed(
            lambda: step(
                job="bench",
                name="open",
                business_date=day,
                book_id=client.pk,
                work=lambda: stages.book_open(client_id=client.pk, day=day),
            )
        )

    lines = []
    settle()
    opened(FIRST)
    settle()
    _forget_peak()
    base = _memory_mib("VmRSS")
    first_floor = floor(FIRST)
    settle()
    first = ours(FIRST)
    lines.append(_line("first night: aging", rows, first, first_floor, changes=StageTransition.objects.count()))
    own, floors, opens, again, changes = [], [], [], [], []
    for ahead in range(1, nights + 1):
        day = FIRST + dt.timedelta(days=ahead)
        settle()
        opens.append(opened(day))
        floors.append(floor(day))
        settle()
        before = StageTransition.objects.count()
        own.append(ours(day))
        changes.append(StageTransition.objects.count() - before)
        again.append(
            timed(
                lambda day=day: [  # type: ignore[misc]
                    work() for work in nightly.step_age.parts(client_id=client.pk, day=day, since=day, last=True)
                ]
            )
        )
    median = statistics.median
    lines.append(_line("night: aging", rows, median(own), median(floors), changes=int(median(changes))))
    lines.append(_line("night: idle, and a rerun", rows, median(again), median(own), changes=0))
    lines.append(_line("night: book opened", rows, median(opens), None))
    lines[-1]["memory_mib"] = round(_memory_mib("VmHWM") - base, 1)
    return lines


def _line(name: str, size: int, ours_s: float, floor_s: float | None, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "size": size,
        "ours_s": round(ours_s, 4),
        "floor_s": round(floor_s, 4) if floor_s else None,
        "ratio": round(ours_s / floor_s, 3) if floor_s else None,
        **more,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000, help="receivables in the book")
    parser.add_argument("--nights", type=int, default=5)
    options = parser.parse_args()
    fresh_database()
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    lines = run(rows=options.rows, nights=options.nights)
    kept(lines)
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
