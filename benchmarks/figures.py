"""Ageing of a past day, beside the sum of the ledger.

    make bench-figures                          100,000 receivables
    make bench-figures ARGS="--rows 5000000"

The floor is the sum of each receivable's entries up to the day, counted in the database so that no rows travel; ours
says what was open, by currency and bucket. In alternation, medians of five. Counted days: ``make bench-rollups``.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from statistics import median
from typing import Any

from benchmarks import book
from benchmarks.__main__ import drop_database, kept
from benchmarks.book import FIRST, asked, line

FLOOR_PAST = """
SELECT count(*), sum(balance) FROM (
    SELECT receivable_id, sum(amount) AS balance FROM collections_app_ledgerentry
    WHERE client_id = %(client)s AND effective_on <= %(day)s GROUP BY receivable_id
) owed
"""


def run(*, rows: int) -> list[dict[str, Any]]:
    """Lines for the record."""
    from django.db import transaction

    from clients.models import Client
    from collections_app.selectors.aging import aging_as_of
    from collections_app.services.stages import book_open
    from common import clock

    client = Client.objects.filter(code="BENCH").first() or book.made(rows=rows)
    if client.book_date is None:
        with transaction.atomic():
            book_open(client_id=client.pk, day=FIRST)
    book.settle()
    past, now = FIRST - dt.timedelta(days=20), clock.now()
    lines = []
    for name, known_at in (("aging as of a past day", None), ("aging as of a past day, as known at", now)):
        ours, floors = book.in_turn(
            lambda known_at=known_at: aging_as_of(client_id=client.pk, as_of=past, basis="DUE", known_at=known_at),
            lambda: asked(FLOOR_PAST, {"client": client.pk, "day": past}),
        )
        lines.append(
            line(name, rows, median(ours), median(floors), runs=len(ours), ours_from_to=book.spread(ours),
                 floor_from_to=book.spread(floors))
        )  # fmt: skip
        print(lines[-1], file=sys.stderr, flush=True)
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000, help="receivables in the book")
    parser.add_argument("--database", default="mithaq_bench_figures")
    parser.add_argument("--again", action="store_true", help="take the database and its book as it is")
    parser.add_argument("--keep", action="store_true", help="leave the database, for other measures")
    options = parser.parse_args()
    book.database(name=options.database, again=options.again)
    kept(run(rows=options.rows))
    if not options.keep:
        drop_database(name=options.database)


if __name__ == "__main__":
    main()
