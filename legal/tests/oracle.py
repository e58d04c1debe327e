"""What may be done on a case with authorisations, said a second time and by nothing of the product.

Days are whole numbers; money is Decimal. Every question answers whether the step is allowed, and takes it when it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

NIL = Decimal("0.00")
ON_STEP = {
    "FINAL_NOTICE": "N",
    "MEDIATION": "M",
    "FILING": "C",
    "ENFORCEMENT_REQUEST": "E",
    "ENFORCEMENT": "CE",
    "COURT_SETTLEMENT": "CEM",
}
ENDS = {"JUDGMENT": "JUDGED", "COURT_SETTLEMENT": "SETTLED", "WITHDRAWAL": "WITHDRAWN", "CLAIM_ENDED": "ENDED"}


@dataclass
class Leave:
    """One authorisation. ``steps`` are letters: notice, mediation, claim, enforcement."""

    steps: str
    begins: int
    ends: int
    ceiling: Decimal
    cost_ceiling: Decimal
    shares: dict[int, Decimal]
    over: bool = False
    costs: list[Decimal] = field(default_factory=list)


@dataclass
class Filed:
    kind: str
    amount: Decimal
    state: str = "FILED"

    @property
    def stands(self) -> bool:
        return self.state in ("FILED", "JUDGED")


@dataclass
class Oracle:
    debts: list[Decimal]
    day: int = 0
    leaves: list[Leave] = field(default_factory=list)
    claims: list[Filed] = field(default_factory=list)

    def owed(self, leave: Leave) -> Decimal:
        parts = (self.debts[n] * share / 100 for n, share in leave.shares.items())
        return sum((part.quantize(NIL, rounding=ROUND_HALF_UP) for part in parts), NIL)

    def standing(self, but: Filed | None = None) -> Decimal:
        return sum((claim.amount for claim in self.claims if claim.stands and claim is not but), NIL)

    def room(self, leave: Leave, beside: Decimal) -> Decimal:
        """The most that fits beside what stands; negative when already too much stands."""
        return min(leave.ceiling, self.owed(leave)) - beside

    def live(self, leave: Leave, on: int) -> bool:
        return not leave.over and leave.begins <= on <= self.day <= leave.ends

    def permits(self, leave: Leave, kind: str, on: int) -> bool:
        useful = self.owed(leave) > 0 or self.standing() > 0
        return self.live(leave, on) and bool(set(leave.steps) & set(ON_STEP[kind])) and useful

    def grant(self, leave: Leave) -> bool:
        if self.standing() > leave.ceiling:
            return False
        for earlier in self.leaves:
            earlier.over = True
        self.leaves.append(leave)
        return True

    def revoke(self, leave: Leave, *, asked: bool) -> bool:
        """``asked`` of the service, which says of what is over by its days that there is nothing to revoke."""
        if leave.over or (asked and self.day > leave.ends):
            return False
        leave.over = True
        return True

    def act(self, leave: Leave, kind: str, on: int, amount: Decimal, claim: Filed | None) -> bool:
        """Any act but those that file or amend."""
        if claim is not None and not claim.stands:
            return False
        if kind in ON_STEP:
            allowed = self.permits(leave, kind, on) and (amount == 0 or amount <= self.room(leave, NIL))
        else:
            allowed = claim is not None and on <= self.day and amount <= claim.amount
        if allowed and claim is not None:
            claim.state = ENDS.get(kind, claim.state)
        return allowed

    def file(self, leave: Leave, kind: str, on: int, amount: Decimal) -> bool:
        allowed = self.permits(leave, kind, on) and 0 < amount <= self.room(leave, self.standing())
        if allowed:
            self.claims.append(Filed(kind, amount))
        return allowed

    def amend(self, leave: Leave, claim: Filed, on: int, amount: Decimal) -> bool:
        allowed = claim.stands and amount not in (claim.amount, NIL) and on <= self.day
        if allowed and amount > claim.amount:
            allowed = self.permits(leave, claim.kind, on) and amount <= self.room(leave, self.standing(claim))
        if allowed:
            claim.amount = amount
        return allowed

    def cost(self, leave: Leave, on: int, amount: Decimal) -> bool:
        allowed = self.live(leave, on) and sum(leave.costs, amount) <= leave.cost_ceiling
        if allowed:
            leave.costs.append(amount)
        return allowed
