"""How much of late penalties and collection fees a contract bears (rule FEE-CAP, regulations A22). Pure.

SAMA's debt collection regulations, article 8(1)(6): cumulative over the whole term, never above the amount due, and
never above one instalment. They bind banks and finance companies, and whoever collects for them, towards natural
persons (article 3). A client may set a ceiling of its own for all its debts; of two, the stricter holds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from common.money import ZERO

# The regulator's ceiling, in instalments.
LAWFUL_INSTALMENTS = 1


def instalments_allowed(*, supervised: bool, person: bool, own: int | None) -> int | None:
    """How many instalments fees may come to: the law's, the client's ``own``, or None where nobody set a ceiling."""
    lawful = LAWFUL_INSTALMENTS if supervised and person else None
    return min((most for most in (lawful, own) if most is not None), default=None)


@dataclass(frozen=True, kw_only=True)
class Instalment:
    """One receivable of the contract: its whole amount, and what of principal and profit was open on the day asked."""

    due_on: dt.date
    amount: Decimal
    open: Decimal


@dataclass(frozen=True, kw_only=True)
class FeeRoom:
    """What fees of a contract may come to altogether, what was charged, and what is left. In its currency.

    ``allowed`` is the ceiling in instalments.
    """

    allowed: int
    ceiling: Decimal
    charged: Decimal

    @property
    def left(self) -> Decimal:
        return max(self.ceiling - self.charged, ZERO)


def fee_room(*, on: dt.date, allowed: int, instalments: Iterable[Instalment], charged: Decimal) -> FeeRoom:
    """Where instalments differ the smallest is the ceiling, since the text names none; what falls due that day is due.

    ``charged`` are all fees ever charged on the contract less those taken back; one that was forgiven was charged.
    """
    known = list(instalments)
    due = sum((one.open for one in known if one.due_on <= on), ZERO)
    smallest = min((one.amount for one in known), default=ZERO)
    return FeeRoom(allowed=allowed, ceiling=max(min(due, allowed * smallest), ZERO), charged=charged)
