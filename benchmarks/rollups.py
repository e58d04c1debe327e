"""A night's counting of days over a house of many clients, beside the plain group-by to the same cells.

    make bench-rollups                                  100,000 receivables of 50 clients
    make bench-rollups ARGS="--rows 1000000 --clients 500"

``night`` closes a day of every client as the night does, one after the other; its floor is one group-by of all open
balances to the same columns, and the bare one by client, currency and bucket alone is told beside it. ``past`` counts a
past day of every client from the ledger, beside the same group-by over the summed ledger. ``late`` brings the closed
days of every client up to money that was told late, beside counting these days anew. In alternation, medians.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from statistics import median
from typing import Any

from benchmarks import book
from benchmarks.__main__ import drop_database, kept
from benchmarks.book import FIRST, asked, line, settle, timed

DAY = dt.timedelta(days=1)
# Closed days before the day that is closed, and how many payments in a thousand receivables are told late of them.
DAYS_BEFORE = 5
LATE_OF_1000 = 2

_CASES = """
CREATE TABLE bench_client AS SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM clients_client;
CREATE TABLE bench_user AS SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM accounts_user;
INSERT INTO parties_party (kind, wrapped_key, created_at)
SELECT 'PERSON', NULL, now() FROM generate_series(1, %(cases)s);
INSERT INTO collections_app_debtor (client_id, party_id, debtor_ref, name, kind, city, prefers)
SELECT k.id, p.id, 'D' || p.id, 'عبدالله', 'PERSON', '', ''
FROM parties_party p JOIN bench_client k ON k.n = p.id %% %(clients)s;
INSERT INTO collections_app_case
    (client_id, debtor_id, status, track, placed_on, currency, currencies, balance, owner_id, assigned_on)
SELECT d.client_id, d.id, 'ACTIVE', 'AMICABLE', %(first)s - (7 * (d.id %% 4))::int, 'SAR', 1, 0, u.id, %(first)s - 30
FROM collections_app_debtor d JOIN bench_client k ON k.id = d.client_id
JOIN bench_user u ON u.n = (3 * k.n + d.id %% 3) %% (SELECT count(*) FROM bench_user);
INSERT INTO collections_app_caseassignment (client_id, case_id, owner_id, "on", recorded_at)
SELECT client_id, id, owner_id, assigned_on, now() FROM collections_app_case;
INSERT INTO collections_app_debt (client_id, case_id, debt_ref, currency, product)
SELECT client_id, id, 'D' || debtor_id, 'SAR', (ARRAY['card', 'loan'])[1 + id %% 2] FROM collections_app_case;
CREATE TABLE bench_debt AS
SELECT id, client_id, case_id, row_number() OVER (ORDER BY id) AS k FROM collections_app_debt;
CREATE UNIQUE INDEX ON bench_debt (k) INCLUDE (id, client_id, case_id);
CREATE TABLE bench_stage AS
SELECT w.id, w.position, coalesce(w.from_day, 0) AS from_day,
       coalesce(lead(w.from_day) OVER (ORDER BY w.position), 100000) AS until_day
FROM clients_stagepolicyrow w
WHERE w.policy_id = (SELECT stage_policy_id FROM clients_client ORDER BY id LIMIT 1);
ANALYZE collections_app_case, collections_app_debt, bench_debt;
"""
_AGE = "(n * 7 %% 200)::int"
_BATCH = f"""
INSERT INTO collections_app_ledgerentry
    (client_id, receivable_id, kind, component, amount, currency, effective_on, recorded_at, event_id, allocation)
SELECT d.client_id, n, 'CHARGE', 'PRINCIPAL', 10 + n %% 90000, 'SAR', %(first)s - {_AGE}, now(), 1, ''
FROM generate_series(%(low)s, %(high)s) AS n JOIN bench_debt d ON d.k = 1 + (n - 1) %% %(cases)s;
INSERT INTO collections_app_receivable
    (id, client_id, case_id, debt_id, receivable_ref, issued_on, due_on, currency, amount, balance, status, held,
     in_default, next_change_on, stage_id, stage_position, stage_since)
SELECT n, d.client_id, d.case_id, d.id, 'R' || n, %(first)s - {_AGE}, %(first)s - {_AGE} + 60, 'SAR',
       10 + n %% 90000, 10 + n %% 90000, 'OPEN', false, s.position >= 2, %(first)s + 1, s.id, s.position,
       %(first)s - {_AGE} + s.from_day
FROM generate_series(%(low)s, %(high)s) AS n JOIN bench_debt d ON d.k = 1 + (n - 1) %% %(cases)s
JOIN bench_stage s ON {_AGE} >= s.from_day AND {_AGE} < s.until_day;
INSERT INTO collections_app_stagetransition
    (client_id, receivable_id, case_id, from_stage_id, to_stage_id, "on", days, recorded_at)
SELECT client_id, id, case_id, NULL, stage_id, stage_since, 0, now() FROM collections_app_receivable
WHERE id BETWEEN %(low)s AND %(high)s;
INSERT INTO collections_app_contactattempt
    (client_id, case_id, at, channel, direction, reached, outcome, note, verdict, rules, breach_reason, recorded_at)
SELECT d.client_id, d.case_id, (%(first)s::timestamp + interval '12 hours') AT TIME ZONE 'Asia/Riyadh', 'PHONE', 'OUT',
       CASE WHEN n %% 3 = 0 THEN 'HOLDER' ELSE 'NO_ONE' END, CASE WHEN n %% 3 = 0 THEN 'INFORMED' ELSE 'NO_ANSWER' END,
       '', 'ALLOWED', '[]', '', now()
FROM generate_series(%(low)s, %(high)s) AS n JOIN bench_debt d ON d.k = 1 + (n - 1) %% %(cases)s
WHERE n %% 50 = 0;
"""
# A client's rows lie together, as files bring them.
_TOGETHER = """
CLUSTER collections_app_receivable USING receivable_by_ref;
CLUSTER collections_app_ledgerentry USING entry_by_client;
CLUSTER collections_app_case USING case_by_client;
"""
# Money of these receivables, valued on one of the days before.
_LATE = """
INSERT INTO collections_app_payment
    (id, client_id, case_id, reference, value_on, amount, currency, suspense, method, received_by, payer_name,
     recorded_at, allocation_method, reversed_amount)
SELECT r.id, r.client_id, r.case_id, 'P' || r.id, %(first)s - 1 - (r.id / %(every)s %% %(days)s)::int, r.balance / 2,
       'SAR', 0, 'FILE', 'CLIENT', '', now(), 'OLDEST_FIRST', 0
FROM collections_app_receivable r WHERE r.id %% %(every)s = %(turn)s AND r.issued_on < %(first)s - 10 AND r.balance > 5;
INSERT INTO collections_app_ledgerentry
    (client_id, receivable_id, kind, component, amount, currency, effective_on, recorded_at, event_id, allocation,
     payment_id)
SELECT p.client_id, p.id, 'PAYMENT', 'PRINCIPAL', -p.amount, 'SAR', p.value_on, now(), 1, 'COMPUTED', p.id
FROM collections_app_payment p WHERE p.id %% %(every)s = %(turn)s;
"""

_CELL = """coalesce(f.placed_on, c.placed_on), w.code, width_bucket(r.amount, ARRAY[1000, 10000, 100000]), b.product,
    c.owner_id, r.currency, width_bucket(%(day)s - r.due_on, ARRAY[1, 31, 61, 91, 121, 151])"""
_JOINS = """JOIN collections_app_case c ON c.id = r.case_id JOIN collections_app_debt b ON b.id = r.debt_id
LEFT JOIN collections_app_importfile f ON f.id = r.file_id LEFT JOIN clients_stagepolicyrow w ON w.id = r.stage_id"""
FLOOR = f"""
SELECT r.client_id, {_CELL}, count(*), sum(r.balance) FROM collections_app_receivable r {_JOINS}
WHERE r.balance > 0 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
"""
FLOOR_BARE = """
SELECT client_id, currency, width_bucket(%(day)s - due_on, ARRAY[1, 31, 61, 91, 121, 151]), count(*), sum(balance)
FROM collections_app_receivable WHERE balance > 0 GROUP BY 1, 2, 3
"""
FLOOR_PAST = f"""
SELECT r.client_id, {_CELL}, count(*), sum(o.balance) FROM (
    SELECT receivable_id, sum(amount) AS balance FROM collections_app_ledgerentry WHERE effective_on <= %(day)s
    GROUP BY receivable_id HAVING sum(amount) > 0
) o JOIN collections_app_receivable r ON r.id = o.receivable_id {_JOINS} GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
"""
DAYS = ("reporting_daystock", "reporting_dayflow", "reporting_countedday", "reporting_touchedday")


def made(*, rows: int, clients: int) -> None:
    """A house of so many clients whose books stand at ``FIRST``, all in hand of twenty collectors, three a client."""
    from django.db import connections

    from accounts.choices import Role
    from accounts.models import User
    from clients.models import Client
    from clients.services.clients import client_create
    from common.audit import Actor

    for n in range(Client.objects.count(), clients):
        client_create(actor=Actor.system("bench"), code=f"B{n:03}", name_ar="قياس", name_en="Bench", kind="TRADE")
    Client.objects.update(book_date=FIRST)
    User.objects.bulk_create(User(email=f"bench{n}@bench.example", role=Role.COLLECTOR) for n in range(20))
    told: dict[str, Any] = {"cases": max(rows // 8, clients), "clients": clients, "first": FIRST}
    with connections["owner"].cursor() as owner:
        owner.execute(_CASES, told)
        for low in range(1, rows + 1, book.BATCH):
            owner.execute(_BATCH, {**told, "low": low, "high": min(low + book.BATCH - 1, rows)})
            owner.execute("ANALYZE collections_app_receivable, collections_app_ledgerentry")
        owner.execute(_TOGETHER)
    settle()


def _all_counted(day: dt.date, *, closed: bool = True) -> float:
    from clients.models import Client
    from reporting.services.rollups import day_count

    ids = list(Client.objects.order_by("pk").values_list("pk", flat=True))
    return timed(lambda: [day_count(client_id=pk, day=day, closed=closed) for pk in ids])


def _all_caught_up() -> float:
    from clients.models import Client
    from reporting.services.rollups import days_catch_up

    ids = list(Client.objects.order_by("pk").values_list("pk", flat=True))
    return timed(lambda: [days_catch_up(client_id=pk) for pk in ids])


def _told(name: str, rows: int, ours: list[float], floors: list[float], **more: Any) -> None:
    spreads = {"ours_from_to": book.spread(ours), "floor_from_to": book.spread(floors)}
    one = line(name, rows, median(ours), median(floors), runs=len(ours), **spreads, **more)
    kept([one])
    print(one, file=sys.stderr, flush=True)


def night(*, rows: int, times: int) -> None:
    """The day that is closed, from the balances."""
    from clients.models import Client
    from reporting.models import DayFlow, DayStock

    ours, floors, bare = [], [], []
    for _turn in range(times):
        settle(*DAYS)
        ours.append(_all_counted(FIRST))
        floors.append(timed(lambda: asked(FLOOR, {"day": FIRST})))
        bare.append(timed(lambda: asked(FLOOR_BARE, {"day": FIRST})))
    cells = {"cells": DayStock.objects.filter(on=FIRST).count(), "flows": DayFlow.objects.filter(on=FIRST).count()}
    _told(
        "days: a night of all clients", rows, ours, floors, clients=Client.objects.count(), **cells,
        bare_floor_s=round(median(bare), 4), ratio_to_bare=round(median(ours) / median(bare), 3),
    )  # fmt: skip


def past(*, rows: int, times: int) -> None:
    """A past day from the ledger; as many days are closed by it as ``late`` stands on."""
    from clients.models import Client

    ours, floors = [], []
    for ago in range(DAYS_BEFORE, 0, -1):
        ours.append(_all_counted(FIRST - ago * DAY))
        if ago <= times:
            floors.append(timed(lambda ago=ago: asked(FLOOR_PAST, {"day": FIRST - ago * DAY})))  # type: ignore[misc]
    settle(*DAYS)
    _told("days: a past day of all clients", rows, ours, floors, clients=Client.objects.count())


def late(*, rows: int, times: int) -> None:
    """What was told late, brought into the closed days; beside counting them all anew."""
    from django.db import connections

    from clients.models import Client
    from reporting.models import LateEntry

    ours, anew, lines, every = [], [], 0, 1000 // LATE_OF_1000
    begun = asked("SELECT coalesce(max(id %% %(every)s) + 1, 0) FROM collections_app_payment", {"every": every})[0][0]
    for turn in range(times):
        told = {"first": FIRST, "every": every, "turn": begun + turn, "days": DAYS_BEFORE}
        with connections["owner"].cursor() as owner:
            owner.execute(_LATE, told)
        lines = LateEntry.objects.count()
        ours.append(_all_caught_up())
        if turn == 0:
            anew.append(sum(_all_counted(FIRST - ago * DAY) for ago in range(1, DAYS_BEFORE + 1)))
        settle(*DAYS)
    more = {"lines": lines, "days": DAYS_BEFORE, "floor": "the days anew"}
    _told("days: told late", rows, ours, anew, clients=Client.objects.count(), **more)


PARTS = {"night": night, "past": past, "late": late}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000, help="receivables in the house")
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--database", default="mithaq_bench_rollups")
    parser.add_argument("--keep", action="store_true", help="leave the database, for other measures")
    parser.add_argument("--again", action="store_true", help="take the database and its books as they are")
    parser.add_argument("--make", action="store_true", help="make the books alone, and leave them for --again")
    parser.add_argument("--only", nargs="+", choices=list(PARTS), default=list(PARTS), help="parts of it, in order")
    options = parser.parse_args()
    book.database(name=options.database, again=options.again)
    from collections_app.models import Receivable

    if not Receivable.objects.exists():
        made(rows=options.rows, clients=options.clients)
    if options.make:
        return
    for part in options.only:
        PARTS[part](rows=options.rows, times=options.times)
    if not options.keep:
        drop_database(name=options.database)


if __name__ == "__main__":
    main()
