"""Anything may be told in any order: after every act the stops are what an independent model says (CM-10 to CM-17).

``make test`` walks a few short lives, ``make credit`` many (CREDIT_EXAMPLES); each is rolled back when it ends.
"""

from __future__ import annotations

import datetime as dt
import os
import time
from collections import Counter
from contextlib import ExitStack
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.choices import Role
from collections_app.models import DefaultEpisode, Hold, Receivable
from collections_app.services import stages
from collections_app.services.holds import hold_place, hold_release, objection_decide
from collections_app.services.ledger import note_post, payment_post, payment_reverse
from common import clock
from common.exceptions import Refused
from credit.choices import COMPUTED_STOPS, ApplicationState, Purpose, Recommendation
from credit.models import Application, CreditLimit, CreditStop, Customer, FacilityAgreement, StopFollowUp
from credit.services.stops import step_stops, stops_follow
from credit.tests.stops_model import Contract, Invoice, Objection, World
from credit.tests.worlds import a_customer, an_owner
from tests.measured import keep
from tests.world import ACTOR, make_client, make_user, place

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CM-10", "CM-13", "CM-17")]

START = dt.date(2026, 1, 4)
DAY = dt.timedelta(days=1)
EXAMPLES = int(os.environ.get("CREDIT_EXAMPLES", "6"))
ACCOUNTS = {"C-1": "north", "C-2": "north", "C-3": "south"}
IDENTIFIERS = {"north": "7000000050", "south": "7000000068"}
AMOUNTS = [Decimal("50.00"), Decimal("100.00"), Decimal("150.00")]
TALLY: Counter[str] = Counter()

KINDS = frozenset(["night", "sell", "pay", "note", "reverse", "object", "decide", "release", "limit", "sign"])

ACCOUNT = st.sampled_from(sorted(ACCOUNTS))
AGO = st.one_of(st.integers(0, 12), st.integers(0, 150))
INDEX = st.integers(0, 40)
ACTS = st.one_of(
    st.tuples(st.just("night"), st.one_of(st.integers(1, 5), st.integers(20, 70))),
    st.tuples(st.just("night"), st.one_of(st.integers(1, 5), st.integers(20, 70))),
    st.tuples(st.just("sell"), ACCOUNT, AGO, st.integers(5, 90), st.sampled_from(AMOUNTS)),
    st.tuples(st.just("sell"), ACCOUNT, AGO, st.integers(5, 90), st.sampled_from(AMOUNTS)),
    st.tuples(st.just("pay"), INDEX, AGO, st.booleans()),
    st.tuples(st.just("pay"), INDEX, AGO, st.booleans()),
    st.tuples(st.just("note"), INDEX, AGO),
    st.tuples(st.just("reverse"), INDEX),
    st.tuples(st.just("object"), INDEX, AGO),
    st.tuples(st.just("decide"), INDEX, st.sampled_from(["ACCEPTED", "ACCEPTED", "REJECTED"])),
    st.tuples(st.just("release"), INDEX, st.integers(0, 20)),
    st.tuples(st.just("limit"), ACCOUNT, st.sampled_from([Decimal(0), Decimal(99), Decimal(150), Decimal(400)]),
              st.integers(0, 15)),
    st.tuples(st.just("sign"), ACCOUNT, st.sampled_from([20, 60]), st.booleans(),
              st.sampled_from(["NEW", "RENEWAL", "EXCEPTION"])),
)  # fmt: skip


class Life:
    """One client's book told act by act, to the product and to the model."""

    def __init__(self) -> None:
        self.today, self.number = START, 0
        self.model = World(party=dict(ACCOUNTS))
        self.invoices: list[tuple[Invoice, Receivable]] = []
        self.payments: list[tuple[Invoice, Any, Decimal, dt.date]] = []
        self.objections: list[tuple[Objection, Hold]] = []
        with self.clock():
            self.client = make_client()
            self.officer = make_user(Role.CREDIT_OFFICER)
            stages.book_open(client_id=self.client.pk, day=self.today)
            self.customers = {
                ref: a_customer(self.client, ref=ref, by=self.officer, identifier=IDENTIFIERS[party],
                                name=party)
                for ref, party in ACCOUNTS.items()
            }  # fmt: skip
            for ref in ACCOUNTS:
                an_owner(self.customers[ref], by=self.officer, since=START - 200 * DAY)
                self.sign(ref, 60, True, "NEW", since=START - 160 * DAY)
                self.limit(ref, Decimal(400), 0)

    def clock(self) -> Any:
        return clock.at(clock.at_riyadh(on=self.today))

    def do(self, act: tuple[Any, ...]) -> None:
        with self.clock():
            try:
                with transaction.atomic():
                    getattr(self, act[0])(*act[1:])
            except Refused:
                TALLY[f"{act[0]} refused"] += 1
            else:
                TALLY[act[0]] += 1

    def night(self, days: int) -> None:
        self.today += days * DAY
        with self.clock():
            stages.book_open(client_id=self.client.pk, day=self.today)
            stages.receivables_age(client_id=self.client.pk, day=self.today)
            step_stops(client_id=self.client.pk, day=self.today, since=self.today, last=True)

    def sell(self, ref: str, ago: int, terms: int, amount: Decimal) -> None:
        self.number += 1
        name, issued = f"I-{self.number}", self.today - ago * DAY
        place(
            self.client,
            [{"debtor_ref": ref, "receivable_ref": name, "issued_on": issued, "due_on": issued + terms * DAY,
              "amount": amount}],
        )  # fmt: skip
        receivable = Receivable.objects.select_related("case__client").get(receivable_ref=name)
        invoice = Invoice(account=ref, issued_on=issued, due_on=issued + terms * DAY, moves=[(issued, amount)])
        self.invoices.append((invoice, receivable))
        self.model.invoices.append(invoice)

    def pay(self, index: int, ago: int, whole: bool) -> None:
        invoice, receivable = self._one(self.invoices, index)
        value = max(self.today - ago * DAY, invoice.issued_on)
        owed = invoice.open(self.today + 400 * DAY)
        amount = owed if whole else (owed / 2).quantize(Decimal("0.01"))
        payment = payment_post(
            actor=ACTOR, case=receivable.case, amount=amount, currency="SAR", value_on=value, receivable=receivable
        )
        invoice.moves.append((value, -amount))
        self.payments.append((invoice, payment, amount, value))

    def note(self, index: int, ago: int) -> None:
        """A debit note, mostly of the past."""
        invoice, receivable = self._one(self.invoices, index)
        value = max(self.today - ago * DAY, invoice.issued_on)
        note_post(
            actor=ACTOR, receivable=receivable, kind="DEBIT_NOTE", amount=Decimal(25), value_on=value, reason="فرق"
        )
        invoice.moves.append((value, Decimal(25)))

    def reverse(self, index: int) -> None:
        invoice, payment, amount, value = self._one(self.payments, index)
        payment_reverse(actor=ACTOR, payment=payment, on=self.today, reason="شيك مرتجع")
        # Owed again from the day on which it had counted as paid.
        invoice.moves.append((value, amount))

    def object(self, index: int, ago: int) -> None:
        invoice, receivable = self._one(self.invoices, index)
        since = max(self.today - ago * DAY, invoice.issued_on)
        hold = hold_place(
            actor=ACTOR, case=receivable.case, receivable=receivable, kind="OBJECTION", from_on=since, reason="يعترض"
        )
        objection = Objection(since=since)
        invoice.objections.append(objection)
        self.objections.append((objection, hold))

    def decide(self, index: int, decision: str) -> None:
        objection, hold = self._one(self.objections, index)
        objection_decide(actor=ACTOR, hold=hold, decision=decision, reason="بعد النظر")
        objection.decision = decision

    def release(self, index: int, ahead: int) -> None:
        objection, hold = self._one(self.objections, index)
        until = max(self.today + ahead * DAY, objection.since)
        hold_release(actor=ACTOR, hold=hold, until_on=until, reason="انتهى النظر")
        objection.until = until

    def limit(self, ref: str, amount: Decimal, ahead: int) -> None:
        customer, since = self.customers[ref], self.today + ahead * DAY
        agreement = customer.agreements.filter(ends_on__isnull=True).get()
        CreditLimit.objects.create(
            client=self.client, customer=customer, agreement=agreement, amount=amount, ground="POINTS",
            starts_on=since, ends_on=since + 400 * DAY, granted_by=self.officer, recorded_at=clock.now(),
        )  # fmt: skip
        self.model.limits.append((ref, since, amount))
        stops_follow(client_id=self.client.pk, customer_ids=[customer.pk], cause="LIMIT")

    def sign(self, ref: str, days: int, from_invoice: bool, why: str, since: dt.date | None = None) -> None:
        customer, signed_on = self.customers[ref], since or self.today
        standing = customer.agreements.filter(ends_on__isnull=True).first()
        if standing is not None:
            if standing.signed_on >= signed_on:
                raise Refused("order", "")
            standing.ends_on = signed_on - DAY
            standing.save()
            self.model.contracts[self._last(ref)].ends_on = signed_on - DAY
        self.number += 1
        application = Application.objects.create(
            client=self.client, customer=customer, number=f"A-{self.number}", applied_on=signed_on,
            purpose=Purpose.RENEWAL if why == "RENEWAL" else Purpose.NEW, state=ApplicationState.ACTIVE,
            recommendation=Recommendation.EXCEPTION if why == "EXCEPTION" else Recommendation.APPROVE,
            prepared_by=self.officer, created_at=clock.now(),
        )  # fmt: skip
        FacilityAgreement.objects.create(
            client=self.client, customer=customer, application=application, number=f"FA-{self.number}",
            signed_on=signed_on, terms_days=days, period_start="INVOICE" if from_invoice else "DELIVERY",
            recorded_by=self.officer, recorded_at=clock.now(),
        )  # fmt: skip
        self.model.contracts.append(
            Contract(account=ref, signed_on=signed_on, ends_on=None, days=days, from_invoice=from_invoice,
                     renews=why == "RENEWAL", excepted=why == "EXCEPTION")
        )  # fmt: skip
        stops_follow(client_id=self.client.pk, customer_ids=[customer.pk], cause="AGREEMENT")

    def _last(self, ref: str) -> int:
        return max(at for at, contract in enumerate(self.model.contracts) if contract.account == ref)

    def _one(self, among: list[Any], index: int) -> Any:
        if not among:
            raise Refused("nothing", "")
        return among[index % len(among)]

    def check(self, said: str) -> None:
        self.model.defaults = [
            (e.case.debtor.debtor_ref, e.began_on, e.ended_on)
            for e in DefaultEpisode.objects.filter(undone_on=None).select_related("case__debtor")
        ]
        first = START - 200 * DAY
        for ref, customer in self.customers.items():
            stops = list(CreditStop.objects.filter(customer=customer).exclude(end="UNDONE"))
            for kind in sorted(COMPUTED_STOPS):
                stored: Counter[dt.date] = Counter()
                for stop in (stop for stop in stops if stop.kind == kind):
                    last = stop.ended_on - DAY if stop.ended_on is not None else self.today
                    stored.update(stop.began_on + n * DAY for n in range((last - stop.began_on).days + 1))
                assert not stored or max(stored.values()) == 1, f"{said}: {kind} of {ref} twice on a day"
                expected = self.model.days(kind, ref, first, self.today)
                assert set(stored) == expected, (
                    f"{said}: {kind} of {ref}: {sorted(set(stored) ^ expected)[:3]} on {self.today}"
                )
            self._followed(said, customer)
            self._looks_again(said, ref, customer)

    def _followed(self, said: str, customer: Customer) -> None:
        standing = set(customer.stops.filter(ended_on=None).values_list("pk", flat=True))
        opened = StopFollowUp.objects.filter(customer=customer, state="OPEN")
        assert set(opened.values_list("stop_id", flat=True)) == standing, f"{said}: follow-ups of {customer}"

    def _looks_again(self, said: str, ref: str, customer: Customer) -> None:
        """Nothing changes before the day on which the product looks again."""
        customer.refresh_from_db()
        until = customer.next_change_on or self.today + 120 * DAY
        for kind in ("OVERDUE", "OVER_LIMIT"):
            ahead = self.model.days(kind, ref, self.today, until - DAY)
            assert len(ahead) in {0, (until - self.today).days}, f"{said}: {kind} of {ref} before {until}"


@settings(
    max_examples=EXAMPLES, deadline=None, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck), derandomize="CREDIT_EXAMPLES" not in os.environ,
)  # fmt: skip
@given(acts=st.lists(ACTS, min_size=15, max_size=40))
def lives(acts: list[tuple[Any, ...]]) -> None:
    with ExitStack() as stack:
        stack.enter_context(transaction.atomic())
        life = Life()
        life.do(("sell", "C-1", 30, 60, AMOUNTS[1]))
        life.do(("sell", "C-2", 5, 60, AMOUNTS[1]))
        life.check("at first")
        for at, act in enumerate(acts):
            life.do(act)
            life.check(f"after {acts[: at + 1]}")
        TALLY.update(f"stop {kind} {end or 'stands'}" for kind, end in CreditStop.objects.values_list("kind", "end"))
        TALLY["lives"] += 1
        transaction.set_rollback(True)


def test_whatever_is_told_in_whatever_order_the_stops_are_those_of_the_model() -> None:
    started = time.perf_counter()
    lives()
    if "CREDIT_EXAMPLES" in os.environ:
        keep(
            "credit.jsonl", what="stops beside their model", lives=TALLY["lives"],
            acts=sum(n for name, n in TALLY.items() if name in KINDS),
            seconds=round(time.perf_counter() - started), tally=dict(sorted(TALLY.items())),
        )  # fmt: skip
