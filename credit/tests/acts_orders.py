"""What each act on orders leaves in the audit trail (``tests/test_acts_are_recorded.py``)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from accounts.choices import Role
from common import clock
from credit.models import Order
from credit.services.order_files import order_file_place
from credit.services.orders import order_cancel, order_invoice, order_override
from credit.tests.order_worlds import a_buyer, ordered
from tests.world import ACTOR, make_user

Act = tuple[Callable[[Any], Any] | None, Callable[..., Any], dict[str, int]]


def _buyer(w: Any) -> Any:
    return a_buyer(w.client, by=make_user(Role.CREDIT_OFFICER), ref="C-9")


def _order(w: Any, amount: str = "1000.00") -> Order:
    return ordered(_buyer(w), amount=amount)


ACTS: dict[str, Act] = {
    "credit.order_place": (_buyer, lambda w, buyer: ordered(buyer), {"order.accepted": 1}),
    "credit.order_override": (
        lambda w: (_order(w, "12000.00"), make_user(Role.GENERAL_MANAGER)),
        lambda w, given: order_override(user=given[1], order=given[0], reason="ضمان", on=clock.today()),
        {"order.overridden": 1},
    ),
    "credit.order_cancel": (
        _order,
        lambda w, order: order_cancel(actor=ACTOR, order=order, reason="عدول"),
        {"order.cancelled": 1},
    ),
    "credit.order_invoice": (
        _order,
        lambda w, order: order_invoice(
            actor=ACTOR, user=None, order=order, receivable_ref="I-1", amount=Decimal(5), on=clock.today()
        ),
        {"order.invoiced": 1},
    ),
    "credit.order_file_place": (
        _buyer,
        lambda w, buyer: order_file_place(
            actor=ACTOR, user=None, client=w.client, name="o.csv", on=clock.today(),
            content=b"order_ref,account,amount,signatory\nO-1,C-9,5,%d\nO-2,C-9,7,x\n" % buyer.owner.pk,
        ),
        {"order.accepted": 1, "order_file.answered": 1},
    ),
}  # fmt: skip
# Parts of other acts, which leave no row of their own, and why.
WITHIN: dict[str, str] = {
    "credit.step_orders": "a nightly step: common.jobs.step records it",
}
