"""Which outcome fits which answer, and which address which channel. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from clients.choices import Channel
from collections_app.choices import ContactPointKind, Outcome, Reached

_PARTY = frozenset({Reached.HOLDER, Reached.GUARANTOR})
_SOMEBODY = frozenset(Reached) - {Reached.NO_ONE}

# Who can have answered when this happened. What only the account holder can say needs the account holder.
ANSWERS: Mapping[str, frozenset[Reached]] = {
    Outcome.PROMISE: _PARTY,
    Outcome.PLAN_ASKED: _PARTY,
    Outcome.OFFERED: _PARTY,
    Outcome.OBJECTED: _PARTY,
    Outcome.HARDSHIP: _PARTY,
    Outcome.PAID_ALREADY: _PARTY,
    Outcome.REFUSED: _PARTY,
    Outcome.INFORMED: _SOMEBODY,
    Outcome.CALL_BACK: _SOMEBODY,
    Outcome.WRONG_PERSON: frozenset({Reached.OTHER}),
    Outcome.NO_ANSWER: frozenset({Reached.NO_ONE}),
    Outcome.SENT: frozenset({Reached.NO_ONE}),
}
WRITTEN = frozenset({Channel.SMS, Channel.EMAIL, Channel.LETTER})

ADDRESSES: Mapping[str, frozenset[ContactPointKind]] = {
    Channel.PHONE: frozenset({ContactPointKind.MOBILE, ContactPointKind.PHONE}),
    Channel.SMS: frozenset({ContactPointKind.MOBILE}),
    Channel.EMAIL: frozenset({ContactPointKind.EMAIL}),
    Channel.LETTER: frozenset({ContactPointKind.ADDRESS}),
    Channel.VISIT: frozenset({ContactPointKind.ADDRESS}),
}


def needs_the_holder(*, outcome: str) -> bool:
    """True for what nobody but the account holder or guarantor can say."""
    return ANSWERS[outcome] == _PARTY


def fits(*, channel: str, reached: str, outcome: str) -> bool:
    """Can this have happened with this answer over this channel?"""
    return reached in ANSWERS[outcome] and (outcome != Outcome.SENT or channel in WRITTEN)


def acts(*, reached: str, outcome: str) -> bool:
    """True when the contact did what a stage asks for: it reached the party, or was sent."""
    return reached in _PARTY or outcome == Outcome.SENT
