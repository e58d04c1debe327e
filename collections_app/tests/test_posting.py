"""What posting one payment costs the database: how many statements, written once, and planned once a connection."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from collections_app.models import Case, LedgerEntry, Payment, Receivable
from collections_app.services.ledger import payment_post
from common import clock
from common.db import execute, rows
from tests.world import ACTOR, make_client, place


def a_case_of(*, receivables: int) -> Case:
    client = make_client()
    today = clock.today()
    place(
        client,
        [
            {
                "debtor_ref": "D", "receivable_ref": f"R{n}", "issued_on": today - dt.timedelta(days=receivables - n),
                "due_on": today - dt.timedelta(days=receivables - n), "amount": "100.00",
            }
            for n in range(receivables)
        ],
    )  # fmt: skip
    return Case.objects.get()


def pay(case: Case, amount: str, *, on: dt.date | None = None) -> Payment:
    return payment_post(
        actor=ACTOR, case=case, amount=Decimal(amount), currency="SAR", value_on=on or clock.today(), reference=amount
    )


def asked(case: Case, amount: str) -> list[str]:
    """The statements of one payment."""
    found: list[str] = []

    def seen(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        found.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(seen):
        pay(case, amount)
    return [sql for sql in found if "SAVEPOINT" not in sql]


@pytest.mark.django_db
def test_a_payment_costs_few_statements_and_is_written_once() -> None:
    case = a_case_of(receivables=2)
    told = asked(case, "20.00")
    # One of them asks whether a credit customer's stops hang on it.
    assert len(told) <= 18, "\n".join(told)
    told = asked(case, "230.00")
    assert not [sql for sql in told if "UPDATE collections_app_payment" in sql]
    assert Payment.objects.get(amount="230.00").suspense == Decimal("50.00"), "what waits is written with the payment"


@pytest.mark.django_db
def test_statements_that_keep_their_plan_are_planned_once_whatever_they_are_told() -> None:
    for case_id in (1, 2, 3):
        rows("SELECT id FROM collections_app_case WHERE id = %(kept_case)s", {"kept_case": case_id}, kept=True)
        execute("SELECT id FROM collections_app_case WHERE id = %(told)s", {"told": case_id})
    found = rows(
        "SELECT generic_plans, custom_plans FROM pg_prepared_statements "
        "WHERE statement = 'SELECT id FROM collections_app_case WHERE id = $1'"
    )
    assert found == [{"generic_plans": 3, "custom_plans": 0}]


@pytest.mark.django_db
def test_money_on_more_receivables_than_are_few_leaves_the_same_balances() -> None:
    """The trigger of the ledger keeps plans for few receivables, and plans each time for many."""
    case = a_case_of(receivables=60)
    late = pay(case, "5950.00", on=clock.today() - dt.timedelta(days=1))
    assert LedgerEntry.objects.filter(payment=late).count() == 60
    assert list(Receivable.objects.order_by("-due_on").values_list("balance", "status")[:2]) == [
        (Decimal("50.00"), "OPEN"), (Decimal("0.00"), "PAID"),
    ]  # fmt: skip
    pay(case, "20.00")
    assert Receivable.objects.latest("due_on").balance == Decimal("30.00")
    case.refresh_from_db()
    assert case.balance == Decimal("30.00")
