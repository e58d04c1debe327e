"""Days by cells through their doors: the night, ``manage.py rollup``, and tellers not done when a day is closed."""

from __future__ import annotations

import datetime as dt
import io
import json
import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections, transaction

from accounts.choices import Role
from clients.models import Client
from collections_app.models import Case, ContactAttempt
from collections_app.services.cases import cases_assign
from collections_app.services.ledger import payment_post
from collections_app.services.nightly import nightly_run
from common import clock
from common.models import JobRun
from reporting.models import CountedDay, LateEntry, TouchedDay
from reporting.rules import flows as names
from reporting.selectors.days import flows, last_day, stock
from reporting.services.rollups import late_parts
from tests.world import ACTOR, a_case, make_client, make_user, place

FIRST = dt.date(2026, 3, 1)
DAY = dt.timedelta(days=1)


def at(day: int, hour: int = 12) -> dt.datetime:
    return clock.at_riyadh(on=FIRST + day * DAY, time=dt.time(hour))


def night(day: int) -> None:
    with clock.at(clock.at_riyadh(on=FIRST + day * DAY, time=dt.time(0, 15))):
        nightly_run(date=FIRST + day * DAY)


def told(day: int, work: Callable[[], Any]) -> Any:
    with clock.at(at(day)):
        return work()


def mine(client: Client) -> Any:
    return Client.objects.filter(pk=client.pk)


def open_on(client: Client, day: int, *by: str, **where: Any) -> list[tuple[Any, ...]]:
    found = stock(clients=mine(client), on=FIRST + day * DAY, by=by, where=where)
    return [(*(row[name] for name in by), row["receivables"], row["accounts"], f"{row['amount']}") for row in found]


def paid(case: Case, amount: str, *, day: int, value: int) -> None:
    told(day, lambda: payment_post(
        actor=ACTOR, case=case, amount=Decimal(amount), currency="SAR", value_on=FIRST + value * DAY,
        reference=f"P{day}-{value}",
    ))  # fmt: skip


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("rollup", *arguments, stdout=out)
    return out.getvalue()


def a_book() -> tuple[Client, Case]:
    """One account: 100 due ten days before the first, and 50 thirty days after it; three nights."""
    client = make_client()
    with clock.at(at(0)):
        row = {"debtor_ref": "A", "product": "card", "issued_on": FIRST - 40 * DAY}
        place(client, [
            {**row, "receivable_ref": "A-1", "amount": "100.00", "due_on": FIRST - 10 * DAY},
            {**row, "receivable_ref": "A-2", "amount": "50.00", "due_on": FIRST + 30 * DAY},
        ], placed_on=FIRST)  # fmt: skip
    for day in (0, 1, 2, 3):
        night(day)
    return client, client.cases.get()


@pytest.mark.django_db
@pytest.mark.requirement("DC-04")
def test_money_told_late_moves_the_days_since_its_own_and_no_other() -> None:
    client, case = a_book()
    before = dict(CountedDay.objects.values_list("on", "counted_at"))
    paid(case, "100.00", day=3, value=1)
    assert open_on(client, 1, "bucket") == [("1-30", 1, 1, "100.00"), ("not_due", 1, 0, "50.00")]
    night(4)
    assert [open_on(client, day, "bucket") for day in (0, 1, 2, 3)] == [
        [("1-30", 1, 1, "100.00"), ("not_due", 1, 0, "50.00")],
        *3 * [[("not_due", 1, 1, "50.00")]],
    ]
    assert CountedDay.objects.get(on=FIRST).counted_at == before[FIRST]
    assert CountedDay.objects.get(on=FIRST + DAY).counted_at > before[FIRST + DAY]
    moved = flows(clients=mine(client), first=FIRST, last=FIRST + 3 * DAY, by=("on", "bucket"))
    assert [(r["name"], r["on"], r["bucket"], r["count"]) for r in moved if r["name"] in ("paid", "cures")] == [
        (name, FIRST + DAY, "1-30", 1) for name in ("cures", "paid")
    ]
    # As other steps of the night: its run tells what it did.
    step = JobRun.objects.get(job="nightly", step="late", business_date=FIRST + 4 * DAY, chunk=0)
    assert (step.status, step.row_count > 0) == ("DONE", True)
    assert not LateEntry.objects.exists()


@pytest.mark.django_db
def test_a_case_counts_for_whom_it_had_then() -> None:
    client, case = a_book()
    one, other = (make_user(Role.COLLECTOR, name=name) for name in ("one", "other"))
    for day, owner in ((3, one), (5, other)):
        told(day, lambda day=day, owner=owner: cases_assign(
            actor=ACTOR, case_ids=[case.pk], owner=owner, on=FIRST + day * DAY
        ))  # fmt: skip
        night(day + 1)
    night(7)
    for day, held in ((2, None), (3, one.pk), (4, one.pk), (5, other.pk), (6, other.pk)):
        assert open_on(client, day, "collector") == [(held, 2, 1, "150.00")], day
    # And counted anew, from what the house keeps.
    for day in (2, 4, 6):
        run("--date", (FIRST + day * DAY).isoformat())
    assert open_on(client, 4, collector=one.pk) == open_on(client, 4) == [(2, 1, "150.00")]
    assert open_on(client, 2, collector=None) == open_on(client, 2)
    assert open_on(client, 2, collector=[one.pk, other.pk]) == []


@pytest.mark.django_db
def test_the_command_works_off_what_was_told_late_and_counts_any_days_anew() -> None:
    client, case = a_book()
    paid(case, "100.00", day=3, value=1)
    assert json.loads(run("--late", "--json"))["figures"]["AAA"] > 0
    assert open_on(client, 2) == [(1, 1, "50.00")]
    assert json.loads(run("--late", "--json"))["figures"] == {"AAA": 0}
    days = [FIRST - 5 * DAY, FIRST - 4 * DAY]
    said = run("--date", days[0].isoformat(), "--to", days[1].isoformat())
    assert f"AAA {days[1]}" in said
    # Days before the book was ours: owed, and with nobody.
    assert open_on(client, -4, "stage") == [("", 2, 1, "150.00")]
    with pytest.raises(CommandError, match="--date or --late"):
        run("--json")


@pytest.mark.django_db(transaction=True)
def test_who_is_not_done_when_a_day_is_closed_is_counted_by_the_next_night() -> None:
    client, case = a_book()
    written, closed = threading.Event(), threading.Event()

    def teller() -> None:
        try:
            with transaction.atomic():
                # As whoever writes it holding nothing that a night waits for.
                ContactAttempt.objects.create(
                    client=client, case=case, at=at(3), channel="PHONE", reached="NO_ONE", outcome="NO_ANSWER",
                    verdict="ALLOWED", recorded_at=at(3),
                )  # fmt: skip
                written.set()
                assert closed.wait(60)
        finally:
            connections.close_all()

    thread = threading.Thread(target=teller)
    thread.start()
    assert written.wait(60)

    def attempts() -> int:
        asked = {"first": FIRST + 3 * DAY, "last": FIRST + 3 * DAY, "names": [names.ATTEMPTS]}
        return sum(row["count"] for row in flows(clients=mine(client), **asked))

    night(4)
    closed.set()
    thread.join()
    assert attempts() == 0
    night(5)
    assert attempts() == 1


@pytest.mark.django_db(transaction=True)
def test_catching_up_that_dies_anywhere_goes_on_and_counts_nothing_twice() -> None:
    client, case = a_book()
    for value in (0, 1, 2):
        paid(case, "10.00", day=3, value=value)
    count = len(late_parts(client_id=client.pk))
    assert count > 2
    for dies_after in range(count):
        for work in late_parts(client_id=client.pk)[:dies_after]:
            work()
    run("--late")
    assert [open_on(client, day) for day in (0, 1, 2)] == [[(2, 1, "140.00")], [(2, 1, "130.00")], [(2, 1, "120.00")]]
    assert not late_parts(client_id=client.pk)
    assert not TouchedDay.objects.filter(on__lt=FIRST + 3 * DAY).exists()


@pytest.mark.django_db
def test_what_days_are_not_told_by_is_refused_and_days_before_the_first_night_are_none() -> None:
    client = make_client()
    a_case(client)
    assert last_day(clients=mine(client)) is None
    assert open_on(client, 0) == []
    with pytest.raises(ValueError, match="'channel'"):
        stock(clients=mine(client), on=FIRST, by=("channel",))
    with pytest.raises(ValueError, match="'name'"):
        stock(clients=mine(client), on=FIRST, where={"name": "paid"})
