"""Defaults of debts by every rule, told in any order: loans of many months, paid late, in part or never, held, objected
to, under ladders that change, with days off; the product says what the model says.

``make machine`` walks more lives (MACHINE_EXAMPLES), each from a seed of its own.
"""

from __future__ import annotations

import datetime as dt
import os
import random
from decimal import Decimal

import pytest
from django.db import transaction

from tests.twin import Twin

FIRST = dt.date(2025, 1, 5)
LIVES = int(os.environ.get("MACHINE_EXAMPLES", "3"))
RULES = (
    ("MONTHLY_3_IN_A_ROW", "FIVE_LATE_7WD"),
    ("FOUR_LATE_20WD", "UNPAID_60WD", "MORE_THAN_5_MONTHS"),
    ("NOTE_3_OR_MORE_THAN_5", "FIVE_LATE_7WD", "UNPAID_60WD"),
    ("TRADE_90", "MORE_THAN_5_MONTHS"),
)


class Loans:
    """One debtor with two loans, one of them of a product that may come to have a ladder of its own."""

    def __init__(self, *, seed: int) -> None:
        self.rng = random.Random(seed)
        feasts = [FIRST + dt.timedelta(days=self.rng.randrange(400)) for _n in range(12)]
        self.twin = Twin(
            start=FIRST, kind=self.rng.choice(["BANK", "FINANCE"]), code=f"L{seed}", holidays=sorted(set(feasts))
        )
        self.number = 0
        rows = [
            {
                "ref": f"{debt}-{n:02}", "case": "D", "debt": f"D/{debt}", "issued_on": FIRST,
                "due_on": FIRST + dt.timedelta(days=30 * n + self.rng.randrange(5)), "amount": Decimal("100.00"),
                "product": product,
            }
            for debt, product in (("A", ""), ("B", "Cards"))
            for n in range(7)
        ]  # fmt: skip
        self.twin.place(rows)
        self.twin.night()

    def name(self, letter: str) -> str:
        self.number += 1
        return f"{letter}{self.number}"

    def live(self) -> None:
        """A week or four pass; then something is told, mostly late."""
        rng, twin = self.rng, self.twin
        twin.wait(rng.choice([5, 9, 14, 21, 28]))
        refs = [r.ref for r in twin.book.receivables.values() if r.due_on <= twin.today]
        ref = rng.choice(refs or twin.refs)
        one = twin.book.receivables[ref]
        late = twin.day(-rng.choice([0, 0, 3, 12, 40]))
        act = rng.choice(["pay", "pay", "pay", "hold", "decide", "release", "back", "policy", "seal", "nothing"])
        if act == "pay":
            amount = rng.choice([Decimal("100.00"), Decimal("100.00"), Decimal("60.00")])
            twin.pay("D", self.name("P"), amount, max(late, FIRST), {ref: amount})
        elif act == "hold":
            until = rng.choice([None, late + dt.timedelta(days=rng.randrange(40))])
            scope = rng.choice([{"receivable": ref}, {"receivable": ref}, {"debt": one.debt}, {}])
            twin.hold(self.name("H"), "D", late, until, frozen=rng.random() < 0.5, **scope)
        elif act == "decide" and (waiting := sorted(twin.objections - twin.decided)):
            twin.decide(rng.choice(waiting), accepted=rng.random() < 0.5)
        elif act == "release" and (running := [h for h in twin.book.holds.values() if h.until_on is None]):
            hold = rng.choice(running)
            twin.release(hold.name, max(hold.from_on, late))
        elif act == "back" and twin.book.payments:
            twin.take_back(rng.choice(twin.book.payments), None, twin.today)
        elif act == "policy":
            twin.policy(
                starts_on=twin.day(rng.randrange(1, 9)), basis="DUE", firsts=sorted(rng.sample(range(1, 90), k=2)),
                after=90, product=rng.choice(["", "Cards"]), rules=rng.choice(RULES),
            )  # fmt: skip
        elif act == "seal":
            twin.seal()
        if rng.random() < 0.7:
            twin.night()


@pytest.mark.django_db
@pytest.mark.requirement("CM-12", "CM-13", "CM-41")
@pytest.mark.parametrize("seed", range(LIVES))
def test_default_by_every_rule_is_what_the_model_says(seed: int) -> None:
    with transaction.atomic():
        loans = Loans(seed=seed)
        for step in range(16):
            loans.live()
            if step == 9:
                loans.twin.night()
                loans.twin.compare_defaults()
        loans.twin.night()
        loans.twin.compare()
        loans.twin.compare_defaults()
        loans.twin.compare_known(past=[loans.twin.day(-ago) for ago in (0, 30, 120)])
        transaction.set_rollback(True)
