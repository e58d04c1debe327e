"""Stops: both sides of each day, opened and released by what happened, corrected by what was learnt late."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from accounts.choices import Role
from accounts.models import User
from clients.models import Client
from collections_app.models import Case, Receivable
from collections_app.services.holds import hold_place, objection_decide
from collections_app.services.ledger import payment_post, payment_reverse
from collections_app.services.life import case_end
from collections_app.services.nightly import nightly_run
from common import clock
from common.models import AuditEvent
from credit.choices import PeriodStart, StopKind
from credit.models import CreditStop, Customer, StopFollowUp
from credit.services.limits import limit_decrease
from credit.tests.worlds import Account, an_account
from tests.world import ACTOR, make_client, make_user, place

pytestmark = pytest.mark.django_db
FIRST = dt.date(2026, 1, 4)


def on(days: int) -> dt.date:
    return FIRST + dt.timedelta(days=days)


def at(days: int) -> Any:
    return clock.at(clock.at_riyadh(on=on(days)))


def officer() -> User:
    return User.objects.filter(role=Role.CREDIT_OFFICER).first() or make_user(Role.CREDIT_OFFICER)


def account(client: Client, ref: str = "C-1", **fields: Any) -> Account:
    with at(0):
        return an_account(client, by=officer(), ref=ref, signed_on=fields.pop("signed_on", on(0)), **fields)


def sold(
    client: Client, ref: str, *, issued: int, amount: str = "100.00", told: int | None = None, debtor: str = "C-1",
    due: int | None = None,
) -> None:  # fmt: skip
    with at(issued if told is None else told):
        place(
            client,
            [{"debtor_ref": debtor, "debtor_name": "مؤسسة السنابل التجارية", "receivable_ref": ref,
              "issued_on": on(issued), "due_on": on(issued + 60 if due is None else due), "amount": amount}],
        )  # fmt: skip


def night(client: Client, *days: int) -> None:
    for day in days:
        with at(day):
            nightly_run(date=on(day), client_ids=[client.pk])


def pay(ref: str, *, told: int, value: int | None = None, amount: str = "100.00") -> Any:
    receivable = Receivable.objects.select_related("case").get(receivable_ref=ref)
    with at(told):
        return payment_post(
            actor=ACTOR, case=receivable.case, amount=Decimal(amount), currency="SAR",
            value_on=on(told if value is None else value), receivable=receivable,
        )  # fmt: skip


def stops(kind: str, customer: Customer | None = None) -> list[tuple[Any, ...]]:
    """(began, ended, end) in days."""
    found = CreditStop.objects.filter(kind=kind).order_by("began_on", "pk")
    if customer is not None:
        found = found.filter(customer=customer)
    return [
        ((s.began_on - FIRST).days, None if s.ended_on is None else (s.ended_on - FIRST).days, s.end) for s in found
    ]


@pytest.mark.requirement("CM-10", "CM-17", "CM-47")
def test_credit_stops_on_day_61_at_night_and_is_free_again_with_the_payment_not_with_the_next_night() -> None:
    client = make_client()
    account(client)
    sold(client, "I-1", issued=0)
    night(client, 0, 59, 60)
    assert stops("OVERDUE") == []
    night(client, 61)
    assert stops("OVERDUE") == [(61, None, "")]
    follow_up = StopFollowUp.objects.get()
    assert (follow_up.due_on, follow_up.claims, follow_up.state) == (on(61), Decimal(100), "OPEN")
    pay("I-1", told=61, amount="99.99")
    assert stops("OVERDUE") == [(61, None, "")]
    pay("I-1", told=62, amount="0.01")
    night(client, 62)
    assert stops("OVERDUE") == [(61, 62, "CAUSE_GONE")]
    follow_up.refresh_from_db()
    assert follow_up.state == "ENDED"
    told = AuditEvent.objects.filter(action__startswith="credit_stop.").order_by("pk")
    assert [(e.action, e.body["stands_on"]) for e in told] == [
        ("credit_stop.opened", "I-1"), ("credit_stop.ended", "I-1")
    ]  # fmt: skip
