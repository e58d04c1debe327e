"""The register's panels on the page of a matter."""

from __future__ import annotations

import datetime as dt
from typing import Any

from accounts.models import User
from common import crypto
from common.clocks import clocks_of
from complaints.choices import STAGES, Missing, Stage
from complaints.forms.register import CallForm, MissingForm, NoteForm, PaperForm, RouteForm, SolveForm, SortForm
from complaints.models import Matter
from complaints.policies import can_handle_matter, can_open_confidential, matters_visible_to
from complaints.selectors.matters import note_words, person_of, words_of
from complaints.selectors.similar import told_before, told_twice
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


def _works(user: User, matter: Matter) -> bool:
    return matter.stage != Stage.CLOSED and can_handle_matter(user, matter)


def about(*, user: User, matter: Matter, now: dt.datetime, given: Given) -> Part | None:
    """What it is about, whose it is, and who handles it."""
    named = not matter.is_confidential or _open(user, matter, given)
    context: dict[str, Any] = {"keeps": _works(user, matter), "named": named}
    if context["keeps"]:
        told = {name: getattr(matter, name) for name in SortForm.base_fields}
        context["sort_form"] = given.get("sort_form") or SortForm(initial=told)
        context["route_form"] = given.get("route_form") or RouteForm(
            initial={"department": matter.department, "handler": matter.handler}
        )
    return Part(template=f"{ROOM}about.html", context=context, aside=True)


def admit(*, user: User, matter: Matter, now: dt.datetime, given: Given) -> Part | None:
    """Whether it is complete, and what it lacks (CX-11)."""
    keeps = _works(user, matter)
    if not keeps and not matter.missing:
        return None
    context = {
        "keeps": keeps,
        "missing": [Missing(code).label for code in matter.missing],
        "missing_form": given.get("missing_form") or MissingForm(initial={"missing": matter.missing}),
    }
    return Part(template=f"{ROOM}admit.html", context=context)


def at_once(*, user: User, matter: Matter, now: dt.datetime, given: Given) -> Part | None:
    """What was told before; solved at once, or a call promised and made (CR-02)."""
    keeps, calls = _works(user, matter), list(matter.call_backs.select_related("promised_by", "done_by").order_by("pk"))
    fresh = keeps and matter.stage == Stage.ACKNOWLEDGED
    before = list(matters_visible_to(user).filter(pk__in=told_before(matter=matter).values("pk"))[:5])
    twice = told_twice(matter=matter) if matter.duplicate_of_id is None else None
    if not (keeps or calls or before):
        return None
    return Part(
        template=f"{ROOM}at_once.html",
        context={
            "fresh": fresh,
            "keeps": keeps,
            "before": before,
            "twice": twice,
            "calls": calls,
            "open_call": next((call for call in calls if call.done_at is None), None),
            "call_form": given.get("call_form") or CallForm(),
            "solve_form": given.get("solve_form") or SolveForm(matter=matter),
        },
    )


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
    keeps = _works(user, matter)
    context = {"notes": lines, "keeps": keeps, "note_form": given.get("note_form") or NoteForm()}
    return Part(template=f"{ROOM}notes.html", context=context) if lines or keeps else None


def papers(*, user: User, matter: Matter, now: dt.datetime, given: Given) -> Part | None:
    """Papers received and made; of a confidential one the title too is read by those who handle it alone."""
    shown = _open(user, matter, given)
    found = [
        (paper, (paper.is_confidential or matter.is_confidential) and not shown)
        for paper in matter.papers.defer("content_sealed").select_related("added_by").order_by("pk")
    ]
    keeps = _works(user, matter)
    context = {"papers": found, "keeps": keeps, "paper_form": given.get("paper_form") or PaperForm()}
    return Part(template=f"{ROOM}papers.html", context=context) if found or keeps else None


def course(*, user: User, matter: Matter, now: dt.datetime, given: Given) -> Part | None:
    """Each step it took, the newest first."""
    moves = list(matter.moves.select_related("by").order_by("-pk"))
    return Part(template=f"{ROOM}course.html", context={"moves": moves})
