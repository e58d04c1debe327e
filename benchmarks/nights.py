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
from collections.abc import Callable, Sequence
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


PARTS = ("first", "nights", "usual", "idle")
Tell = Callable[[dict[str, Any]], None]


class Aging:
    """A book's aging by hand and by the house, from the day it stands on."""

    def __init__(self, *, client_id: int) -> None:
        self.client_id = client_id

    def floor(self, day: dt.date) -> float:
        """The pair of statements with the run's row; rolled back."""
        from django.db import connection, transaction

        told = {"client": self.client_id, "day": day}

        def work() -> None:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    for sql in (FLOOR_RECEIVABLES, FLOOR_CASES, FLOOR_RUN):
                        cursor.execute(sql, told)
                    # What commits would check.
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                transaction.set_rollback(True)

        return timed(work)

    def parts(self, day: dt.date) -> list[Callable[[], int]]:
        from collections_app.services import nightly

        return list(nightly.step_age.parts(client_id=self.client_id, day=day, since=day, last=True))

    def ours(self, day: dt.date, *, name: str = "age") -> float:
        from common.jobs import step_in_parts

        told = {"job": "bench", "name": name, "business_date": day, "book_id": self.client_id}
        return timed(lambda: step_in_parts(**told, parts=lambda: self.parts(day)))  # type: ignore[arg-type]

    def opened(self, day: dt.date) -> float:
        from collections_app.services import stages
        from common.jobs import step

        told = {"job": "bench", "name": "open", "business_date": day, "book_id": self.client_id}
        return timed(
            lambda: step(**told, work=lambda: stages.book_open(client_id=self.client_id, day=day))  # type: ignore[arg-type]
        )


def run(*, rows: int, nights: int, only: Sequence[str] = PARTS) -> None:
    """The parts asked for, in order; each line is recorded when it is known."""
    from clients.models import Client

    client = Client.objects.filter(code="BENCH").first() or book.made(rows=rows)
    base = memory_mib("VmRSS")

    def tell(one: dict[str, Any]) -> None:
        kept([one])
        print(one, file=sys.stderr, flush=True)

    for part in only:
        client.refresh_from_db()
        aging, after = Aging(client_id=client.pk), client.book_date or FIRST
        if part == "first":
            _first(aging=aging, rows=rows, tell=tell)
        elif part == "nights":
            _nights(aging=aging, rows=rows, days=[after + dt.timedelta(days=n + 1) for n in range(nights)], tell=tell)
        else:
            whole, steps, alone = _whole(client_id=client.pk, after=after, nights=nights, idle=part == "idle")
            if alone:
                tell(line("idle night: aging, with its row", rows, median(alone), None, from_to=book.spread(alone)))
            # The most that all of it took beyond what the program is.
            peak = round(memory_mib("VmHWM") - base, 1)
            tell(line(f"whole night: {part}", rows, whole, None, steps=steps, memory_mib=peak))


def _first(*, aging: Aging, rows: int, tell: Tell) -> None:
    """The first night of a book that no night has seen yet."""
    from collections_app.models import StageTransition
    from collections_app.services import nightly

    tell(line("first night: book opened", rows, aging.opened(FIRST), None))
    settle()
    book.forget_peak()
    base = memory_mib("VmRSS")
    floor = aging.floor(FIRST)
    settle()
    ours = aging.ours(FIRST)
    changes, peak = StageTransition.objects.count(), round(memory_mib("VmHWM") - base, 1)
    tell(line("first night: aging", rows, ours, floor, changes=changes, memory_mib=peak))
    settle()
    told = {"client_id": aging.client_id, "day": FIRST, "since": FIRST - dt.timedelta(days=1), "last": True}
    tell(line("first night: stage actions", rows, timed(lambda: nightly.step_tasks.work(**told)), None))


def _nights(*, aging: Aging, rows: int, days: Sequence[dt.date], tell: Tell) -> None:
    """Aging on usual nights, beside the floor, and again."""
    from collections_app.models import StageTransition

    own, floors, opens, again, changes = [], [], [], [], []
    for day in days:
        settle()
        opens.append(aging.opened(day))
        floors.append(aging.floor(day))
        # The floor's rolled back rows are dead ones: gone again before ours, as they are before the floor.
        settle()
        before = StageTransition.objects.count()
        own.append(aging.ours(day))
        changes.append(StageTransition.objects.count() - before)
        again.append(timed(lambda day=day: [work() for work in aging.parts(day)]))  # type: ignore[misc]
    spreads = {"ours_from_to": book.spread(own), "floor_from_to": book.spread(floors)}
    told = {"changes": int(median(changes)), "runs": len(own), **spreads}
    tell(line("night: aging", rows, median(own), median(floors), **told))
    tell(line("night: a rerun", rows, median(again), median(own), changes=0, from_to=book.spread(again)))
    tell(line("night: book opened", rows, median(opens), None))


def _whole(*, client_id: int, after: dt.date, nights: int, idle: bool) -> tuple[float, dict[str, float], list[float]]:
    """Nights by the timetable after a day: the median of all of it, and of each step; and idle aging by itself."""
    from django.db import connections

    from collections_app.services import nightly
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
            alone.append(Aging(client_id=client_id).ours(day, name="idle"))
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
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="parts of it, with --again and --keep")
    options = parser.parse_args()
    book.database(name=options.database, again=options.again)
    if options.make:
        book.made(rows=options.rows)
        return
    run(rows=options.rows, nights=options.nights, only=options.only)
    if not options.keep:
        drop_database(name=options.database)


if __name__ == "__main__":
    sys.exit(main())
