"""The house in which the campaign kills: two books three nights behind, a file that opens a third, money that came."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounts.choices import Role
from accounts.models import User
from clients.models import Client
from collections_app.choices import IncomingKind
from collections_app.models import Case, ImportFile, IncomingFile
from collections_app.selectors.ledger_check import ledger_faults
from collections_app.services.incoming_uploads import incoming_check, incoming_keep, incoming_start
from collections_app.services.ledger import payment_post
from collections_app.services.nightly import nightly_run
from collections_app.services.promises import promise_record
from collections_app.services.uploads import upload_check, upload_keep, upload_start
from common import audit, clock
from common.models import JobRun
from tests.faults.points import IMPORT, NIGHT
from tests.world import ACTOR, make_client, make_user, place, rows_csv

BIG, SMALL, NEW = "AAA", "BBB", "CCC"
BEHIND = 3


def book_rows(count: int, *, today: dt.date) -> list[dict[str, Any]]:
    """Receivables of which many change their stage on each of the last days."""
    rows = []
    for n in range(count):
        issued = today - dt.timedelta(days=(60, 90, 120, 150)[n % 4] + n % 5)
        rows.append(
            {
                "debtor_ref": f"D-{n // 2:03d}",
                "debtor_name": f"عبدالله {n // 2}",
                "mobile": f"05512{n // 2:05d}",
                "receivable_ref": f"R-{n:03d}",
                "issued_on": issued,
                "due_on": issued + dt.timedelta(days=60),
                "amount": f"{100 + n}.00",
            }
        )
    return rows


def build(*, today: dt.date) -> None:
    """The house as it stands before every case."""
    then = today - dt.timedelta(days=BEHIND)
    for code, count in ((BIG, 120), (SMALL, 10)):
        place(make_client(code), book_rows(count, today=today))
    make_user(Role.TEAM_LEADER, name="leader")
    make_user(Role.FINANCE_MANAGER, name="finance")
    with clock.at(clock.at_riyadh(on=then, time=dt.time(0, 15))):
        nightly_run(date=then)
        for n, case in enumerate(Case.objects.filter(client__code=BIG).order_by("pk")[:12]):
            promise_record(
                actor=ACTOR, case=case, amount=Decimal("50.00"), currency="SAR", due_on=then + dt.timedelta(days=n % 2),
                made_on=then,
            )  # fmt: skip
            if n % 3 == 0:
                payment_post(
                    actor=ACTOR, case=case, amount=Decimal("60.00"), currency="SAR", value_on=then, reference=f"P-{n}"
                )
    # After the night, which opens every book there is, an empty one too: this one its first file opens.
    make_client(NEW)


def told_points(*, today: dt.date) -> dict[str, Any]:
    """What points are told of the house that stands in this database."""
    ids = dict(Client.objects.values_list("code", "pk"))
    return {"today": today, "yesterday": today - dt.timedelta(days=1), "small": ids[SMALL], "client_id": ids[NEW]}


def proven() -> list[str]:
    """What does not hold in this book: its ledger, its chain, its run table."""
    wrong = [f"ledger: {fault}" for fault in ledger_faults()]
    verdict = audit.verify()
    wrong += [] if verdict.ok else [f"audit: {verdict}"]
    undone = JobRun.objects.exclude(status=JobRun.Status.DONE)
    return wrong + [f"run: {run} {run.error}" for run in undone]


@dataclass(frozen=True, kw_only=True)
class Task:
    """What is handed to a worker, and how one sees in the database that it is done."""

    name: str
    arguments: tuple[Any, ...]
    done: Callable[[], bool]


def hand_over(job: str, *, today: dt.date) -> Task:
    """Make a case's input ready; the task that the web or beat sends for it."""
    if job == NIGHT:
        runs = JobRun.objects.filter(job="nightly", step="run", book_id=0, business_date=today, status="DONE")
        return Task(name="collections.nightly", arguments=(), done=runs.exists)
    if job == IMPORT:
        leader = User.objects.get(email="leader@house.example")
        rows = [
            {**row, "national_id": "", "paid_on": today if n % 7 == 0 else "", "disputed": "Yes" if n % 11 == 1 else ""}
            for n, row in enumerate(book_rows(90, today=today))
        ]
        content, layout = rows_csv(rows)
        client = Client.objects.get(code=NEW)
        file = upload_keep(user=leader, client=client, content=content, name="new.csv", placed_on=today, layout=layout)
        upload_start(file=upload_check(user=leader, file=file, layout=layout), accept_good_rows=False)
        files = ImportFile.objects.filter(pk=file.pk, status__in=["DONE", "REFUSED", "FAILED"])
        return Task(name="collections.import", arguments=(file.pk,), done=files.exists)
    finance = User.objects.get(email="finance@house.example")
    lines = ["payment_ref,value_date,debtor_ref,amount,receivable_ref"]
    lines += [f"X-{n},{today - dt.timedelta(days=n % 9)},D-{n:03d},{50 + n}.00,R-{2 * n:03d}" for n in range(40)]
    layout = {
        "columns": {name: name for name in lines[0].split(",")}, "date_format": "%Y-%m-%d", "currency": "SAR",
    }  # fmt: skip
    arrived = incoming_keep(
        user=finance, client=Client.objects.get(code=BIG), kind=IncomingKind.PAYMENTS,
        content="\n".join(lines).encode(), name="money.csv",
    )  # fmt: skip
    incoming_start(file=incoming_check(user=finance, file=arrived, layout=layout))
    posted = IncomingFile.objects.filter(pk=arrived.pk, status__in=["DONE", "FAILED"])
    return Task(name="collections.incoming", arguments=(arrived.pk,), done=posted.exists)
