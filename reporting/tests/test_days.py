"""Days by cells: whatever is told, however late, what nights left and caught up with is what counting anew says, and
what plain Python finds in plain rows (ADR 0046). ``DAYS_EXAMPLES`` walks more lives.
"""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter, defaultdict
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.choices import Role
from clients.models import Client
from collections_app.models import CaseAssignment, ContactAttempt, LedgerEntry, Receivable, StageTransition
from collections_app.rules.bands import band_of
from collections_app.services.cases import cases_assign
from collections_app.services.nightly import nightly_run
from common import clock
from reporting.kpis import Ask, kpi_figures
from reporting.models import CountedDay, LateEntry
from reporting.rules import flows as names
from reporting.selectors.days import flows, stock
from reporting.services.rollups import day_recompute, days_catch_up, late_parts
from reporting.tests.kpi_model import BUCKETS
from reporting.tests.test_kpi_lives import ACTS, CASES, Life
from tests.world import ACTOR, make_client, make_user

pytestmark = pytest.mark.django_db

EXAMPLES = int(os.environ.get("DAYS_EXAMPLES", "12"))
DAY = dt.timedelta(days=1)
DIMENSIONS = ("portfolio", "stage", "band", "product", "collector", "currency", "bucket")
TOLD = st.one_of(
    ACTS.filter(lambda act: act[0] != "wait"),
    ACTS.filter(lambda act: act[0] != "wait"),
    st.tuples(st.just("assign"), st.sampled_from(CASES), st.integers(0, 1), st.sampled_from([0, 0, 0, 1, 4])),
    st.tuples(st.just("night"), st.integers(1, 5)),
    st.tuples(st.just("night"), st.integers(1, 5)),
    st.tuples(st.just("late"), st.integers(0, 5)),
)
Cell = tuple[Any, ...]


class Kept(Life):
    """A life with nights, and with catching up that dies after some of its parts."""

    owners: list[Any]

    def _night(self, ahead: int) -> None:
        self.day += ahead * DAY
        with clock.at(clock.at_riyadh(on=self.day, time=dt.time(0, 15))):
            nightly_run(date=self.day)

    def _late(self, parts: int) -> None:
        for work in late_parts(client_id=self.client.pk)[:parts]:
            work()

    def _assign(self, ref: str, which: int, ago: int) -> None:
        on = self.day - ago * DAY
        cases_assign(actor=ACTOR, case_ids=[self._case(ref).pk], owner=self.owners[which], on=on)


def clients(client: Client) -> Any:
    return Client.objects.filter(pk=client.pk)


def kept(client: Client, day: dt.date) -> tuple[dict[Cell, tuple[int, int, Decimal]], dict[Cell, tuple[int, Decimal]]]:
    """All cells of a day, as their readers see them."""
    here = stock(clients=clients(client), on=day, by=DIMENSIONS)
    moved = flows(clients=clients(client), first=day, last=day, by=DIMENSIONS)
    return (
        {tuple(row[n] for n in DIMENSIONS): (row["receivables"], row["accounts"], row["amount"]) for row in here},
        {(row["name"], *(row[n] for n in DIMENSIONS)): (row["count"], row["amount"]) for row in moved},
    )


def bucket_of(day: dt.date, due_on: dt.date) -> str:
    late = (day - due_on).days
    return BUCKETS[0] if late <= 0 else BUCKETS[min((late - 1) // 30 + 1, 6)]


class Plain:
    """The book in plain rows, and what follows from them."""

    def __init__(self, client: Client) -> None:
        self.receivables = list(
            Receivable.objects.filter(client=client).select_related("debt", "file", "case").order_by("pk")
        )
        self.entries: dict[int, list[LedgerEntry]] = defaultdict(list)
        for entry in LedgerEntry.objects.filter(client=client).order_by("pk"):
            self.entries[entry.receivable_id].append(entry)
        self.moves = list(StageTransition.objects.filter(client=client).select_related("to_stage").order_by("on", "pk"))
        self.given = list(CaseAssignment.objects.filter(client=client).order_by("pk"))
        self.attempts = list(ContactAttempt.objects.filter(client=client).exclude(verdict="REFUSED"))

    def place(self, r: Receivable, day: dt.date, currency: str | None = None) -> Cell:
        stages = [m.to_stage.code for m in self.moves if m.receivable_id == r.pk and m.on <= day]
        owners = [g.owner_id for g in self.given if g.case_id == r.case_id and g.on <= day]
        return (
            r.file.placed_on if r.file else r.case.placed_on, stages[-1] if stages else "", band_of(r.amount),
            r.debt.product, owners[-1] if owners else None, r.currency if currency is None else currency,
            bucket_of(day, r.due_on),
        )  # fmt: skip

    def stock(self, day: dt.date) -> dict[Cell, tuple[int, int, Decimal]]:
        found: dict[Cell, list[Any]] = defaultdict(lambda: [0, 0, Decimal(0)])
        oldest: dict[tuple[int, str], Receivable] = {}
        for r in self.receivables:
            balance = sum((e.amount for e in self.entries[r.pk] if e.effective_on <= day), Decimal(0))
            if balance > 0:
                cell = found[self.place(r, day)]
                cell[0], cell[2] = cell[0] + 1, cell[2] + balance
                first = oldest.setdefault((r.case_id, r.currency), r)
                if (r.due_on, r.pk) < (first.due_on, first.pk):
                    oldest[(r.case_id, r.currency)] = r
        for r in oldest.values():
            found[self.place(r, day)][1] += 1
        return {place: (n, cases, amount) for place, (n, cases, amount) in found.items()}

    def leader(self, case_id: int, day: dt.date) -> Receivable:
        end = clock.at_riyadh(on=day + DAY, time=dt.time(0))

        def is_open(r: Receivable) -> bool:
            known = (e for e in self.entries[r.pk] if e.recorded_at < end)
            counted = (e for e in known if e.effective_on < day or (e.effective_on == day and e.amount > 0))
            return sum((e.amount for e in counted), Decimal(0)) > 0

        mine = [r for r in self.receivables if r.case_id == case_id]
        return min(mine, key=lambda r: (0, r.due_on, r.pk) if is_open(r) else (1, dt.date.min, r.pk))

    def attempts_of(self, day: dt.date) -> dict[Cell, tuple[int, Decimal]]:
        found: Counter[Cell] = Counter()
        for a in self.attempts:
            if a.direction == "OUT" and a.at.astimezone(clock.RIYADH).date() == day:
                found[(names.ATTEMPTS, *self.place(self.leader(a.case_id, day), day, ""))] += 1
        return {cell: (count, Decimal(0)) for cell, count in found.items()}


def unlike(found: dict[Cell, Any], anew: dict[Cell, Any]) -> dict[Cell, Any]:
    """Cells that are not the same in both."""
    return {cell: (found.get(cell), anew.get(cell)) for cell in found | anew if found.get(cell) != anew.get(cell)}


def per_name(moved: dict[Cell, tuple[int, Decimal]], name: str) -> int:
    return sum(count for cell, (count, _amount) in moved.items() if cell[0] == name)


def same_as_kpis(client: Client, day: dt.date, moved: dict[Cell, tuple[int, Decimal]]) -> None:
    """Each figure that is a sum over days, for this day."""
    ask = Ask(client_id=client.pk, first=day, last=day, now=clock.now())
    told = {
        figure.kpi.code: (figure.numerator, figure.denominator)
        for figure in kpi_figures(
            ask=ask, codes=("RIGHT_PARTY_OF_ATTEMPTS", "RIGHT_PARTY_OF_REACHED", "PROMISE_RATE", "PROMISE_KEPT_COUNT")
        )
    }
    assert told == {
        "RIGHT_PARTY_OF_ATTEMPTS": (per_name(moved, names.RIGHT_PARTY), per_name(moved, names.ATTEMPTS)),
        "RIGHT_PARTY_OF_REACHED": (per_name(moved, names.RIGHT_PARTY), per_name(moved, names.REACHED_ANYONE)),
        "PROMISE_RATE": (per_name(moved, names.CONVERSATIONS_PROMISED), per_name(moved, names.CONVERSATIONS)),
        "PROMISE_KEPT_COUNT": (per_name(moved, names.PROMISES_KEPT), per_name(moved, names.PROMISES_DUE)),
    }
    collected = {
        row["currency"]: row["numerator"]
        for figure in kpi_figures(ask=ask, codes=("COLLECTED",))
        for row in figure.rows
    }
    mine: dict[str, Decimal] = defaultdict(Decimal)
    for cell, (_count, amount) in moved.items():
        if cell[0] == names.PAYMENTS:
            mine[cell[6]] += amount
    assert mine == collected


@pytest.mark.requirement("DC-04", "PL-36")
@settings(
    max_examples=EXAMPLES, deadline=None, derandomize="DAYS_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate],
)  # fmt: skip
@given(st.lists(TOLD, min_size=8, max_size=30))
def test_days_caught_up_with_are_days_counted_anew(told: list[tuple[Any, ...]]) -> None:
    with transaction.atomic():
        client = make_client()
        life = Kept(client, make_user(Role.COLLECTIONS_MANAGER, name="life"))
        life.owners = [make_user(Role.COLLECTOR, name=f"owner{n}") for n in range(2)]
        for act in (("place", "A", "SAR", "100.00", 50, 30), ("night", 1), *told, ("night", 1), ("night", 2)):
            life.do(act)
        with clock.at(clock.at_riyadh(on=life.day, time=dt.time(12))):
            days_catch_up(client_id=client.pk)
            assert not LateEntry.objects.exists()
            assert not late_parts(client_id=client.pk)
            plain, before = Plain(client), None
            for day in CountedDay.objects.filter(client=client).order_by("on"):
                found = kept(client, day.on)
                day_recompute(client_id=client.pk, day=day.on)
                anew = kept(client, day.on)
                assert [unlike(*both) for both in zip(found, anew, strict=True)] == [{}, {}], (day.on, life.tally)
                held, moved = found
                assert held == plain.stock(day.on), day.on
                attempts = {cell: told for cell, told in moved.items() if cell[0] == names.ATTEMPTS}
                assert attempts == plain.attempts_of(day.on), day.on
                if day.closed:
                    same_as_kpis(client, day.on, moved)
                if before is not None:
                    moves = (amount for cell, (_count, amount) in moved.items() if cell[0] in names.LEDGER)
                    assert sum((c[2] for c in held.values()), Decimal(0)) - before == sum(moves, Decimal(0))
                before = sum((c[2] for c in held.values()), Decimal(0))
        transaction.set_rollback(True)
