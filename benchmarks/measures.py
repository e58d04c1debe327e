"""What is measured, each beside its floor: the same rows moved by the barest SQL, without triggers, keys or checks."""

from __future__ import annotations

import datetime as dt
import io
import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from accounts.choices import Role
from accounts.services.users import team_save, user_create
from clients.models import Client
from clients.services.clients import client_create
from collections_app.models import Case, LedgerEntry, Receivable
from collections_app.selectors.aging import aging_as_of
from collections_app.services.cases import cases_assign
from collections_app.services.imports import portfolio_import
from collections_app.services.nightly import nightly_run
from common import audit, clock
from common.audit import Actor

ACTOR = Actor.system("bench")
FIRST = dt.date(2025, 1, 1)
PASSWORD = "bench bench bench"  # noqa: S105 - a database of a minute
LAYOUT = {
    "columns": {name: name for name in ("debtor_ref", "debtor_name", "receivable_ref", "issued_on", "due_on", "amount")}
}
Timed = Callable[[dict[str, float], str], AbstractContextManager[None]]
Best = Callable[..., float]


def _file(rows: int) -> bytes:
    """About one debtor to eight receivables, issued over the 200 days before ``FIRST``."""
    rng, out = random.Random(7), io.StringIO()
    out.write("debtor_ref,debtor_name,receivable_ref,issued_on,due_on,amount\n")
    for n in range(rows):
        issued = FIRST - dt.timedelta(days=rng.randrange(200))
        amount = Decimal(rng.randrange(1_000, 900_000)) / 100
        out.write(f"D{n // 8:06d},عبدالله {n // 8},R{n:07d},{issued},{issued + dt.timedelta(days=60)},{amount}\n")
    return out.getvalue().encode()


def _sql(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _line(measure: str, seconds: float, floor: float | None, note: str, **more: Any) -> dict[str, Any]:
    return {
        "measure": measure,
        "seconds": round(seconds, 4),
        "floor_s": round(floor, 4) if floor else None,
        "ratio": round(seconds / floor, 2) if floor else None,
        "note": note,
        **more,
    }


def _import(*, client: Client, rows: int, timed: Timed) -> list[dict[str, Any]]:
    """A file into an empty book, and the same file again."""
    lines: list[dict[str, Any]] = []
    t: dict[str, float] = {}
    content = _file(rows)

    with timed(t, "import"):
        portfolio_import(actor=ACTOR, client=client, content=content, name="bench.csv", layout=LAYOUT, placed_on=FIRST)
    with timed(t, "import_floor"), transaction.atomic():
        _sql(
            "CREATE TEMP TABLE raw (debtor_ref text, debtor_name text, receivable_ref text, issued_on date, "
            "due_on date, amount numeric(18,2)) ON COMMIT DROP",
            "CREATE TEMP TABLE bare_receivable (id bigserial, receivable_ref text, issued_on date, due_on date, "
            "amount numeric(18,2), balance numeric(18,2)) ON COMMIT DROP",
            "CREATE TEMP TABLE bare_entry (receivable_id bigint, amount numeric(18,2), effective_on date) "
            "ON COMMIT DROP",
        )
        with (
            connection.cursor() as cursor,
            cursor.copy("COPY raw FROM STDIN WITH (FORMAT csv, HEADER true)") as copy,
        ):
            copy.write(content)
        _sql(
            "INSERT INTO bare_receivable (receivable_ref, issued_on, due_on, amount, balance) "
            "SELECT receivable_ref, issued_on, due_on, amount, amount FROM raw",
            "INSERT INTO bare_entry SELECT id, amount, issued_on FROM bare_receivable",
        )
    lines.append(_line("import", t["import"], t["import_floor"], f"{rows / t['import']:,.0f} rows a second", rows=rows))

    with timed(t, "again"):
        portfolio_import(actor=ACTOR, client=client, content=content, name="bench.csv", layout=LAYOUT, placed_on=FIRST)
    lines.append(_line("import, the same again", t["again"], t["import_floor"], "nothing is written", rows=rows))
    return lines


def _night(*, client: Client, rows: int, timed: Timed) -> list[dict[str, Any]]:
    """One night over a book of which little changes."""
    lines: list[dict[str, Any]] = []
    t: dict[str, float] = {}
    nightly_run(date=FIRST)
    changes = Receivable.objects.filter(client=client, next_change_on=FIRST + dt.timedelta(days=1)).count()
    with timed(t, "night"):
        nightly_run(date=FIRST + dt.timedelta(days=1))
    ids = list(Receivable.objects.filter(client=client).order_by("?").values_list("pk", flat=True)[:changes])
    with timed(t, "night_floor"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("UPDATE collections_app_receivable SET stage_since = stage_since WHERE id = ANY(%s)", [ids])
            cursor.execute(
                "SELECT due_on, sum(balance), count(*) FROM collections_app_receivable WHERE client_id = %s "
                "GROUP BY due_on",
                [client.pk],
            )
        transaction.set_rollback(True)
    lines.append(
        _line("night", t["night"], t["night_floor"], f"{changes:,} of {rows:,} receivables change", changes=changes)
    )
    return lines


def _aging(*, client: Client, best: Best) -> list[dict[str, Any]]:
    """Aging of one date, from the ledger."""
    lines: list[dict[str, Any]] = []
    as_of = FIRST + dt.timedelta(days=1)
    aging = best(lambda: aging_as_of(client_id=client.pk, as_of=as_of, basis="DUE"))
    floor = best(lambda: _sql("SELECT receivable_id, sum(amount) FROM collections_app_ledgerentry GROUP BY 1"))
    lines.append(_line("aging as of a date", aging, floor, "from the ledger", entries=LedgerEntry.objects.count()))
    return lines


def _pages(*, best: Best) -> list[dict[str, Any]]:
    """The pages that are open all day."""
    lines: list[dict[str, Any]] = []
    team = team_save(actor=ACTOR, team=None, name_ar="فريق", name_en="Team")
    user = user_create(
        actor=ACTOR,
        email="bench@mithaq.example",
        name_ar="قياس",
        name_en="Bench",
        role=Role.COLLECTOR,
        team=team,
        password=PASSWORD,
        is_demo=True,
    )
    own = list(Case.objects.order_by("pk").values_list("pk", flat=True)[:400])
    cases_assign(actor=ACTOR, case_ids=own, owner=user, on=clock.today())
    browser = Browser()
    browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    for name, path in (("collector's day", "/day/"), ("case page", f"/cases/{own[0]}/"), ("case list", "/cases/")):
        with CaptureQueriesContext(connection) as queries:
            answer = browser.get(path, headers={"host": "localhost"})
        asked = [query["sql"] for query in queries.captured_queries]
        if answer.status_code != 200:
            raise RuntimeError(f"{path} answered {answer.status_code}")
        seconds = best(lambda path=path: browser.get(path, headers={"host": "localhost"}))  # type: ignore[misc]
        reads = [sql for sql in asked if sql.lstrip("( ").upper().startswith(("SELECT", "WITH"))]
        floor = best(lambda reads=reads: _sql(*reads))  # type: ignore[misc]
        lines.append(_line(name, seconds, floor, f"{len(asked)} queries; floor: these alone", queries=len(asked)))
    return lines


def _chain(*, timed: Timed) -> list[dict[str, Any]]:
    """Sealing and proving the audit chain."""
    lines: list[dict[str, Any]] = []
    t: dict[str, float] = {}
    count = 20_000
    with transaction.atomic():
        for n in range(count):
            audit.record(actor=ACTOR, action="bench", subject_type="bench", subject_id=n, body={"n": n})
    with timed(t, "seal"):
        sealed = audit.seal()
    lines.append(_line("seal", t["seal"], None, f"{sealed / t['seal']:,.0f} events a second", events=sealed))
    with timed(t, "verify"):
        verdict = audit.verify()
    if not verdict.ok:
        raise RuntimeError("the chain does not hold")
    lines.append(
        _line(
            "verify", t["verify"], None, f"{verdict.checked / t['verify']:,.0f} links a second", links=verdict.checked
        )
    )
    return lines


def run(*, rows: int, timed: Timed, best: Best) -> list[dict[str, Any]]:
    """Every measure in turn, over one book."""
    client = client_create(actor=ACTOR, code="BENCH", name_ar="قياس", name_en="Bench", kind="TRADE")
    return [
        *_import(client=client, rows=rows, timed=timed),
        *_night(client=client, rows=rows, timed=timed),
        *_aging(client=client, best=best),
        *_pages(best=best),
        *_chain(timed=timed),
    ]
