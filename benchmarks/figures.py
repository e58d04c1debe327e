"""Figures of a day and ageing of a past day, beside the plain group-by over the same rows.

    make bench-figures                          100,000 receivables
    make bench-figures ARGS="--rows 5000000"

The floor of the rollup is one group-by of the open balances by currency and bucket of one basis; ours writes both bases
into the table of figures. The floor of the past is the sum of each receivable's entries up to the day, counted in the
database so that no rows travel; ours says what was open, by currency and bucket. In alternation, medians of five.
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

# What a second, small client adds: its figures must not cost the large one's book.
SMALL = 20_000

_AGE = "width_bucket(%(day)s - due_on, ARRAY[1, 31, 61, 91, 121, 151])"
FLOOR_ROLLUP = f"""
SELECT currency, {_AGE}, count(*), sum(balance) FROM collections_app_receivable
WHERE client_id = %(client)s AND balance > 0 GROUP BY 1, 2
"""
FLOOR_ALL = f"""
SELECT client_id, currency, {_AGE}, count(*), sum(balance) FROM collections_app_receivable
WHERE balance > 0 GROUP BY 1, 2, 3
"""
FLOOR_PAST = """
SELECT count(*), sum(balance) FROM (
    SELECT receivable_id, sum(amount) AS balance FROM collections_app_ledgerentry
    WHERE client_id = %(client)s AND effective_on <= %(day)s GROUP BY receivable_id
) owed
"""


def run(*, rows: int, past_too: bool = True) -> list[dict[str, Any]]:
    """Lines for the record."""
    from django.db import transaction

    from clients.models import Client
    from collections_app.selectors.aging import aging_as_of
    from collections_app.services.stages import book_open
    from common import clock
    from reporting.services.rollups import aging_rollup_write

    found = Client.objects.filter(code="BENCH").first() or book.made(rows=rows)
    large, small = found, Client.objects.filter(code="SMALL").first() or _small()
    for client in (large, small):
        if client.book_date is None:
            with transaction.atomic():
                book_open(client_id=client.pk, day=FIRST)
            client.refresh_from_db()
    book.settle()
    lines = []

    def beside(name: str, work: Any, floor: str, day: dt.date, **more: Any) -> None:
        told = {"client": large.pk, "day": day}
        ours, floors = book.in_turn(work, lambda: asked(floor, told))
        lines.append(
            line(name, rows, median(ours), median(floors), runs=len(ours), ours_from_to=book.spread(ours),
                 floor_from_to=book.spread(floors), **more)
        )  # fmt: skip
        print(lines[-1], file=sys.stderr, flush=True)

    today = large.book_date or FIRST
    past = FIRST - dt.timedelta(days=20)

    def written(*clients: Client) -> None:
        for client in clients:
            aging_rollup_write(client_id=client.pk, day=client.book_date or FIRST, closed=False)

    beside("rollup: one client", lambda: written(large), FLOOR_ROLLUP, today, bases=2)
    beside("rollup: all clients", lambda: written(large, small), FLOOR_ALL, today, bases=2, clients=2)
    if not past_too:
        return lines
    beside(
        "rollup: a past day", lambda: aging_rollup_write(client_id=large.pk, day=past, closed=True), FLOOR_PAST, past,
        bases=2,
    )  # fmt: skip
    beside("aging as of a past day", lambda: aging_as_of(client_id=large.pk, as_of=past, basis="DUE"), FLOOR_PAST, past)
    now = clock.now()
    beside(
        "aging as of a past day, as known at",
        lambda: aging_as_of(client_id=large.pk, as_of=past, basis="DUE", known_at=now),
        FLOOR_PAST,
        past,
    )
    return lines


def _small() -> Any:
    from clients.services.clients import client_create
    from collections_app.services.imports import portfolio_import
    from common.audit import Actor

    actor = Actor.system("bench")
    client = client_create(actor=actor, code="SMALL", name_ar="قياس", name_en="Small", kind="TRADE")
    head = ("debtor_ref", "receivable_ref", "issued_on", "due_on", "amount")
    issued = [FIRST - dt.timedelta(days=n % 200) for n in range(SMALL)]
    body = (f"S{n // 8},S{n},{on},{on + dt.timedelta(days=60)},{10 + n % 900}.00" for n, on in enumerate(issued))
    content = "\n".join([",".join(head), *body]).encode()
    layout = {"columns": {name: name for name in head}, "currency": "SAR"}
    portfolio_import(actor=actor, client=client, content=content, name="small.csv", layout=layout, placed_on=FIRST)
    return client


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000, help="receivables in the book")
    parser.add_argument("--database", default="mithaq_bench_figures")
    parser.add_argument("--again", action="store_true", help="take the database and its book as it is")
    parser.add_argument("--keep", action="store_true", help="leave the database, for other measures")
    parser.add_argument("--today", action="store_true", help="the rollups of today alone")
    options = parser.parse_args()
    book.database(name=options.database, again=options.again)
    kept(run(rows=options.rows, past_too=not options.today))
    if not options.keep:
        drop_database(name=options.database)


if __name__ == "__main__":
    main()
