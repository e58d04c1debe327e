"""Whatever is told, in whatever order and however late: every KPI says what an independent model says, as known at any
moment (ADR 0042). ``KPI_EXAMPLES`` walks more lives.
"""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter, defaultdict
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.choices import Role
from accounts.models import User
from clients.models import Client
from collections_app.models import Case, ContactAttempt, LedgerEntry, Payment, PaymentReversal, Promise, Receivable
from collections_app.services.contacts import contact_record
from collections_app.services.ledger import note_post, note_reverse, payment_post, payment_reverse
from collections_app.services.life import case_end, case_reopen
from common import clock
from common.exceptions import Refused
from complaints.models import Matter
from complaints.tests.worlds import a_matter
from credit.models import Customer
from credit.services.customers import customer_open
from reporting.kpis import Ask, Figure, kpi_figures
from reporting.tests import kpi_model as model
from tests.world import ACTOR, make_client, make_user, place

pytestmark = pytest.mark.django_db

EXAMPLES = int(os.environ.get("KPI_EXAMPLES", "30"))
START = dt.date(2026, 3, 2)
CASES = ("A", "B", "C")
CURRENCIES = st.sampled_from(["SAR", "SAR", "SAR", "USD"])
AMOUNT = st.sampled_from(["60.00", "100.00", "100.00", "250.00"])
AGO = st.one_of(st.integers(0, 6), st.integers(0, 70))
INDEX = st.integers(0, 30)
ACTS = st.one_of(
    st.tuples(st.just("wait"), st.integers(1, 40)),
    st.tuples(st.just("wait"), st.integers(1, 40)),
    st.tuples(st.just("place"), st.sampled_from(CASES), CURRENCIES, AMOUNT, st.integers(0, 90), st.integers(0, 60)),
    st.tuples(st.just("place"), st.sampled_from(CASES), CURRENCIES, AMOUNT, st.integers(0, 90), st.integers(0, 60)),
    st.tuples(st.just("pay"), st.sampled_from(CASES), CURRENCIES, AMOUNT, AGO),
    st.tuples(st.just("pay"), st.sampled_from(CASES), CURRENCIES, AMOUNT, AGO),
    st.tuples(st.just("settle"), st.sampled_from(CASES), st.integers(0, 20)),
    st.tuples(st.just("settle"), st.sampled_from(CASES), st.integers(0, 20)),
    st.tuples(st.just("promised"), st.sampled_from(CASES), st.booleans(), st.integers(0, 3)),
    st.tuples(st.just("reverse"), INDEX, st.sampled_from([None, "10.00"])),
    st.tuples(st.just("note"), INDEX, st.sampled_from(
        ["DEBIT_NOTE", "CREDIT_NOTE", "SETTLEMENT_DISCOUNT", "WRITE_OFF"]), AMOUNT, AGO),
    st.tuples(st.just("unnote"), INDEX),
    st.tuples(st.just("contact"), st.sampled_from(CASES), st.sampled_from(["HOLDER", "HOLDER", "OTHER", "NO_ONE"]),
              st.sampled_from(["OUT", "OUT", "IN"]), st.integers(0, 3)),
    st.tuples(st.just("promise"), st.sampled_from(CASES), AMOUNT, st.integers(0, 12)),
    st.tuples(st.just("credit"), st.sampled_from(CASES)),
    st.tuples(st.just("complain"), st.sampled_from(CASES), st.integers(0, 5)),
    st.tuples(st.just("end"), st.sampled_from(CASES)),
    st.tuples(st.just("reopen"), st.sampled_from(CASES)),
)  # fmt: skip


class Life:
    """A client's book as it is told, day after day."""

    def __init__(self, client: Client, user: User) -> None:
        self.client, self.user, self.day, self.count = client, user, START, 0
        self.moments: list[dt.datetime] = []
        self.tally: Counter[str] = Counter()

    def do(self, act: tuple[Any, ...]) -> None:
        """One act, a minute after the one before; what the house refuses is not told."""
        name, *told = act
        if name == "wait":
            self.day += dt.timedelta(days=told[0])
            return
        self.count += 1
        now = clock.at_riyadh(on=self.day) + dt.timedelta(minutes=self.count)
        with clock.at(now):
            try:
                with transaction.atomic():
                    getattr(self, f"_{name}")(*told)
                self.tally[name] += 1
            except (Refused, Case.DoesNotExist, IndexError):
                self.tally[f"{name} refused"] += 1
        self.moments.append(now)

    def _case(self, ref: str) -> Case:
        return Case.objects.select_related("client", "debtor").get(client=self.client, debtor__debtor_ref=ref)

    def _place(self, ref: str, currency: str, amount: str, ago: int, terms: int) -> None:
        issued = self.day - dt.timedelta(days=ago)
        row = {
            "debtor_ref": ref, "debt_ref": f"{ref}-{currency}", "receivable_ref": f"R{self.count}", "amount": amount,
            "issued_on": issued, "due_on": issued + dt.timedelta(days=terms), "currency": currency, "product": "card",
        }  # fmt: skip
        place(self.client, [row], placed_on=self.day)

    def _pay(self, ref: str, currency: str, amount: str, ago: int) -> None:
        payment_post(
            actor=ACTOR, case=self._case(ref), amount=Decimal(amount), currency=currency,
            value_on=self.day - dt.timedelta(days=ago), reference=f"P{self.count}",
        )  # fmt: skip

    def _settle(self, ref: str, ago: int) -> None:
        """All that the account owes, paid that long ago."""
        case = self._case(ref)
        owed = Receivable.objects.filter(case=case, currency="SAR", balance__gt=0).aggregate(sum=Sum("balance"))["sum"]
        self._pay(ref, "SAR", str(owed or "1.00"), ago)

    def _promised(self, ref: str, before: bool, ahead: int) -> None:
        """A promise and its money on one day; told before the promise it is no answer to it."""
        if before:
            self._pay(ref, "SAR", "60.00", 0)
        with clock.at(clock.now() + dt.timedelta(seconds=10)):
            self._promise(ref, "60.00", ahead)
        if not before:
            with clock.at(clock.now() + dt.timedelta(seconds=20)):
                self._pay(ref, "SAR", "60.00", 0)
        self.moments.append(clock.now() + dt.timedelta(seconds=15))

    def _reverse(self, index: int, amount: str | None) -> None:
        payments = list(Payment.objects.filter(client=self.client).order_by("pk"))
        payment_reverse(
            actor=ACTOR, payment=payments[index % len(payments)] if payments else [][0], on=self.day,
            reason="شيك مرتجع", amount=Decimal(amount) if amount else None,
        )  # fmt: skip

    def _note(self, index: int, kind: str, amount: str, ago: int) -> None:
        found = list(Receivable.objects.filter(client=self.client).order_by("pk"))
        note_post(
            actor=ACTOR, receivable=found[index % len(found)] if found else [][0], kind=kind, amount=Decimal(amount),
            value_on=self.day - dt.timedelta(days=ago), reason="تصحيح",
        )  # fmt: skip

    def _unnote(self, index: int) -> None:
        notes = list(
            LedgerEntry.objects.filter(
                client=self.client, kind__in=["DEBIT_NOTE", "CREDIT_NOTE", "SETTLEMENT_DISCOUNT", "WRITE_OFF"]
            ).order_by("pk")
        )
        note_reverse(actor=ACTOR, entry=notes[index % len(notes)] if notes else [][0], reason="خطأ")

    def _contact(self, ref: str, reached: str, direction: str, ago: int) -> None:
        outcome = {"HOLDER": "INFORMED", "OTHER": "WRONG_PERSON", "NO_ONE": "NO_ANSWER"}[reached]
        contact_record(
            actor=ACTOR, user=self.user, case=self._case(ref), channel="PHONE", reached=reached, outcome=outcome,
            direction=direction, at=clock.now() - dt.timedelta(days=ago), breach_reason="اتصل متأخرًا",
        )  # fmt: skip

    def _promise(self, ref: str, amount: str, ahead: int) -> None:
        contact_record(
            actor=ACTOR, user=self.user, case=self._case(ref), channel="PHONE", reached="HOLDER", outcome="PROMISE",
            promise_amount=Decimal(amount), promise_on=self.day + dt.timedelta(days=ahead), breach_reason="بعد الوقت",
        )  # fmt: skip

    def _credit(self, ref: str) -> None:
        customer_open(user=self.user, client=self.client, debtor_ref=self._case(ref).debtor.debtor_ref, name="مؤسسة",
                      kind="CREDIT", legal_form="LLC")  # fmt: skip

    def _complain(self, ref: str, ago: int) -> None:
        a_matter(case=self._case(ref), at=clock.now() - dt.timedelta(days=ago))

    def _end(self, ref: str) -> None:
        case_end(actor=ACTOR, case=self._case(ref), end="RECALLED", on=self.day, reason="طلب العميل")

    def _reopen(self, ref: str) -> None:
        """That case, else the first that is away."""
        away = Case.objects.filter(client=self.client, status="RECALLED").order_by("pk")
        case = away.filter(debtor__debtor_ref=ref).first() or away.first()
        case_reopen(actor=ACTOR, case=case if case else [][0], reason="عاد")


def facts_of(client: Client) -> model.Facts:
    """The plain rows, as the model takes them."""
    facts = model.Facts(placed=dict(Case.objects.filter(client=client).values_list("pk", "placed_on")))
    facts.buys_since = dict(
        Customer.objects.filter(client=client, kind="CREDIT").values_list("debtor__cases__pk", "opened_at")
    )
    facts.complaints = list(Matter.objects.filter(client=client).values_list("received_at", flat=True))
    for r in Receivable.objects.filter(client=client).select_related("file", "debt"):
        facts.receivables[r.pk] = model.Receivable(
            r.pk, r.case_id, r.currency, r.amount, r.issued_on, r.due_on, r.file.placed_on, r.debt.product
        )
    for e in LedgerEntry.objects.filter(client=client).select_related("reverses"):
        kind = e.reverses.kind if e.reverses_id else e.kind
        facts.entries.append(
            model.Entry(e.receivable_id, kind, e.amount, e.effective_on, e.recorded_at, e.payment_id is not None)
        )
    for a in ContactAttempt.objects.filter(client=client).exclude(verdict="REFUSED"):
        day = a.at.astimezone(clock.RIYADH).date()
        facts.attempts.append(model.Attempt(a.case_id, day, a.direction == "OUT", a.reached, a.outcome, a.recorded_at))
    for p in Promise.objects.filter(client=client).select_related("attempt"):
        ended = p.judged_on if p.status == "CANCELLED" else None
        facts.promises.append(
            model.Promise(p.case_id, p.currency, p.amount, p.made_on, p.due_on, p.attempt.recorded_at, ended)
        )
    backs = defaultdict(list)
    for back in PaymentReversal.objects.filter(client=client):
        backs[back.payment_id].append((back.amount, back.recorded_at))
    for y in Payment.objects.filter(client=client):
        facts.payments.append(
            model.Payment(y.case_id, y.currency, y.amount, y.value_on, y.recorded_at, tuple(backs[y.pk]))
        )
    return facts


def by_currency(figure: Figure) -> dict[str, tuple[Any, Any]]:
    """Sums of a figure of money by currency, whatever its rows are broken down by."""
    sums: dict[str, list[Decimal]] = {}
    for row in figure.rows:
        found = sums.setdefault(row["currency"], [Decimal(0), Decimal(0)])
        found[0] += row["numerator"]
        found[1] += row["denominator"]
    return {currency: (over, under) for currency, (over, under) in sums.items()}


def near(value: Decimal | None, exact: Fraction | None) -> bool:
    if value is None or exact is None:
        return value is None and exact is None
    return abs(Fraction(value) - exact) <= Fraction(1, 1_000_000)


def check(life: Life, first: dt.date, last: dt.date, known_at: dt.datetime | None, now: dt.datetime) -> None:
    """Every figure beside the model's."""
    ask = Ask(client_id=life.client.pk, first=first, last=last, now=now, known_at=known_at)
    told = {figure.kpi.code: figure for figure in kpi_figures(ask=ask)}
    facts = facts_of(life.client).known(known_at or now)
    sides = {code: (figure.numerator, figure.denominator) for code, figure in told.items()}
    today = (known_at or now).astimezone(clock.RIYADH).date()

    within = [a for a in facts.attempts if first <= a.on <= last]
    out = [a for a in within if a.out]
    right = sum(a.reached == "HOLDER" for a in out)
    talks = [a for a in within if a.reached == "HOLDER"]
    assert sides["RIGHT_PARTY_OF_ATTEMPTS"] == (right, len(out))
    assert sides["RIGHT_PARTY_OF_REACHED"] == (right, sum(a.reached != "NO_ONE" for a in out))
    assert sides["PROMISE_RATE"] == (sum(a.outcome == "PROMISE" for a in talks), len(talks))

    promises = model.kept(facts, first, last, today)
    assert sides["PROMISE_KEPT_COUNT"] == (sum(kept for _p, kept in promises), len(promises))
    amounts = {p.currency: [Decimal(0), Decimal(0)] for p, _kept in promises}
    for p, kept in promises:
        amounts[p.currency][0] += p.amount if kept else 0
        amounts[p.currency][1] += p.amount
    assert by_currency(told["PROMISE_KEPT_AMOUNT"]) == {currency: tuple(two) for currency, two in amounts.items()}

    cells = {
        (r["currency"], r["from_bucket"], r["to_bucket"]): (r["count"], r["amount"]) for r in told["ROLL_RATES"].rows
    }
    assert cells == model.rolls(facts, first, last)
    ages: dict[tuple[str, str], tuple[int, Decimal]] = {}
    for key, r in facts.receivables.items():
        if (open_now := facts.balance(key, last)) > 0:
            count, total = ages.get((r.currency, model.bucket(r.due_on, last)), (0, model.ZERO))
            ages[r.currency, model.bucket(r.due_on, last)] = (count + 1, total + open_now)
    assert {(r["currency"], r["bucket"]): (r["count"], r["amount"]) for r in told["AGING"].rows} == ages

    moves = model.account_moves(facts, first, last)
    accounts: dict[tuple[str, str, str], tuple[int, Decimal]] = {}
    for _case, currency, begun, ended, _moved, amount in moves:
        count, total = accounts.get((currency, begun, ended), (0, model.ZERO))
        accounts[currency, begun, ended] = (count + 1, total + amount)
    assert {
        (r["currency"], r["from_bucket"], r["to_bucket"]): (r["count"], r["amount"]) for r in told["ROLL_ACCOUNTS"].rows
    } == accounts
    there = [move for move in moves if move[2] != "new"]
    for code, moved in (("FORWARD", "forward"), ("STABLE", "stable"), ("BACK", "back"), ("CURE", "cure")):
        assert sides[f"ROLL_{code}"] == (sum(move[4] == moved for move in there), len(there)), code
        expected = {
            currency: (
                sum((m[5] for m in there if m[1] == currency and m[4] == moved), model.ZERO),
                sum((m[5] for m in there if m[1] == currency), model.ZERO),
            )
            for currency in {m[1] for m in there}
        }
        assert by_currency(told[f"ROLL_{code}_AMOUNT"]) == expected, code
    assert sides["CURE_RATE"] == model.cure_rate(facts, first, last)

    spells = model.spells(facts, first, last)
    mean, median = model.kaplan_meier(spells)
    assert sides["CURE_DAYS_MEAN"] == (sum(cured for _days, cured in spells), len(spells))
    assert near(told["CURE_DAYS_MEAN"].value, mean)
    assert told["CURE_DAYS_MEDIAN"].value == median

    settled = model.settled(facts, first, last)
    assert sides["AVERAGE_DAYS_LATE"] == (sum(late for _r, _days, late in settled), len(settled))
    assert sides["LATE_SHARE"] == (sum(late > 0 for _r, _days, late in settled), len(settled))
    assert sides["DAYS_TO_SETTLE"] == (sum(days for _r, days, _late in settled), len(settled))
    weighed = {r.currency: [Decimal(0), Decimal(0)] for r, _days, _late in settled}
    for r, days, _late in settled:
        weighed[r.currency][0] += r.amount * days
        weighed[r.currency][1] += r.amount
    assert by_currency(told["DAYS_TO_SETTLE_WEIGHTED"]) == {currency: tuple(two) for currency, two in weighed.items()}

    for code, of in (("COLLECTION_EFFECTIVENESS", model.effectiveness), ("RECOVERY_RATE", model.recovery)):
        expected = {currency: of(facts, first, last, currency) for currency in ("SAR", "USD")}
        assert by_currency(told[code]) == {currency: two for currency, two in expected.items() if any(two)}, code

    found = {
        (r["currency"], r["cohort"], r["month"]): (r["numerator"], r["denominator"]) for r in told["STAIR_STEP"].rows
    }
    assert found == model.stairs(facts, first, last, today)
    opened = {case: since.astimezone(clock.RIYADH).date() for case, since in facts.buys_since.items()}
    expected = model.collection_period(facts, last, opened)
    assert by_currency(told["COLLECTION_PERIOD"]) == ({"SAR": expected} if expected else {})
    if expected and expected[1]:
        assert near(told["COLLECTION_PERIOD"].value, Fraction(expected[0]) * 365 / Fraction(expected[1]))

    held = model.in_hand(facts, first, last)
    assert sides["ATTEMPTS_PER_ACCOUNT"] == (sum(a.case in held for a in out), len(held))
    complained = sum(first <= at.astimezone(clock.RIYADH).date() <= last for at in facts.complaints)
    assert sides["COMPLAINTS_PER_1000"] == (complained, len(held))
    reached = []
    for case in {facts.receivables[e.receivable].case for e in facts.entries if e.on <= last}:
        days = [
            a.on for a in facts.attempts
            if a.case == case and a.reached == "HOLDER" and facts.placed[case] <= a.on <= last
        ]  # fmt: skip
        if days and first <= facts.placed[case] <= last:
            reached.append((min(days) - facts.placed[case]).days)
    assert sides["FIRST_CONTACT_DAYS"] == (sum(reached), len(reached))
    for figure in told.values():
        if not figure.denominator and figure.kpi.under is not None:
            assert figure.value is None, figure.kpi.code


@pytest.mark.requirement("PL-30", "PL-31", "PL-32", "PL-33", "PL-34", "PL-39", "I-24")
def test_whatever_is_told_every_kpi_is_that_of_the_model() -> None:
    with clock.at(clock.at_riyadh(on=START - dt.timedelta(days=1))):
        client, user = make_client(), make_user(Role.COLLECTOR)
    tally: Counter[str] = Counter()

    @settings(
        max_examples=EXAMPLES, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck),
        derandomize="KPI_EXAMPLES" not in os.environ,
    )  # fmt: skip
    @given(
        acts=st.lists(ACTS, min_size=14, max_size=34), within=st.tuples(st.integers(0, 99), st.integers(0, 99), INDEX)
    )
    def lives(acts: list[tuple[Any, ...]], within: tuple[int, int, int]) -> None:
        with transaction.atomic():
            life = Life(client, user)
            for act in [("place", "A", "SAR", "100.00", 40, 10), ("place", "B", "SAR", "100.00", 20, 10), *acts]:
                life.do(act)
            now = clock.at_riyadh(on=life.day, time=dt.time(22))
            span = (life.day - START).days + 1
            first, last = sorted(START + dt.timedelta(days=share * span // 100) for share in within[:2])
            # A part of the life as it was known at some moment, and all of it as it is known at last.
            asked = [
                (first, last, life.moments[within[2] % len(life.moments)]),
                (START - dt.timedelta(days=45), life.day, None),
            ]
            for begun, ended, known_at in asked:
                try:
                    check(life, begun, ended, known_at, now)
                except AssertionError as error:
                    raise AssertionError(f"{begun} to {ended}, known at {known_at}, of {acts}: {error}") from error
            tally.update(life.tally)
            transaction.set_rollback(True)

    lives()
    # The walk meets what it is for.
    acts = "pay settle promised reverse note unnote contact promise credit complain end reopen"
    for met in acts.split():
        assert tally[met], met
