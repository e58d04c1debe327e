"""One client's book told act by act, to the product and to the model: its ledger, objections, limits and agreements.

The world as it is at first is made once; each life is told on it and rolled back.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from copy import deepcopy
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.choices import Role
from collections_app.models import DefaultEpisode, Hold, Receivable
from collections_app.services import stages
from collections_app.services.holds import hold_place, hold_release, objection_decide
from collections_app.services.ledger import note_post, payment_post, payment_reverse
from common import clock
from common.approvals import approval_of
from common.choices import Decision
from common.exceptions import Refused
from common.models import AuthorityLimit
from credit.choices import COMPUTED_STOPS, ApplicationState, LimitGround, Purpose, Recommendation
from credit.models import Agent, Application, CreditStop, Customer, FacilityAgreement, StopFollowUp
from credit.selectors.policies import TERMS, credit_policy_on
from credit.services.agreements import agreement_end
from credit.services.limits import limit_decrease, limit_grant
from credit.services.orders import step_orders
from credit.services.policies import credit_policy_decide, credit_policy_propose
from credit.services.stops import step_stops, stops_follow
from credit.tests.order_worlds import ADDRESS, a_paper_of, an_agent, with_remote_terms
from credit.tests.orders_model import PAPERS, Desk, Power
from credit.tests.stops_model import DAY, Contract, Invoice, Limit, Objection, Policy
from credit.tests.worlds import Account, a_customer, an_owner
from tests.world import ACTOR, make_client, make_user, place

START = dt.date(2026, 1, 4)
FIRST = START - 200 * DAY
ACCOUNTS = {"C-1": "north", "C-2": "north", "C-3": "south", "C-4": "south"}
# The last one buys for cash.
KINDS = {"C-1": "CREDIT", "C-2": "CREDIT", "C-3": "CREDIT", "C-4": "CASH"}
IDENTIFIERS = {"north": "7000000050", "south": "7000000068"}
POWERS = {
    "owner": Power(scopes=("ORDERS", "AGREEMENTS", "RECEIPT", "SETTLEMENTS"), since=FIRST),
    "buyer": Power(scopes=("ORDERS",), since=START - 5 * DAY, until=START + 120 * DAY, up_to=Decimal(120)),
    "keeper": Power(scopes=("RECEIPT",), since=FIRST, until=START + 900 * DAY),
}
SPECIMEN_UNTIL = START + 60 * DAY
TALLY: Counter[str] = Counter()


def year_after(day: dt.date) -> dt.date:
    """The last day of a year that begins on this one."""
    is_leap_day = (day.month, day.day) == (2, 29)
    return dt.date(day.year + 1, day.month, 28 if is_leap_day else day.day) - DAY


class Base:
    """What every life begins with: the people, three accounts on credit and one for cash, their papers."""

    def __init__(self) -> None:
        with clock.at(clock.at_riyadh(on=START)):
            self.client = make_client()
            self.officer, self.finance = make_user(Role.CREDIT_OFFICER), make_user(Role.FINANCE_MANAGER)
            self.manager = make_user(Role.GENERAL_MANAGER)
            AuthorityLimit.objects.create(kind="CREDIT_ORDER", position=1, role=Role.GENERAL_MANAGER)
            stages.book_open(client_id=self.client.pk, day=START)
            self.customers: dict[str, int] = {}
            self.agents: dict[tuple[str, str], int] = {}
            for ref, party in ACCOUNTS.items():
                self._account(ref, party)
        self.at_first = self._empty()
        self._begin()

    def _account(self, ref: str, party: str) -> None:
        customer = a_customer(
            self.client, ref=ref, by=self.officer, identifier=IDENTIFIERS[party], name=party, kind=KINDS[ref]
        )
        self.customers[ref] = customer.pk
        owner = an_owner(customer, by=self.officer, since=FIRST)
        self.agents[ref, "owner"] = owner.pk
        for name in ("buyer", "keeper"):
            power = POWERS[name]
            assert power.until is not None
            agent = an_agent(
                customer, by=self.officer, since=power.since, until=power.until, scopes=list(power.scopes),
                up_to=power.up_to,
            )  # fmt: skip
            self.agents[ref, name] = agent.pk
        for kind in sorted({*PAPERS["CREDIT"], *PAPERS["CASH"]}):
            ends = SPECIMEN_UNTIL if (ref, kind) == ("C-2", "SPECIMEN_SIGNATURE") else None
            if (ref, kind) != ("C-3", "OFFICIAL_ID"):
                a_paper_of(customer, kind, by=self.officer, valid_until=ends)
        self.original = a_paper_of(customer, "ORDER", by=self.officer)
        if ref == "C-1":
            account = Account(customer=customer, owner=owner, agreement=None, limit=None)  # type: ignore[arg-type]
            with_remote_terms(account, by=self.officer, on=FIRST, address=ADDRESS)

    def model(self) -> Desk:
        return deepcopy(self.at_first)

    def _begin(self) -> None:
        """The agreements and limits of before."""
        first = Life(self)
        with first.clock():
            for ref in (ref for ref, kind in KINDS.items() if kind == "CREDIT"):
                first.sign(ref, 60, True, "NEW", since=START - 160 * DAY)
                first.grant(ref, Decimal(400), -160)
        self.at_first = first.model

    def _empty(self) -> Desk:
        kinds = sorted({*PAPERS["CREDIT"], *PAPERS["CASH"]})
        papers: dict[tuple[str, str], dt.date | None] = {(ref, kind): None for ref in ACCOUNTS for kind in kinds}
        papers["C-2", "SPECIMEN_SIGNATURE"] = SPECIMEN_UNTIL
        del papers["C-3", "OFFICIAL_ID"]
        return Desk(
            party=dict(ACCOUNTS), kinds=dict(KINDS), powers=dict(POWERS), papers=papers, remote={"C-1": (FIRST, None)}
        )


class Life:
    """The ledger's side of a life, its stops, limits and agreements."""

    def __init__(self, base: Base) -> None:
        self.base, self.model = base, base.model()
        # The day, and that up to which the book is kept: they part while nights are missed.
        self.today = self.book = START
        self.number = len(base.at_first.contracts) * 2
        self.client, self.officer = base.client, base.officer
        self.invoices: list[tuple[Invoice, Receivable]] = []
        self.payments: list[tuple[Invoice, Any, Decimal, dt.date]] = []
        self.objections: list[tuple[Objection, Hold]] = []
        # Of each account the day as of which its stops were last looked at, and what the model said then.
        self.looked = dict.fromkeys(ACCOUNTS, START)
        self.found: dict[str, dict[str, set[dt.date]]] = {ref: {} for ref in ACCOUNTS}
        self.touched, self.seen = "C-1", dict[str, Customer]()
        self.look(*ACCOUNTS)

    def clock(self) -> Any:
        return clock.at(clock.at_riyadh(on=self.today))

    def customer(self, ref: str) -> Customer:
        self.touched = ref
        return Customer.objects.select_related("client", "debtor__party").get(pk=self.base.customers[ref])

    def agent(self, ref: str, name: str) -> Agent:
        return Agent.objects.get(pk=self.base.agents[ref, name])

    def do(self, act: tuple[Any, ...]) -> None:
        with self.clock():
            try:
                with transaction.atomic():
                    getattr(self, act[0])(*act[1:])
            except Refused:
                TALLY[f"{act[0]} refused"] += 1
            else:
                TALLY[act[0]] += 1

    def look(self, *refs: str) -> None:
        """The product looks at these accounts and the others of their parties, as of the book's day."""
        self.model.defaults = [
            (e.case.debtor.debtor_ref, e.began_on, e.ended_on)
            for e in DefaultEpisode.objects.filter(undone_on=None, client=self.client).select_related("case__debtor")
        ]
        self.touched, parties = refs[self.number % len(refs)], {ACCOUNTS[ref] for ref in refs}
        for ref in (ref for ref, party in ACCOUNTS.items() if party in parties):
            self.looked[ref] = self.book
            self.found[ref] = {kind: self.model.days(kind, ref, FIRST, self.book) for kind in COMPUTED_STOPS}

    def standing(self, ref: str) -> set[str]:
        return {kind for kind, days in self.found[ref].items() if self.looked[ref] in days}

    def wait(self, days: int) -> None:
        """Days pass, and no night is worked off."""
        self.today += days * DAY

    def night(self, days: int) -> None:
        self.today += days * DAY
        self.book = self.today
        with self.clock():
            stages.book_open(client_id=self.client.pk, day=self.today)
            stages.receivables_age(client_id=self.client.pk, day=self.today)
            step_stops(client_id=self.client.pk, day=self.today, since=self.today, last=True)
            step_orders(client_id=self.client.pk, day=self.today, since=self.today, last=True)
        self.model.night(self.today)
        self.look(*ACCOUNTS)

    def sell(self, ref: str, ago: int, terms: int, amount: Decimal, name: str = "") -> None:
        self.number += 1
        name, issued = name or f"I-{self.number}", self.today - ago * DAY
        place(
            self.client,
            [{"debtor_ref": ref, "receivable_ref": name, "issued_on": issued, "due_on": issued + terms * DAY,
              "amount": amount}],
        )  # fmt: skip
        receivable = Receivable.objects.select_related("case__client").get(client=self.client, receivable_ref=name)
        invoice = Invoice(
            account=ref, ref=name, issued_on=issued, due_on=issued + terms * DAY, moves=[(issued, amount)]
        )
        self.invoices.append((invoice, receivable))
        self.model.invoices.append(invoice)
        self.look(ref)

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
        self.look(invoice.account)

    def note(self, index: int, ago: int) -> None:
        """A debit note, mostly of the past."""
        invoice, receivable = self._one(self.invoices, index)
        value = max(self.today - ago * DAY, invoice.issued_on)
        note_post(
            actor=ACTOR, receivable=receivable, kind="DEBIT_NOTE", amount=Decimal(25), value_on=value, reason="فرق"
        )
        invoice.moves.append((value, Decimal(25)))
        self.look(invoice.account)

    def reverse(self, index: int) -> None:
        invoice, payment, amount, value = self._one(self.payments, index)
        payment_reverse(actor=ACTOR, payment=payment, on=self.today, reason="شيك مرتجع")
        # Owed again from the day on which it had counted as paid.
        invoice.moves.append((value, amount))
        self.look(invoice.account)

    def object(self, index: int, ago: int) -> None:
        invoice, receivable = self._one(self.invoices, index)
        since = max(self.today - ago * DAY, invoice.issued_on)
        hold = hold_place(
            actor=ACTOR, case=receivable.case, receivable=receivable, kind="OBJECTION", from_on=since, reason="يعترض"
        )
        objection = Objection(since=since)
        invoice.objections.append(objection)
        self.objections.append((objection, hold))
        self.look(invoice.account)

    def decide(self, index: int, decision: str) -> None:
        objection, hold = self._one(self.objections, index)
        objection_decide(actor=ACTOR, hold=hold, decision=decision, reason="بعد النظر")
        objection.decision = decision
        self.look(hold.case.debtor.debtor_ref)

    def release(self, index: int, ahead: int) -> None:
        objection, hold = self._one(self.objections, index)
        until = max(self.today + ahead * DAY, objection.since)
        hold_release(actor=ACTOR, hold=hold, until_on=until, reason="انتهى النظر")
        objection.until = until
        self.look(hold.case.debtor.debtor_ref)

    def grant(self, ref: str, amount: Decimal, ahead: int) -> None:
        """A limit anew: first, higher, or another."""
        since = self.today + ahead * DAY
        limit_grant(
            user=self.base.finance, customer=self.customer(ref), amount=amount, ground=LimitGround.EARLIER_CONTRACT,
            starts_on=since,
        )  # fmt: skip
        contract = self.model.contract(ref, since)
        assert contract is not None, "granted without an agreement"
        last = contract.ends_on or year_after(since)
        self.model.limits.append(Limit(account=ref, since=since, amount=amount, last=last))
        self.look(ref)

    def decrease(self, ref: str, amount: Decimal, ahead: int) -> None:
        since = self.today + ahead * DAY
        limit_decrease(
            user=self.base.finance, customer=self.customer(ref), amount=amount, starts_on=since, reason="مخاطر"
        )
        before, contract = self.model.limit(ref, since), self.model.contract(ref, since)
        assert before is not None and contract is not None and amount < before.amount, "no decrease"
        last = max(before.last, since)
        self.model.limits.append(
            Limit(account=ref, since=since, amount=amount, last=min(last, contract.ends_on or last))
        )
        self.look(ref)

    def sign(self, ref: str, days: int, from_invoice: bool, why: str, since: dt.date | None = None) -> None:
        customer, signed_on = self.customer(ref), since or self.today
        standing = customer.agreements.order_by("-signed_on", "-pk").first()
        if KINDS[ref] == "CASH" or (standing is not None and standing.signed_on >= signed_on):
            raise Refused("order", "")
        if standing is not None and (standing.ends_on is None or standing.ends_on >= signed_on):
            standing.ends_on = signed_on - DAY
            standing.save(update_fields=["ends_on"])
            self.model.contracts[self._last(ref)].ends_on = signed_on - DAY
        self.number += 1
        earlier = why == "EARLIER"
        application = Application.objects.create(
            client=self.client, customer=customer, number=f"A-{self.number}", applied_on=signed_on,
            purpose=Purpose.RENEWAL if why == "RENEWAL" else Purpose.NEW, state=ApplicationState.ACTIVE,
            recommendation=Recommendation.EXCEPTION if why == "EXCEPTION" else Recommendation.APPROVE,
            prepared_by=self.officer, created_at=clock.now(),
        )  # fmt: skip
        ends_on = signed_on + 100 * DAY if earlier else None
        FacilityAgreement.objects.create(
            client=self.client, customer=customer, application=None if earlier else application,
            number=f"FA-{self.number}", signed_on=signed_on, terms_days=days, ends_on=ends_on, is_earlier=earlier,
            period_start="INVOICE" if from_invoice else "DELIVERY", recorded_by=self.officer, recorded_at=clock.now(),
        )  # fmt: skip
        self.model.contracts.append(
            Contract(account=ref, signed_on=signed_on, ends_on=ends_on, days=days, from_invoice=from_invoice,
                     renews=why == "RENEWAL", excepted=why == "EXCEPTION", earlier=earlier)
        )  # fmt: skip
        stops_follow(client_id=self.client.pk, customer_ids=[customer.pk], cause="AGREEMENT")
        self.look(ref)

    def policy(self, tolerated: Decimal | None, most: Decimal | None, ahead: int) -> None:
        """The client's next version: what is tolerated past its terms, and what may be open and not past them."""
        since = self.today + ahead * DAY
        now = credit_policy_on(client=self.client, on=since)
        terms = {name: getattr(now, name) for name in TERMS} | {"overdue_tolerated": tolerated, "not_due_most": most}
        version = credit_policy_propose(
            user=self.officer, client=self.client, starts_on=since, today=self.today, terms=terms, reason="سياسة العميل"
        )
        approval = approval_of(subject=version)
        assert approval is not None
        credit_policy_decide(
            user=self.base.manager, policy=version, decision=Decision.APPROVED, digest=approval.digest, today=self.today
        )
        other = self.model.policy(since).tolerated != tolerated
        self.model.policies.append(Policy(since=since, tolerated=tolerated, most=most))
        # Who changes nothing of it makes nobody look.
        if other:
            self.look(*ACCOUNTS)

    def end(self, ref: str, ahead: int) -> None:
        """The agreement ends: nothing more is sold under it after a day."""
        agreement = self.customer(ref).agreements.order_by("-signed_on", "-pk").first()
        if agreement is None:
            raise Refused("none", "")
        last = self.today + ahead * DAY
        agreement_end(user=self.base.finance, agreement=agreement, ends_on=last, reason="طلب العميل")
        self.model.contracts[self._last(ref)].ends_on = last
        self.look(ref)

    def _last(self, ref: str) -> int:
        return max(at for at, contract in enumerate(self.model.contracts) if contract.account == ref)

    def _one(self, among: list[Any], index: int) -> Any:
        if not among:
            raise Refused("nothing", "")
        return among[index % len(among)]

    def check(self, said: str) -> None:
        for ref in ACCOUNTS:
            late = self.model.late(ref, self.today, self.book)
            TALLY["tolerated"] += bool(late) and not self.model.unpaid(ref, self.today, self.book)
        ids = self.base.customers
        every = list(CreditStop.objects.filter(client=self.client))
        customers = Customer.objects.select_related("client", "debtor__party").in_bulk(ids.values())
        self.seen = {ref: customers[pk] for ref, pk in ids.items()}
        opened = StopFollowUp.objects.filter(client=self.client, state="OPEN").values_list("stop_id", flat=True)
        # A suspension of the house asks nothing of the customer.
        standing = {stop.pk for stop in every if stop.ended_on is None and stop.kind != "SUSPENDED"}
        assert sorted(opened) == sorted(standing), f"{said}: follow-ups"
        for ref in ACCOUNTS:
            looked = self.looked[ref]
            for kind in sorted(COMPUTED_STOPS):
                stored: Counter[dt.date] = Counter()
                for stop in every:
                    if (stop.customer_id, stop.kind) != (ids[ref], kind) or stop.end == "UNDONE":
                        continue
                    last = stop.ended_on - DAY if stop.ended_on is not None else looked
                    stored.update(stop.began_on + n * DAY for n in range((last - stop.began_on).days + 1))
                assert not stored or max(stored.values()) == 1, f"{said}: {kind} of {ref} twice on a day"
                expected = self.found[ref][kind]
                assert set(stored) == expected, (
                    f"{said}: {kind} of {ref}: {sorted(set(stored) ^ expected)[:3]} as of {looked}"
                )
            self._looks_again(said, ref)

    def _looks_again(self, said: str, ref: str) -> None:
        """Nothing changes before the day on which the product looks again."""
        since = self.looked[ref]
        until = self.seen[ref].next_change_on or since + 120 * DAY
        for kind in ("OVERDUE", "OVER_LIMIT"):
            ahead = self.model.days(kind, ref, since, until - DAY)
            assert len(ahead) in {0, (until - since).days}, f"{said}: {kind} of {ref} before {until}"
