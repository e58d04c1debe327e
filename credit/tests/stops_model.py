"""What stops must stand, told a second time: from source 001 §4.4 and I-01, I-03 to I-06, apart from the code.

Pure, plain and slow on purpose: days are walked one by one, and nothing is kept that follows from something else.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

DAY = dt.timedelta(days=1)


@dataclass
class Objection:
    since: dt.date
    until: dt.date | None = None
    decision: str = ""


@dataclass
class Invoice:
    account: str
    ref: str
    issued_on: dt.date
    due_on: dt.date
    # (day, amount): positive owed.
    moves: list[tuple[dt.date, Decimal]] = field(default_factory=list)
    objections: list[Objection] = field(default_factory=list)

    def open(self, on: dt.date) -> Decimal:
        """Never below nothing: what was paid ahead of a later note waits for it."""
        return max(sum((amount for day, amount in self.moves if day <= on), Decimal(0)), Decimal(0))

    def suspended(self, on: dt.date) -> bool:
        return any(
            o.decision == "ACCEPTED" and o.since <= on and (o.until is None or on <= o.until) for o in self.objections
        )


@dataclass
class Contract:
    account: str
    signed_on: dt.date
    ends_on: dt.date | None
    days: int
    from_invoice: bool
    renews: bool = False
    excepted: bool = False
    # One of before: it begins no count of defaults.
    earlier: bool = False

    def stands(self, on: dt.date) -> bool:
        return self.signed_on <= on and (self.ends_on is None or on <= self.ends_on)


@dataclass
class Limit:
    account: str
    since: dt.date
    amount: Decimal
    last: dt.date


@dataclass
class Policy:
    """What a client chose beside source 001: so much unpaid lets orders pass (None: whatever it is), and no more than
    so much may be open and within its terms (None: no such bound)."""

    since: dt.date
    tolerated: Decimal | None = Decimal(0)
    most: Decimal | None = None


@dataclass
class World:
    party: dict[str, str]
    # As they were approved.
    policies: list[Policy] = field(default_factory=list)
    invoices: list[Invoice] = field(default_factory=list)
    contracts: list[Contract] = field(default_factory=list)
    # As they were granted.
    limits: list[Limit] = field(default_factory=list)
    # (account, began, ended): what the collection desk calls default.
    defaults: list[tuple[str, dt.date, dt.date | None]] = field(default_factory=list)

    def of(self, account: str) -> list[Invoice]:
        return [invoice for invoice in self.invoices if invoice.account == account]

    def policy(self, on: dt.date) -> Policy:
        """The last to have begun; of two of one day, what was approved later. None: what the source says."""
        found = [one for one in self.policies if one.since <= on]
        return sorted(found, key=lambda one: one.since)[-1] if found else Policy(since=on)

    def stopping(self, unpaid: Decimal, on: dt.date) -> bool:
        tolerated = self.policy(on).tolerated
        return tolerated is not None and unpaid > tolerated

    def contract(self, account: str, on: dt.date) -> Contract | None:
        """The one under which something is sold on a day."""
        found = [one for one in self.contracts if one.account == account and one.stands(on)]
        return max(found, key=lambda one: one.signed_on, default=None)

    def limit(self, account: str, on: dt.date) -> Limit | None:
        """The last to have begun; of two of one day, what was granted later."""
        found = [one for one in self.limits if one.account == account and one.since <= on]
        return sorted(found, key=lambda one: one.since)[-1] if found else None

    def past(self, invoice: Invoice, last: dt.date) -> list[dt.date]:
        """The days, until the last, on which it is past its terms, were anything of it open."""
        contract = self.contract(invoice.account, invoice.issued_on)
        days, from_invoice = (contract.days, contract.from_invoice) if contract else (60, True)
        day, counted, found = invoice.issued_on if from_invoice else invoice.due_on - days * DAY, 0, []
        while day < last:
            day += DAY
            if not invoice.suspended(day):
                counted += 1
                if counted > days:
                    found.append(day)
        return found

    def overdue(self, account: str, first: dt.date, last: dt.date) -> set[dt.date]:
        unpaid: dict[dt.date, Decimal] = {}
        for invoice in self.of(account):
            for day in self.past(invoice, last):
                unpaid[day] = unpaid.get(day, Decimal(0)) + invoice.open(day)
        return {day for day, amount in unpaid.items() if day >= first and self.stopping(amount, day)}

    def over_limit(self, account: str, on: dt.date) -> bool:
        most = self.limit(account, on)
        return most is not None and sum((i.open(on) for i in self.of(account)), Decimal(0)) > most.amount

    def in_default(self, account: str, on: dt.date) -> bool:
        return any(a == account and since <= on and (to is None or on < to) for a, since, to in self.defaults)

    def cancelled(self, account: str, on: dt.date) -> bool:
        """Since the second default of a count, of whichever account of the party, unless an exception came after."""
        for began in self._cancelling(self.party[account]):
            if began > on:
                continue
            back = any(
                c.account == account and c.excepted and began < c.signed_on <= on for c in self.contracts
            )  # fmt: skip
            if not back:
                return True
        return False

    def _cancelling(self, party: str) -> list[dt.date]:
        found = []
        began = sorted(since for account, since, _to in self.defaults if self.party[account] == party)
        for account in [name for name, whose in self.party.items() if whose == party]:
            counts = [c for c in self.contracts if c.account == account and not c.renews and not c.earlier]
            signed = sorted(c.signed_on for c in counts)
            for at, day in enumerate(signed):
                until = signed[at + 1] if at + 1 < len(signed) else None
                counted = [b for b in began if b >= day and (until is None or b < until)]
                if len(counted) >= 2:
                    found.append(counted[1])
        return found

    def days(self, kind: str, account: str, first: dt.date, last: dt.date) -> set[dt.date]:
        """The days on which a stop of this kind stands."""
        if kind == "OVERDUE":
            return self.overdue(account, first, last)
        asked = {"OVER_LIMIT": self.over_limit, "DEFAULT": self.in_default, "CANCELLED": self.cancelled}[kind]
        every = [first + n * DAY for n in range((last - first).days + 1)]
        return {day for day in every if asked(account, day)}
