"""Until when a court hears a claim, by what the debt stands on (regulations E5, E7, E8; rule LIMITATION).

Years are Gregorian. Whether a court counts Hijri years is not settled by the texts we hold; they end eleven days a year
earlier, 108 days in ten years, and the warning of 180 days covers that.

A term begins anew with a recorded acknowledgement, and stands still while a claim stands (E7: "restarts on
suit/acknowledgement"). Payments alone are not taken for an acknowledgement: no text we hold says so, and the warning
must rather come too early. Who holds a debtor's word in writing records it on the instrument.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from legal.choices import InstrumentKind, LimitationState

WARN_DAYS = 180


@dataclass(frozen=True, kw_only=True)
class Term:
    """A term in years, from where it is known, and how sure that is; no years: not known, and nothing is computed."""

    years: int | None
    source: str
    certain: bool


# What a debt without a recorded instrument stands on is told by whose it is: claims between merchants are commercial.
GENERAL = "GENERAL"
TERMS: Mapping[str, Term] = {
    InstrumentKind.PROMISSORY_NOTE: Term(years=3, source="E7", certain=True),
    InstrumentKind.COMMERCIAL_ACCOUNT: Term(years=5, source="E8", certain=False),
    InstrumentKind.CONTRACT: Term(years=10, source="E8", certain=False),
    GENERAL: Term(years=10, source="E8", certain=False),
    # A cheque's own short term was not researched; E5 on judgments is reported by one weak source.
    InstrumentKind.CHEQUE: Term(years=None, source="", certain=False),
    InstrumentKind.JUDGMENT: Term(years=None, source="E5", certain=False),
}


def years_after(*, start: dt.date, years: int) -> dt.date:
    """The same day ``years`` later; of 29 February, in a year without one, 28 February (as PostgreSQL adds years)."""
    try:
        return start.replace(year=start.year + years)
    except ValueError:
        return start.replace(year=start.year + years, day=28)


def begins_on(*, due_on: dt.date, acknowledged_on: dt.date | None) -> dt.date:
    """From when a term counts: maturity, or the debtor's later acknowledgement."""
    return max(due_on, acknowledged_on) if acknowledged_on is not None else due_on


def ends_on(*, basis: str, begins: dt.date) -> dt.date | None:
    """The last day on which a claim is in time; None when the term is not known."""
    years = TERMS[basis].years
    return years_after(start=begins, years=years) if years is not None else None


def state_of(*, ends: dt.date | None, today: dt.date, claimed: bool) -> str:
    """How it stands on ``today``: the last day itself is in time; the warning begins 180 days before it."""
    if claimed:
        return LimitationState.STANDS_STILL
    if ends is None:
        return LimitationState.UNKNOWN
    if today > ends:
        return LimitationState.PASSED
    return LimitationState.ENDS_SOON if (ends - today).days <= WARN_DAYS else LimitationState.RUNS
