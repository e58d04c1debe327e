"""Two people, or two systems, on the same money at the same moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.db import connection, connections, transaction
from django.db.models import Sum

from collections_app.models import Case, LedgerEntry, Payment, PaymentReversal, Receivable
from collections_app.rules.allocation import Share
from collections_app.selectors.ledger_check import ledger_faults
from collections_app.services.ledger import note_post, payment_pin, payment_post, payment_reverse
from common import clock
from common.db import rows
from common.exceptions import Refused
from common.models import AuditEvent
from tests.world import ACTOR, a_case, make_client

HUNDRED = Decimal("100.00")
WAITING = "SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def another() -> psycopg.Connection[Any]:
    """A connection of its own to the database of the test."""
    given = connection.get_connection_params()
    params = {name: given[name] for name in ("dbname", "user", "host", "port", "password") if given.get(name)}
    return psycopg.connect(**params)


def at_once(case: Case, *acts: Callable[[], Any]) -> list[Any]:
    """Do these acts on one case together: they begin while somebody holds the case, and go on when it is let go.

    What each came to: its result, or the code of its refusal.
    """
    found: dict[int, Any] = {}

    def act(number: int, do: Callable[[], Any]) -> None:
        try:
            found[number] = do()
        except Refused as refusal:
            found[number] = refusal.code
        finally:
            connections.close_all()

    threads = [threading.Thread(target=act, args=pair) for pair in enumerate(acts)]
    with another() as held:
        held.execute("SELECT 1 FROM collections_app_case WHERE id = %s FOR UPDATE", [case.pk])
        for thread in threads:
            thread.start()
        ends = time.monotonic() + 20
        while rows(WAITING)[0]["n"] < len(acts):
            assert time.monotonic() < ends, "they do not wait for each other"
            time.sleep(0.02)
    for thread in threads:
        thread.join(20)
    return [found[number] for number in range(len(acts))]


def a_debt(amount: str = "100.00") -> Case:
    return a_case(make_client(), amount=amount)


def pay(case: Case, *, reference: str, amount: Decimal = HUNDRED, **more: Any) -> Callable[[], Payment]:
    today = clock.today()
    return lambda: payment_post(
        actor=ACTOR, case=case, amount=amount, currency="SAR", value_on=today, reference=reference, **more
    )


def allocated() -> Decimal:
    """What payments took off receivables."""
    told = LedgerEntry.objects.filter(payment__isnull=False).aggregate(sum=Sum("amount"))["sum"]
    return -(told or Decimal(0))


def waits() -> Decimal:
    return Payment.objects.aggregate(sum=Sum("suspense"))["sum"] or Decimal(0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.requirement("CM-33", "PL-53")
@pytest.mark.parametrize("named", [False, True], ids=["by_method", "for_the_receivable"])
def test_two_allocations_of_one_balance_of_a_hundred_give_a_hundred(named: bool) -> None:
    case = a_debt()
    more = {"receivable": Receivable.objects.get()} if named else {}
    at_once(case, pay(case, reference="ONE", **more), pay(case, reference="TWO", **more))
    assert (allocated(), waits(), Receivable.objects.get().balance) == (HUNDRED, HUNDRED, 0)
    assert Payment.objects.count() == AuditEvent.objects.filter(action="payment.posted").count() == 2
    assert not ledger_faults()


@pytest.mark.django_db(transaction=True)
def test_one_payment_told_twice_at_once_is_one_payment() -> None:
    case = a_debt("300.00")
    told = at_once(case, pay(case, reference="SAME"), pay(case, reference="SAME"))
    assert sorted(str(one) for one in told if isinstance(one, str)) == ["payment_twice"]
    assert (Payment.objects.count(), allocated(), Receivable.objects.get().balance) == (1, HUNDRED, Decimal("200.00"))
    assert not ledger_faults()


@pytest.mark.django_db(transaction=True)
@pytest.mark.requirement("FEE-CAP")
def test_of_two_fees_at_once_the_second_finds_no_room() -> None:
    case = a_case(make_client(kind="BANK"), amount="100.00")
    receivable = Receivable.objects.get()

    def fee() -> LedgerEntry:
        return note_post(
            actor=ACTOR, receivable=receivable, kind="FEE", amount=Decimal("60.00"), value_on=clock.today(),
            reason="رسوم تحصيل",
        )  # fmt: skip

    told = at_once(case, fee, fee)
    assert [one for one in told if isinstance(one, str)] == ["fee_cap"]
    assert (LedgerEntry.objects.filter(kind="FEE").count(), Receivable.objects.get().balance) == (1, Decimal("160.00"))


@pytest.mark.django_db(transaction=True)
def test_waiting_money_that_is_pinned_while_money_comes_is_given_out_once() -> None:
    case = a_debt("150.00")
    receivable = Receivable.objects.get()
    waiting = pay(case, reference="WAITS", pins=[Share(receivable_id=receivable.pk, amount=Decimal("10.00"))])()
    assert waiting.suspense == Decimal("90.00")

    def pin() -> Payment:
        share = Share(receivable_id=receivable.pk, amount=Decimal("90.00"))
        return payment_pin(actor=ACTOR, payment=waiting, pins=[share], reason="the payer said so")

    at_once(case, pin, pay(case, reference="COMES"))
    assert (allocated(), waits(), Receivable.objects.get().balance) == (Decimal("150.00"), Decimal("50.00"), 0)
    assert AuditEvent.objects.filter(action="payment.pinned").count() == 1
    assert not ledger_faults()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", ["payment_first", "note_first"])
def test_a_credit_and_a_payment_at_once_leave_nothing_owed_and_nothing_below(turn: str) -> None:
    case = a_debt()
    receivable = Receivable.objects.get()
    acts = [
        pay(case, reference="P"),
        lambda: note_post(
            actor=ACTOR, receivable=receivable, kind="CREDIT_NOTE", amount=Decimal("60.00"), value_on=clock.today(),
            reason="returned goods",
        ),
    ]  # fmt: skip
    at_once(case, *(acts if turn == "payment_first" else reversed(acts)))
    assert (allocated(), waits(), Receivable.objects.get().balance) == (Decimal("40.00"), Decimal("60.00"), 0)
    assert not ledger_faults()


@pytest.mark.django_db(transaction=True)
def test_taken_back_twice_at_once_it_is_taken_back_once() -> None:
    case = a_debt()
    payment = pay(case, reference="P")()

    def take_back() -> Payment:
        return payment_reverse(actor=ACTOR, payment=payment, on=clock.today(), reason="bounced")

    told = at_once(case, take_back, take_back)
    assert [one for one in told if isinstance(one, str)] == ["reversed_already"]
    assert (PaymentReversal.objects.count(), allocated(), Receivable.objects.get().balance) == (1, 0, HUNDRED)
    assert not ledger_faults()


# The trap, in plain SQL. Each of two allocates what is open: it locks, reads what was given out before, gives the rest.

TRAP = (
    "CREATE TABLE trap_debt (id int PRIMARY KEY, amount numeric(18,2)); CREATE TABLE trap_share (amount numeric(18,2))"
)
FOR_UPDATE = "SELECT 1 FROM trap_debt WHERE id = 1 FOR UPDATE"
ADVISORY = "SELECT pg_advisory_xact_lock(4711)"
OPEN = "SELECT amount - coalesce((SELECT sum(amount) FROM trap_share), 0) FROM trap_debt WHERE id = 1"


def allocate(here: psycopg.Connection[Any]) -> None:
    rest = here.execute(OPEN).fetchone()[0]  # type: ignore[index]
    if rest > 0:
        here.execute("INSERT INTO trap_share VALUES (%s)", [rest])
    here.commit()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("isolation", "lock", "given"),
    [
        (psycopg.IsolationLevel.READ_COMMITTED, FOR_UPDATE, 100),
        (psycopg.IsolationLevel.READ_COMMITTED, ADVISORY, 100),
        # The second one's snapshot is older than its lock: it does not see what the first gave out, and nothing stops
        # it, because the row that both locked was never changed.
        (psycopg.IsolationLevel.REPEATABLE_READ, FOR_UPDATE, 200),
        (psycopg.IsolationLevel.REPEATABLE_READ, ADVISORY, 200),
    ],
    ids=["read_committed_for_update", "read_committed_advisory", "repeatable_read_for_update",
         "repeatable_read_advisory"],
)  # fmt: skip
def test_the_trap_a_lock_protects_only_who_looks_again_after_it(
    isolation: psycopg.IsolationLevel, lock: str, given: int
) -> None:
    with connections["owner"].cursor() as owner:
        owner.execute(
            TRAP + "; INSERT INTO trap_debt VALUES (1, 100); GRANT ALL ON trap_debt, trap_share TO mithaq_app"
        )
    try:
        with another() as first, another() as second:
            first.isolation_level = second.isolation_level = isolation
            first.execute(lock)
            waiting = threading.Thread(target=second.execute, args=(lock,))
            waiting.start()
            ends = time.monotonic() + 20
            while not rows(WAITING)[0]["n"]:
                assert time.monotonic() < ends
                time.sleep(0.02)
            allocate(first)
            waiting.join(20)
            allocate(second)
            assert first.execute("SELECT sum(amount) FROM trap_share").fetchone() == (given,)
    finally:
        with connections["owner"].cursor() as owner:
            owner.execute("DROP TABLE trap_debt, trap_share")


@pytest.mark.django_db(transaction=True)
def test_the_house_works_at_read_committed() -> None:
    with transaction.atomic():
        assert rows("SHOW transaction_isolation")[0]["transaction_isolation"] == "read committed"
