"""Four hundred days of one book: facts told late and out of order, nights missed and caught up; the model goes too."""

from __future__ import annotations

import datetime as dt
import os
import random
import time
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from collections_app.models import Receivable
from common import clock
from tests.measured import keep
from tests.twin import Twin

FIRST = dt.date(2025, 1, 5)
CASES, RECEIVABLES = 10, 36
# ``make machine`` lives through all of it, and through more years; ``make test`` through the first months of one.
MANY = "MACHINE_EXAMPLES" in os.environ
DAYS = 400 if MANY else 120
YEARS = [(20250105, "TRADE"), *([(7, "BANK"), (11, "TRADE"), (42, "BANK")] if MANY else [])]
METHODS = ("OLDEST_FIRST", "FEES_FIRST", "EXACT_FIRST")


class Year:
    """What happens in a year and a bit, drawn from a seed."""

    def __init__(self, *, seed: int, kind: str) -> None:
        self.rng = random.Random(seed)
        self.twin = Twin(start=FIRST, kind=kind, code=f"Y{seed}")
        self.number = 0
        self.placed = 0

    def name(self, letter: str) -> str:
        self.number += 1
        return f"{letter}{self.rng.randrange(100):02}-{self.number}"

    def amount(self, most: int) -> Decimal:
        return Decimal(self.rng.choice([self.rng.randrange(1, most * 100), most * 50])) / 100

    def late(self) -> dt.date:
        """Mostly of these days, sometimes of long ago."""
        return self.twin.day(-self.rng.choice([0, 0, 1, 3, 10, 40, 90]))

    def receivable(self) -> None:
        if self.placed == RECEIVABLES:
            return
        self.placed += 1
        case = f"D-{self.rng.randrange(CASES)}"
        issued_on = self.twin.day(-self.rng.choice([-9, 0, 0, 2, 20, 60, 100]))
        row: dict[str, Any] = {
            "ref": self.name("R"), "case": case, "debt": f"{case}/{self.rng.randrange(2)}", "issued_on": issued_on,
            "due_on": issued_on + dt.timedelta(days=self.rng.choice([0, 30, 60])), "amount": self.amount(400) + 20,
        }  # fmt: skip
        if self.rng.random() < 0.2:
            row["disputed"] = "yes"
        if self.rng.random() < 0.2:
            row["open_amount"] = (row["amount"] / 2).quantize(Decimal("0.01"))
        self.twin.place([row])

    def one(self) -> Any:
        return self.rng.choice(list(self.twin.book.receivables.values()))

    def pay(self) -> None:
        one = self.one()
        self.twin.pay(one.case, self.name("P"), self.amount(150), self.late())

    def pay_for_some(self) -> None:
        case = self.one().case
        chosen = self.rng.sample(self.twin.of_case(case), k=min(2, len(self.twin.of_case(case))))
        pins = {ref: self.amount(60) for ref in chosen}
        more = self.rng.choice([Decimal("0.00"), Decimal("0.00"), Decimal("12.34")])
        self.twin.pay(case, self.name("P"), sum(pins.values(), more), self.late(), pins)

    def take_back(self) -> None:
        if self.twin.book.payments:
            payment = self.rng.choice(self.twin.book.payments)
            part = self.rng.choice([None, self.amount(40)])
            self.twin.take_back(payment, part, self.twin.today)

    def note(self) -> None:
        kind = self.rng.choice(["CREDIT_NOTE", "DEBIT_NOTE", "FEE", "SETTLEMENT_DISCOUNT", "WRITE_OFF"])
        component = "FEE" if kind == "FEE" else self.rng.choice(["PRINCIPAL", "PRINCIPAL", "PROFIT"])
        self.twin.note(self.one().ref, kind, self.amount(70), self.late(), component)

    def note_back(self) -> None:
        if self.twin.note_ids:
            self.twin.note_back(self.rng.choice(list(self.twin.note_ids)))

    def hold(self) -> None:
        one, from_on = self.one(), self.late()
        until_on = self.rng.choice([None, from_on + dt.timedelta(days=self.rng.randrange(30))])
        scope = self.rng.choice([{}, {"debt": one.debt}, {"receivable": one.ref}])
        self.twin.hold(self.name("H"), one.case, from_on, until_on, frozen=self.rng.random() < 0.4, **scope)

    def release(self) -> None:
        running = [h for h in self.twin.book.holds.values() if h.until_on is None]
        if running:
            hold = self.rng.choice(running)
            self.twin.release(hold.name, max(hold.from_on, self.late()))

    def decide(self) -> None:
        waiting = sorted(self.twin.objections - self.twin.decided)
        if waiting:
            self.twin.decide(self.rng.choice(waiting), accepted=self.rng.random() < 0.5)

    def promise(self) -> None:
        self.twin.promise(self.name("V"), self.one().case, self.amount(40), self.twin.day(self.rng.randrange(15)))

    def assign(self) -> None:
        self.twin.assign(self.one().case)

    def end(self) -> None:
        status = self.rng.choice(["RECALLED", "UNCOLLECTIBLE", "DECEASED", "WITHDRAWN"])
        self.twin.end(self.one().case, status, self.late())

    def reopen(self) -> None:
        if self.twin.book.ended:
            self.twin.reopen(self.rng.choice(sorted(self.twin.book.ended)))

    def never_came(self) -> None:
        self.twin.never_came(self.one().ref)

    def method(self) -> None:
        self.twin.method(self.rng.choice(METHODS))

    def policy(self) -> None:
        firsts = sorted(self.rng.sample(range(1, 160), k=3))
        basis = self.rng.choice(["INVOICE", "DUE"])
        self.twin.policy(starts_on=self.twin.day(3), basis=basis, firsts=firsts, after=self.rng.choice([60, 90]))

    def seal(self) -> None:
        self.twin.seal()

    acts = (
        (receivable, 14), (pay, 12), (pay_for_some, 8), (take_back, 5), (note, 9), (note_back, 3), (hold, 5),
        (release, 5), (decide, 3), (promise, 6), (end, 3), (reopen, 4), (never_came, 1), (assign, 1), (method, 1),
        (policy, 1), (seal, 1),
    )  # fmt: skip

    def act(self) -> None:
        names, weights = zip(*self.acts, strict=True)
        self.rng.choices(names, weights)[0](self)


@pytest.mark.django_db(transaction=True)
@pytest.mark.requirement("DC-04", "DC-09", "CM-10", "CM-13", "CM-40", "CM-41")
@pytest.mark.parametrize(("seed", "kind"), YEARS)
def test_four_hundred_days_with_missed_nights_say_what_the_model_says(seed: int, kind: str) -> None:
    with connection.cursor() as cursor:
        # Hundreds of small commits, none of which has to outlive the test.
        cursor.execute("SET synchronous_commit = off")
    started = time.monotonic()
    year = Year(seed=seed, kind=kind)
    twin = year.twin
    twin.night()
    year.receivable()
    missed = longest = gap = nights = 0
    for _day in range(DAYS):
        twin.wait(1)
        for _act in range(year.rng.choice([0, 1, 1, 2])):
            year.act()
        gap += 1
        # Now and then nobody runs the night for a week or two.
        if (1 < gap < 9 and year.rng.random() < 0.8) or year.rng.random() < 0.07:
            missed += 1
            continue
        twin.night()
        longest, gap, nights = max(longest, gap), 0, nights + 1
        # As soon as the night is over; every tenth time with the past and all that was told.
        twin.compare(past=[twin.day(-year.rng.randrange(200)) for _n in range(2)] if nights % 10 == 0 else [])
    twin.night()
    twin.compare(past=[twin.day(-ago) for ago in range(0, 400, 40)])
    twin.compare_known(past=[twin.day(-ago) for ago in (0, 45, 150)])
    twin.compare_defaults()
    if MANY:
        acts = {**twin.taken, **{f"refused {name}": n for name, n in twin.refused.items()}}
        keep(
            "machine.jsonl", at=clock.now().date().isoformat(), name="days_400", seed=seed, kind=kind, nights=nights,
            longest=longest, seconds=round(time.monotonic() - started), tally=dict(sorted(acts.items())),
        )  # fmt: skip
    assert (missed > DAYS // 14, longest >= 5, nights > DAYS // 3) == (True, True, True), (missed, longest, nights)
    assert min(twin.taken[name] for name in ("place", "hold", "release", "promise")) > DAYS // 80
    if MANY:
        assert min(twin.taken[name] for name in ("end", "reopen", "never came", "take back a part")) > 0


@pytest.mark.django_db
@pytest.mark.requirement("DC-04", "CM-10")
def test_an_end_that_is_taken_back_gives_back_what_left_with_it_alone() -> None:
    """New business came between two ends: what left with the first stays out."""
    twin = Twin(start=FIRST)
    twin.night()
    for ref, end in (("R-1", "WITHDRAWN"), ("R-2", "DECEASED")):
        told = {"ref": ref, "case": "D-1", "debt": "D-1/0", "issued_on": twin.today, "due_on": twin.day(30)}
        twin.place([{**told, "amount": Decimal("100.00")}])
        twin.wait(1)
        twin.night()
        twin.end("D-1", end, twin.today)
        twin.compare()
    twin.reopen("D-1")
    twin.pay("D-1", "P-1", Decimal("30.00"), twin.today, {"R-1": Decimal("30.00")})
    twin.compare(past=[FIRST])
    owed = Receivable.objects.filter(client=twin.client).order_by("receivable_ref").values_list("balance", flat=True)
    assert list(owed) == [Decimal("0.00"), Decimal("100.00")]
