"""Whether an order may be taken: facts in, every reason against it out (CM-18, CM-19, CM-22, CM-23, CM-27). Pure.

A reason is a code with what it stands on. Nothing is left out because something else refuses already: who asks can
then put everything right at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from common.money import ZERO
from credit.choices import (
    CLAIMS_ALL,
    NEEDED_PAPERS,
    REMOTE,
    AgentScope,
    CustomerKind,
    PaperKind,
    StopKind,
)

# What must prove something on the day of an order. Of a credit customer the rest was weighed when the limit was
# decided; the signature on an order is compared with the specimen (CM-22).
ORDER_PAPERS = {
    CustomerKind.CREDIT: (
        PaperKind.COMMERCIAL_REGISTRATION,
        PaperKind.OFFICIAL_ID,
        PaperKind.SPECIMEN_SIGNATURE,
    ),
    CustomerKind.CASH: NEEDED_PAPERS[CustomerKind.CASH],
}


@dataclass(frozen=True, kw_only=True)
class Ask:
    """What is ordered: the amount in the customer's currency, the day it was signed, and how it came."""

    kind: str
    amount: Decimal
    ordered_on: dt.date
    channel: str
    # Of an order by fax or e-mail: whether it came from a registered number or address, and its original is kept.
    from_registered: bool = False
    has_original: bool = False


@dataclass(frozen=True, kw_only=True)
class Signatory:
    """Who signed, as the power of attorney says (CM-22)."""

    scopes: frozenset[str]
    valid_from: dt.date
    valid_until: dt.date | None = None
    revoked_on: dt.date | None = None
    up_to: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Paper:
    """The latest days for which a kind of paper proves something; no last day: it does not run out."""

    kind: str
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None


@dataclass(frozen=True, kw_only=True)
class Overdue:
    """The oldest invoice unpaid past its terms, and all of them together."""

    receivable_ref: str
    # The last day of its terms.
    payable_on: dt.date
    amount: Decimal
    count: int


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Where the account stands on the day of the answer. Amounts are in its currency."""

    on: dt.date
    account_kind: str
    closed_on: dt.date | None = None
    # The last agreement signed: on which day, until when, and whether it is one of before (CM-17).
    agreed_on: dt.date | None = None
    agreement_ends_on: dt.date | None = None
    is_earlier: bool = False
    limit: Decimal | None = None
    limit_ends_on: dt.date | None = None
    invoices: Decimal = ZERO
    reserved: Decimal = ZERO
    # Of what is owed, the part that is not past its terms, and the most it may come to with what is ordered; both None
    # where the policy has no such bound, as shipped.
    not_due: Decimal | None = None
    not_due_most: Decimal | None = None
    # Each kind that stands, since when.
    stops: tuple[tuple[str, dt.date], ...] = ()
    overdue: Overdue | None = None
    # How much of it the policy lets pass: nothing, as shipped; None: whatever it is.
    overdue_tolerated: Decimal | None = ZERO
    signatory: Signatory | None = None
    # Since when the terms of remote orders stand, and from when on no longer.
    remote_since: dt.date | None = None
    remote_until: dt.date | None = None
    papers: tuple[Paper, ...] = ()
    # What is owed with this client from before, over all accounts of the same party; and a default of theirs.
    debt: Decimal = ZERO
    owes: bool = False
    default_since: dt.date | None = None

    @property
    def is_over(self) -> bool:
        """Whether the last agreement signed has ended."""
        return self.agreement_ends_on is not None and self.agreement_ends_on < self.on

    @property
    def used(self) -> Decimal:
        return self.invoices + self.reserved

    @property
    def room(self) -> Decimal:
        """What is free of the limit; below zero where more is used."""
        return (self.limit or ZERO) - self.used

    @property
    def not_due_room(self) -> Decimal | None:
        """What is free by the bound of what is not due; None where there is none."""
        if self.not_due_most is None or self.not_due is None:
            return None
        return self.not_due_most - self.not_due - self.reserved

    @property
    def free(self) -> Decimal:
        """What may still be ordered."""
        return free(limit=self.limit or ZERO, used=self.used, not_due_room=self.not_due_room)

    @property
    def stopping(self) -> Overdue | None:
        """What is unpaid past its terms, where it is more than is tolerated."""
        late, most = self.overdue, self.overdue_tolerated
        return late if late is not None and most is not None and late.amount > most else None


def free(*, limit: Decimal, used: Decimal, not_due_room: Decimal | None) -> Decimal:
    """The less of what the limit leaves and of what may still be open and not due."""
    return limit - used if not_due_room is None else min(limit - used, not_due_room)


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why an order is not taken: its code (``credit.rules.order_words``), and the values its sentence holds."""

    code: str
    values: dict[str, str] = field(default_factory=dict)


def _money(amount: Decimal) -> str:
    return f"{amount:,.2f}"


def order_reasons(*, ask: Ask, facts: Facts) -> list[Reason]:
    """Every reason against an order; none: it is taken. The order of the list is that of CM-23."""
    found = list(_account(facts))
    if ask.kind == CustomerKind.CREDIT:
        found += [*_agreement(facts), *_limit(ask, facts), *_not_due(ask, facts), *_overdue(facts), *_stops(facts)]
    else:
        found += _debt(facts)
    return [*found, *_signatory(ask, facts), *_remote(ask, facts), *_papers(ask, facts)]


def _account(facts: Facts) -> Iterator[Reason]:
    if facts.closed_on is not None and facts.closed_on <= facts.on:
        yield Reason(code="ACCOUNT_CLOSED", values={"on": facts.closed_on.isoformat()})


def _agreement(facts: Facts) -> Iterator[Reason]:
    if facts.account_kind != CustomerKind.CREDIT:
        yield Reason(code="ACCOUNT_CASH")
    if facts.agreed_on is None or facts.agreed_on > facts.on:
        yield Reason(code="AGREEMENT_NONE")
    elif facts.agreement_ends_on is not None and facts.is_over:
        yield Reason(code="AGREEMENT_ENDED", values={"on": facts.agreement_ends_on.isoformat()})


def _limit(ask: Ask, facts: Facts) -> Iterator[Reason]:
    if facts.limit is None or facts.limit_ends_on is None:
        yield Reason(code="LIMIT_NONE")
        return
    if facts.limit_ends_on < facts.on:
        yield Reason(code="LIMIT_ENDED", values={"on": facts.limit_ends_on.isoformat()})
    if ask.amount > facts.room:
        yield _passed("LIMIT_PASSED", ask, facts, limit=facts.limit, invoices=facts.invoices, room=facts.room)


def _not_due(ask: Ask, facts: Facts) -> Iterator[Reason]:
    """The bound that a client's policy may set beside the limit (docs/adr/0041)."""
    room = facts.not_due_room
    if room is not None and facts.not_due is not None and facts.not_due_most is not None and ask.amount > room:
        yield _passed("NOT_DUE_PASSED", ask, facts, most=facts.not_due_most, invoices=facts.not_due, room=room)


def _passed(code: str, ask: Ask, facts: Facts, *, room: Decimal, **sums: Decimal) -> Reason:
    """What was asked and what is reserved, the sums of the bound, and the room it leaves: nothing less than none."""
    told = {"amount": ask.amount, **sums, "reserved": facts.reserved, "room": max(room, ZERO)}
    return Reason(code=code, values={name: _money(value) for name, value in told.items()})


def _overdue(facts: Facts) -> Iterator[Reason]:
    """From the ledger itself, so that no order is taken between the end of the terms and the night that stops."""
    if (late := facts.stopping) is not None:
        yield Reason(
            code="OVERDUE",
            values={
                "receivable": late.receivable_ref,
                "days": str((facts.on - late.payable_on).days),
                "amount": _money(late.amount),
            },
        )


def _stops(facts: Facts) -> Iterator[Reason]:
    """Each stop that stands; that of overdue invoices is told once, with its invoices where there are any."""
    for kind, since in facts.stops:
        if kind != StopKind.OVERDUE or facts.stopping is None:
            yield Reason(code=f"STOP_{kind}", values={"since": since.isoformat()})


def _debt(facts: Facts) -> Iterator[Reason]:
    """Cash dealing asks for no credit criteria, only that nothing was left unpaid before (CM-18, §4.4.13)."""
    if facts.owes:
        yield Reason(code="EARLIER_DEBT", values={"amount": _money(facts.debt)})
    if facts.default_since is not None:
        yield Reason(code="EARLIER_DEFAULT", values={"on": facts.default_since.isoformat()})


def _signatory(ask: Ask, facts: Facts) -> Iterator[Reason]:
    """Bound on the day it was signed and on the day it is taken: no order is dated back into a power that ended."""
    signed = facts.signatory
    if signed is None:
        if ask.kind == CustomerKind.CREDIT:
            yield Reason(code="SIGNATORY_NONE")
        return
    if signed.valid_from > ask.ordered_on:
        yield Reason(code="SIGNATORY_NOT_BEGUN", values={"on": signed.valid_from.isoformat()})
    if signed.valid_until is not None and signed.valid_until < facts.on:
        yield Reason(code="SIGNATORY_ENDED", values={"on": signed.valid_until.isoformat()})
    if signed.revoked_on is not None and signed.revoked_on <= facts.on:
        yield Reason(code="SIGNATORY_REVOKED", values={"on": signed.revoked_on.isoformat()})
    if AgentScope.ORDERS not in signed.scopes:
        yield Reason(code="SIGNATORY_SCOPE")
    if signed.up_to is not None and ask.amount > signed.up_to:
        yield Reason(code="SIGNATORY_AMOUNT", values={"up_to": _money(signed.up_to)})


def _remote(ask: Ask, facts: Facts) -> Iterator[Reason]:
    if ask.channel not in REMOTE:
        return
    since, until = facts.remote_since, facts.remote_until
    if since is None or since > ask.ordered_on or (until is not None and until <= facts.on):
        yield Reason(code="REMOTE_TERMS")
    if not ask.from_registered:
        yield Reason(code="REMOTE_ADDRESS")
    if not ask.has_original:
        yield Reason(code="REMOTE_ORIGINAL")


def _papers(ask: Ask, facts: Facts) -> Iterator[Reason]:
    """Under a contract of before its own terms hold until it ends (CM-17)."""
    if ask.kind == CustomerKind.CREDIT and facts.is_earlier and not facts.is_over:
        return
    for kind in ORDER_PAPERS[CustomerKind(ask.kind)]:
        given = [paper for paper in facts.papers if paper.kind == kind]
        if not given:
            yield Reason(code="PAPER_MISSING", values={"paper": kind})
        elif not any(_proves(paper, facts.on) for paper in given):
            last = max((paper.valid_until for paper in given if paper.valid_until is not None), default=facts.on)
            yield Reason(code="PAPER_ENDED", values={"paper": kind, "on": last.isoformat()})


def _proves(paper: Paper, on: dt.date) -> bool:
    begun = paper.valid_from is None or paper.valid_from <= on
    return begun and (paper.valid_until is None or on <= paper.valid_until)


# Nobody sets these aside at an order: credit that was cancelled comes back by an exception alone (CM-13, CM-15), and
# without an account, an agreement or a limit there is nothing to make an exception of.
NEVER_SET_ASIDE = frozenset(
    {f"STOP_{StopKind.CANCELLED}", "ACCOUNT_CLOSED", "ACCOUNT_CASH", "AGREEMENT_NONE", "LIMIT_NONE"}
)
# Whatever says that the customer does not pay or broke the agreement is the general manager's to set aside (CM-15);
# the rest also the finance manager's, as far as the authority matrix lets them.
OF_THE_GENERAL_MANAGER = frozenset(
    {"OVERDUE", "EARLIER_DEBT", "EARLIER_DEFAULT", "AGREEMENT_ENDED"}
    | {f"STOP_{kind}" for kind in (StopKind.OVERDUE, StopKind.DEFAULT, StopKind.SUSPENDED, *sorted(CLAIMS_ALL))}
)
