"""How long an order waits for its answer in a large portfolio (CM-23): server time, at the API and in the service.

    python -m benchmarks.orders --customers 100000

Each customer has an agreement, a limit, an owner, the papers an order asks for, and open invoices in the ledger. Asked
of customers at random, one after another; a figure is a line of docs/measurements/bench.jsonl.
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import json
import random
import statistics
import sys
import time
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from benchmarks.__main__ import drop_database, fresh_database, kept

NAME = "mithaq_bench_orders"
RUNS = 1_000
INVOICES = 2

# What the services leave, in bulk: an agreement and a limit of half a year ago, an owner, and three papers.
BOOK = """
INSERT INTO credit_customer (client_id, debtor_id, kind, sector, legal_form, resident, currency, industry, region,
                             opened_at)
SELECT client_id, id, 'CREDIT', 'S' || mod(id, 7), 'LLC', true, 'SAR', 'I' || mod(id, 20), 'R' || mod(id, 13), %(now)s
FROM collections_app_debtor WHERE client_id = %(client)s;
INSERT INTO credit_agent (client_id, customer_id, name_sealed, id_hint, is_owner, scopes, valid_from, recorded_by_id,
                          recorded_at, revoked_for)
SELECT client_id, id, '', '', true, ARRAY['ORDERS'], %(signed)s, %(user)s, %(now)s, '' FROM credit_customer;
INSERT INTO credit_facilityagreement (client_id, customer_id, number, signed_on, is_earlier, ended_for, terms_days,
                                      period_start, recorded_by_id, recorded_at)
SELECT client_id, id, 'FA-' || id, %(signed)s, false, '', 60, 'INVOICE', %(user)s, %(now)s FROM credit_customer;
INSERT INTO credit_creditlimit (client_id, customer_id, agreement_id, amount, currency, ground, starts_on, ends_on,
                                reason, recorded_at)
SELECT client_id, customer_id, id, 20000, 'SAR', 'POINTS', %(signed)s, %(ends)s, '', %(now)s
FROM credit_facilityagreement;
INSERT INTO credit_creditpaper (client_id, customer_id, kind, origin, number, title, name, content_type, size, pages,
                                language, sha256, content_sealed, added_at)
SELECT c.client_id, c.id, k.kind, 'UPLOADED', '', k.kind, 'p.pdf', 'application/pdf', 1, 1, '', '', '', %(now)s
FROM credit_customer c CROSS JOIN (VALUES ('COMMERCIAL_REGISTRATION'), ('OFFICIAL_ID'), ('SPECIMEN_SIGNATURE')) k(kind);
"""


def _filled(*, customers: int) -> Any:
    """A client with its customers and their invoices."""
    from accounts.choices import Role
    from accounts.services.users import user_create
    from clients.services.clients import client_create
    from collections_app.services.imports import portfolio_import
    from common import clock
    from common.audit import Actor
    from common.db import analyze, execute

    actor, today = Actor.system("bench"), clock.today()
    client = client_create(actor=actor, code="BENCH", name_ar="قياس", name_en="Bench", kind="TRADE")
    user = user_create(
        actor=actor, email="bench@house.example", name_ar="قياس", name_en="Bench", role=Role.CREDIT_OFFICER, team=None,
        password=uuid.uuid4().hex, is_demo=True,
    )  # fmt: skip
    names = ("debtor_ref", "debtor_name", "receivable_ref", "issued_on", "due_on", "amount")
    rng, out = random.Random(7), io.StringIO()
    out.write(",".join(names) + "\n")
    for n in range(customers * INVOICES):
        issued = today - dt.timedelta(days=rng.randrange(1, 70))
        amount = Decimal(rng.randrange(10_000, 800_000)) / 100
        out.write(f"C{n // INVOICES:06d},شركة {n // INVOICES},I{n:07d},{issued},{issued + dt.timedelta(60)},{amount}\n")
    portfolio_import(
        actor=actor, client=client, content=out.getvalue().encode(), name="bench.csv",
        layout={"columns": {name: name for name in names}}, placed_on=today,
    )  # fmt: skip
    signed = today - dt.timedelta(days=180)
    told = {
        "now": clock.now(),
        "client": client.pk,
        "user": user.pk,
        "signed": signed,
        "ends": today + dt.timedelta(180),
    }
    for statement in BOOK.split(";\n"):
        if statement.strip():
            execute(statement, told)
    analyze("credit_customer", "credit_agent", "credit_facilityagreement", "credit_creditlimit", "credit_creditpaper")
    return client


def _timed(work: Callable[[int], Any], *, runs: int = RUNS) -> dict[str, float]:
    """Milliseconds of each run: median, 95th percentile, slowest. The first twenty are not counted."""
    found = []
    for n in range(runs + 20):
        started = time.perf_counter()
        work(n)
        found.append((time.perf_counter() - started) * 1000)
    cuts = statistics.quantiles(found[20:], n=100)
    return {"p50_ms": round(cuts[49], 2), "p95_ms": round(cuts[94], 2), "slowest_ms": round(max(found[20:]), 2)}


def _measured(*, client: Any, customers: int) -> list[dict[str, Any]]:
    from django.test import Client as Browser

    from clients.api.authentication import AccountThrottle
    from clients.choices import Scope
    from clients.services.systems import system_create, token_rotate
    from common import clock
    from common.audit import Actor
    from credit.models import Agent, Customer
    from credit.selectors.orders import ask_of, order_answer
    from credit.services.orders import order_place
    from tests.world import a_keeper

    AccountThrottle.THROTTLE_RATES = {"account": "1000000/min"}
    rng, on, run = random.Random(11), clock.today(), uuid.uuid4().hex[:6]
    ids = list(Customer.objects.filter(client=client).values_list("pk", flat=True))
    refs = dict(Customer.objects.values_list("pk", "debtor__debtor_ref"))
    agents = dict(Agent.objects.values_list("customer_id", "pk"))
    account = system_create(actor=Actor.system("bench"), client=client, name=f"ERP {run}", scopes=[Scope.CREDIT])
    _token, text = token_rotate(
        user=a_keeper(client, name=f"keeper{run}"), account=account, lifetime_days=90, overlap_hours=24
    )
    amount = Decimal(1_500)

    def service(n: int) -> None:
        customer = Customer.objects.select_related("debtor").get(pk=rng.choice(ids))
        agent = Agent.objects.get(pk=agents[customer.pk])
        ask = ask_of(customer=customer, kind="CREDIT", amount=amount, ordered_on=on, channel="SYSTEM")
        order_answer(customer=customer, ask=ask, on=on, agent=agent)

    def place(n: int) -> None:
        customer = Customer.objects.select_related("debtor", "client").get(pk=rng.choice(ids))
        order_place(
            actor=Actor.system("bench"), user=None, customer=customer, order_ref=f"P-{run}-{n}", kind="CREDIT",
            amount=amount, ordered_on=on, channel="SYSTEM", agent=Agent.objects.get(pk=agents[customer.pk]), on=on,
        )  # fmt: skip

    def asked(path: str, n: int, **more: str) -> None:
        pk = rng.choice(ids)
        body = {"debtor_ref": refs[pk], "amount": "1500.00", "signatory": agents[pk], **more}
        headers = {"Authorization": f"Bearer {text}", "Idempotency-Key": uuid.uuid4().hex}
        answer = Browser(headers=headers, SERVER_NAME="localhost").post(
            f"/api/v1/{path}", json.dumps(body), content_type="application/json"
        )
        if answer.status_code not in {200, 201}:
            raise RuntimeError(answer.content.decode())

    measures: list[tuple[str, Callable[[int], Any]]] = [
        ("order check, service", service),
        ("order placed, service", place),
        ("order check, API", lambda n: asked("credit/orders/check", n)),
        ("order placed, API", lambda n: asked("credit/orders", n, order_ref=f"A-{run}-{n}")),
    ]
    return [{"name": name, "size": customers, "runs": RUNS, **_timed(work)} for name, work in measures]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--keep", action="store_true", help="leave the database, and go on with it when it is there")
    options = parser.parse_args()
    again = fresh_database(name=NAME, again=options.keep)
    import django

    django.setup()
    from django.core.management import call_command

    from clients.models import Client

    if not again:
        call_command("migrate", verbosity=0)
    client = Client.objects.filter(code="BENCH").first() or _filled(customers=options.customers)
    lines = _measured(client=client, customers=options.customers)
    kept(lines)
    for line in lines:
        print(f"{line['name']:24} p50 {line['p50_ms']:7.2f} ms  p95 {line['p95_ms']:7.2f} ms  of {line['size']:,}")
    if not options.keep:
        drop_database(name=NAME)


if __name__ == "__main__":
    sys.exit(main())
