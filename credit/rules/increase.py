"""Whether a customer may have a higher limit, and up to what (CM-14, I-10). Pure: every reason is named, not the first.

Nine calendar months since the agreement was signed; no invoice unpaid past its terms in the nine months before the
request; one increase a year; at most 10 % of the limit in force, down to the whole riyal (I-08).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal

from credit.rules.months import months_after


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What the policy asks, as it ships."""

    after_months: int = 9
    percent: Decimal = Decimal(10)
    a_year: int = 1


@dataclass(frozen=True, kw_only=True)
class Late:
    """Days on which something was unpaid past its terms; ``until`` is the first day on which nothing was."""

    since: dt.date
    until: dt.date | None


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the request is measured by. Amounts are of the customer's currency."""

    asked_on: dt.date
    signed_on: dt.date | None
    limit: Decimal | None
    limit_ends_on: dt.date | None
    asked: Decimal | None = None
    late: Sequence[Late] = ()
    increased_on: Sequence[dt.date] = ()
    # Kinds of the stops that stand.
    stops: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why not, by a stable code and what it stands on."""

    code: str
    told: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What follows: whether it may be, the most it may come to, and every reason against."""

    most: Decimal
    reasons: tuple[Reason, ...]

    @property
    def eligible(self) -> bool:
        return not self.reasons


def increase_most(*, limit: Decimal, terms: Terms) -> Decimal:
    """The highest limit an increase may come to: so many percent of the limit in force, down to the whole riyal."""
    return limit + (limit * terms.percent / 100).to_integral_value(ROUND_DOWN)


def increase_answer(*, facts: Facts, terms: Terms) -> Answer:
    """Judge a request, or, without an asked amount, whether one could be made."""
    on, found = facts.asked_on, []
    if facts.signed_on is None:
        found.append(Reason(code="no_agreement"))
    elif on < (from_on := months_after(facts.signed_on, terms.after_months)):
        found.append(Reason(code="too_early", told={"signed_on": facts.signed_on, "from_on": from_on}))
    if facts.limit is None or facts.limit_ends_on is None or facts.limit_ends_on < on:
        found.append(Reason(code="no_limit", told={"ended_on": facts.limit_ends_on}))
    window = months_after(on, -terms.after_months)
    for late in facts.late:
        if late.since <= on and (late.until is None or late.until > window):
            found.append(Reason(code="irregular", told={"since": late.since, "until": late.until, "window": window}))
    year = months_after(on, -12)
    within = [day for day in facts.increased_on if year < day <= on]
    if len(within) >= terms.a_year:
        found.append(Reason(code="increased", told={"on": max(within), "again_on": months_after(min(within), 12)}))
    found += [Reason(code="stopped", told={"kind": kind}) for kind in facts.stops]
    most = increase_most(limit=facts.limit, terms=terms) if facts.limit is not None else Decimal(0)
    if facts.asked is not None and facts.limit is not None:
        if facts.asked <= facts.limit:
            found.append(Reason(code="no_increase", told={"limit": facts.limit}))
        elif facts.asked > most:
            found.append(Reason(code="above_most", told={"most": most, "asked": facts.asked}))
    return Answer(most=most, reasons=tuple(found))
