"""May this contact be made, at this moment? Every rule that refuses says so, with its source and the next moment.

Pure: facts and the moment are arguments. One rule is one function below; ``RULES`` lists them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clients.choices import Channel
from common.clock import RIYADH


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the rules look at. ``attempts`` are the counted outgoing phone attempts of the case, oldest first."""

    channel: str
    channels: Collection[str]
    opens_at: dt.time
    closes_at: dt.time
    weekdays: Collection[int]
    holidays: Collection[dt.date]
    max_attempts: int
    window_days: int
    attempts: Sequence[dt.datetime] = field(default_factory=tuple)
    objection_open: bool = False
    # A stage of the client's policy stopped contact (CM-40).
    stopped: bool = False
    natural_person: bool = True
    # The day the case was closed; ``dt.date.min`` when it is closed and nothing says since when.
    closed_on: dt.date | None = None


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """One rule's no: its id, its words, its source, and the first moment it would say yes (None: not by waiting)."""

    rule: str
    words: str | Promise
    source: str
    next_allowed: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Decision:
    """All refusals together, and how many attempts are left in the window."""

    refusals: tuple[Refusal, ...]
    attempts_left: int
    # When the oldest counted attempt leaves the window and gives one back.
    one_returns_on: dt.date | None

    @property
    def allowed(self) -> bool:
        return not self.refusals

    @property
    def next_allowed(self) -> dt.datetime | None:
        """The first moment at which none of the waiting rules refuses; None when waiting does not help."""
        moments = [r.next_allowed for r in self.refusals]
        return None if any(m is None for m in moments) or not moments else max(m for m in moments if m is not None)


def next_open(*, facts: Facts, after: dt.datetime) -> dt.datetime | None:
    """The first moment from ``after`` on that lies in the contact hours of a contact day; None when no day is open."""
    local = after.astimezone(RIYADH)
    for ahead in range(60):
        on = local.date() + dt.timedelta(days=ahead)
        if on.isoweekday() not in facts.weekdays or on in facts.holidays:
            continue
        opening = dt.datetime.combine(on, facts.opens_at, tzinfo=RIYADH)
        closing = dt.datetime.combine(on, facts.closes_at, tzinfo=RIYADH)
        if local < closing:
            return max(opening, local)
    return None


def case_closed(facts: Facts, at: dt.datetime) -> Refusal | None:
    """A case that was paid, taken back or ended otherwise is nobody's to remind of (I-25)."""
    if facts.closed_on is None or at.astimezone(RIYADH).date() < facts.closed_on:
        return None
    return Refusal(rule="CASE-CLOSED", words=_("The case is closed; nobody is reminded of it."), source="I-25")


def contact_channel(facts: Facts, at: dt.datetime) -> Refusal | None:
    """Only channels the client approved (PL-10)."""
    if facts.channel in facts.channels:
        return None
    return Refusal(rule="CONTACT-CHANNEL", words=_("The client did not approve this channel."), source="PL-10")


def visit_prohibited(facts: Facts, at: dt.datetime) -> Refusal | None:
    """No visits to natural persons (regulations A13, I-21)."""
    if facts.channel == Channel.VISIT and facts.natural_person:
        return Refusal(rule="VISIT-PROHIBITED", words=_("Individuals are never visited."), source="A13")
    return None


def contact_day(facts: Facts, at: dt.datetime) -> Refusal | None:
    """Only on contact days, never on a holiday (regulations D1–D5)."""
    on = at.astimezone(RIYADH).date()
    if on.isoweekday() in facts.weekdays and on not in facts.holidays:
        return None
    return Refusal(
        rule="CONTACT-DAY",
        words=_("Today is not a contact day."),
        source="A7",
        next_allowed=next_open(facts=facts, after=at),
    )


def contact_hours(facts: Facts, at: dt.datetime) -> Refusal | None:
    """Only within the agreed hours (PL-11, regulations A7)."""
    local = at.astimezone(RIYADH)
    if facts.opens_at <= local.time() < facts.closes_at:
        return None
    return Refusal(
        rule="CONTACT-HOURS",
        words=_("Outside contact hours."),
        source="A7",
        next_allowed=next_open(facts=facts, after=at),
    )


def contact_frequency(facts: Facts, at: dt.datetime) -> Refusal | None:
    """At most so many phone attempts in a rolling window of calendar days (regulations A5)."""
    if facts.channel != Channel.PHONE or _left(facts, at) > 0:
        return None
    counted = _counted(facts, at)
    frees = counted[len(counted) - facts.max_attempts].astimezone(RIYADH).date() + dt.timedelta(days=facts.window_days)
    return Refusal(
        rule="CONTACT-FREQUENCY",
        words=_("All attempts of these 30 days are used.")
        if facts.window_days == 30
        else _("All attempts of this period are used."),
        source="A5",
        next_allowed=next_open(facts=facts, after=dt.datetime.combine(frees, dt.time(0), tzinfo=RIYADH)),
    )


def dispute_hold(facts: Facts, at: dt.datetime) -> Refusal | None:
    """An open objection stops every reminder until it is decided (regulations A18)."""
    if facts.objection_open and facts.channel != Channel.LETTER:
        return Refusal(rule="DISPUTE-HOLD", words=_("Reminders pause while an objection is open."), source="A18")
    return None


def contact_stop(facts: Facts, at: dt.datetime) -> Refusal | None:
    """The stage the case has come to stops contact, until it is cured or the policy says otherwise (CM-40)."""
    if facts.stopped:
        return Refusal(rule="CONTACT-STOP", words=_("The client's policy stops contact in this stage."), source="CM-40")
    return None


Rule = Callable[[Facts, dt.datetime], Refusal | None]
RULES: tuple[Rule, ...] = (
    case_closed,
    contact_channel,
    visit_prohibited,
    dispute_hold,
    contact_stop,
    contact_day,
    contact_hours,
    contact_frequency,
)


def _counted(facts: Facts, at: dt.datetime) -> list[dt.datetime]:
    first = at.astimezone(RIYADH).date() - dt.timedelta(days=facts.window_days - 1)
    return sorted(a for a in facts.attempts if a.astimezone(RIYADH).date() >= first and a <= at)


def _left(facts: Facts, at: dt.datetime) -> int:
    return max(facts.max_attempts - len(_counted(facts, at)), 0)


def decide(*, facts: Facts, at: dt.datetime) -> Decision:
    """Ask every rule. Refusals are an answer, not an exception, so that their row can be written."""
    counted = _counted(facts, at)
    return Decision(
        refusals=tuple(refusal for rule in RULES if (refusal := rule(facts, at)) is not None),
        attempts_left=_left(facts, at),
        one_returns_on=(
            counted[0].astimezone(RIYADH).date() + dt.timedelta(days=facts.window_days) if counted else None
        ),
    )
