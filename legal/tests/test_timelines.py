"""Random lives of authorisations on the real database: what an independent oracle refuses, and only that, is refused.

``make authority EXAMPLES=10000`` runs many and appends its tally to docs/measurements/authority.jsonl.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import time
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import User
from collections_app.models import Authorisation, Case, EscalationRequest, LedgerEntry, Payment, Receivable
from collections_app.services.ledger import note_post, note_reverse, payment_post, payment_reverse
from common import clock
from common.approvals import approval_decide, locked_approval
from common.db import rows
from common.exceptions import Refused
from legal.choices import STEP_OF
from legal.models import Claim, LegalCost, Notice
from legal.services.acts import act_record
from legal.services.asked import request_ask
from legal.services.authorisations import authorisation_begin, authorisation_revoke
from legal.services.claims import claim_file
from legal.services.costs import cost_record, cost_reverse
from legal.tests.authority_world import ACT_BY_SQL, CLAIM_BY_SQL, COST_BY_SQL, Desk, by_sql
from legal.tests.oracle import ENDS, NIL, Filed, Leave, Oracle
from tests.world import ACTOR, a_paper, place

EXAMPLES = int(os.environ.get("AUTHORITY_EXAMPLES", "40"))
RESULTS = Path(__file__).parents[2] / "docs" / "measurements" / "authority.jsonl"
START = dt.date(2026, 3, 1)
LETTERS = {"N": "FINAL_NOTICE", "M": "MEDIATION", "C": "CLAIM", "E": "NOTE_ENFORCEMENT"}
SETS = ("NMCE", "NMCE", "NC", "NMCE", "CE", "NM", "E", "NMCE")
DAYS_OFF = (0, 0, 0, -1, 0, 0, -3, 1)
# What happens, as often as it stands here.
WHAT = (
    *("file",) * 6, *("amend",) * 5, *("act",) * 3, *("end",) * 3, *("cost",) * 3, *("pay",) * 3, *("send",) * 2,
    "cost back", "credit", "money back", "revoke", "revoke", "renew", "renew", "days", "days", "end of validity",
)  # fmt: skip
# What happens is drawn, and shrunk, by Hypothesis; the figures of each step come evenly from a seed of it.
LIVES = st.tuples(st.integers(0, 2**32), st.lists(st.sampled_from(WHAT), min_size=5, max_size=14))


class Life:
    """One timeline: each step is asked of the product and of the oracle; both must say the same, and hold the same."""

    def __init__(self, desk: Desk, paper: Any, tally: Counter[str]) -> None:
        self.desk, self.paper, self.tally = desk, paper, tally
        self.receivables = list(Receivable.objects.filter(case=desk.case).order_by("pk"))
        self.oracle = Oracle(debts=[r.balance for r in self.receivables])
        self.leaves: list[Authorisation] = []
        self.claims: list[int] = []
        self.costs: list[tuple[int, int]] = []
        self.payments: list[tuple[Payment | LedgerEntry, int, Decimal]] = []
        self.minute = 0
        self.told: list[Any] = []

    # ---- the two worlds side by side

    def at(self) -> dt.datetime:
        self.minute += 1
        return clock.at_riyadh(on=self.date(self.oracle.day)) + dt.timedelta(minutes=self.minute)

    @staticmethod
    def date(day: int) -> dt.date:
        return START + dt.timedelta(days=day)

    def asked(self, what: str, allowed: bool, step: Any) -> bool:
        """Take the step in the product; whether it did what the oracle says."""
        try:
            with clock.at(self.at()), transaction.atomic():
                step()
            took = True
        except (Refused, IntegrityError) as error:
            took = False
            cause = getattr(error.__cause__ if isinstance(error, IntegrityError) else None, "diag", None)
            known = isinstance(error, Refused) or (cause is not None and cause.sqlstate == "23514")
            assert known, f"refused by something else: {error}"
        assert took == allowed, f"{what} on day {self.oracle.day}: the oracle says {allowed}; so far {self.told}"
        self.tally[what if took else f"{what} refused"] += 1
        return took

    def same(self) -> None:
        """The product holds what the oracle holds, and no amount of it is above what bears it."""
        found = {c.pk: (c.amount, c.state) for c in Claim.objects.filter(case=self.desk.case)}
        assert [found[pk] for pk in self.claims] == [(c.amount, c.state) for c in self.oracle.claims]
        assert len(found) == len(self.claims)
        owed = list(Receivable.objects.filter(case=self.desk.case).order_by("pk").values_list("balance", flat=True))
        assert owed == self.oracle.debts
        for authorisation, leave in zip(self.leaves, self.oracle.leaves, strict=True):
            spent = sum(LegalCost.objects.filter(authorisation=authorisation).values_list("amount", flat=True), NIL)
            assert spent == sum(leave.costs, NIL) <= authorisation.cost_ceiling

    # ---- what happens

    def grant(self, a: int, b: int, c: int) -> None:
        """Signed for as much as is owed, or half, or more; from its signing or from later on; of both debts, of one of
        them in part, or of one alone."""
        owed = sum(self.oracle.debts, NIL)
        ceiling = max(((owed or Decimal(900)) * (40 + a) / 100).quantize(NIL), Decimal("0.01"))
        begins = self.oracle.day + (2 if c == 7 else 0)
        shares = {n: (Decimal(50) if n and b % 3 == 0 else Decimal(100)) for n, d in enumerate(self.oracle.debts) if d}
        if c == 5:
            shares = dict(list(shares.items())[-1:])
        leave = Leave(SETS[b], begins, begins + 5 + a % 35, ceiling, Decimal(100 + a), shares)

        def signed() -> None:
            request = EscalationRequest.objects.create(
                client=self.desk.client, case=self.desk.case, number=f"ESC-{len(self.leaves)}-{self.minute}",
                grounds="-", steps=[LETTERS[s] for s in leave.steps], ceiling=leave.ceiling,
                cost_ceiling=leave.cost_ceiling, currency="SAR", digest="d", prepared_by=self.desk.collector,
                prepared_at=clock.now(), answer_by=clock.now(),
                debts=[{"debt": self.receivables[n].debt_id, "share": f"{share:.2f}"} for n, share in shares.items()],
            )  # fmt: skip
            request_ask(user=self.desk.collector, request=request)
            for who, status in ((self.desk.manager, "APPROVED"), (self.desk.signatory, "SIGNED")):
                approval_decide(
                    user=who, approval=locked_approval(subject=request), decision="APPROVED", digest=request.digest
                )
                named = {"decided_by": self.desk.manager, "decided_at": clock.now()} if status == "APPROVED" else {}
                EscalationRequest.objects.filter(pk=request.pk).update(status=status, **named)
            signed = Authorisation.objects.create(
                client=self.desk.client, case=self.desk.case, request=request, number=f"A-{request.number}",
                steps=request.steps, ceiling=leave.ceiling, cost_ceiling=leave.cost_ceiling, currency="SAR",
                signatory=self.desk.signatory, signed_at=clock.now(), document_hash="d",
                valid_from=self.date(begins), valid_until=self.date(leave.ends),
            )  # fmt: skip
            authorisation_begin(authorisation=signed)
            Case.objects.filter(pk=self.desk.case.pk).update(track="LEGAL", authorisation=signed)
            self.leaves.append(signed)

        self.asked("grant" if not self.leaves else "renew", self.oracle.grant(leave), signed)

    def amount_near(self, a: int, c: int, room: Decimal) -> Decimal:
        """Exactly what fits, a halala more, any amount, or a part of what fits."""
        room, least = max(room, NIL), Decimal("0.01")
        if c < 3:
            return (max(room, least), room + least, 15 * a + least)[c]
        return max((room * min(a, 99) / 100).quantize(NIL), least)

    def step(self, what: str, a: int, b: int, c: int, by_hand: bool) -> None:
        oracle, desk = self.oracle, self.desk
        self.told.append((what, a, b, c, by_hand))
        # Mostly the newest, sometimes one that is over.
        chosen = -1 if b != 5 else a % len(self.leaves)
        leave, authorisation, officer = oracle.leaves[chosen], self.leaves[chosen], desk.officer
        on = oracle.day + DAYS_OFF[b]
        day, told = self.date(on), {"authorisation": authorisation.pk, "on": self.date(on)}
        claim = oracle.claims[a % len(oracle.claims)] if oracle.claims else None
        claim_pk = self.claims[a % len(self.claims)] if self.claims else None
        if what == "days":
            oracle.day += a % 12
        elif what == "end of validity":
            oracle.day = max(oracle.day, leave.ends + a % 2)
        elif what == "renew":
            self.grant(a, b, c)
        elif what == "revoke":

            def by_sql_alone() -> None:
                ends = {"revoked_at": clock.now(), "revoked_by": desk.manager, "revoked_reason": "س"}
                assert Authorisation.objects.filter(pk=authorisation.pk).update(**ends)

            who = desk.manager if c % 2 else desk.signatory
            allowed = oracle.revoke(leave, asked=not by_hand)
            self.asked(what, allowed, by_sql_alone if by_hand else lambda: self._revoke(who, authorisation))
        elif what == "file":
            kind = "ENFORCEMENT_REQUEST" if b % 4 == 3 else "FILING"
            amount = self.amount_near(a, c, oracle.room(leave, oracle.standing()))
            allowed = oracle.file(leave, kind, on, amount)
            self.asked(what, allowed, lambda: self._file(authorisation, kind, day, amount, by_hand))
        elif what == "amend" and claim is not None:
            amount = self.amount_near(a, c, oracle.room(leave, oracle.standing(claim)))
            self._act(what, "AMENDMENT", told, amount, claim_pk, oracle.amend(leave, claim, on, amount), by_hand)
        elif what == "end" and claim is not None:
            kind = list(ENDS)[c % 4]
            self._act(what, kind, told, NIL, claim_pk, oracle.act(leave, kind, on, NIL, claim), by_hand)
        elif what == "act":
            kind = ("FINAL_NOTICE", "MEDIATION", "ENFORCEMENT", "COURT_SETTLEMENT", "HEARING")[c % 5]
            amount = NIL if b % 2 or kind == "HEARING" else self.amount_near(a, c, oracle.room(leave, NIL))
            about: tuple[Filed | None, int | None] = (claim, claim_pk) if c > 3 else (None, None)
            self._act(what, kind, told, amount, about[1], oracle.act(leave, kind, on, amount, about[0]), by_hand)
        elif what == "send":
            amount = self.amount_near(a, c, oracle.room(leave, NIL))
            allowed = oracle.permits(leave, "FINAL_NOTICE", oracle.day) and amount <= oracle.room(leave, NIL)
            self.asked(what, allowed, lambda: self._send(authorisation, amount, by_hand))
        elif what == "cost":
            amount = self.amount_near(a % 12, c, leave.cost_ceiling - sum(leave.costs, NIL))
            allowed = oracle.cost(leave, on, amount)
            if self.asked(what, allowed, lambda: self._cost(authorisation, day, amount, by_hand)):
                newest = LegalCost.objects.filter(authorisation=authorisation).latest("pk")
                self.costs.append((newest.pk, oracle.leaves.index(leave)))
        elif what == "cost back" and self.costs:
            cost = LegalCost.objects.select_related("authorisation").get(pk=self.costs[a % len(self.costs)][0])
            allowed = not LegalCost.objects.filter(reverses=cost).exists()
            if allowed:
                oracle.leaves[self.costs[a % len(self.costs)][1]].costs.append(-cost.amount)
            self.asked(what, allowed, lambda: cost_reverse(user=officer, cost=cost, reason="س"))
        elif what in ("pay", "credit"):
            n = b % 2
            amount = (oracle.debts[n] * min(a, 100) / 100).quantize(NIL)
            if amount:
                self.asked(what, True, lambda: self._pay(what, n, amount))
                oracle.debts[n] -= amount
        elif what == "money back" and self.payments:
            money, n, amount = self.payments.pop(a % len(self.payments))
            self.asked(what, True, lambda: self._money_back(money))
            oracle.debts[n] += amount
        self.same()

    @staticmethod
    def _revoke(who: User, authorisation: Authorisation) -> None:
        authorisation_revoke(user=who, authorisation=authorisation, reason="س")

    def _act(
        self, what: str, kind: str, told: dict[str, Any], amount: Decimal, claim: int | None, allowed: bool, hand: bool
    ) -> None:
        def by_service() -> None:
            act_record(
                user=self.desk.officer, authorisation=Authorisation.objects.get(pk=told["authorisation"]), kind=kind,
                on=told["on"], amount=amount, claim=Claim.objects.get(pk=claim) if claim else None,
            )  # fmt: skip

        def by_hand() -> None:
            by_sql(ACT_BY_SQL, **told, kind=kind, amount=amount, claim=claim)

        self.asked(what, allowed, by_hand if hand else by_service)

    def _file(self, authorisation: Authorisation, kind: str, on: dt.date, amount: Decimal, by_hand: bool) -> None:
        file = self.desk.file(authorisation)
        if by_hand:
            told = {"authorisation": authorisation.pk, "on": on, "kind": kind, "amount": amount}
            found = by_sql(CLAIM_BY_SQL, **told, file=file.pk)
            assert found is not None
            by_sql(ACT_BY_SQL, **told, claim=found)
        else:
            found = claim_file(user=self.desk.officer, file=file, kind=kind, amount=amount, filed_on=on).pk
        self.claims.append(found)

    def _send(self, authorisation: Authorisation, amount: Decimal, by_hand: bool) -> None:
        notice = Notice.objects.create(
            client=self.desk.client, case=self.desk.case, authorisation=authorisation, number=f"FN-{self.minute}",
            paper=self.paper, amount=amount, currency="SAR", as_of=clock.today(), pay_by=clock.today(),
            channel="EMAIL", prepared_by=self.desk.officer, prepared_at=clock.now(),
        )  # fmt: skip
        told = {"authorisation": authorisation, "kind": "FINAL_NOTICE", "on": clock.today()}
        if by_hand:
            by_sql(ACT_BY_SQL, **{**told, "authorisation": authorisation.pk})
            notice.act = authorisation.acts.latest("pk")
        else:
            notice.act = act_record(user=self.desk.officer, **told)
        notice.state, notice.sent_at = "SENT", clock.now()
        notice.save(update_fields=["act", "state", "sent_at"])

    def _cost(self, authorisation: Authorisation, on: dt.date, amount: Decimal, by_hand: bool) -> None:
        told: dict[str, Any] = {"kind": "COURT_FEE", "on": on, "amount": amount}
        if by_hand:
            by_sql(COST_BY_SQL, authorisation=authorisation.pk, **told)
        else:
            cost_record(user=self.desk.officer, authorisation=authorisation, **told)

    def _pay(self, what: str, n: int, amount: Decimal) -> None:
        receivable, today = Receivable.objects.get(pk=self.receivables[n].pk), clock.today()
        came: Payment | LedgerEntry
        if what == "pay":
            came = payment_post(
                actor=ACTOR, case=self.desk.case, amount=amount, currency="SAR", value_on=today, receivable=receivable
            )
        else:
            came = note_post(
                actor=ACTOR, receivable=receivable, kind="CREDIT_NOTE", amount=amount, value_on=today, reason="س"
            )
        self.payments.append((came, n, amount))

    def _money_back(self, came: Payment | LedgerEntry) -> None:
        if isinstance(came, Payment):
            payment_reverse(actor=ACTOR, payment=came, on=clock.today(), reason="س")
        else:
            note_reverse(actor=ACTOR, entry=came, reason="س")


# Every act that stands on a step, held against its authorisation's row by nothing but dates.
OUTSIDE = """
SELECT o.id FROM legal_legalact o JOIN collections_app_authorisation a ON a.id = o.authorisation_id
LEFT JOIN collections_app_authorisation n ON n.id = a.replaced_by_id
WHERE o.kind = ANY(%(kinds)s) AND o.case_id = %(case)s AND (
    o."on" < a.valid_from OR o."on" > a.valid_until
    OR (o.recorded_at AT TIME ZONE 'Asia/Riyadh')::date > a.valid_until
    OR o.recorded_at > a.revoked_at OR o.recorded_at > n.signed_at
)
"""


@pytest.mark.django_db
@pytest.mark.requirement("PL-21")
def test_no_timeline_leads_outside_a_live_authorisation() -> None:
    with clock.at(clock.at_riyadh(on=START)):
        desk = Desk(amount="900.00")
        due = START - dt.timedelta(days=30)
        second = {"debt_ref": "AAA-1-B", "receivable_ref": "AAA-1-2", "issued_on": due, "due_on": due}
        place(desk.client, [{"debtor_ref": "AAA-1", "debtor_name": "عبدالله", "amount": "333.33", **second}])
        desk.now()
        paper = a_paper(desk.case, by=desk.officer)
    tally: Counter[str] = Counter()
    began = time.monotonic()

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(LIVES)
    def lives(life: tuple[int, list[str]]) -> None:
        seed, steps = life
        with transaction.atomic():
            told = Life(desk, paper, tally)
            figures = random.Random(seed)
            told.grant(figures.randint(0, 120), figures.randint(0, 7), figures.randint(0, 7))
            told.oracle.day += 3
            for what in steps:
                told.step(what, figures.randint(0, 120), figures.randint(0, 7), figures.randint(0, 7),
                          figures.random() < 0.5)  # fmt: skip
            assert rows(OUTSIDE, {"kinds": sorted(STEP_OF), "case": desk.case.pk}) == []
            # What the database asks at the end of a transaction holds too.
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
            tally["timelines"] += 1
            transaction.set_rollback(True)

    lives()
    assert not EXAMPLES or tally["timelines"] >= min(EXAMPLES, 10)
    # The lives are worth living: both answers came to everything that can be answered both ways.
    if EXAMPLES >= 1000:
        for what in ("file", "amend", "act", "end", "cost", "send", "renew", "revoke"):
            assert tally[what] and tally[f"{what} refused"], what
    if "AUTHORITY_EXAMPLES" in os.environ:
        line = {"at": f"{dt.date.today()}", "name": "authority", "examples": EXAMPLES, "timelines": tally["timelines"],
                "seconds": round(time.monotonic() - began), "tally": dict(sorted(tally.items()))}  # fmt: skip
        with RESULTS.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
