"""The register's panels on the page of a matter."""

from __future__ import annotations

import datetime as dt

from accounts.models import User
from common import crypto
from common.clocks import clocks_of
from complaints.choices import STAGES
from complaints.models import Matter
from complaints.policies import can_open_confidential
from complaints.selectors.matters import note_words, person_of, words_of
from credit.views.parts import Given, Part
from parties.rules.identifiers import email_hint, phone_hint

ROOM = "complaints/register/"


def _open(user: User, matter: Matter, given: Given) -> bool:
    """Confidential parts are shown to who may open them, once the look is written down."""
    return bool(given.get("revealed")) and can_open_confidential(user, matter)


def words(*, user: User, matter: Matter, now: dt.datetime, given: Given) -> Part | None:
    """What was told, and where it stands among the stages."""
    shown = not matter.is_confidential or _open(user, matter, given)
    try:
        said = words_of(matter=matter) if shown else ""
    except crypto.Unreadable:
        said, shown = "", True
    done = STAGES.index(matter.stage)  # type: ignore[arg-type]
    return Part(
        template=f"{ROOM}words.html",
        context={
            "words": said,
            "shown": shown,
            "stages": [(stage.label, "done" if place < done else "now" if place == done else "")
                       for place, stage in enumerate(STAGES)],
        },
    )  # fmt: skip


def clocks(*, user: User, matter: Matter, now: dt.datetime, given: Given) -> Part | None:
    """Every clock of the matter, the nearest first."""
    found = list(clocks_of(subject=matter))
    return Part(template=f"{ROOM}clocks.html", context={"clocks": found}, aside=True) if found else None


def person(*, user: User, matter: Matter, now: dt.datetime, given: Given) -> Part | None:
    """Who told it; where they are reached stands masked until somebody looks."""
    told, shown = person_of(matter=matter), _open(user, matter, given)
    hidden = matter.is_confidential and not shown
    return Part(
        template=f"{ROOM}person.html",
        context={
            "name": "" if hidden else told.name,
            "hidden": hidden and bool(told.name),
            "phone": told.phone if shown else told.phone and f"•••{phone_hint(told.phone)}",
            "email": told.email if shown else told.email and email_hint(told.email),
        },
        aside=True,
    )


def about(*, user: User, matter: Matter, now: dt.datetime, given: Given) -> Part | None:
    """What it is about, whose it is, and who handles it."""
    return Part(template=f"{ROOM}about.html", aside=True)


def notes(*, user: User, matter: Matter, now: dt.datetime, given: Given) -> Part | None:
    """What was found, said and answered; confidential ones stand there without their words."""
    shown, lines = _open(user, matter, given), []
    for note in matter.notes.select_related("by"):
        note.matter = matter
        closed = (note.is_confidential or matter.is_confidential) and not shown
        try:
            lines.append((note, "" if closed else note_words(note=note), closed))
        except crypto.Unreadable:
            lines.append((note, "", False))
    return Part(template=f"{ROOM}notes.html", context={"notes": lines}) if lines else None


def papers(*, user: User, matter: Matter, now: dt.datetime, given: Given) -> Part | None:
    """Papers received and made."""
    found = list(matter.papers.defer("content_sealed").select_related("added_by").order_by("pk"))
    return Part(template=f"{ROOM}papers.html", context={"papers": found}) if found else None


def course(*, user: User, matter: Matter, now: dt.datetime, given: Given) -> Part | None:
    """Each step it took, the newest first."""
    moves = list(matter.moves.select_related("by").order_by("-pk"))
    return Part(template=f"{ROOM}course.html", context={"moves": moves})
