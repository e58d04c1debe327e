"""A life with its orders: placed, placed again, overridden, cancelled, invoiced and run out; and what people stop."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from common.audit import Actor
from common.db import rows
from common.exceptions import Refused
from credit.models import CreditPaper, CreditStop, Order
from credit.rules.orders import Reason, order_reasons
from credit.selectors.orders import ask_of, order_facts
from credit.services.agents import agent_revoke
from credit.services.customers import customer_close, customer_reopen
from credit.services.orders import order_cancel, order_invoice, order_override, order_place
from credit.services.remote_terms import remote_terms_revoke
from credit.services.stops import stop_open, stop_release
from credit.tests.lives import ACCOUNTS, KINDS, TALLY, Base, Life
from credit.tests.order_worlds import ADDRESS, a_paper_of
from credit.tests.orders_model import NEVER, RESERVED_DAYS, Asked, Taken, Way
from credit.tests.stops_model import DAY

CENT = Decimal("0.01")
WAYS = {
    "IN_PERSON": Way(),
    "FAX": Way(channel="FAX", registered=True, original=True),
    "BARE_FAX": Way(channel="FAX"),
}


def told(reasons: list[tuple[str, dict[str, str]]]) -> set[str]:
    """Reasons as the model names them; none is told twice."""
    found = [f"{code} {values['paper']}" if "paper" in values else code for code, values in reasons]
    assert len(found) == len(set(found)), f"told twice: {found}"
    return set(found)


def codes(reasons: list[Reason]) -> set[str]:
    return told([(reason.code, reason.values) for reason in reasons])


def kept(order: Order) -> set[str]:
    return told([(reason["code"], reason["values"]) for reason in order.reasons])


class OrderLife(Life):
    """Every order bears its number in the model's list."""

    def __init__(self, base: Base) -> None:
        super().__init__(base)
        self.orders: list[tuple[Taken, int]] = []
        self.stops: list[tuple[str, str, int]] = []
        self.turn = 0

    def must(self, wrong: bool, call: Callable[[], Any]) -> Any:
        """What the product does, refused just where the model refuses it."""
        try:
            done = call()
        except Refused as refusal:
            assert wrong, f"refused: {refusal.code}"
            raise
        assert not wrong, "should have been refused"
        return done

    def one_of(self, state: str, index: int) -> tuple[Taken, int]:
        """Mostly an order in this state, sometimes another."""
        fit = [one for one in self.orders if one[0].state == state]
        chosen: tuple[Taken, int] = self._one(fit if fit and index % 5 else self.orders, index)
        self.touched = chosen[0].asked.account
        return chosen

    def against(self, asked: Asked) -> set[str]:
        return self.model.against(asked, self.standing(asked.account), today=self.today, book=self.book)

    def _place(self, asked: Asked, ref: str) -> Order:
        way, signer = asked.way, self.agent(asked.account, asked.signer) if asked.signer else None
        original = CreditPaper.objects.filter(customer_id=self.base.customers[asked.account], kind="ORDER").first()
        return order_place(
            actor=Actor.person(self.officer), user=self.officer, customer=self.customer(asked.account), order_ref=ref,
            kind=asked.kind, amount=asked.amount, ordered_on=asked.signed_on, channel=way.channel, agent=signer,
            address=ADDRESS if way.registered and asked.account == "C-1" else "",
            original=original if way.original else None, on=self.today,
        )  # fmt: skip

    def order(self, ref: str, kind: str, how: str, ago: int, signer: str, way: str) -> None:
        room = self.model.free(ref, self.today, self.book)
        amount = {"small": Decimal(30), "room": room, "above": room + CENT, "large": Decimal(500)}[how]
        came = WAYS[way]
        came = Way(channel=came.channel, registered=came.registered and ref == "C-1", original=came.original)
        asked = Asked(
            account=ref, kind=kind, amount=max(amount, CENT), signed_on=self.today - ago * DAY, signer=signer, way=came
        )
        against = self.against(asked)
        placed = self.must(
            not self.model.ages(asked, self.today), lambda: self._place(asked, f"O-{len(self.orders) + 1}")
        )
        assert kept(placed) == against, f"order {asked}: {kept(placed) ^ against}"
        assert placed.state == ("REFUSED" if against else "ACCEPTED")
        taken = Taken(asked=asked, state=placed.state, until=None if against else self.today + RESERVED_DAYS * DAY)
        self.model.orders.append(taken)
        self.orders.append((taken, placed.pk))
        TALLY.update([f"order {placed.state}", *(f"because {reason.split(' ')[0]}" for reason in against)])

    def again(self, index: int, more: bool) -> None:
        """The same number once more: the same answer, whatever has happened since; another order does not get it."""
        taken, pk = self._one(self.orders, index)
        asked = taken.asked
        if more:
            asked = Asked(**{**vars(asked), "amount": asked.amount + CENT})
        ref = f"O-{index % len(self.orders) + 1}"
        placed = self.must(more, lambda: self._place(asked, ref))
        assert placed.pk == pk

    def override(self, index: int) -> None:
        taken, pk = self.one_of("REFUSED", index)
        against = self.against(taken.asked)
        wrong = taken.state != "REFUSED" or not against or bool(against & NEVER)
        order = self.must(
            wrong,
            lambda: order_override(
                user=self.base.manager, order=Order.objects.get(pk=pk), reason="عميل قديم", on=self.today
            ),
        )
        assert kept(order) == against and set(order.overridden) == {reason.split(" ")[0] for reason in against}
        taken.state, taken.until = "ACCEPTED", self.today + RESERVED_DAYS * DAY

    def cancel(self, index: int) -> None:
        taken, pk = self.one_of("ACCEPTED", index)
        wrong = taken.state != "ACCEPTED" or self.model.told(taken) > self.model.arrived(taken)
        order = Order.objects.get(pk=pk)
        self.must(wrong, lambda: order_cancel(actor=Actor.person(self.officer), order=order, reason="عدل العميل"))
        taken.state = "CANCELLED"

    def tell(self, index: int, share: str, is_last: bool, of: int | None, comes: bool) -> None:
        """An invoice of an order: one that was there already, or a new one, which comes at once or later."""
        taken, pk = self.one_of("ACCEPTED", index)
        rest = taken.asked.amount - self.model.told(taken)
        amount = {"whole": rest, "half": (rest / 2).quantize(CENT), "more": rest + CENT}[share]
        amount = max(amount, CENT)
        self.number += 1
        ref = f"V-{self.number}" if of is None else self._one(self.invoices, of)[0].ref
        before = [sum_ for name, sum_ in taken.told if name == ref]
        # Told again as it was, and not as the last: nothing changes, also of an order that is over.
        idle = before == [amount] and not is_last
        others = {
            name for other in self.model.orders if other is not taken and other.asked.account == taken.asked.account
            for name, _amount in other.told
        }  # fmt: skip
        fits = before == [amount] if before else amount <= rest and ref not in others
        wrong = not idle and (taken.state != "ACCEPTED" or not fits)
        order = Order.objects.select_related("customer").get(pk=pk)
        self.must(
            wrong,
            lambda: order_invoice(
                actor=Actor.person(self.officer), user=self.officer, order=order, receivable_ref=ref, amount=amount,
                is_last=is_last, on=self.today,
            ),
        )  # fmt: skip
        if idle:
            return
        if not before:
            taken.told.append((ref, amount))
        assert taken.until is not None
        if is_last:
            taken.until = min(taken.until, self.today - DAY)
        whole = self.model.told(taken) if is_last else taken.asked.amount
        if self.model.arrived(taken) >= whole:
            taken.state = "INVOICED"
        if of is None and comes:
            self.sell(taken.asked.account, 0, 60, amount, ref)

    def deliver(self, index: int, as_told: bool) -> None:
        """An invoice that was told comes in the client's file, for as much or for less."""
        waiting = [
            (order, ref, amount) for order in self.model.orders for ref, amount in order.told
            if not any(invoice.ref == ref for invoice in self.model.invoices)
        ]  # fmt: skip
        order, ref, amount = self._one(waiting, index)
        self.sell(order.asked.account, 0, 60, amount if as_told else max(amount - 1, CENT), ref)

    def suspend(self, ref: str, kind: str, ago: int) -> None:
        wrong = (ref, kind) in self.model.stopped
        since = self.today - ago * DAY
        stop = self.must(
            wrong,
            lambda: stop_open(
                user=self.officer, customer=self.customer(ref), kind=kind, began_on=since, reason="أخل بالاتفاقية"
            ),
        )
        self.model.stopped.add((ref, kind))
        self.stops.append((ref, kind, stop.pk))

    def free(self, index: int) -> None:
        ref, kind, pk = self._one(self.stops, index)
        stop = CreditStop.objects.get(pk=pk)
        ended = stop.ended_on is not None
        self.must(ended, lambda: stop_release(user=self.base.finance, stop=stop, reason="عولج السبب"))
        self.model.stopped.discard((ref, kind))

    def close(self, ref: str) -> None:
        """Closed where no agreement stands; opened again where it is closed."""
        if ref in self.model.closed:
            customer_reopen(user=self.officer, customer=self.customer(ref), reason="عاد العميل")
            del self.model.closed[ref]
            return
        stands = any(
            c.account == ref and (c.ends_on is None or c.ends_on >= self.today) for c in self.model.contracts
        )  # fmt: skip
        self.must(
            stands,
            lambda: customer_close(user=self.officer, customer=self.customer(ref), on=self.today, reason="توقف العميل"),
        )
        self.model.closed[ref] = self.today

    def revoke(self, ref: str, name: str) -> None:
        """The power of somebody ends today, unless they signed today, or it had not begun."""
        agent_revoke(user=self.officer, agent=self.agent(ref, name), on=self.today, reason="بلغنا العميل")
        self.model.revoked[ref, name] = self.today

    def renew(self, ref: str, kind: str) -> None:
        a_paper_of(self.customer(ref), kind, by=self.officer, valid_until=self.today + 90 * DAY)
        standing = self.model.papers.get((ref, kind), self.today)
        self.model.papers[ref, kind] = None if standing is None else max(standing, self.today + 90 * DAY)

    def by_hand(self, ref: str) -> None:
        """The consent to orders by fax is taken back."""
        terms = self.customer(ref).remote_terms.filter(revoked_on=None).first()
        if terms is None:
            raise Refused("none", "")
        remote_terms_revoke(user=self.officer, terms=terms, on=self.today)
        self.model.remote[ref] = (self.model.remote[ref][0], self.today)

    def check(self, said: str) -> None:
        super().check(said)
        states = dict(Order.objects.filter(client=self.client).values_list("pk", "state"))
        assert states == {pk: taken.state for taken, pk in self.orders}, said
        self.turn += 1
        told = rows(
            "SELECT id, credit_owed(id) AS owed, credit_reserved(id, %(day)s) AS reserved,"
            " credit_not_due(id, %(day)s) AS not_due FROM credit_customer"
            " WHERE client_id = %(client_id)s",
            {"client_id": self.client.pk, "day": self.today},
        )
        used = {row["id"]: (row["owed"], row["reserved"], row["not_due"]) for row in told}
        for ref in ACCOUNTS:
            expected = (
                self.model.owed(ref, self.book), self.model.reserved(ref, self.today),
                self.model.not_due(ref, self.today, self.book),
            )  # fmt: skip
            found = used[self.base.customers[ref]]
            assert found == expected, f"{said}: {ref} uses {found}, not {expected}"
        # The account of the act, and in turn another.
        self._answers(said, self.touched if self.turn % 3 else sorted(ACCOUNTS)[self.turn // 3 % len(ACCOUNTS)])

    def _answers(self, said: str, ref: str) -> None:
        """What is asked without being placed: on credit just what is free by the limit, or by all bounds, and a halala
        above it; or for cash."""
        customer, owner = self.seen[ref], self.agent(ref, "owner")
        rooms = {self.model.room(ref, self.today, self.book), self.model.free(ref, self.today, self.book)}
        on_credit = sorted(room + more for room in rooms for more in (0, CENT))
        for kind, amounts in (("CREDIT", on_credit), ("CASH", [Decimal(30)])):
            if (kind == "CASH") != (KINDS[ref] == "CASH") and self.turn % 3:
                continue
            facts = None
            for amount in (max(amount, CENT) for amount in amounts):
                ask = ask_of(customer=customer, kind=kind, amount=amount, ordered_on=self.today, channel="IN_PERSON")
                facts = facts or order_facts(customer=customer, ask=ask, on=self.today, agent=owner)
                answer = codes(order_reasons(ask=ask, facts=facts))
                expected = self.against(
                    Asked(account=ref, kind=kind, amount=amount, signed_on=self.today, signer="owner", way=Way())
                )
                TALLY.update(["asked", *(f"asked {reason.split(' ')[0]}" for reason in expected)])
                assert answer == expected, f"{said}: {kind} {amount} of {ref} on {self.today}: {answer ^ expected}"
