"""Only the database writes a balance, and only what the entries say: in any order, at once, and in bulk."""

from __future__ import annotations

import datetime as dt
import itertools
import threading
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connections, transaction
from django.db.utils import IntegrityError, ProgrammingError

from clients.models import Client
from collections_app.models import Debt, LedgerEntry, Receivable
from collections_app.models.fields import MoneyField
from collections_app.selectors.ledger_check import ledger_faults
from collections_app.services.cases import cases_refresh
from collections_app.services.nightly import nightly_run
from common import clock
from common.access import FIXED_COLUMNS
from common.db import analyze, execute, rows
from tests.world import make_client, place

DAY = dt.date(2026, 3, 1)


def opened(amount: str = "100.00") -> Receivable:
    """One receivable of a book that stands at ``DAY``."""
    client = make_client()
    with clock.at(clock.at_riyadh(on=DAY)):
        row = {"debtor_ref": "D", "receivable_ref": "R", "issued_on": "2026-01-01", "due_on": "2026-01-31"}
        place(client, [{**row, "amount": amount}], placed_on=DAY)
        nightly_run(date=DAY)
    return Receivable.objects.get(client=client)


def entry(receivable: Receivable, kind: str, amount: str, on: dt.date = DAY, **more: Any) -> LedgerEntry:
    return LedgerEntry(
        client_id=receivable.client_id, receivable_id=receivable.pk, kind=kind, amount=Decimal(amount), currency="SAR",
        effective_on=on, recorded_at=clock.now(), event_id=1, **more,
    )  # fmt: skip


def state(receivable: Receivable) -> tuple[Decimal, str, dt.date | None]:
    receivable.refresh_from_db()
    return receivable.balance, receivable.status, receivable.closed_on


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("label", "column"), [(label, column) for label, columns in FIXED_COLUMNS.items() for column in columns]
)
def test_the_application_may_not_write_a_column_that_stands(label: str, column: str) -> None:
    table = apps.get_model(label)._meta.db_table
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        execute(f'UPDATE {table} SET "{column}" = "{column}"')


@pytest.mark.django_db
def test_the_other_columns_are_the_applications_as_before() -> None:
    for label, fixed in FIXED_COLUMNS.items():
        model = apps.get_model(label)
        free = [field.column for field in model._meta.concrete_fields if field.column not in fixed]
        assert free
        assert len(free) + len(fixed) == len(model._meta.concrete_fields), label
        same = ", ".join(f'"{name}" = "{name}"' for name in free)
        execute(f"UPDATE {model._meta.db_table} SET {same}")


@pytest.mark.django_db
@pytest.mark.requirement("CM-33")
def test_what_ended_a_receivable_is_what_its_entries_say() -> None:
    r = opened()
    entry(r, "SETTLEMENT_DISCOUNT", "-40.00").save()
    assert state(r) == (Decimal("60.00"), "OPEN", None)
    discount = LedgerEntry.objects.get(kind="SETTLEMENT_DISCOUNT")
    entry(r, "CREDIT_NOTE", "-60.00").save()
    assert state(r) == (Decimal("0.00"), "SETTLED", DAY)
    entry(r, "REVERSAL", "40.00", reverses=discount).save()
    assert state(r) == (Decimal("40.00"), "OPEN", None)
    assert r.next_change_on == r.issued_on
    entry(r, "WRITE_OFF", "-40.00", DAY - dt.timedelta(days=9)).save()
    assert state(r) == (Decimal("0.00"), "WRITTEN_OFF", DAY)
    written_off = LedgerEntry.objects.get(kind="WRITE_OFF")
    LedgerEntry.objects.bulk_create(
        [
            entry(r, "REVERSAL", "40.00", written_off.effective_on, reverses=written_off),
            entry(r, "CREDIT_NOTE", "-40.00"),
        ]
    )
    assert state(r) == (Decimal("0.00"), "PAID", DAY)
    cases_refresh(case_ids=[r.case_id])
    assert [fault.rule for fault in ledger_faults()] == []


@pytest.mark.django_db
def test_what_left_collection_is_withdrawn_until_it_comes_back() -> None:
    r = opened()
    entry(r, "WITHDRAWAL", "-100.00").save()
    assert state(r) == (Decimal("0.00"), "WITHDRAWN", DAY)
    entry(r, "FEE", "5.00").save()
    assert state(r) == (Decimal("5.00"), "OPEN", None)
    entry(r, "WITHDRAWAL", "-5.00").save()
    assert state(r) == (Decimal("0.00"), "WITHDRAWN", DAY)
    entry(r, "WITHDRAWAL", "105.00").save()
    assert state(r) == (Decimal("105.00"), "OPEN", None)


@pytest.mark.django_db
def test_every_order_of_six_entries_and_of_the_night_between_gives_one_state() -> None:
    r = opened()
    later = DAY + dt.timedelta(days=2)
    told = [
        ("FEE", "20.00", DAY), ("CREDIT_NOTE", "-30.00", DAY - dt.timedelta(days=4)), ("WRITE_OFF", "-15.00", DAY),
        ("SETTLEMENT_DISCOUNT", "-5.00", later), ("CREDIT_NOTE", "-50.00", later), ("CREDIT_NOTE", "-20.00", DAY),
    ]  # fmt: skip
    found = set()
    for n, order in enumerate(itertools.permutations(told)):
        if n % 24:
            continue
        with transaction.atomic():
            for m, (kind, amount, on) in enumerate(order):
                entry(r, kind, amount, on).save()
                if m == n // 24 % 6:
                    before = Client.objects.get(pk=r.client_id).book_date
                    Client.objects.filter(pk=r.client_id).update(book_date=later)
                    rows("SELECT * FROM book_apply(%(c)s, %(b)s, %(d)s)", {"c": r.client_id, "b": before, "d": later})
            found.add(state(r))
            transaction.set_rollback(True)
    assert found == {(Decimal("0.00"), "WRITTEN_OFF", later)}


def fresh(like: Receivable, **told: Any) -> Receivable:
    """Another receivable, not yet inserted, under an id of its own."""
    number = rows("SELECT nextval('collections_app_receivable_id_seq') AS id")[0]["id"]
    given = {"balance": Decimal("100.00"), "status": "OPEN", "closed_on": None, "currency": "SAR", **told}
    return Receivable(
        pk=number, client_id=like.client_id, case_id=like.case_id, debt_id=like.debt_id, receivable_ref=f"N-{number}",
        issued_on=like.issued_on, due_on=like.due_on, amount=Decimal("100.00"), next_change_on=like.issued_on, **given,
    )  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("told", "held"),
    [
        ({"balance": Decimal("100.00")}, False),
        ({"balance": Decimal("60.00")}, True),
        ({"balance": Decimal("60.01")}, False),
        ({"balance": Decimal("0.00")}, False),
        ({"balance": Decimal("60.00"), "status": "PAID", "closed_on": DAY}, False),
        ({"balance": Decimal("60.00"), "status": "WITHDRAWN", "closed_on": DAY}, False),
        ({"balance": Decimal("60.00"), "closed_on": DAY}, False),
    ],
)
def test_a_receivable_comes_as_its_entries_by_the_book_date_say(told: dict[str, Any], held: bool) -> None:
    new = fresh(opened(), **told)

    def bring() -> None:
        LedgerEntry.objects.bulk_create(
            [
                entry(new, "CHARGE", "100.00", new.issued_on),
                entry(new, "PRIOR_PAYMENT", "-40.00"),
                entry(new, "CREDIT_NOTE", "-60.00", DAY + dt.timedelta(days=1)),
            ]
        )
        new.save(force_insert=True)

    if held:
        bring()
        execute("SET CONSTRAINTS ALL IMMEDIATE")
        assert state(new) == (told["balance"], told.get("status", "OPEN"), told.get("closed_on"))
    else:
        with pytest.raises(IntegrityError, match="not what its entries"), transaction.atomic():
            bring()


@pytest.mark.django_db
def test_entries_of_another_currency_are_refused_before_and_after_their_receivable() -> None:
    r = opened()
    dollars = Debt.objects.create(client_id=r.client_id, case_id=r.case_id, debt_ref="D-USD", currency="USD")
    new = fresh(r, currency="USD")
    new.debt = dollars
    with pytest.raises(IntegrityError, match="not what its entries"), transaction.atomic():
        entry(new, "CHARGE", "100.00", r.issued_on).save()
        new.save(force_insert=True)
    other = entry(r, "CREDIT_NOTE", "-1.00")
    other.currency = "USD"
    with pytest.raises(IntegrityError, match="another currency"), transaction.atomic():
        other.save()


@pytest.mark.django_db
def test_the_books_functions_go_by_the_books_own_date_and_are_the_applications_alone() -> None:
    r = opened()
    for call in ("book_open_first(%(c)s, %(d)s)", "book_apply(%(c)s, %(d)s, %(d)s)"):
        with pytest.raises(IntegrityError, match="does not stand at"), transaction.atomic():
            rows(f"SELECT * FROM {call}", {"c": r.client_id, "d": DAY + dt.timedelta(days=1)})
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            execute(f"SET LOCAL ROLE {settings.DATABASE_ROLES['portal']}")
            rows(f"SELECT * FROM {call}", {"c": r.client_id, "d": DAY})
    functions = rows(
        "SELECT proname, prosecdef, array_to_string(proconfig, ' ') AS config, proacl::text[] AS rights FROM pg_proc "
        "WHERE proname IN ('ledger_apply', 'receivable_proven', 'book_open_first', 'book_apply', 'book_stands_at')"
    )
    assert len(functions) == 5
    for found in functions:
        assert found["prosecdef"], found
        assert "search_path=pg_catalog, public, pg_temp" in found["config"]
        assert not any(right.startswith("=") for right in found["rights"]), found


def money_columns() -> list[tuple[str, str]]:
    return [
        (model._meta.db_table, field.column)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, MoneyField)
    ]


@pytest.mark.django_db
@pytest.mark.requirement("PL-34")
def test_every_money_column_refuses_what_is_no_number() -> None:
    assert len(money_columns()) >= 14
    for table, column in money_columns():
        checks = rows(
            "SELECT pg_get_constraintdef(oid) AS rule FROM pg_constraint "
            "WHERE conrelid = %(table)s::regclass AND contype = 'c'",
            {"table": table},
        )
        assert any(f"({column} <> 'NaN'::numeric)" in check["rule"] for check in checks), (table, column)


@pytest.mark.django_db
def test_nan_and_infinity_are_refused_and_a_third_decimal_is_not_kept() -> None:
    r = opened()
    insert = (
        "INSERT INTO collections_app_ledgerentry (client_id, receivable_id, kind, component, amount, currency, "
        "effective_on, recorded_at, event_id, allocation) VALUES (%(c)s, %(r)s, 'FEE', 'FEE', %(amount)s::numeric, "
        "'SAR', '2026-03-01', now(), 1, '')"
    )
    for wrong in ("NaN", "Infinity", "-Infinity", "1e17"):
        with pytest.raises(DatabaseError, match=r"never_nan|overflow"), transaction.atomic():
            execute(insert, {"c": r.client_id, "r": r.pk, "amount": wrong})
    execute(insert, {"c": r.client_id, "r": r.pk, "amount": "1.005"})
    assert state(r)[0] == Decimal("101.01")


@pytest.mark.django_db
def test_many_entries_of_one_statement_take_time_by_their_number_only() -> None:
    """Into a ledger that was nearly empty, as a large placement does: eight times as many, never sixty-four times."""
    r = opened()
    took = []
    for count in (1_000, 8_000):
        execute(
            "INSERT INTO collections_app_receivable (client_id, case_id, debt_id, receivable_ref, issued_on, due_on, "
            "currency, amount, balance, status, held, in_default) SELECT client_id, case_id, debt_id, "
            "%(count)s || '-' || n, issued_on, due_on, currency, 100, 0, 'OPEN', false, false "
            "FROM collections_app_receivable, generate_series(1, %(count)s) n WHERE id = %(id)s",
            {"id": r.pk, "count": count},
        )
        analyze("collections_app_receivable")
        started = time.perf_counter()
        execute(
            "INSERT INTO collections_app_ledgerentry (client_id, receivable_id, kind, component, amount, currency, "
            "effective_on, recorded_at, event_id, allocation) SELECT client_id, id, 'CHARGE', 'PRINCIPAL', amount, "
            "currency, issued_on, now(), 1, '' FROM collections_app_receivable WHERE receivable_ref LIKE %(like)s",
            {"like": f"{count}-%"},
        )
        took.append(time.perf_counter() - started)
    assert took[1] < 30 * took[0], took
    assert Receivable.objects.filter(balance=Decimal("100.00")).count() == 9_001


def at_once(*works: Callable[[], None]) -> list[BaseException]:
    """Run each in a thread with a connection of its own; what went wrong."""
    wrong: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            wrong.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    return wrong


@pytest.mark.django_db(transaction=True)
def test_entries_that_meet_on_one_receivable_all_count() -> None:
    r = opened()
    met = threading.Barrier(4)

    def fee() -> None:
        met.wait(10)
        for _n in range(8):
            with transaction.atomic():
                entry(r, "FEE", "1.00").save()

    assert at_once(fee, fee, fee, fee) == []
    assert state(r)[0] == Decimal("132.00")


@pytest.mark.django_db(transaction=True)
def test_an_entry_on_a_receivable_that_is_just_being_brought_waits_and_counts() -> None:
    r = opened()
    new = fresh(r)
    brought, tried = threading.Event(), threading.Event()

    def bring() -> None:
        with transaction.atomic():
            entry(new, "CHARGE", "100.00", r.issued_on).save()
            new.save(force_insert=True)
            brought.set()
            tried.wait(10)
            # Time for the other to reach the lock.
            threading.Event().wait(0.5)

    def charge() -> None:
        brought.wait(10)
        tried.set()
        with transaction.atomic():
            entry(new, "FEE", "7.00").save()

    assert at_once(bring, charge) == []
    assert state(new)[0] == Decimal("107.00")
