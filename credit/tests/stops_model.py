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
    issued_on: dt.date
    due_on: dt.date
    # (day, amount): positive owed.
    moves: list[tuple[dt.date, Decimal]] = field(default_factory=list)
    objections: list[Objection] = field(default_factory=list)

    def open(self, on: dt.date) -> Decimal:
        return sum((amount for day, amount in self.moves if day <= on), Decimal(0))

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


@dataclass
class World:
    party: dict[str, str]
    invoices: list[Invoice] = field(default_factory=list)
    contracts: list[Contract] = field(default_factory=list)
    # (account, day, amount), as granted.
    limits: list[tuple[str, dt.date, Decimal]] = field(default_factory=list)
    # (account, began, ended): what the collection desk calls default.
    defaults: list[tuple[str, dt.date, dt.date | None]] = field(default_factory=list)

    def terms(self, invoice: Invoice) -> tuple[int, bool]:
        ruling = (60, True)
        for contract in sorted(self.contracts, key=lambda c: c.signed_on):
            over = contract.ends_on is not None and contract.ends_on < invoice.issued_on
            if contract.account == invoice.account and contract.signed_on <= invoice.issued_on and not over:
                ruling = contract.days, contract.from_invoice
        return ruling

    def overdue(self, account: str, on: dt.date) -> bool:
        return any(invoice.account == account and self._past(invoice, on) for invoice in self.invoices)

    def _past(self, invoice: Invoice, on: dt.date) -> bool:
        if invoice.open(on) <= 0 or invoice.suspended(on):
            return False
        days, from_invoice = self.terms(invoice)
        day = invoice.issued_on if from_invoice else invoice.due_on - days * DAY
        counted = 0
        while day < on:
            day += DAY
            counted += not invoice.suspended(day)
        return counted > days

    def over_limit(self, account: str, on: dt.date) -> bool:
        most = None
        for whose, since, amount in sorted(self.limits, key=lambda limit: limit[1]):
            if whose == account and since <= on:
                most = amount
        owed = sum((i.open(on) for i in self.invoices if i.account == account), Decimal(0))
        return most is not None and owed > most

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
            signed = sorted(c.signed_on for c in self.contracts if c.account == account and not c.renews)
            for at, day in enumerate(signed):
                until = signed[at + 1] if at + 1 < len(signed) else None
                counted = [b for b in began if b >= day and (until is None or b < until)]
                if len(counted) >= 2:
                    found.append(counted[1])
        return found

    def days(self, kind: str, account: str, first: dt.date, last: dt.date) -> set[dt.date]:
        """The days on which a stop of this kind stands."""
        asked = {
            "OVERDUE": self.overdue, "OVER_LIMIT": self.over_limit, "DEFAULT": self.in_default,
            "CANCELLED": self.cancelled,
        }[kind]  # fmt: skip
        found, day = set(), first
        while day <= last:
            if asked(account, day):
                found.add(day)
            day += DAY
        return found
