"""The product and the model (``tests/model.py``) told the same, act by act, and compared.

An act goes through the product's service. The model says beforehand whether it must be refused; what is refused changes
nothing, what is taken is told to the model. ``compare`` then reads the product's rows and asks the model.
"""

from __future__ import annotations

import copy
import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from django.db import connection

from accounts.models import User
from clients.models import Client, StagePolicy, StagePolicyRow
from clients.rules.stages import Place, Stage
from clients.services.clients import client_update
from clients.services.stage_policies import (
    stage_change_decide,
    stage_change_propose,
    stage_policy_draft,
    stage_policy_edit,
)
from collections_app.models import Case, Debt, DefaultEpisode, Hold, LedgerEntry, Payment, Promise, Receivable
from collections_app.rules.allocation import Share as Pin
from collections_app.selectors.aging import aging_as_of
from collections_app.selectors.default import defaults_as_of
from collections_app.selectors.ledger_check import ledger_faults
from collections_app.selectors.standing import standing_as_of
from collections_app.services.cases import cases_assign
from collections_app.services.holds import hold_place, hold_release, objection_decide
from collections_app.services.ledger import note_post, note_reverse, payment_pin, payment_post, payment_reverse
from collections_app.services.life import case_end, case_reopen, receivables_withdraw
from collections_app.services.nightly import nightly_run
from collections_app.services.promises import promise_record
from common import audit, clock
from common.exceptions import Refused
from common.models import Holiday
from tests import model
from tests.model import ZERO, Book
from tests.world import ACTOR, make_client, make_user, place

LOWERS = ("CREDIT_NOTE", "SETTLEMENT_DISCOUNT", "WRITE_OFF")
FORGIVES = ("SETTLEMENT_DISCOUNT", "WRITE_OFF")
# What a twin remembers of its own acts.
FORKED = (
    "hold_ids", "promise_ids", "note_ids", "notes_back", "objections", "decided", "placed", "moments", "taken",
    "refused",
)  # fmt: skip
LADDERS = {
    "TRADE": ("INVOICE", (None, 61, 91, 121, 151), ("TRADE_90",)),
    "BANK": ("DUE", (None, 1, 31, 61, 91, 121, 151), ("MONTHLY_3_IN_A_ROW", "FIVE_LATE_7WD")),
    # No shipped ladder: what is not paid by the month, and promissory notes.
    "FINANCE": (
        "DUE", (None, 15, 60), ("FOUR_LATE_20WD", "UNPAID_60WD", "MORE_THAN_5_MONTHS", "NOTE_3_OR_MORE_THAN_5"),
    ),
}  # fmt: skip


def a_ladder(basis: str, firsts: Sequence[int | None], rules: Sequence[str], code: str) -> StagePolicy:
    """A published version, as shipped ones are."""
    policy = StagePolicy.objects.create(
        code=f"TWIN_{code}", name_ar="سلم", name_en="Ladder", basis=basis, default_rules=list(rules)
    )
    StagePolicyRow.objects.bulk_create(
        StagePolicyRow(
            policy=policy, position=n, code=f"S{n}", from_day=first, depth=min(n, 6), name_ar=f"م{n}", name_en=f"S{n}"
        )
        for n, first in enumerate(firsts)
    )
    StagePolicy.objects.filter(pk=policy.pk).update(state="APPROVED")
    return policy


def same(what: str, product: dict[Any, Any], book: dict[Any, Any]) -> None:
    """Fails with the lines that differ, and only these."""
    lines = [
        f"{key}: product {product.get(key)}, model {book.get(key)}"
        for key in sorted({*product, *book}, key=str)
        if product.get(key) != book.get(key)
    ]
    assert not lines, "\n".join([what, *lines])


class Twin:
    """One client's book in both worlds. Names are the harness's own: product rows are found by them."""

    def __init__(
        self, *, start: dt.date, kind: str = "TRADE", code: str = "AAA", every_day: bool = False,
        holidays: Sequence[dt.date] = (), fees_at_most: int | None = None,
    ) -> None:  # fmt: skip
        self.today = start
        self.seconds = 0
        # All debtors are persons: the law caps what they are charged by banks and finance companies, at one instalment.
        most = [1] if kind in {"BANK", "FINANCE"} else []
        most += [] if fees_at_most is None else [fees_at_most]
        self.book = Book(every_day=every_day, holidays=holidays, fees_at_most=min(most, default=None))
        Holiday.objects.bulk_create(
            Holiday(calendar=calendar, on=day, name_ar="عيد", name_en="Feast")
            for calendar in ("BANK", "PRIVATE")
            for day in holidays
        )
        self.taken: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.hold_ids: dict[str, int] = {}
        self.promise_ids: dict[str, int] = {}
        self.note_ids: dict[int, model.Claim] = {}
        self.notes_back: set[int] = set()
        self.objections: set[str] = set()
        self.decided: set[str] = set()
        # Moments at which the trail was sealed, and how many facts had been told by then.
        self.moments: list[tuple[dt.datetime, int]] = []
        self.placed: dict[str, dict[str, Any]] = {}
        basis, firsts, rules = LADDERS[kind]
        with self.now():
            own = {"stage_policy": a_ladder(basis, firsts, rules, code)} if kind == "FINANCE" else {}
            self.client = make_client(code, kind=kind, **own)
            if fees_at_most is not None:
                of = {name: getattr(self.client, name) for name in ("name_ar", "name_en", "terms_days", "status")}
                self.client = client_update(actor=ACTOR, client=self.client, fee_cap_instalments=fees_at_most, **of)
        self.book.tell(
            model.Policy(
                starts_on=dt.date(1990, 1, 1),
                basis=basis,
                rungs=tuple(enumerate(firsts)),
                default_rules=rules,
            )
        )

    def fork(self) -> Twin:
        """A second pen for the same book: what is told to it the first does not know."""
        other = copy.copy(self)
        other.book = Book.of(self.book.facts, every_day=self.book.every_day, holidays=self.book.holidays)
        for name in FORKED:
            setattr(other, name, copy.copy(getattr(self, name)))
        return other

    # -- time

    @contextmanager
    def now(self) -> Iterator[None]:
        """This act's own instant: no two acts share one."""
        self.seconds += 1
        noon = clock.at_riyadh(on=self.today, time=dt.time(9, 0))
        with clock.at(noon + dt.timedelta(seconds=self.seconds % 30_000)):
            yield

    def day(self, days: int) -> dt.date:
        return self.today + dt.timedelta(days=days)

    # -- names to rows

    @property
    def case_ids(self) -> dict[str, int]:
        return dict(Case.objects.filter(client=self.client).values_list("debtor__debtor_ref", "pk"))

    def row(self, ref: str) -> Receivable:
        return Receivable.objects.get(client=self.client, receivable_ref=ref)

    def case_row(self, case: str) -> Case:
        return Case.objects.select_related("client").get(client=self.client, debtor__debtor_ref=case)

    def payment_row(self, payment: model.Payment) -> Payment:
        return Payment.objects.get(client=self.client, case__debtor__debtor_ref=payment.case, reference=payment.ref)

    @property
    def refs(self) -> list[str]:
        return sorted(self.book.receivables)

    def of_case(self, case: str, currency: str = "SAR") -> list[str]:
        return [r.ref for r in self.book.receivables.values() if (r.case, r.currency) == (case, currency)]

    # -- acts

    def tried(self, name: str, act: Callable[[], Any], *, refused: str | None) -> Any:
        """Do it; it is refused just when the model says so. Deferred constraints are checked at once."""
        try:
            with self.now():
                found = act()
                if connection.in_atomic_block:
                    with connection.cursor() as cursor:
                        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        except Refused as refusal:
            assert refused is not None, f"{name} was refused with {refusal.code}, and nothing forbids it"
            self.refused[f"{name}: {refused}"] += 1
            return None
        assert refused is None, f"{name} was taken, and must be refused: {refused}"
        self.taken[name] += 1
        return found

    def place(self, rows: Sequence[dict[str, Any]]) -> None:
        """A file of receivables: ref, case, debt, issued_on, due_on, amount, and whatever else the row says."""
        told = [
            {
                "debtor_ref": r["case"], "debt_ref": r["debt"], "receivable_ref": r["ref"], "currency": "SAR",
                **{k: v for k, v in r.items() if k not in {"case", "debt", "ref"}},
            }
            for r in rows
        ]  # fmt: skip
        new = [r for r in rows if r["ref"] not in self.book.receivables]
        imported = self.tried("place", lambda: place(self.client, told, placed_on=self.today), refused=None)
        assert imported.status == "DONE", imported
        told_of = [fact for r in new for fact in self.told_of_file(r)]
        self.placed.update({r["ref"]: r for r in new})
        if told_of:
            self.book.tell(model.File(facts=tuple(told_of)))

    def told_of_file(self, r: dict[str, Any]) -> Iterator[model.Fact]:
        amount, ref, case = Decimal(r["amount"]), r["ref"], r["case"]
        issued_on, paid_on = r["issued_on"], r.get("paid_on")
        still_open = Decimal(r.get("open_amount") or amount)
        yield (
            model.Receivable(
                ref=ref, case=case, debt=r["debt"], issued_on=issued_on, due_on=r["due_on"],
                currency=r.get("currency", "SAR"), product=r.get("product", ""),
            )
        )  # fmt: skip
        yield (model.Claim(receivable=ref, amount=amount, value_on=issued_on))
        if still_open != amount:
            prior_on = max(self.today, issued_on)
            yield (model.Claim(receivable=ref, amount=still_open - amount, value_on=prior_on, kind="PRIOR_PAYMENT"))
        if r.get("disputed"):
            name = f"file {ref}"
            yield (model.Hold(name=name, case=case, receivable=ref, from_on=issued_on, until_on=paid_on))
            self.objections.add(name)
            self.hold_ids[name] = Hold.objects.get(client=self.client, receivable__receivable_ref=ref).pk
        if paid_on:
            row = Payment.objects.get(client=self.client, pins__receivable__receivable_ref=ref, file__isnull=False)
            yield (
                model.Payment(
                    ref=row.reference, case=case, amount=still_open, value_on=paid_on, pins={ref: still_open},
                    currency=r.get("currency", "SAR"), method=row.allocation_method,
                )
            )  # fmt: skip

    def place_again(self, refs: Sequence[str]) -> None:
        """The same rows in another file: nothing is added."""
        before = LedgerEntry.objects.filter(client=self.client).count()
        self.place([self.placed[ref] for ref in refs])
        assert LedgerEntry.objects.filter(client=self.client).count() == before

    def method(self, method: str) -> None:
        """The client's way to spread payments, from the next payment on."""
        Client.objects.filter(pk=self.client.pk).update(allocation_method=method)
        self.client.refresh_from_db()

    def pay(
        self, case: str, ref: str, amount: Decimal, value_on: dt.date, pins: dict[str, Decimal] | None = None,
        currency: str = "SAR",
    ) -> None:  # fmt: skip
        pins = pins or {}
        refused = None
        mine = self.of_case(case, currency)
        if amount <= 0 or amount != amount.quantize(ZERO):
            refused = "amount"
        elif value_on > self.today:
            refused = "after today"
        elif any(p.ref == ref and p.case == case for p in self.book.payments):
            refused = "reference"
        elif not mine:
            refused = "currency"
        elif any(pin not in mine for pin in pins):
            refused = "pin elsewhere"
        elif sum(pins.values(), ZERO) > amount:
            refused = "pins above the money"
        method = "AS_SPECIFIED" if pins else self.client.allocation_method
        found = self.tried(
            "pay pinned" if pins else f"pay {method}",
            lambda: payment_post(
                actor=ACTOR, case=self.case_row(case), amount=amount, currency=currency, value_on=value_on,
                reference=ref, pins=[Pin(receivable_id=self.row(r).pk, amount=a) for r, a in pins.items()],
            ),
            refused=refused,
        )  # fmt: skip
        if found is not None:
            assert found.allocation_method == method
            self.book.tell(
                model.Payment(
                    ref=ref, case=case, amount=amount, value_on=value_on, currency=currency, method=method, pins=pins
                )
            )

    def pin(self, payment: model.Payment, pins: dict[str, Decimal]) -> None:
        """Somebody says what waiting money is for. What no pin spoke of goes first; then what the last of the earlier
        pins still want.
        """
        waits, mine = self.book.suspense(payment), self.of_case(payment.case, payment.currency)
        refused = None
        if any(pin not in mine for pin in pins):
            refused = "pin elsewhere"
        elif any(amount <= 0 for amount in pins.values()):
            refused = "amount"
        elif sum(pins.values(), ZERO) > waits:
            refused = "pins above what waits"
        spread = self.book.spreading(payment.case, payment.currency)
        met: dict[str, Decimal] = defaultdict(lambda: ZERO)
        for (p, r, _component, pinned), amount in spread.given.items():
            if p == payment.ref and pinned:
                met[r] += amount
        unmet = [(r.ref, payment.pins[r.ref] - met[r.ref]) for r in spread.receivables if r.ref in payment.pins]
        found = self.tried(
            "pin later",
            lambda: payment_pin(
                actor=ACTOR, payment=self.payment_row(payment), reason="قاله الدافع",
                pins=[Pin(receivable_id=self.row(r).pk, amount=a) for r, a in pins.items()],
            ),
            refused=refused,
        )  # fmt: skip
        if found is None:
            return
        told = dict(pins)
        unmet = [(ref, amount) for ref, amount in unmet if amount > 0]
        needed = sum(pins.values(), ZERO) - max(waits - sum((amount for _r, amount in unmet), ZERO), ZERO)
        for ref, amount in reversed(unmet):
            gives = min(needed, amount)
            if gives > 0:
                told[ref] = told.get(ref, ZERO) - gives
                needed -= gives
        self.book.tell(model.Pinned(case=payment.case, payment=payment.ref, pins=told))

    def left_of(self, payment: model.Payment) -> Decimal:
        return self.book.spreading(payment.case, payment.currency).net[payment.ref]

    def take_back(self, payment: model.Payment, amount: Decimal | None, on: dt.date) -> None:
        left = self.left_of(payment)
        refused = None
        if left == 0:
            refused = "taken back already"
        elif amount is not None and (amount <= 0 or amount > left):
            refused = "more than is left"
        elif not payment.value_on <= on <= self.today:
            refused = "day"
        found = self.tried(
            "take back whole" if amount is None else "take back a part",
            lambda: payment_reverse(
                actor=ACTOR, payment=self.payment_row(payment), on=on, reason="شيك مرتجع", amount=amount
            ),
            refused=refused,
        )
        if found is not None:
            self.book.tell(
                model.TakenBack(case=payment.case, payment=payment.ref, amount=left if amount is None else amount)
            )

    def still_open(self, ref: str, component: str) -> Decimal:
        """What is open of a component when every entry counts, those of later days too."""
        one = self.book.receivables[ref]
        return self.book.spreading(one.case, one.currency).still_open(ref, component)

    def note(
        self, ref: str, kind: str, amount: Decimal, value_on: dt.date, component: str = "PRINCIPAL", number: str = ""
    ) -> None:
        lowers = kind in LOWERS
        refused = None
        if amount <= 0 or amount != amount.quantize(ZERO):
            refused = "amount"
        elif not self.book.receivables[ref].issued_on <= value_on <= self.today:
            refused = "day"
        elif self.book.is_away(ref):
            refused = "out of collection"
        elif kind in FORGIVES and amount > self.still_open(ref, component):
            refused = "above what is open"
        elif lowers and amount > self.book.least_claimed(ref, component, value_on):
            refused = "above what is claimed"
        elif kind == "FEE" or (kind == "DEBIT_NOTE" and component == "FEE"):
            refused = self.fee_refused(ref, amount, value_on)
        found = self.tried(
            kind.lower(),
            lambda: note_post(
                actor=ACTOR, receivable=self.row(ref), kind=kind, amount=amount, value_on=value_on,
                reference=number, reason="تصحيح", component=component,
            ),
            refused=refused,
        )  # fmt: skip
        if found is not None:
            told = model.Claim(
                receivable=ref, amount=-amount if lowers else amount, value_on=value_on, component=component, kind=kind
            )
            self.note_ids[found.pk] = told
            self.book.tell(told)

    def fee_refused(self, ref: str, amount: Decimal, day: dt.date) -> str | None:
        left = self.book.fees_left(self.book.receivables[ref].debt, day)
        return "above what fees may come to" if left is not None and amount > left else None

    def note_back(self, pk: int) -> None:
        claim = self.note_ids[pk]
        refused = None
        if pk in self.notes_back:
            refused = "taken back already"
        elif claim.amount > self.book.least_claimed(claim.receivable, claim.component, claim.value_on):
            refused = "above what is claimed"
        elif claim.kind == "CREDIT_NOTE" and claim.component == "FEE":
            refused = self.fee_refused(claim.receivable, -claim.amount, claim.value_on)
        found = self.tried(
            "note taken back",
            lambda: note_reverse(actor=ACTOR, entry=LedgerEntry.objects.get(pk=pk), reason="خطأ"),
            refused=refused,
        )
        if found is not None:
            self.notes_back.add(pk)
            self.book.tell(
                model.Claim(
                    receivable=claim.receivable, amount=-claim.amount, value_on=claim.value_on,
                    component=claim.component, kind=claim.kind,
                )
            )  # fmt: skip

    def hold(
        self, name: str, case: str, from_on: dt.date, until_on: dt.date | None = None, *, debt: str | None = None,
        receivable: str | None = None, frozen: bool = False,
    ) -> None:  # fmt: skip
        refused = "order" if until_on is not None and until_on < from_on else None
        found = self.tried(
            "hold",
            lambda: hold_place(
                actor=ACTOR, case=self.case_row(case), kind="HARDSHIP" if frozen else "OBJECTION", from_on=from_on,
                until_on=until_on, reason="يعترض", frozen=frozen,
                debt=Debt.objects.get(client=self.client, debt_ref=debt) if debt else None,
                receivable=self.row(receivable) if receivable else None,
            ),
            refused=refused,
        )  # fmt: skip
        if found is not None:
            self.hold_ids[name] = found.pk
            if not frozen:
                self.objections.add(name)
            self.book.tell(
                model.Hold(
                    name=name, case=case, from_on=from_on, until_on=until_on, debt=debt, receivable=receivable,
                    frozen=frozen,
                )
            )  # fmt: skip

    def release(self, name: str, until_on: dt.date) -> None:
        hold = self.book.holds[name]
        refused = None
        if hold.until_on is not None or name in self.book.rejected or hold.case in self.book.closed:
            refused = "ended"
        elif until_on < hold.from_on:
            refused = "order"
        found = self.tried(
            "release",
            lambda: hold_release(
                actor=ACTOR, hold=Hold.objects.get(pk=self.hold_ids[name]), until_on=until_on, reason="حُسم"
            ),
            refused=refused,
        )
        if found is not None:
            self.book.tell(model.HoldEnded(name=name, until_on=until_on))

    def decide(self, name: str, *, accepted: bool) -> None:
        """An objection is decided."""
        hold = self.book.holds[name]
        refused = None
        if name in self.decided:
            refused = "decided"
        elif name not in self.objections:
            refused = "no objection"
        found = self.tried(
            "accept" if accepted else "reject",
            lambda: objection_decide(
                actor=ACTOR, hold=Hold.objects.get(pk=self.hold_ids[name]), reason="درسناه",
                decision="ACCEPTED" if accepted else "REJECTED",
            ),
            refused=refused,
        )  # fmt: skip
        if found is not None:
            self.decided.add(hold.name)
            self.book.tell(model.Decided(name=name, accepted=accepted))

    def policy(
        self, *, starts_on: dt.date, basis: str, firsts: Sequence[int], after: int, product: str = "",
        rules: Sequence[str] | None = None,
    ) -> None:  # fmt: skip
        """Another ladder from a day on: one manager asks, another approves."""
        refused = None
        if starts_on < self.today or (self.book.book_date is not None and starts_on <= self.book.book_date):
            refused = "past"
        if rules is None:
            rules = next(p for p in reversed(self.book.policies) if p.product == "").default_rules
        stages = [
            Stage(code=f"S{n}", from_day=first, depth=min(n, 6), name_ar=f"مرحلة {n}", name_en=f"Stage {n}")
            for n, first in enumerate([None, *firsts])
        ]

        def act() -> Any:
            one, other = self.managers
            draft = stage_policy_draft(
                user=one, policy=self.client.stage_policy, code=f"P{self.client.pk}_{self.seconds}"
            )
            draft = stage_policy_edit(
                user=one, policy=draft, name_ar="سلم", name_en="Ladder", basis=basis, default_after_days=after,
                default_rules=rules, stages=stages,
            )  # fmt: skip
            change = stage_change_propose(
                user=one, policy=draft, places=[Place(client_id=self.client.pk, product=product)],
                starts_on=starts_on, reason="اتفاق جديد مع الجهة", today=self.today,
            )  # fmt: skip
            return stage_change_decide(
                user=other, change=change, decision="APPROVED", digest=change.digest, today=self.today
            )

        if self.tried("policy", act, refused=refused) is not None:
            self.book.tell(
                model.Policy(
                    starts_on=starts_on, basis=basis, rungs=tuple(enumerate([None, *firsts])),
                    default_after_days=after, default_rules=tuple(rules), product=product,
                )
            )  # fmt: skip

    @property
    def managers(self) -> tuple[User, User]:
        low = self.client.code.lower()
        found = list(User.objects.filter(email__startswith=f"{low}.manager").order_by("email"))
        if not found:
            found = [make_user("COLLECTIONS_MANAGER", name=f"{low}.manager{n}") for n in range(2)]
        return found[0], found[1]

    def promise(self, name: str, case: str, amount: Decimal, due_on: dt.date) -> None:
        row = self.case_row(case)
        refused = None
        if due_on < self.today or (due_on - self.today).days > 60:
            refused = "day"
        elif row.status not in {"PLACED", "ACTIVE", "ON_HOLD"}:
            refused = "closed"
        elif amount > row.balance:
            refused = "above what is due"
        currency = row.currency
        found = self.tried(
            "promise",
            lambda: promise_record(
                actor=ACTOR, case=row, amount=amount, currency=currency, due_on=due_on, made_on=self.today
            ),
            refused=refused,
        )
        if found is not None:
            self.promise_ids[name] = found.pk
            self.book.tell(
                model.Promise(name=name, case=case, amount=amount, made_on=self.today, due_on=due_on, currency=currency)
            )

    def end(self, case: str, status: str, on: dt.date) -> None:
        """A person ends a case."""
        row = self.case_row(case)
        refused = None
        if on > self.today:
            refused = "ahead"
        elif on < row.placed_on:
            refused = "before it was placed"
        if case in self.book.closed:
            refused = "closed"
        found = self.tried(
            "end", lambda: case_end(actor=ACTOR, case=row, end=status, on=on, reason="طلب الجهة"), refused=refused
        )
        if found is not None:
            self.book.tell(model.Ended(case=case, status=status, on=on))

    def reopen(self, case: str) -> None:
        refused = None if case in self.book.ended else "no person ended it"
        found = self.tried(
            "reopen", lambda: case_reopen(actor=ACTOR, case=self.case_row(case), reason="أعادته الجهة"), refused=refused
        )
        if found is not None:
            self.book.tell(model.Reopened(case=case))

    def never_came(self, ref: str) -> None:
        """A receivable is withdrawn: it should not have been told."""
        self.tried(
            "never came",
            lambda: receivables_withdraw(
                actor=ACTOR, client_id=self.client.pk, receivable_ids=[self.row(ref).pk], reason="ملف خاطئ"
            ),
            refused=None,
        )
        self.book.tell(model.NeverCame(receivable=ref))

    def assign(self, case: str) -> None:
        if not hasattr(self, "collector"):
            self.collector = make_user("COLLECTOR", name=f"{self.client.code.lower()}.collector")
        self.tried(
            "assign",
            lambda: cases_assign(actor=ACTOR, case_ids=[self.case_ids[case]], owner=self.collector, on=self.today),
            refused=None,
        )
        self.book.tell(model.Owner(case=case))

    def night(self, day: dt.date | None = None) -> None:
        """The book comes to a day; none given means today."""
        day = day or self.today
        behind = self.book.book_date is None or day > self.book.book_date
        night = self.tried("night", lambda: nightly_run(date=day, client_ids=[self.client.pk]), refused=None)
        assert night.changed is behind
        self.book.tell(model.Night(day=day))

    def wait(self, days: int) -> None:
        """Time passes and nobody runs the night."""
        self.today += dt.timedelta(days=days)

    def seal(self) -> None:
        """From here on somebody may ask what was known at this moment."""
        with self.now():
            audit.seal()
            self.moments.append((clock.now(), len(self.book.facts)))

    # -- comparing

    def compare(self, *, past: Sequence[dt.date] = ()) -> None:
        """Every answer of the product against the model's."""
        self.client.refresh_from_db()
        day = self.book.book_date
        assert self.client.book_date == day
        assert day is not None, "open the book first"
        same("shares", self.shares_of_product(), self.shares_of_model())
        same("suspense, taken back", self.suspense_of_product(), self.suspense_of_model())
        same("what left", self.left_of_product(), self.left_of_model())
        same("receivables", self.receivables_of_product(day), self.receivables_of_model(day))
        same("cases", self.cases_of_product(), self.cases_of_model(day))
        same("promises", self.promises_of_product(), {name: self.book.promise(name) for name in self.promise_ids})
        for one in past:
            for basis in ("DUE", "INVOICE"):
                found = {
                    (r["currency"], r["bucket"]): (r["count"], r["amount"])
                    for r in aging_as_of(client_id=self.client.pk, as_of=one, basis=basis)
                }
                same(f"aging as of {one} by {basis}", found, self.book.aging(one, basis))
        faults = ledger_faults(client_id=self.client.pk)
        assert faults == [], f"check_ledger: {faults}"

    def compare_known(self, *, past: Sequence[dt.date]) -> None:
        """What was known of past days at past moments: then as now, the same answer."""
        for moment, told in self.moments:
            book = Book.of(self.book.facts[:told], every_day=self.book.every_day, holidays=self.book.holidays)
            for one in past:
                same(
                    f"as of {one}, known at {moment}",
                    {
                        s.receivable_ref: (s.balance, s.position, s.held, s.in_default)
                        for s in standing_as_of(client_id=self.client.pk, as_of=one, known_at=moment)
                    },
                    book.standing(one),
                )
                found = {
                    (r["currency"], r["bucket"]): (r["count"], r["amount"])
                    for r in aging_as_of(client_id=self.client.pk, as_of=one, basis="DUE", known_at=moment)
                }
                same(f"aging as of {one}, known at {moment}", found, book.aging(one, "DUE"))
                same(f"default on {one}, known at {moment}", self.standing_defaults(one, moment), book.defaulted(one))

    def standing_defaults(self, day: dt.date, known_at: dt.datetime | None) -> dict[tuple[str, str, str], bool]:
        """What the product says stood in default at the end of a day, as it was known at a moment."""
        found = defaults_as_of(client_id=self.client.pk, as_of=day, known_at=known_at)
        cases = {pk: ref for ref, pk in self.case_ids.items()}
        debts = dict(Debt.objects.filter(client=self.client).values_list("pk", "debt_ref"))
        return {(cases[e.case_id], debts.get(e.debt_id or 0, ""), e.rule): True for e in found}

    def compare_defaults(self) -> None:
        """When each default began and ended, as the facts known now say; stored, and worked out anew."""
        day = self.book.book_date
        assert day is not None
        found = {
            (e.case.debtor.debtor_ref, e.debt.debt_ref if e.debt else "", e.rule, e.began_on): e.ended_on
            for e in DefaultEpisode.objects.filter(client=self.client, undone_on=None).select_related(
                "case__debtor", "debt"
            )
        }
        expected: dict[tuple[str, str, str, dt.date], dt.date | None] = {}
        for case in self.book.cases:
            if any("TRADE_90" in p.default_rules for p in self.book.policies):
                for began, ended in self.book.trade_episodes(case, day):
                    expected[case, "", "TRADE_90", began] = ended
        for debt in {r.debt: r for r in self.book.receivables.values()}.values():
            for rule in {rule for p in self.book.policies for rule in p.default_rules} - {"TRADE_90"}:
                for began, ended in self.book.debt_episodes(debt.debt, rule, day):
                    expected[debt.case, debt.debt, rule, began] = ended
        same("defaults", found, expected)
        same(f"default on {day}", self.standing_defaults(day, None), self.book.defaulted(day))

    def state(self) -> dict[str, Any]:
        """All that the product says of the book now, by names: two books that were told the same say the same."""
        day = self.book.book_date
        assert day is not None

        def named(found: dict[Any, Any]) -> dict[Any, Any]:
            # A file's payments bear the file's number, which does follow the order of telling.
            return {tuple("FILE" if str(k).startswith("FILE-") else k for k in key): v for key, v in found.items()}

        return {
            "shares": named(self.shares_of_product()),
            "left": self.left_of_product(),
            "suspense": named(self.suspense_of_product()),
            "receivables": self.receivables_of_product(day),
            "cases": self.cases_of_product(),
            "promises": self.promises_of_product(),
        }

    def receivables_of_product(self, day: dt.date) -> dict[str, tuple[Any, ...]]:
        found = {}
        for r in Receivable.objects.filter(client=self.client):
            now: tuple[Any, ...] = ()
            if r.status == "OPEN" and self.book.exists(r.receivable_ref, day):
                now = (r.stage_position, r.held, r.in_default)
            found[r.receivable_ref] = (r.balance, r.status, r.closed_on, now)
        return found

    def receivables_of_model(self, day: dt.date) -> dict[str, tuple[Any, ...]]:
        found = {}
        for ref in self.book.receivables:
            status = self.book.status(ref, day)
            now: tuple[Any, ...] = ()
            if status == "OPEN" and self.book.exists(ref, day):
                now = (self.book.position(ref, day), self.book.held(ref, day), self.book.in_default(ref, day))
            found[ref] = (self.book.balance(ref, day), status, self.book.closed_on(ref, day), now)
        return found

    def shares_of_product(self) -> dict[tuple[Any, ...], Decimal]:
        shares: dict[tuple[Any, ...], Decimal] = {}
        for e in LedgerEntry.objects.filter(client=self.client, payment__isnull=False).values_list(
            "effective_on", "payment__case__debtor__debtor_ref", "payment__reference", "receivable__receivable_ref",
            "component", "allocation", "amount",
        ):  # fmt: skip
            shares[e[:-1]] = shares.get(e[:-1], ZERO) - e[-1]
        return {key: amount for key, amount in shares.items() if amount}

    def shares_of_model(self) -> dict[tuple[Any, ...], Decimal]:
        return {
            (s.day, case, s.payment, s.receivable, s.component, "PINNED" if s.pinned else "COMPUTED"): s.amount
            for case in self.book.cases
            for s in self.book.shares(case)
        }

    def left_of_product(self) -> dict[tuple[str, dt.date], Decimal]:
        found: dict[tuple[str, dt.date], Decimal] = {}
        for ref, on, amount in LedgerEntry.objects.filter(client=self.client, kind="WITHDRAWAL").values_list(
            "receivable__receivable_ref", "effective_on", "amount"
        ):
            found[ref, on] = found.get((ref, on), ZERO) - amount
        return {key: amount for key, amount in found.items() if amount}

    def left_of_model(self) -> dict[tuple[str, dt.date], Decimal]:
        found = {
            (ref, on): amount
            for ref in self.book.receivables
            for on, amount in self.book.went_of(ref, dt.date.max).items()
        }
        return {key: amount for key, amount in found.items() if amount}

    def suspense_of_product(self) -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
        return {
            (case, ref): (suspense, back)
            for case, ref, suspense, back in Payment.objects.filter(client=self.client).values_list(
                "case__debtor__debtor_ref", "reference", "suspense", "reversed_amount"
            )
        }

    def suspense_of_model(self) -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
        return {(p.case, p.ref): (self.book.suspense(p), p.amount - self.left_of(p)) for p in self.book.payments}

    def cases_of_product(self) -> dict[str, model.CaseSummary]:
        return {
            c.debtor.debtor_ref: model.CaseSummary(
                status=c.status, position=c.stage.position if c.stage else None, balance=c.balance,
                closed_on=c.closed_on, currency=c.currency if c.balance else None,
            )
            for c in Case.objects.filter(client=self.client).select_related("debtor", "stage")
        }  # fmt: skip

    def cases_of_model(self, day: dt.date) -> dict[str, model.CaseSummary]:
        return {case: self.book.case(case, day) for case in self.book.cases}

    def promises_of_product(self) -> dict[str, model.Judged]:
        found = {}
        for name, pk in self.promise_ids.items():
            p = Promise.objects.get(pk=pk)
            judged_on = None if p.status == "CANCELLED" else p.judged_on
            found[name] = model.Judged(status=p.status, paid=p.paid_amount, judged_on=judged_on)
        return found
