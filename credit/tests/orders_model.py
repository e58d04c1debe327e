"""Whether an order must be taken, told a second time: from source 001 §4.4 and CM-17 to CM-23, apart from the code.

What is owed is known up to the day of the book; dates are those of today.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

from credit.tests.stops_model import DAY, Invoice, World

NOTHING = Decimal(0)
# How long an accepted order waits for its invoice, and how long ago one may have been signed.
RESERVED_DAYS, OLDEST_DAYS = 14, 90
# Papers without which nothing is sold, by how one buys.
PAPERS = {
    "CREDIT": ("COMMERCIAL_REGISTRATION", "OFFICIAL_ID", "SPECIMEN_SIGNATURE"),
    "CASH": ("APPLICATION_FORM", "COMMERCIAL_REGISTRATION", "OFFICIAL_ID"),
}
# What nobody sets aside for an order.
NEVER = {"STOP_CANCELLED", "ACCOUNT_CLOSED", "ACCOUNT_CASH", "AGREEMENT_NONE", "LIMIT_NONE"}


@dataclass(frozen=True)
class Power:
    """Somebody may sign."""

    scopes: tuple[str, ...]
    since: dt.date
    until: dt.date | None = None
    up_to: Decimal | None = None


@dataclass(frozen=True)
class Way:
    """How an order came."""

    channel: str = "IN_PERSON"
    registered: bool = False
    original: bool = False


@dataclass
class Asked:
    account: str
    kind: str
    amount: Decimal
    signed_on: dt.date
    signer: str
    way: Way


@dataclass
class Taken:
    """An order and what became of it."""

    asked: Asked
    state: str
    until: dt.date | None = None
    # (invoice, amount), as told.
    told: list[tuple[str, Decimal]] = field(default_factory=list)


@dataclass
class Desk(World):
    kinds: dict[str, str] = field(default_factory=dict)
    closed: dict[str, dt.date] = field(default_factory=dict)
    powers: dict[str, Power] = field(default_factory=dict)
    # (account, person): since when no longer.
    revoked: dict[tuple[str, str], dt.date] = field(default_factory=dict)
    # (account, kind): the last day for which the latest proves something; without one it does not run out.
    papers: dict[tuple[str, str], dt.date | None] = field(default_factory=dict)
    # Since when, and from when on no longer, orders may come by fax.
    remote: dict[str, tuple[dt.date, dt.date | None]] = field(default_factory=dict)
    # (account, kind): what people stopped.
    stopped: set[tuple[str, str]] = field(default_factory=set)
    orders: list[Taken] = field(default_factory=list)

    def still(self, invoice: Invoice, book: dt.date) -> Decimal:
        """What is owed on it; one whose day the book has not reached is owed whole."""
        return invoice.open(book) + (invoice.moves[0][1] if invoice.issued_on > book else NOTHING)

    def owed(self, account: str, book: dt.date) -> Decimal:
        return sum((self.still(invoice, book) for invoice in self.of(account)), NOTHING)

    def arrived(self, order: Taken) -> Decimal:
        """Of an order's invoices as much as was told and stands; those of before it are none of it."""
        total = NOTHING
        for ref, amount in order.told:
            for invoice in self.of(order.asked.account):
                if invoice.ref == ref and invoice.issued_on >= order.asked.signed_on:
                    total += min(amount, invoice.moves[0][1])
        return total

    def told(self, order: Taken) -> Decimal:
        return sum((amount for _ref, amount in order.told), NOTHING)

    def reserved(self, account: str, today: dt.date) -> Decimal:
        total = NOTHING
        for order in self.orders:
            if order.asked.account == account and order.asked.kind == "CREDIT" and order.state == "ACCEPTED":
                assert order.until is not None
                # After its days only what was told and has not come yet keeps its place.
                whole = order.asked.amount if today <= order.until else self.told(order)
                total += max(whole - self.arrived(order), NOTHING)
        return total

    def room(self, account: str, today: dt.date, book: dt.date) -> Decimal:
        limit = self.limit(account, today)
        return (limit.amount if limit else NOTHING) - self.owed(account, book) - self.reserved(account, today)

    def not_due(self, account: str, today: dt.date, book: dt.date) -> Decimal:
        """What is owed and not past its terms today."""
        return sum(
            (self.still(i, book) for i in self.of(account) if today not in self.past(i, today)[-1:]), NOTHING
        )  # fmt: skip

    def free(self, account: str, today: dt.date, book: dt.date) -> Decimal:
        """What may still be ordered: by the limit, and by what may be open and not due."""
        room, most = self.room(account, today, book), self.policy(today).most
        if most is None:
            return room
        return min(room, most - self.not_due(account, today, book) - self.reserved(account, today))

    def unpaid(self, account: str, today: dt.date, book: dt.date) -> bool:
        """Whether more is past its terms than is tolerated today."""
        return self.stopping(sum((self.still(i, book) for i in self.late(account, today, book)), NOTHING), today)

    def late(self, account: str, today: dt.date, book: dt.date) -> list[Invoice]:
        """Unpaid, as far as is known, and past its terms today."""
        return [i for i in self.of(account) if self.still(i, book) > 0 and today in self.past(i, today)[-1:]]

    def against(self, asked: Asked, standing: set[str], *, today: dt.date, book: dt.date) -> set[str]:
        """Everything that stands against an order; ``standing``: the stops that follow from facts, as last found."""
        said = set()
        if asked.account in self.closed and self.closed[asked.account] <= today:
            said.add("ACCOUNT_CLOSED")
        if asked.kind == "CREDIT":
            said |= self._on_credit(asked, standing, today=today, book=book)
        else:
            said |= self._for_cash(asked, today=today, book=book)
        return said | self._signed(asked, today) | self._sent(asked, today) | self._proved(asked, today)

    def _on_credit(self, asked: Asked, standing: set[str], *, today: dt.date, book: dt.date) -> set[str]:
        account, said = asked.account, set()
        if self.kinds[account] == "CASH":
            said.add("ACCOUNT_CASH")
        if self.contract(account, today) is None:
            signed = any(c.account == account and c.signed_on <= today for c in self.contracts)
            said.add("AGREEMENT_ENDED" if signed else "AGREEMENT_NONE")
        limit = self.limit(account, today)
        if limit is None:
            said.add("LIMIT_NONE")
        else:
            if limit.last < today:
                said.add("LIMIT_ENDED")
            if asked.amount > self.room(account, today, book):
                said.add("LIMIT_PASSED")
        most = self.policy(today).most
        if most is not None:
            coming = self.not_due(account, today, book) + self.reserved(account, today) + asked.amount
            if coming > most:
                said.add("NOT_DUE_PASSED")
        stops = standing | {kind for whose, kind in self.stopped if whose == account}
        if self.unpaid(account, today, book):
            # Told once, with its invoice.
            said.add("OVERDUE")
            stops -= {"OVERDUE"}
        return said | {f"STOP_{kind}" for kind in stops}

    def _for_cash(self, asked: Asked, *, today: dt.date, book: dt.date) -> set[str]:
        said = set()
        accounts = [name for name, whose in self.party.items() if whose == self.party[asked.account]]
        for account in accounts:
            owed = [invoice for invoice in self.of(account) if self.still(invoice, book) > 0]
            claimed = {("BREACH"), ("REFUSED_PROCEDURES")} & {kind for whose, kind in self.stopped if whose == account}
            under = self.kinds[account] == "CREDIT" and self.contract(account, today) is not None
            if (owed and (claimed or not under)) or self.unpaid(account, today, book):
                said.add("EARLIER_DEBT")
            if any(whose == account for whose, _began, _ended in self.defaults):
                said.add("EARLIER_DEFAULT")
        return said

    def _signed(self, asked: Asked, today: dt.date) -> set[str]:
        if not asked.signer:
            return {"SIGNATORY_NONE"} if asked.kind == "CREDIT" else set()
        power, said = self.powers[asked.signer], set()
        gone = self.revoked.get((asked.account, asked.signer))
        if asked.signed_on < power.since:
            said.add("SIGNATORY_NOT_BEGUN")
        if power.until is not None and power.until < today:
            said.add("SIGNATORY_ENDED")
        if gone is not None and gone <= today:
            said.add("SIGNATORY_REVOKED")
        if "ORDERS" not in power.scopes:
            said.add("SIGNATORY_SCOPE")
        if power.up_to is not None and power.up_to < asked.amount:
            said.add("SIGNATORY_AMOUNT")
        return said

    def _sent(self, asked: Asked, today: dt.date) -> set[str]:
        if asked.way.channel == "IN_PERSON":
            return set()
        said = set()
        agreed = self.remote.get(asked.account)
        if agreed is None or asked.signed_on < agreed[0] or (agreed[1] is not None and agreed[1] <= today):
            said.add("REMOTE_TERMS")
        if not asked.way.registered:
            said.add("REMOTE_ADDRESS")
        if not asked.way.original:
            said.add("REMOTE_ORIGINAL")
        return said

    def _proved(self, asked: Asked, today: dt.date) -> set[str]:
        contract = self.contract(asked.account, today)
        if asked.kind == "CREDIT" and contract is not None and contract.earlier:
            return set()
        said = set()
        for kind in PAPERS[asked.kind]:
            if (asked.account, kind) not in self.papers:
                said.add(f"PAPER_MISSING {kind}")
                continue
            last = self.papers[asked.account, kind]
            if last is not None and last < today:
                said.add(f"PAPER_ENDED {kind}")
        return said

    def night(self, day: dt.date) -> None:
        """Orders whose invoices have come, and those whose days are over."""
        for order in self.orders:
            if order.state != "ACCEPTED":
                continue
            assert order.until is not None
            told, arrived, over = self.told(order), self.arrived(order), order.until < day
            if arrived >= order.asked.amount or (over and told and arrived >= told):
                order.state = "INVOICED"
            elif over and not told:
                order.state = "EXPIRED"

    def ages(self, asked: Asked, today: dt.date) -> bool:
        """Whether the day of signing may be told at all."""
        return today - OLDEST_DAYS * DAY <= asked.signed_on <= today
