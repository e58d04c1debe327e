"""The debts that a request to go legal may name, and those it names (rule JOINT-LIABILITY, regulations A24)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import DecimalField, Sum, Value
from django.db.models.functions import Coalesce

from collections_app.models import Case, Debt, EscalationRequest
from common.money import ZERO, rounded

WHOLE = Decimal(100)


@dataclass(frozen=True, kw_only=True)
class NamedDebt:
    """A debt, what is open on it now, and the percentage of it that this debtor answers for."""

    debt: Debt
    balance: Decimal
    share: Decimal = WHOLE

    @property
    def part(self) -> Decimal:
        """What of it may be claimed of this debtor now."""
        return rounded(self.balance * self.share / WHOLE)

    @property
    def in_part(self) -> bool:
        return self.share != WHOLE


def _with_balances(*, case: Case) -> Iterable[NamedDebt]:
    """The debts of a case in its currency, each with its balance, in the order they came."""
    nothing = Value(ZERO, output_field=DecimalField(max_digits=18, decimal_places=2))
    found = Debt.objects.filter(case=case, currency=case.currency).order_by("pk")
    for debt in found.annotate(owed=Coalesce(Sum("receivables__balance"), nothing)):
        yield NamedDebt(debt=debt, balance=debt.owed)


def debts_open(*, case: Case) -> list[NamedDebt]:
    """The debts that may be asked for: those of the case's currency on which something is open, each whole."""
    return [one for one in _with_balances(case=case) if one.balance > ZERO]


def debts_named(*, case: Case, shares: Mapping[int, Decimal]) -> list[NamedDebt]:
    """Those of the case's debts that ``shares`` names, paid ones too."""
    return [
        NamedDebt(debt=one.debt, balance=one.balance, share=shares[one.debt.pk])
        for one in _with_balances(case=case)
        if one.debt.pk in shares
    ]


def shares_asked(*, request: EscalationRequest) -> dict[int, Decimal]:
    """Percentages by debt, as the request says them."""
    return {int(told["debt"]): Decimal(told["share"]) for told in request.debts}


def debts_asked(*, request: EscalationRequest) -> list[NamedDebt]:
    """The debts of a request with their shares and what is open on them now."""
    if not request.debts:
        return debts_open(case=request.case)
    return debts_named(case=request.case, shares=shares_asked(request=request))


def parts_of(debts: Iterable[NamedDebt]) -> Decimal:
    """What may be claimed on some debts together."""
    return sum((one.part for one in debts), ZERO)
