"""Past a limit by no way: not by SQL, not by reopening, not by a hundred at once."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction

from accounts.choices import Role
from accounts.models import User
from common import clock
from credit.choices import OrderState, StopKind
from credit.models import Order
from credit.tests.order_worlds import a_buyer, codes, invoiced, ordered, stopped, used
from credit.tests.worlds import Account
from tests.world import make_client, make_user

DAY = dt.timedelta(days=1)


@pytest.fixture
def officer(db: None) -> User:
    return make_user(Role.CREDIT_OFFICER)


@pytest.fixture
def buyer(officer: User) -> Account:
    """10,000 of limit, nothing owed."""
    return a_buyer(make_client("AAA"), by=officer)


@pytest.mark.django_db
class TestTheDatabase:
    def row(self, account: Account, **fields: Any) -> Order:
        today = clock.today()
        told: dict[str, Any] = {
            "client": account.customer.client, "customer": account.customer, "order_ref": "S-1", "kind": "CREDIT",
            "amount": Decimal(1000), "ordered_on": today, "channel": "SYSTEM", "state": "ACCEPTED",
            "accepted_on": today, "reserved_until": today + DAY, "answered_at": clock.now(),
        } | fields  # fmt: skip
        return Order.objects.create(**told)

    def test_by_sql_no_order_passes_the_limit_a_stop_or_the_end_of_its_year(
        self, buyer: Account, officer: User
    ) -> None:
        self.row(buyer, amount=Decimal(9_000))
        with pytest.raises(IntegrityError, match="order_past_limit"), transaction.atomic():
            self.row(buyer, order_ref="S-2", amount=Decimal("1000.01"))
        with pytest.raises(IntegrityError, match="order_without_limit"), transaction.atomic():
            self.row(buyer, order_ref="S-2", accepted_on=buyer.limit.ends_on + DAY)
        stopped(buyer, StopKind.SUSPENDED, by=officer)
        with pytest.raises(IntegrityError, match="order_stopped"), transaction.atomic():
            self.row(buyer, order_ref="S-2", amount=Decimal(1))

    def test_closing_editing_and_reopening_is_no_way_past_a_limit(self, buyer: Account) -> None:
        order = self.row(buyer, amount=Decimal(9_000))
        for state in (OrderState.CANCELLED, OrderState.EXPIRED, OrderState.INVOICED):
            with transaction.atomic():
                Order.objects.filter(pk=order.pk).update(state=state)
                with pytest.raises(IntegrityError, match="order_moves"), transaction.atomic():
                    Order.objects.filter(pk=order.pk).update(state=OrderState.ACCEPTED)
                transaction.set_rollback(True)
        with pytest.raises(Exception, match="permission denied"), transaction.atomic():
            Order.objects.filter(pk=order.pk).update(amount=1)
        # One that ran out reserves again only as far as there is room by then.
        Order.objects.filter(pk=order.pk).update(reserved_until=clock.today() - DAY)
        self.row(buyer, order_ref="S-2", amount=Decimal(9_000))
        with pytest.raises(IntegrityError, match="order_past_limit"), transaction.atomic():
            Order.objects.filter(pk=order.pk).update(reserved_until=clock.today())

    def test_what_is_set_aside_is_set_aside_by_somebody_else_and_by_name(self, buyer: Account, officer: User) -> None:
        own = {"overridden_by": officer, "override_reason": "سبب", "override_role": "GENERAL_MANAGER"}
        with pytest.raises(IntegrityError, match="order_override_by_two"), transaction.atomic():
            self.row(buyer, amount=Decimal(20_000), answered_by=officer, overridden=["LIMIT_PASSED"], **own)
        with pytest.raises(IntegrityError, match="order_past_limit"), transaction.atomic():
            self.row(buyer, amount=Decimal(20_000), overridden=["PAPER_MISSING"], **own)
        stopped(buyer, StopKind.CANCELLED, by=officer)
        with pytest.raises(IntegrityError, match="order_stopped"), transaction.atomic():
            self.row(buyer, amount=Decimal(1), overridden=["STOP_CANCELLED"], **own)


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def _all_at_once(self, works: list[Any], *, threads: int = 20) -> list[Any]:
        barrier = Barrier(threads)

        def run(work: Any) -> Any:
            try:
                return work(barrier)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(run, works))

    @pytest.mark.requirement("CM-23")
    def test_a_hundred_orders_at_once_never_pass_one_limit(self) -> None:
        buyer = a_buyer(make_client("AAA"), by=make_user(Role.CREDIT_OFFICER))
        invoiced(buyer, "I-1", "300.00")
        limit = Decimal(10_000) - 300

        def one(n: int) -> Any:
            # Twenty at a time wait for each other at the door, then all go.
            def work(barrier: Barrier) -> Order:
                barrier.wait()
                return ordered(buyer, ref=f"O-{n}", amount=f"{250 + n % 7}.50")

            return work

        answers = self._all_at_once([one(n) for n in range(100)])
        taken = [order for order in answers if order.state == OrderState.ACCEPTED]
        total = sum(order.amount for order in taken)
        assert total <= limit and limit - total < 251 and used(buyer) == (300, total)
        assert {code for order in answers for code in codes(order)} == {"LIMIT_PASSED"}
        assert len(taken) < 100 == Order.objects.count()

    def test_one_number_at_once_is_one_order(self) -> None:
        buyer = a_buyer(make_client("AAA"), by=make_user(Role.CREDIT_OFFICER))

        def work(barrier: Barrier) -> Order:
            barrier.wait()
            return ordered(buyer, amount="700.00")

        answers = self._all_at_once([work] * 20)
        assert {order.pk for order in answers} == {Order.objects.get().pk} and used(buyer) == (0, 700)

    def test_a_lower_limit_at_the_same_moment_is_counted(self) -> None:
        """By SQL too: whoever comes second sees what the first wrote."""
        officer = make_user(Role.CREDIT_OFFICER)
        buyer = a_buyer(make_client("AAA"), by=officer)

        def write(n: int) -> Any:
            def work(barrier: Barrier) -> str:
                barrier.wait()
                try:
                    TestTheDatabase().row(buyer, order_ref=f"S-{n}", amount=Decimal(600))
                except IntegrityError as error:
                    return str(error).split("\n", 1)[0]
                return "taken"

            return work

        answers = self._all_at_once([write(n) for n in range(40)])
        assert answers.count("taken") == 16 and used(buyer) == (0, 9_600)
        assert {answer for answer in answers if answer != "taken"} == {"credit: order_past_limit"}
