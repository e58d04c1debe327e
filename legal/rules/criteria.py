"""The conditions of escalation (PL-20, regulations A30): the client's terms and the case's facts in, checks out."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _


class Criterion(models.TextChoices):
    """What is asked of a case before it may go to court, in the order of the checklist."""

    DAYS = "DAYS", _("The oldest item is as late as agreed with the client")
    DEFAULT = "DEFAULT", _("It is in default by its rules")
    BALANCE = "BALANCE", _("The balance is worth a claim")
    ATTEMPTS = "ATTEMPTS", _("Contact was tried often enough")
    REACHED = "REACHED", _("The account holder was reached in person")
    OFFER = "OFFER", _("A payment option was offered")
    PROMISES = "PROMISES", _("Promises are exhausted")
    NO_PROMISE = "NO_PROMISE", _("No promise is open")
    NO_HOLD = "NO_HOLD", _("No objection, complaint, hardship or other hold")
    NOTICE = "NOTICE", _("The final notice was served")
    LIMITATION = "LIMITATION", _("The limitation has not passed")


# What no grounds replace: nothing worth claiming, somebody who must be heard first, a claim the court would turn down.
HARD = frozenset({Criterion.BALANCE, Criterion.NO_HOLD, Criterion.LIMITATION})


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a client agreed to: days by the case's stage policy, an amount in the case's currency, counts."""

    least_days: int = 90
    least_balance: Decimal = Decimal(0)
    least_attempts: int = 3
    least_reached: int = 1
    least_missed_promises: int = 0
    notice_needed: bool = False


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the rows say of one case on a day. Contacts are those made, not those the policy refused."""

    days: int
    in_default: bool
    balance: Decimal
    attempts: int
    reached: int
    offers: int
    missed_promises: int
    open_promises: int
    open_holds: int
    notices_served: int
    # None where no limitation counts: no instrument or date to count from.
    limitation_passed: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Check:
    """One condition, and whether it is met."""

    criterion: Criterion
    ok: bool

    @property
    def hard(self) -> bool:
        """Failing it, the case is not proposed at all; the others may be answered for with a reason."""
        return self.criterion in HARD


def checks(*, terms: Terms, facts: Facts) -> list[Check]:
    """Every condition that applies, in the order of the list. At the figure itself a condition is met."""
    met = {
        Criterion.DAYS: facts.days >= terms.least_days,
        Criterion.DEFAULT: facts.in_default,
        Criterion.BALANCE: facts.balance > 0 and facts.balance >= terms.least_balance,
        Criterion.ATTEMPTS: facts.attempts >= terms.least_attempts,
        Criterion.REACHED: facts.reached >= terms.least_reached,
        Criterion.OFFER: facts.offers > 0,
        Criterion.PROMISES: facts.missed_promises >= terms.least_missed_promises,
        Criterion.NO_PROMISE: facts.open_promises == 0,
        Criterion.NO_HOLD: facts.open_holds == 0,
    }
    if terms.notice_needed:
        met[Criterion.NOTICE] = facts.notices_served > 0
    if facts.limitation_passed is not None:
        met[Criterion.LIMITATION] = not facts.limitation_passed
    return [Check(criterion=criterion, ok=ok) for criterion, ok in met.items()]
