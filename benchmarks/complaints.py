"""How a large register answers: its pages, what repeats, the month's figures, its clocks, and one more complaint.

    python -m benchmarks.complaints --matters 100000

Three of a hundred matters are open, each with a running clock; a third of the people told of more than one thing. Pages
are asked for through Django's own client, so with everything but the network; what counts is beside the barest group-by
of the same rows. A figure is a line of docs/measurements/bench.jsonl.
"""

from __future__ import annotations

import argparse
import datetime as dt
import statistics
import sys
import time
import uuid
from collections.abc import Callable
from typing import Any

import psycopg

from benchmarks.__main__ import drop_database, fresh_database, kept

NAME = "mithaq_bench_complaints"
RUNS = 20

# What the services leave, in bulk: matters of the last 400 days, decided and closed but for the last ones.
REGISTER = """
INSERT INTO complaints_matter (
    reference, kind, intake, complainant, language, wrapped_key, name_sealed, phone_sealed, phone_index, email_index,
    words_sealed, words_index, account_ref, product, department, severity, remedy_sought, is_confidential, stage, level,
    missing, received_at, complete_at, answered_at, closed_at, outcome, remedy_done, currency, root_cause, category_id,
    client_id, handler_id)
SELECT 'X-' || n, CASE WHEN n %% 10 = 0 THEN 'ENQUIRY' ELSE 'COMPLAINT' END,
       (ARRAY['PHONE', 'WEB', 'EMAIL', 'PORTAL'])[1 + n %% 4], 'DEBTOR', 'ar', NULL, NULL, NULL,
       decode(md5('p' || n %% (%(n)s / 3)), 'hex'), NULL, ''::bytea, decode(md5('w' || n), 'hex'), 'A-' || n,
       (ARRAY['CARD', 'LOAN', 'CAR', ''])[1 + n %% 4], (ARRAY['OPERATIONS', 'FINANCE', 'LEGAL'])[1 + n %% 3], 'MEDIUM',
       '', false, CASE WHEN open THEN 'ASSESSED' ELSE 'CLOSED' END, 1, '{}', came, came,
       CASE WHEN NOT open THEN came + interval '3 days' END, CASE WHEN NOT open THEN came + interval '4 days' END,
       CASE WHEN open THEN '' WHEN n %% 10 = 0 THEN 'ANSWERED' WHEN n %% 3 = 0 THEN 'JUSTIFIED' ELSE 'UNJUSTIFIED' END,
       '', '', CASE WHEN NOT open AND n %% 10 <> 0 AND n %% 3 = 0 THEN 'PROCEDURE_BROKEN' ELSE '' END, leaf.id,
       %(client)s, %(user)s
FROM (SELECT n, n > %(n)s * 0.97 AS open, %(now)s - interval '400 days' * (1 - n::float / %(n)s) AS came
      FROM generate_series(1, %(n)s) n) told
CROSS JOIN LATERAL (SELECT id FROM complaints_category WHERE parent_id IS NOT NULL
                    ORDER BY id OFFSET n %% (SELECT count(*) FROM complaints_category WHERE parent_id IS NOT NULL)
                    LIMIT 1) leaf;
INSERT INTO common_clock (kind, code, subject_type, subject_id, client_id, calendar, state, started_at, since_at,
                          counts_from, "left", due_on, due_at, warn_at, warn_marks, warned, next_at, moves, step_id)
SELECT 'COMPLAINT', 'CLOSING', 'complaints.Matter', m.id, m.client_id, 'PRIVATE', 'RUNNING', m.received_at,
       m.received_at, m.received_at, 11, (m.received_at + interval '40 days')::date, m.received_at + interval '40 days',
       '{}', '{}', '{}', m.received_at + interval '40 days', 1, s.id
FROM complaints_matter m JOIN common_clockstep s ON s.kind = 'COMPLAINT' AND s.code = 'CLOSING'
WHERE m.stage <> 'CLOSED'
"""

# The same counts by the barest SQL.
BY_CATEGORY = """
SELECT category_id, count(*) FROM complaints_matter
WHERE kind = 'COMPLAINT' AND received_at >= %s AND received_at < %s GROUP BY 1
"""
NEAREST = """
SELECT m.reference, c.due_at FROM complaints_matter m
JOIN common_clock c ON c.subject_type = 'complaints.Matter' AND c.subject_id = m.id
WHERE m.stage <> 'CLOSED' AND c.state IN ('RUNNING', 'LATE') ORDER BY c.due_at LIMIT 30
"""


def _filled(*, matters: int) -> None:
    """A client, its officers, and the register; bulk rows go in past triggers, as the server's own superuser."""
    from django.db import connections

    from accounts.choices import Role
    from accounts.services.users import user_create
    from clients.services.clients import client_create
    from common import clock
    from common.audit import Actor
    from common.clocks import plan_of
    from common.db import analyze
    from complaints.services.categories import categories_ship
    from complaints.services.causes import causes_ship

    actor = Actor.system("bench")
    client = client_create(actor=actor, code="BENCH", name_ar="قياس", name_en="Bench", kind="BANK")
    users = {
        role: user_create(
            actor=actor, email=f"{role.lower()}@house.example", name_ar="قياس", name_en="Bench", role=role, team=None,
            password=uuid.uuid4().hex, is_demo=True,
        )
        for role in (Role.COMPLAINTS_OFFICER, Role.QUALITY_OFFICER)
    }  # fmt: skip
    categories_ship()
    causes_ship()
    plan_of(kind="COMPLAINT", at=clock.now(), client_id=client.pk)  # its steps are written down
    told = {"n": matters, "now": clock.now(), "client": client.pk, "user": users[Role.COMPLAINTS_OFFICER].pk}
    where = {**connections["default"].get_connection_params(), "user": "postgres"}
    where = {name: where[name] for name in ("dbname", "host", "port", "user") if name in where}
    with psycopg.connect(**where) as server:
        server.execute("SET LOCAL session_replication_role = replica")
        for statement in REGISTER.split(";\n"):
            server.execute(statement, told)
    analyze("complaints_matter", "common_clock")


def _timed(work: Callable[[], Any], *, runs: int = RUNS) -> dict[str, float]:
    """Milliseconds of each run: median, 95th percentile, slowest. The first two are not counted."""
    found = []
    for _run in range(runs + 2):
        started = time.perf_counter()
        work()
        found.append((time.perf_counter() - started) * 1000)
    cuts = statistics.quantiles(found[2:], n=100)
    return {"p50_ms": round(cuts[49], 2), "p95_ms": round(cuts[94], 2), "slowest_ms": round(max(found[2:]), 2)}


def _asked(statement: str, *params: Any) -> Callable[[], Any]:
    from django.db import connection

    def work() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, params)
            cursor.fetchall()

    return work


def _measured(*, matters: int) -> list[dict[str, Any]]:
    from accounts.choices import Role
    from accounts.models import User
    from common import clock
    from common.clocks import clocks_tick
    from complaints.rules.learning import month_before, month_of, span_of_month
    from complaints.selectors.month_figures import figures_of
    from complaints.tests.worlds import a_matter
    from tests.doors import enter

    officer = enter(User.objects.get(role=Role.COMPLAINTS_OFFICER))
    quality = enter(User.objects.get(role=Role.QUALITY_OFFICER))
    today = clock.today()
    month = month_before(month_of(today))
    year = today - dt.timedelta(days=365)

    def page(browser: Any, path: str) -> Callable[[], Any]:
        def work() -> None:
            answer = browser.get(path, headers={"host": "localhost"})
            if answer.status_code != 200:
                raise RuntimeError(f"{path}: {answer.status_code}")

        return work

    def repeats(since: dt.date, until: dt.date) -> str:
        return f"/matters/repeats/?since={since}&until={until}"

    def one_more() -> None:
        a_matter(phone=f"055{uuid.uuid4().int % 10_000_000:07d}", email="", words=uuid.uuid4().hex)

    by_month, by_year = _asked(BY_CATEGORY, *span_of_month(month)), _asked(BY_CATEGORY, year, today)
    measures: list[tuple[str, Callable[[], Any], Callable[[], Any] | None]] = [
        ("register: open", page(officer, "/matters/"), _asked(NEAREST)),
        ("register: closed", page(officer, "/matters/?view=closed"), None),
        ("register: all, page 1000", page(officer, "/matters/?view=all&page=1000"), None),
        ("register: a reference", page(officer, f"/matters/?view=all&q=X-{matters // 2}"), None),
        ("register: a number", page(officer, "/matters/?view=all&q=0551234567"), None),
        ("board", page(officer, "/matters/board/"), _asked(NEAREST)),
        ("what repeats: a month", page(quality, repeats(month, month.replace(day=28))), by_month),
        ("what repeats: a year", page(quality, repeats(year, today)), by_year),
        ("satisfaction", page(quality, "/matters/satisfaction/"), None),
        ("month: repeated complaints", lambda: figures_of(kind="REPEATS", month=month), by_month),
        ("month: performance", lambda: figures_of(kind="PERFORMANCE", month=month), by_month),
        ("clocks: an idle tick", lambda: clocks_tick(at=clock.now()), None),
        ("one complaint more", one_more, None),
    ]  # fmt: skip
    clocks_tick(at=clock.now())
    lines = []
    for name, work, floor in measures:
        line = {"name": name, "size": matters, "runs": RUNS, **_timed(work)}
        if floor is not None:
            line["floor_ms"] = _timed(floor)["p50_ms"]
            line["ratio"] = round(line["p50_ms"] / line["floor_ms"], 2)
        lines.append(line)
        print(f"{name:28} p50 {line['p50_ms']:8.2f} ms  p95 {line['p95_ms']:8.2f} ms", end="")
        print(f"  floor {line['floor_ms']:8.2f} ms" if floor is not None else "", flush=True)
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--matters", type=int, default=100_000)
    parser.add_argument("--keep", action="store_true", help="leave the database, and go on with it when it is there")
    options = parser.parse_args()
    again = fresh_database(name=NAME, again=options.keep)
    import django

    django.setup()
    from django.core.management import call_command

    if not again:
        call_command("migrate", verbosity=0)
        _filled(matters=options.matters)
    kept(_measured(matters=options.matters))
    if not options.keep:
        drop_database(name=NAME)


if __name__ == "__main__":
    sys.exit(main())
