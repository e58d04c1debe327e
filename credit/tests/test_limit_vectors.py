"""What another product expects of a limit over the same events, and ours beside it (``data/PROVENANCE.md``).

A draft there is an accepted order here; posting it is placing its invoice. Where our rules say something else, the
difference is named with its reason, here and in docs/measurements/vectors.md; one that nobody named fails.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from accounts.choices import Role
from common import clock
from common.audit import Actor
from common.db import rows
from credit.choices import LimitGround, OrderState
from credit.models import CreditLimit, Order
from credit.selectors.orders import ask_of, order_answer
from credit.selectors.standing import exposure_of
from credit.services.orders import order_invoice, order_override
from credit.tests.order_worlds import a_buyer, codes, ordered
from credit.tests.scores_world import a_policy
from tests.world import make_client, make_user, place

pytestmark = pytest.mark.django_db
VECTORS = json.loads((Path(__file__).parent / "data" / "oca_financial_risk.json").read_text(encoding="utf-8"))
TODAY = dt.date(2017, 6, 1)
FIVE_FIFTY = Decimal(550)

# What they expect and we do not, by step, and why.
DIFFERENCES: dict[tuple[str, str], str] = {}


class Account:
    """The partner of the vectors: what they do to it, told to our services."""

    def __init__(self) -> None:
        self.officer, self.manager = make_user(Role.CREDIT_OFFICER), make_user(Role.GENERAL_MANAGER)
        self.buyer = a_buyer(make_client("OCA"), by=self.officer, limit=Decimal(5_000), signed_on=dt.date(2016, 10, 1))
        self.orders: list[Order] = []

    def limit(self, amount: int) -> None:
        """A new version of the limit rules from today on."""
        granted = CreditLimit.objects.create(
            client=self.buyer.customer.client, customer=self.buyer.customer, agreement=self.buyer.agreement,
            amount=amount, ground=LimitGround.DECREASE, starts_on=TODAY, ends_on=dt.date(2017, 9, 30),
            granted_by=self.officer, recorded_at=clock.now(),
        )  # fmt: skip
        self.buyer = replace(self.buyer, limit=granted)

    def policy(self, **terms: Decimal | None) -> None:
        """A new version of the client's policy rules from today on: proposed by one, approved by another."""
        a_policy(self.buyer.customer.client, **terms)

    def draft(self) -> Order:
        order = ordered(self.buyer, ref=f"O-{len(self.orders)}", amount="550.00", by=self.officer)
        self.orders.append(order)
        return order

    def asked(self) -> list[str]:
        """What would be said of the same draft again. Nothing is reserved by asking."""
        customer, today = self.buyer.customer, clock.today()
        ask = ask_of(customer=customer, kind="CREDIT", amount=FIVE_FIFTY, ordered_on=today, channel="IN_PERSON")
        answer = order_answer(customer=customer, ask=ask, on=today, agent=self.buyer.owner)
        return [reason.code for reason in answer.reasons]

    def post(self, order: Order, *, due: dt.date) -> None:
        ref = f"I-{order.order_ref}"
        row = {
            "debtor_ref": self.buyer.customer.debtor.debtor_ref, "debtor_name": "OCA", "receivable_ref": ref,
            "issued_on": max(due - dt.timedelta(days=60), order.ordered_on), "due_on": due, "amount": "550.00",
        }  # fmt: skip
        if due < order.ordered_on:
            row["issued_on"] = due
        place(self.buyer.customer.client, [row])
        order_invoice(
            actor=Actor.person(self.officer), user=self.officer, order=order, receivable_ref=ref, amount=FIVE_FIFTY,
            is_last=True, on=clock.today(),
        )  # fmt: skip

    @property
    def risks(self) -> dict[str, Any]:
        found = exposure_of(customer_id=self.buyer.customer.pk, on=clock.today())
        return {"draft": found.reserved, "invoices": found.invoices, "total": found.total}

    @property
    def open(self) -> Decimal:
        """What is owed and not past its terms."""
        found = rows(
            "SELECT credit_not_due(%(customer)s, %(on)s) AS open",
            {"customer": self.buyer.customer.pk, "on": clock.today()},
        )
        return Decimal(found[0]["open"])

    @property
    def is_over(self) -> bool:
        return bool(self.risks["total"] > self.buyer.limit.amount)


def _told() -> dict[str, dict[str, Any]]:
    """Our answer to each step, by the names of theirs."""
    ours: dict[str, dict[str, Any]] = {}
    account = Account()
    # An order of January, whose invoice fell due then: the book of the vectors begins with it.
    with clock.at(clock.at_riyadh(on=dt.date(2016, 11, 2))):
        first = account.draft()
        ours["include drafts in risk"] = {
            "risk_draft": account.risks["draft"], "risk_total": account.risks["total"],
        }  # fmt: skip
        account.post(first, due=dt.date(2017, 1, 1))
        ours["post the invoice"] = {"risk_draft": account.risks["draft"]}
    ours["due 2017-01-01, include unpaid"] = {"risk_total": account.risks["total"]}
    for limit in (100, 1_100):
        account.limit(limit)
        ours[f"credit limit {limit}"] = {"over_limit": account.is_over}
    account.policy(overdue_tolerated=Decimal(499))
    second = account.draft()
    ours["unpaid limit 499"] = {"over_limit": "OVERDUE" in codes(second)}
    ours["second invoice 550 (draft) through the invoice address"] = {
        # Their draft is what is asked for: here the order that was answered, beside what is reserved.
        "risk_draft": account.risks["draft"] + second.amount,
        "risk_unpaid": account.risks["invoices"],
        "posting": "stopped: Financial risk exceeded" if codes(second) == ["OVERDUE"] else codes(second),
    }
    account.policy(overdue_tolerated=None)
    ours["unpaid limit 0 (off)"] = {"over_limit": "OVERDUE" in account.asked()}
    account.policy(not_due_most=Decimal(300))
    said = account.asked()
    ours["open limit 300, post second"] = {
        "posting": "stopped: exceeds the open invoices risk" if said == ["NOT_DUE_PASSED"] else said
    }
    account.policy(not_due_most=None)
    account.limit(900)
    third = account.draft()
    said = codes(third)
    ours["open limit off; drafts out, open in; credit limit 900; post second"] = {
        "posting": "stopped: exceeds the financial risk" if said == ["LIMIT_PASSED"] else said,
        "risk_open": account.open,
    }
    taken = order_override(user=account.manager, order=third, reason="متابعة", on=clock.today())
    assert taken.state == OrderState.ACCEPTED
    account.post(taken, due=clock.today())
    ours["override and continue, due today"] = {"risk_open": account.open}
    return ours


def test_eleven_steps_of_a_limit_come_out_as_theirs() -> None:
    with clock.at(clock.at_riyadh(on=TODAY)):
        ours = _told()
    differences = {
        (step["do"], name)
        for step in VECTORS["steps"]
        for name, expected in step["expect"].items()
        if ours[step["do"]][name] != expected
    }
    assert differences == set(DIFFERENCES)
    assert [step["do"] for step in VECTORS["steps"]] == list(ours)


DAYS: dict[str, Callable[[], int]] = {
    "2017-01-01": lambda: (TODAY - dt.date(2017, 1, 1)).days,
    "today-2": lambda: 2,
}


@pytest.mark.parametrize("case", VECTORS["margin_cases"])
def test_a_margin_of_days_is_a_longer_term(case: dict[str, Any]) -> None:
    """A line of theirs is unpaid once its due date and the margin are past; ours once the agreement's terms are."""
    with clock.at(clock.at_riyadh(on=TODAY)):
        late = DAYS[case["due"]]()
        buyer = a_buyer(
            make_client("OCA"), by=make_user(Role.CREDIT_OFFICER), terms_days=30 + case["margin_days"],
            signed_on=dt.date(2016, 7, 1),
        )  # fmt: skip
        issued = TODAY - dt.timedelta(days=30 + late)
        row = {
            "debtor_ref": "C-1", "debtor_name": "OCA", "receivable_ref": "I-1", "issued_on": issued,
            "due_on": issued + dt.timedelta(days=30), "amount": str(case["line"]),
        }  # fmt: skip
        place(buyer.customer.client, [row])
        unpaid = codes(ordered(buyer, amount="1.00")) == ["OVERDUE"]
    assert {"open": 0 if unpaid else case["line"], "unpaid": case["line"] if unpaid else 0} == case["expect"]
