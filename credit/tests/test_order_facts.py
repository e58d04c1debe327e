"""What an order's answer stands on, where the model of random lives found the product to say otherwise."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from accounts.choices import Role
from accounts.models import User
from clients.models import Client
from collections_app.models import Receivable
from collections_app.services import stages
from collections_app.services.holds import hold_place, hold_release, objection_decide
from common import clock
from credit.models import FacilityAgreement
from credit.services.agreements import agreement_end
from credit.services.orders import order_invoice
from credit.tests.order_worlds import a_buyer, codes, invoiced, ordered, used, with_papers
from credit.tests.worlds import Account
from tests.world import ACTOR, make_client, make_user

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def officer(db: None) -> User:
    return make_user(Role.CREDIT_OFFICER)


@pytest.fixture
def client_aaa(db: None) -> Client:
    return make_client("AAA")


@pytest.fixture
def buyer(client_aaa: Client, officer: User) -> Account:
    return a_buyer(client_aaa, by=officer)


def signed_anew(account: Account, *, days: int, by: User) -> None:
    """A new contract from today, with other terms."""
    today = clock.today()
    account.agreement.ends_on = today - DAY
    account.agreement.save(update_fields=["ends_on"])
    FacilityAgreement.objects.create(
        client=account.customer.client, customer=account.customer, number="FA-NEW", signed_on=today,
        signed_by=account.owner, terms_days=days, recorded_by=by, recorded_at=clock.now(),
    )  # fmt: skip


@pytest.mark.requirement("CM-17", "CM-23")
def test_an_agreement_that_ended_is_told_as_one_and_not_as_none(buyer: Account) -> None:
    general = make_user(Role.GENERAL_MANAGER)
    agreement_end(user=general, agreement=buyer.agreement, ends_on=clock.today(), reason="بطلب العميل")
    assert codes(ordered(buyer, ref="O-1")) == []
    with clock.at(clock.now() + DAY):
        order = ordered(buyer, ref="O-2")
        assert codes(order) == ["AGREEMENT_ENDED"]
        assert order.reasons[0]["values"] == {"on": (clock.today() - DAY).isoformat()}


@pytest.mark.requirement("CM-10", "CM-17", "CM-23")
@pytest.mark.parametrize(
    ("before", "after", "age", "late"), [(60, 20, 40, False), (20, 60, 40, True), (60, 20, 61, True)]
)
def test_an_invoice_keeps_the_terms_on_which_it_was_sold(
    client_aaa: Client, officer: User, before: int, after: int, age: int, late: bool
) -> None:
    account = a_buyer(client_aaa, by=officer, terms_days=before)
    invoiced(account, "I-1", "500.00", age=age)
    signed_anew(account, days=after, by=officer)
    order = ordered(account)
    assert codes(order) == (["OVERDUE"] if late else [])
    if late:
        assert order.reasons[0]["values"]["days"] == str(age - before)


def objected(ref: str, *, from_age: int, until_age: int) -> None:
    """An accepted objection held it, between these days ago."""
    receivable, today = Receivable.objects.get(receivable_ref=ref), clock.today()
    hold = hold_place(
        actor=ACTOR, case=receivable.case, receivable=receivable, kind="OBJECTION", reason="يعترض",
        from_on=today - from_age * DAY,
    )  # fmt: skip
    objection_decide(actor=ACTOR, hold=hold, decision="ACCEPTED", reason="صحيح")
    hold.refresh_from_db()
    hold_release(actor=ACTOR, hold=hold, until_on=today - until_age * DAY, reason="سوي")


@pytest.mark.requirement("CM-18")
@pytest.mark.parametrize(("age", "owes"), [(65, False), (66, True)])
def test_for_cash_the_days_of_an_objection_do_not_count_and_the_others_do(
    buyer: Account, officer: User, age: int, owes: bool
) -> None:
    """Five days were suspended: past its terms on the sixty-sixth."""
    with_papers(buyer.customer, by=officer, kind="CASH")
    invoiced(buyer, "I-1", "500.00", age=age)
    objected("I-1", from_age=30, until_age=26)
    assert codes(ordered(buyer, kind="CASH")) == (["EARLIER_DEBT"] if owes else [])


@pytest.mark.requirement("CM-23")
def test_no_room_is_free_while_the_book_has_not_reached_the_day_of_an_invoice(buyer: Account, officer: User) -> None:
    """After midnight and before the night's work an invoice has come of an order: it is owed, reserved no longer."""
    stages.book_open(client_id=buyer.customer.client_id, day=clock.today())
    with clock.at(clock.now() + DAY):
        order = ordered(buyer, ref="O-1", amount="9000.00")
        order_invoice(
            actor=ACTOR, user=officer, order=order, receivable_ref="I-1", amount=order.amount, on=clock.today()
        )
        assert used(buyer) == (Decimal(0), Decimal(9000))
        invoiced(buyer, "I-1", "9000.00")
        assert Receivable.objects.get(receivable_ref="I-1").balance == 0
        assert used(buyer) == (Decimal(9000), Decimal(0))
        assert codes(ordered(buyer, ref="O-2", amount="1000.01")) == ["LIMIT_PASSED"]
        stages.book_open(client_id=buyer.customer.client_id, day=clock.today())
        assert used(buyer) == (Decimal(9000), Decimal(0))
