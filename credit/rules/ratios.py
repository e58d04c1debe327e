"""Financial ratios from a year of statements: liquidity, leverage, profitability, turnover (CM-01, §4.2(3)). Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _


class Ratio(models.TextChoices):
    """What is computed, in the order of the worksheet."""

    CURRENT = "CURRENT", _("Current ratio")
    QUICK = "QUICK", _("Quick ratio, without inventory")
    DEBT = "DEBT", _("Liabilities to assets")
    LEVERAGE = "LEVERAGE", _("Liabilities to equity")
    GROSS_MARGIN = "GROSS_MARGIN", _("Gross margin")
    NET_MARGIN = "NET_MARGIN", _("Net margin")
    RETURN_ON_ASSETS = "RETURN_ON_ASSETS", _("Return on assets")
    RETURN_ON_EQUITY = "RETURN_ON_EQUITY", _("Return on equity")
    ASSET_TURNOVER = "ASSET_TURNOVER", _("Asset turnover")
    INVENTORY_DAYS = "INVENTORY_DAYS", _("Days of inventory")
    COLLECTION_DAYS = "COLLECTION_DAYS", _("Days until its customers pay")
    PAYABLE_DAYS = "PAYABLE_DAYS", _("Days until it pays its suppliers")


GROUPS: Mapping[str, tuple[Ratio, ...]] = {
    "LIQUIDITY": (Ratio.CURRENT, Ratio.QUICK),
    "LEVERAGE": (Ratio.DEBT, Ratio.LEVERAGE),
    "PROFITABILITY": (Ratio.GROSS_MARGIN, Ratio.NET_MARGIN, Ratio.RETURN_ON_ASSETS, Ratio.RETURN_ON_EQUITY),
    "TURNOVER": (Ratio.ASSET_TURNOVER, Ratio.INVENTORY_DAYS, Ratio.COLLECTION_DAYS, Ratio.PAYABLE_DAYS),
}
GROUP_WORDS = {
    "LIQUIDITY": _("Liquidity"),
    "LEVERAGE": _("Leverage"),
    "PROFITABILITY": _("Profitability"),
    "TURNOVER": _("Turnover"),
}
# Read as a share of a hundred, and as days; the others are times.
PERCENT = frozenset({Ratio.DEBT, *GROUPS["PROFITABILITY"]})
DAYS = frozenset({Ratio.INVENTORY_DAYS, Ratio.COLLECTION_DAYS, Ratio.PAYABLE_DAYS})
YEAR = Decimal(365)


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A year of audited figures, in one currency."""

    current_assets: Decimal
    inventory: Decimal
    receivables: Decimal
    total_assets: Decimal
    current_liabilities: Decimal
    total_liabilities: Decimal
    payables: Decimal
    equity: Decimal
    sales: Decimal
    cost_of_sales: Decimal
    net_profit: Decimal


_OF: Mapping[Ratio, Callable[[Statement], tuple[Decimal, Decimal]]] = {
    Ratio.CURRENT: lambda s: (s.current_assets, s.current_liabilities),
    Ratio.QUICK: lambda s: (s.current_assets - s.inventory, s.current_liabilities),
    Ratio.DEBT: lambda s: (s.total_liabilities, s.total_assets),
    Ratio.LEVERAGE: lambda s: (s.total_liabilities, s.equity),
    Ratio.GROSS_MARGIN: lambda s: (s.sales - s.cost_of_sales, s.sales),
    Ratio.NET_MARGIN: lambda s: (s.net_profit, s.sales),
    Ratio.RETURN_ON_ASSETS: lambda s: (s.net_profit, s.total_assets),
    Ratio.RETURN_ON_EQUITY: lambda s: (s.net_profit, s.equity),
    Ratio.ASSET_TURNOVER: lambda s: (s.sales, s.total_assets),
    Ratio.INVENTORY_DAYS: lambda s: (s.inventory * YEAR, s.cost_of_sales),
    Ratio.COLLECTION_DAYS: lambda s: (s.receivables * YEAR, s.sales),
    Ratio.PAYABLE_DAYS: lambda s: (s.payables * YEAR, s.cost_of_sales),
}


def ratios(statement: Statement) -> dict[Ratio, Decimal | None]:
    """Every ratio: times with two decimals, shares in percent with one, days whole.

    None where it says nothing: divided by nothing, or by equity or other figures below zero.
    """
    return {ratio: _read(ratio, *of(statement)) for ratio, of in _OF.items()}


def _read(ratio: Ratio, above: Decimal, below: Decimal) -> Decimal | None:
    if below <= 0:
        return None
    places = Decimal("0.1") if ratio in PERCENT else Decimal(1) if ratio in DAYS else Decimal("0.01")
    value = above / below * (100 if ratio in PERCENT else 1)
    return value.quantize(places, rounding=ROUND_HALF_UP)
