"""The registry of KPIs: each once, by its code, with its formula in words and the rows that it counts (ADR 0042).

A KPI is added to the family whose facts it counts. A family is one module: its facts are one SELECT, which every figure
of the family is summed over, and which lists, under the same conditions, the rows behind each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reporting.kpis import (
    accounts,
    aging,
    contacts,
    credit,
    cures,
    matters,
    money,
    promises,
    recovery,
    rolls,
    settlement,
)
from reporting.kpis.base import Ask, Family, Figure, Kpi, Unit
from reporting.kpis.reading import family_figures

# In the order in which they are read.
FAMILIES: tuple[Family, ...] = (
    contacts.FAMILY,
    promises.FAMILY,
    money.FAMILY,
    aging.FAMILY,
    rolls.FAMILY,
    cures.FAMILY,
    settlement.FAMILY,
    recovery.FAMILY,
    accounts.FAMILY,
    matters.FAMILY,
    credit.FAMILY,
)
FAMILY_OF: Mapping[str, Family] = {kpi.code: family for family in FAMILIES for kpi in family.kpis}
KPIS: Mapping[str, Kpi] = {kpi.code: kpi for family in FAMILIES for kpi in family.kpis}


def kpi_figures(*, ask: Ask, codes: Sequence[str] = ()) -> list[Figure]:
    """The figures of these KPIs, or of all: one statement for each family that has any. Raises KeyError for a code
    there is not.
    """
    wanted = {KPIS[code].code for code in codes} or set(KPIS)
    return [
        figure
        for family in FAMILIES
        if any(kpi.code in wanted for kpi in family.kpis)
        for figure in family_figures(family=family, ask=ask)
        if figure.kpi.code in wanted
    ]


__all__ = ["FAMILIES", "FAMILY_OF", "KPIS", "Ask", "Family", "Figure", "Kpi", "Unit", "kpi_figures"]
