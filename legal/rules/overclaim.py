"""What follows when what is owed and what a court was asked for drift apart (regulations E10, E11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from common.money import ZERO
from legal.choices import LegalTaskKind


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A claim beside the ledger. ``owed`` is what is owed now on the debts it covers, in its currency."""

    filed: Decimal
    owed: Decimal
    stands: bool = True


def is_over(*, claim: Standing) -> bool:
    """A court is asked for more than is owed: the alarm."""
    return claim.stands and claim.filed > claim.owed


def tasks_wanted(*, claim: Standing) -> Mapping[str, bool]:
    """Which tasks a claim asks for: amend it while it is too high, and withdraw it once nothing is owed."""
    return {
        LegalTaskKind.AMEND_CLAIM: is_over(claim=claim),
        LegalTaskKind.WITHDRAW_CLAIM: claim.stands and claim.owed <= ZERO,
    }
