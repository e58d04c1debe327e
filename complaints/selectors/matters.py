"""Reads of matters: what was said, by whom, and until when it is answered. Seals are opened here and nowhere else."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from common import crypto
from common.clocks import plan_of
from complaints.choices import CLOCK_OF
from complaints.models import Matter, MatterNote, MatterPaper
from complaints.policies import matters_visible_to

__all__ = [
    "Person",
    "answer_due",
    "key_of_matter",
    "matters_visible_to",
    "note_words",
    "paper_content",
    "paper_key",
    "person_of",
    "profiles_of",
    "words_of",
]

WORDS, NAME, PHONE, EMAIL = "matter.words", "matter.name", "matter.phone", "matter.email"
NOTE, PAPER = "matter_note", "matter_paper"


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who told us, and where they are reached; empty where that is not known, or was erased."""

    name: str = ""
    phone: str = ""
    email: str = ""


def key_of_matter(matter: Matter) -> bytes:
    """The open key of a matter. Raises crypto.Unreadable once it was erased."""
    if matter.wrapped_key is None:
        raise crypto.Unreadable("matter")
    return crypto.unwrap(wrapped=bytes(matter.wrapped_key))


def words_of(*, matter: Matter) -> str:
    """What was told, in the teller's words. Raises crypto.Unreadable once it was erased."""
    return crypto.decrypt(key=key_of_matter(matter), sealed=bytes(matter.words_sealed), column=WORDS)


def person_of(*, matter: Matter) -> Person:
    """Who told it. Empty once it was erased."""
    if matter.wrapped_key is None:
        return Person()
    key = key_of_matter(matter)
    told = {"name": (matter.name_sealed, NAME), "phone": (matter.phone_sealed, PHONE),
            "email": (matter.email_sealed, EMAIL)}  # fmt: skip
    return Person(
        **{
            field: crypto.decrypt(key=key, sealed=bytes(sealed), column=column)
            for field, (sealed, column) in told.items()
            if sealed is not None
        }
    )


def note_words(*, note: MatterNote) -> str:
    """What a note says. Raises crypto.Unreadable once its matter was erased."""
    return crypto.decrypt(key=key_of_matter(note.matter), sealed=bytes(note.words_sealed), column=NOTE)


def paper_key(paper: MatterPaper) -> bytes:
    """The key a paper is sealed under: its matter's own, or the party's of a dispute.

    Raises crypto.Unreadable once it was erased.
    """
    if paper.matter is not None:
        return key_of_matter(paper.matter)
    assert paper.dispute is not None  # noqa: S101 - one of the two, by constraint
    wrapped = paper.dispute.case.debtor.party.wrapped_key
    if wrapped is None:
        raise crypto.Unreadable("dispute")
    return crypto.unwrap(wrapped=bytes(wrapped))


def paper_content(*, paper: MatterPaper) -> bytes:
    """The bytes of a paper. Raises crypto.Unreadable once it was erased."""
    return crypto.open_bytes(key=paper_key(paper), sealed=bytes(paper.content_sealed), column=PAPER)


def profiles_of(matter: Matter) -> tuple[str, ...]:
    """The kind of the client: some steps hold for the customers of banks or finance companies alone."""
    return (matter.client.kind,) if matter.client is not None else ()


def answer_due(*, matter: Matter, at: dt.datetime) -> dt.datetime:
    """Until when it is answered, if it is complete ``at``: the earliest of the steps that end with the answer."""
    planned = plan_of(
        kind=CLOCK_OF[matter.kind], at=at, client_id=matter.client_id, profiles=profiles_of(matter)
    )  # fmt: skip
    return min(step.due.at for step in planned if step.step.ends in {"ANSWERED", "CLOSED"})
