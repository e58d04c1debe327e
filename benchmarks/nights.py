"""The night over large books, beside a full scan written by hand that leaves the same rows behind.

    make bench-nights                        100,000 receivables
    make bench-nights ARGS="--rows 5000000"

The floor of aging is a pair of statements: one looks at every open receivable of the book and writes new stages,
next dates and transitions, the other at every case and writes its stage; with the row of the run table. It knows no
holds, no products, no rules of default and no parts. Both work on the same rows, indexes, keys and triggers, in turn,
night after night; the floor is rolled back. Medians of ``--nights`` nights.

Then whole nights, every step of the timetable, by ``nightly_run``: usual ones, and idle ones on which no receivable's
date has come. Their steps' seconds are the run table's own.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Callable
from statistics import median
from typing import Any

from benchmarks import book
from benchmarks.__main__ import drop_database, kept
from benchmarks.book import FIRST, HOT, line, memory_mib, settle, timed

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


# A day on which nothing is due: what was, waits a day longer.
IDLE = """
UPDATE collections_app_receivable SET next_change_on = %(day)s + 1
WHERE client_id = %(client)s AND status = 'OPEN' AND next_change_on <= %(day)s
"""


def run(*, rows: int, nights: int) -> None:
    """Aging beside its floor, then whole nights; each line is recorded when it is known."""
    from django.db import connection, transaction

    from collections_app.models import StageTransition
    from collections_app.services import nightly, stages
    from common.jobs import step, step_in_parts

    client = book.made(rows=rows)

    def rolled_back(day: dt.date, *statements: str) -> Callable[[], object]:
        told = {"client": client.pk, "day": day}

        def work() -> None:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    for sql in statements:
                        cursor.execute(sql, told)
                    # What commits would check.
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                transaction.set_rollback(True)

        return work

    def floor(day: dt.date) -> float:
        return timed(rolled_back(day, FLOOR_RECEIVABLES, FLOOR_CASES, FLOOR_RUN))

    def parts(day: dt.date) -> list[Callable[[], int]]:
        return list(nightly.step_age.parts(client_id=client.pk, day=day, since=day, last=True))

    def ours(day: dt.date) -> float:
        told = {"job": "bench", "name": "age", "business_date": day, "book_id": client.pk}
        return timed(lambda: step_in_parts(**told, parts=lambda: parts(day)))

    def opened(day: dt.date) -> float:
        told = {"job": "bench", "name": "open", "business_date": day, "book_id": client.pk}
        return timed(lambda: step(**told, work=lambda: stages.book_open(client_id=client.pk, day=day)))

    def tell(one: dict[str, Any]) -> None:
        kept([one])
        print(one, file=sys.stderr, flush=True)

    tell(line("first night: book opened", rows, opened(FIRST), None))
    settle()
    book.forget_peak()
    base = memory_mib("VmRSS")
    first_floor = floor(FIRST)
    settle()
    first = ours(FIRST)
    peak = memory_mib("VmHWM") - base
    tell(
        line(
            "first night: aging",
            rows,
            first,
            first_floor,
            changes=StageTransition.objects.count(),
            memory_mib=round(peak, 1),
        )
    )
    settle()
    tasks = timed(
        lambda: nightly.step_tasks.work(client_id=client.pk, day=FIRST, since=FIRST - dt.timedelta(days=1), last=True)
    )
    tell(line("first night: stage actions", rows, tasks, None))
    own, floors, opens, again, changes = [], [], [], [], []
    for ahead in range(1, nights + 1):
        day = FIRST + dt.timedelta(days=ahead)
        settle()
        opens.append(opened(day))
        floors.append(floor(day))
        # The floor's rolled back rows are dead ones: gone again before ours, as they are before the floor.
        settle()
        before = StageTransition.objects.count()
        own.append(ours(day))
        changes.append(StageTransition.objects.count() - before)
        again.append(timed(lambda day=day: [work() for work in parts(day)]))  # type: ignore[misc]
    tell(
        line(
            "night: aging",
            rows,
            median(own),
            median(floors),
            changes=int(median(changes)),
            runs=len(own),
            ours_from_to=book.spread(own),
            floor_from_to=book.spread(floors),
        )
    )
    tell(line("night: a rerun", rows, median(again), median(own), changes=0, from_to=book.spread(again)))
    tell(line("night: book opened", rows, median(opens), None))
    day = FIRST + dt.timedelta(days=nights)
    whole, steps, _alone = _whole(client_id=client.pk, after=day, nights=nights, idle=False)
    tell(line("whole night: usual", rows, whole, None, steps=steps))
    tell_idle(client_id=client.pk, rows=rows, nights=nights, base=base, tell=tell)


def tell_idle(*, client_id: int, rows: int, nights: int, base: float, tell: Callable[[dict[str, Any]], None]) -> None:
    """Nights on which nothing is due, after the book's date; and the most memory of all of it beyond ``base``."""
    from clients.models import Client

    after = Client.objects.get(pk=client_id).book_date or FIRST
    whole, steps, alone = _whole(client_id=client_id, after=after, nights=nights, idle=True)
    tell(line("idle night: aging, with its row", rows, median(alone), None, from_to=book.spread(alone)))
    peak = round(memory_mib("VmHWM") - base, 1)
    tell(line("whole night: idle", rows, whole, None, steps=steps, memory_mib=peak))


def _whole(*, client_id: int, after: dt.date, nights: int, idle: bool) -> tuple[float, dict[str, float], list[float]]:
    """Nights by the timetable after a day: the median of all of it, and of each step; and idle aging by itself."""
    from django.db import connections

    from collections_app.services import nightly
    from common.jobs import step_in_parts
    from common.models import JobRun

    whole: list[float] = []
    alone: list[float] = []
    steps: dict[str, list[float]] = {}
    for ahead in range(1, nights + 1):
        day = after + dt.timedelta(days=ahead)
        if idle:
            with connections["owner"].cursor() as owner:
                owner.execute(IDLE, {"client": client_id, "day": day})
        settle(*HOT)
        if idle:
            told = {"job": "bench", "name": "idle", "business_date": day, "book_id": client_id}
            asked = {"client_id": client_id, "day": day, "since": day, "last": True}
            alone.append(
                timed(
                    lambda told=told, asked=asked: step_in_parts(**told, parts=lambda: nightly.step_age.parts(**asked))
                )  # type: ignore[misc]
            )
        whole.append(timed(lambda day=day: nightly.nightly_run(date=day)))  # type: ignore[misc]
        for run in JobRun.objects.filter(job="nightly", book_id=client_id, business_date=day, chunk=0):
            steps.setdefault(run.step, []).append(run.seconds or 0.0)
    return median(whole), {name: round(median(seconds), 4) for name, seconds in steps.items()}, alone


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000, help="receivables in the book")
    parser.add_argument("--nights", type=int, default=5)
    parser.add_argument("--database", default="mithaq_bench_nights")
    parser.add_argument("--keep", action="store_true", help="leave the database, for other measures")
    parser.add_argument("--again", action="store_true", help="take the database and its book as it is")
    parser.add_argument("--make", action="store_true", help="make the book alone, and leave it for --again")
    options = parser.parse_args()
    book.database(name=options.database, again=options.again)
    if options.make:
        book.made(rows=options.rows)
        return
    run(rows=options.rows, nights=options.nights)
    if not options.keep:
        drop_database(name=options.database)


if __name__ == "__main__":
    sys.exit(main())
