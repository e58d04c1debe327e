"""The night: a whole life of the sample, gaps, reruns, a killed worker."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, connections

from clients.models import Client
from collections_app.models import Case, Receivable, StageTransition, Task
from collections_app.selectors.aging import aging_as_of
from collections_app.services import stages
from collections_app.services.imports import portfolio_import
from collections_app.services.ledger import payment_post
from collections_app.services.nightly import nightly_run
from collections_app.tasks import nightly_sweep_task
from common import clock
from common.db import rows
from common.models import JobRun
from reporting.models import CountedDay, DayStock
from reporting.selectors.days import stock
from tests.world import ACTOR, IBM, IBM_LAYOUT, UNPAID_LAYOUT, a_case, make_client, place

FIRST = dt.date(2012, 1, 3)
# Each life goes as far as the stages it tells of; ``make machine`` takes all of them all the way.
NIGHTS = {"settled_on_its_day": 120, "nothing_paid": 160, "all_at_once": 120}
ALL_NIGHTS = 400


def rolled(client: Client, day: dt.date) -> dict[str, tuple[int, Decimal]]:
    found = stock(clients=Client.objects.filter(pk=client.pk), on=day, by=("bucket",))
    return {row["bucket"]: (row["receivables"], row["amount"]) for row in found}


def truth(client: Client, day: dt.date) -> dict[str, tuple[int, Decimal]]:
    found = aging_as_of(client_id=client.pk, as_of=day, basis="DUE")
    return {row["bucket"]: (row["count"], row["amount"]) for row in found}


def ibm(layout: dict[str, object]) -> Client:
    client = make_client("IBM")
    portfolio_import(
        actor=ACTOR, client=client, content=(IBM / "invoices.csv").read_bytes(), name="i.csv", layout=layout,
        placed_on=FIRST,
    )  # fmt: skip
    return client


def settlements() -> dict[dt.date, list[tuple[str, Decimal]]]:

    found: dict[dt.date, list[tuple[str, Decimal]]] = {}
    with (IBM / "invoices.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            day = dt.datetime.strptime(row["SettledDate"], "%m/%d/%Y").date()
            found.setdefault(day, []).append((row["invoiceNumber"], Decimal(row["InvoiceAmount"])))
    return found


def stages_by_hand(client: Client, day: dt.date) -> dict[int, int]:
    """Position by the plain rule, from dates alone."""
    found = {}
    for r in Receivable.objects.filter(client=client, status="OPEN", issued_on__lte=day, balance__gt=0):
        days = (day - r.issued_on).days
        found[r.pk] = sum(days >= first for first in (61, 91, 121, 151))
    return found


@pytest.mark.django_db
@pytest.mark.requirement("DC-04", "DC-09", "CM-40")
@pytest.mark.parametrize("life", list(NIGHTS))
def test_four_hundred_nights_each_rollup_equals_the_aging_as_of_that_date(life: str) -> None:
    client = ibm(IBM_LAYOUT if life == "all_at_once" else UNPAID_LAYOUT)
    paid = settlements() if life == "settled_on_its_day" else {}
    by_ref = {r.receivable_ref: r for r in Receivable.objects.filter(client=client).select_related("case")}
    compared = 0
    nights = ALL_NIGHTS if "MACHINE_EXAMPLES" in os.environ else NIGHTS[life]
    for n in range(nights):
        day = FIRST + dt.timedelta(days=n)
        with clock.at(clock.at_riyadh(on=day, time=dt.time(0, 15))):
            nightly_run(date=day)
        if n:
            yesterday = day - dt.timedelta(days=1)
            assert rolled(client, yesterday) == truth(client, yesterday), yesterday
            compared += 1
        for ref, amount in paid.get(day, []):
            receivable = by_ref[ref]
            with clock.at(clock.at_riyadh(on=day)):
                payment_post(
                    actor=ACTOR, case=receivable.case, amount=amount, currency="SAR", value_on=day, reference=ref,
                    receivable=receivable,
                )  # fmt: skip
        if n % 50 == 49:
            assert dict(
                Receivable.objects.filter(client=client, status="OPEN", balance__gt=0, held=False).values_list(
                    "pk", "stage_position"
                )
            ) == {pk: p for pk, p in stages_by_hand(client, day).items() if not Receivable.objects.get(pk=pk).held}
    assert compared == nights - 1
    deepest = StageTransition.objects.filter(client=client).order_by("-to_stage__position").first()
    assert deepest is not None
    assert deepest.to_stage.position == (4 if life == "nothing_paid" else 1)
    if life == "nothing_paid":
        first = Receivable.objects.filter(client=client, issued_on=FIRST).first()
        assert first is not None
        dates = list(first.transitions.order_by("on").values_list("on", "to_stage__position"))
        assert dates == [
            (FIRST, 0),
            *((FIRST + dt.timedelta(days=d), p) for d, p in ((61, 1), (91, 2), (121, 3), (151, 4))),
        ]
        assert Task.objects.filter(client=client, action="DEMAND").exists()


@pytest.mark.django_db
@pytest.mark.requirement("CM-44")
def test_the_demand_is_due_on_the_first_day_after_the_terms_and_once() -> None:
    client = make_client(kind="TRADE")
    today = clock.today()
    case = a_case(client, days_late=0)
    nightly_run(date=today)
    assert not Task.objects.exists()
    nightly_run(date=today + dt.timedelta(days=1))
    task = Task.objects.get()
    assert (task.action, task.due_on, task.case_id) == ("DEMAND", today + dt.timedelta(days=1), case.pk)
    nightly_run(date=today + dt.timedelta(days=2))
    assert Task.objects.count() == 1


@pytest.mark.django_db
def test_gaps_run_day_by_day_and_fire_only_what_stands_at_the_end() -> None:
    client = make_client(kind="TRADE")
    today = clock.today()
    case = a_case(client, days_late=0)
    nightly_run(date=today)
    night = nightly_run(date=today + dt.timedelta(days=65))
    assert night.days == 65
    receivable = case.receivables.get()
    assert list(receivable.transitions.order_by("on").values_list("on", "to_stage__position")) == [
        (today, 0), *((today + dt.timedelta(days=d), p) for d, p in ((1, 1), (31, 2), (61, 3))),
    ]  # fmt: skip
    assert list(Task.objects.values_list("action", "due_on")) == [("OFFER_OPTIONS", today + dt.timedelta(days=65))]
    assert CountedDay.objects.filter(client=client, closed=True).count() == 65


@pytest.mark.django_db
def test_a_date_at_or_before_the_book_changes_nothing_and_says_so() -> None:
    client = make_client()
    a_case(client)
    today = clock.today()
    nightly_run(date=today)
    before = list(DayStock.objects.order_by("pk").values_list("pk", flat=True))
    for day in (today, today - dt.timedelta(days=3)):
        out = io.StringIO()
        call_command("nightly", "--date", day.isoformat(), "--json", stdout=out)
        assert json.loads(out.getvalue())["changed"] is False
    out = io.StringIO()
    call_command("nightly", "--date", today.isoformat(), stdout=out)
    assert "nothing changed" in out.getvalue()
    assert list(DayStock.objects.order_by("pk").values_list("pk", flat=True)) == before


@pytest.mark.django_db
def test_later_valued_entries_wait_for_their_day() -> None:
    client = make_client()
    today = clock.today()
    place(
        client,
        [{"debtor_ref": "D", "receivable_ref": "R", "issued_on": today + dt.timedelta(days=5),
          "due_on": today + dt.timedelta(days=65), "amount": "10.00"}],
    )  # fmt: skip
    nightly_run(date=today)
    receivable = Receivable.objects.get()
    assert (receivable.balance, receivable.status, receivable.stage_position) == (0, "OPEN", None)
    nightly_run(date=today + dt.timedelta(days=4))
    receivable.refresh_from_db()
    assert receivable.balance == 0
    nightly_run(date=today + dt.timedelta(days=5))
    receivable.refresh_from_db()
    assert (receivable.balance, receivable.stage_position) == (Decimal("10.00"), 0)
    assert Case.objects.get().balance == Decimal("10.00")


@pytest.mark.django_db(transaction=True)
def test_a_second_writer_finds_the_first_at_work() -> None:

    params = connection.get_connection_params()
    allowed = {"dbname", "user", "host", "port", "password"}
    with psycopg.connect(**{k: v for k, v in params.items() if k in allowed and v}, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [0x4E49_4748])
        assert nightly_run(date=clock.today()).busy is True
    assert not JobRun.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_one_books_fault_leaves_the_others_their_night_and_is_made_up_for() -> None:
    broken, sound = make_client("AAA"), make_client("BBB")
    today = clock.today()
    a_case(broken, ref="A-1")
    a_case(sound, ref="B-1")
    with connections["owner"].cursor() as owner:
        owner.execute(
            "CREATE FUNCTION stop_it() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN IF NEW.client_id = {broken.pk} THEN RAISE EXCEPTION 'no'; END IF; RETURN NEW; END $$;"
            "CREATE TRIGGER stop_it BEFORE INSERT ON reporting_daystock FOR EACH ROW EXECUTE FUNCTION stop_it();"
        )
    try:
        with pytest.raises(CommandError, match="AAA: "):
            call_command("nightly", "--date", today.isoformat())
        assert JobRun.objects.get(step="run").status == "FAILED"
        assert DayStock.objects.filter(client=sound, on=today).exists()
        assert not DayStock.objects.filter(client=broken).exists()
    finally:
        with connections["owner"].cursor() as owner:
            owner.execute("DROP TRIGGER stop_it ON reporting_daystock; DROP FUNCTION stop_it();")
    nightly_sweep_task()
    assert JobRun.objects.get(step="run").status == "DONE"
    assert rolled(broken, today) == truth(broken, today) != {}


@pytest.mark.django_db(transaction=True)
def test_a_failed_night_of_one_book_is_swept_for_that_book_alone() -> None:
    one, other = make_client("AAA"), make_client("BBB")
    a_case(one, ref="A-1")
    a_case(other, ref="B-1")
    JobRun.objects.create(
        job="nightly", step="run", book_id=one.pk, business_date=clock.today(), status="FAILED", started_at=clock.now()
    )
    nightly_sweep_task()
    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.book_date, other.book_date) == (clock.today(), None)


@pytest.mark.django_db
@pytest.mark.parametrize("date", ["0002-01-01", "9999-12-31", "1989-12-31"])
def test_a_night_no_book_knows_is_refused_and_leaves_no_run(date: str) -> None:
    a_case(make_client())
    with pytest.raises(CommandError, match="1990"):
        call_command("nightly", "--date", date)
    assert not JobRun.objects.exists()


@pytest.mark.django_db
def test_a_gap_of_more_than_ten_years_is_refused() -> None:
    client = make_client()
    a_case(client)
    nightly_run(date=clock.today() - dt.timedelta(days=3_800))
    with pytest.raises(CommandError, match="AAA"):
        call_command("nightly", "--date", clock.today().isoformat())


def state(client: Client) -> dict[str, object]:
    """Everything a night writes, without surrogate keys and clocks."""
    id_ = {"id": client.pk}
    return {
        "receivables": rows(
            "SELECT receivable_ref, balance, status, stage_position, stage_since, held, in_default, next_change_on, "
            "closed_on FROM collections_app_receivable WHERE client_id = %(id)s ORDER BY receivable_ref", id_),
        "transitions": rows(
            'SELECT r.receivable_ref, f.code AS came, s.code, t."on", t.days '
            "FROM collections_app_stagetransition t JOIN collections_app_receivable r ON r.id = t.receivable_id "
            "JOIN clients_stagepolicyrow s ON s.id = t.to_stage_id "
            "LEFT JOIN clients_stagepolicyrow f ON f.id = t.from_stage_id "
            "WHERE t.client_id = %(id)s ORDER BY 1, 4", id_),
        "asked": rows(
            "SELECT r.receivable_ref, f.stage_code, f.action, f.entered_on, f.fired_on "
            "FROM collections_app_actionfired f "
            "JOIN collections_app_receivable r ON r.id = f.receivable_id "
            "WHERE f.client_id = %(id)s ORDER BY 1, 4, 3", id_),
        "tasks": rows(
            "SELECT b.debtor_ref, t.action, t.stage_code, t.due_on, t.status FROM collections_app_task t "
            "JOIN collections_app_case c ON c.id = t.case_id JOIN collections_app_debtor b ON b.id = c.debtor_id "
            "WHERE t.client_id = %(id)s ORDER BY 1, 2, 3, 4", id_),
        "rollups": rows(
            'SELECT d."on", d.closed, s.stage, s.currency, s.bucket, s.receivables, s.accounts, s.amount '
            "FROM reporting_countedday d "
            'LEFT JOIN reporting_daystock s ON s.client_id = d.client_id AND s."on" = d."on" '
            "WHERE d.client_id = %(id)s ORDER BY 1, 3, 4, 5", id_),
        "book": rows("SELECT book_date FROM clients_client WHERE id = %(id)s", id_),
    }  # fmt: skip


class Workers:
    """Real Celery workers on the test database and a Redis database of their own."""

    def __init__(self) -> None:
        name = connection.settings_dict["NAME"]
        host = connection.settings_dict["HOST"]
        user = connection.settings_dict["USER"]
        redis = settings.REDIS_URL
        redis = redis.replace("db=0", "db=9") if "db=" in redis else redis.rstrip("/") + "/9"
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings.dev",
            "DATABASE_URL": f"postgresql://{user}@/{name}?host={host}",
            "DATABASE_OWNER_URL": f"postgresql://mithaq_owner@/{name}?host={host}",
            "REDIS_URL": redis,
        }
        self.processes: list[subprocess.Popen[bytes]] = []
        self.log = Path(settings.BASE_DIR) / ".local" / f"worker-{name}.log"

    def start(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "config", "worker", "--loglevel", "WARNING",
                 "--concurrency", "1"],
                cwd=settings.BASE_DIR, env=self.environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.processes.append(process)
        return process

    def send(self, name: str, *arguments: str) -> None:
        subprocess.run(
            [sys.executable, "-c",
             "import sys, django; django.setup(); from config.celery import app; "
             "app.send_task(sys.argv[1], args=sys.argv[2:])", name, *arguments],
            cwd=settings.BASE_DIR, env=self.environment, check=True,
        )  # fmt: skip

    def purge(self) -> None:
        subprocess.run(
            [sys.executable, "-m", "celery", "-A", "config", "purge", "-f"], cwd=settings.BASE_DIR,
            env=self.environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def end(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                self.kill(process)


@pytest.fixture
def workers() -> Iterator[Workers]:
    team = Workers()
    team.purge()
    yield team
    team.end()


HELD_HERE = """
SELECT 1 FROM pg_locks WHERE locktype = 'advisory'
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def until(check: object, seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not check():  # type: ignore[operator]
        assert time.monotonic() < ends, "waited too long"
        time.sleep(0.05)


@pytest.mark.django_db(transaction=True)
@pytest.mark.requirement("PL-53", "DC-04")
def test_a_killed_worker_loses_nothing_and_the_next_sweep_ends_as_an_undisturbed_run(workers: Workers) -> None:
    last = FIRST + dt.timedelta(days=120)
    undisturbed = ibm(UNPAID_LAYOUT)
    nightly_run(date=FIRST)
    nightly_run(date=last)
    expected = state(undisturbed)
    call_command("flush", database="owner", interactive=False, verbosity=0)
    client = ibm(UNPAID_LAYOUT)
    nightly_run(date=FIRST)
    worker = workers.start()
    workers.send("collections.nightly", last.isoformat())
    until(lambda: JobRun.objects.filter(step="age", business_date__gte=FIRST + dt.timedelta(days=9)).exists())
    workers.kill(worker)
    until(lambda: not rows(HELD_HERE), 20)
    client.refresh_from_db()
    assert client.book_date is not None
    assert client.book_date < last, "killed too late to prove anything"
    assert JobRun.objects.get(step="run", business_date=last).status == "RUNNING"
    workers.purge()
    workers.start()
    workers.send("collections.nightly_sweep")
    until(lambda: JobRun.objects.filter(step="run", business_date=last, status="DONE").exists(), 120)
    assert state(client) == expected


@pytest.mark.django_db(transaction=True)
@pytest.mark.requirement("PL-53")
def test_a_night_in_parts_goes_on_where_it_was_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    client = make_client(kind="TRADE")
    today = clock.today()
    for n in range(7):
        a_case(client, ref=f"D-{n}", days_late=40)
    monkeypatch.setattr(stages, "CASES_A_CHUNK", 2)
    whole, calls = stages.receivables_age, []

    def dies_at_the_third(**given: Any) -> int:
        calls.append(given["between"])
        if len(calls) == 3:
            raise KeyboardInterrupt
        return whole(**given)

    with monkeypatch.context() as broken:
        broken.setattr(stages, "receivables_age", dies_at_the_third)
        with pytest.raises(KeyboardInterrupt):
            nightly_run(date=today)
    assert Receivable.objects.filter(stage_position__isnull=False).count() == 4
    assert StageTransition.objects.count() == 4
    nightly_run(date=today)
    assert Receivable.objects.filter(stage_position=2).count() == StageTransition.objects.count() == 7
    runs = JobRun.objects.filter(step="age", business_date=today).order_by("chunk")
    assert list(runs.values_list("chunk", "row_count")) == [(0, 7), (1, 2), (2, 2), (3, 2), (4, 1)]
    assert nightly_run(date=today).changed is False
