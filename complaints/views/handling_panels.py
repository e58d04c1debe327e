"""The panels of handling on the page of a matter: the next step with what it still needs, findings, levels, letters."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import get_language

from accounts.choices import Role
from accounts.models import User
from common import crypto
from common.components.format import short
from complaints.choices import Level, MatterKind, Stage
from complaints.forms.handling import (
    AgainForm,
    AnswerForm,
    AssessForm,
    AtOnceForm,
    CloseForm,
    CommunicateForm,
    DisagreementForm,
    EvidenceForm,
    FindingForm,
    LetterForm,
    QuestionForm,
    RightsForm,
)
from complaints.forms.learning import NothingForm
from complaints.models import Matter
from complaints.policies import can_decide_matter, can_handle_matter, can_open_confidential
from complaints.rules.handling import NEED_WORDS, STEP_WORDS, decider_of
from complaints.selectors.handling import (
    NEXT_STAGE,
    level_after,
    outcome_found,
    questions_of,
    result_is_lost,
    round_of,
    still_needed,
    ways_named,
    ways_of,
)
from complaints.selectors.matters import person_of
from complaints.selectors.told import messages_told
from credit.views.parts import Given, Part, each

ROOM = "complaints/handling/"


def step(*, user: User, matter: Matter, now: dt.datetime, given: Given) -> Part | None:
    """The next step, what it asks for and what of that is there; for who may take it, its form."""
    to = NEXT_STAGE.get(Stage(matter.stage))
    if to is None:
        return None
    works = can_handle_matter(user, matter)
    context: dict[str, Any] = {
        "to": to,
        "to_words": STEP_WORDS[to],
        "works": works,
        "decides": can_decide_matter(user, matter),
        "decider": _role_named(decider_of(level=matter.level, department=matter.department)),
        "needs": [(NEED_WORDS[need], there) for need, there in still_needed(matter=matter, to=to)],
        "complaint": matter.kind == MatterKind.COMPLAINT,
        "again_form": given.get("again_form") or AgainForm(),
        "step_form": given.get("step_form") or NothingForm(),
    }
    if works:
        context |= _form_of(matter=matter, to=to, given=given)
    return Part(template=f"{ROOM}step.html", context=context)


def _role_named(role: str) -> str:
    return str(Role(role).label) if role else ""


def _form_of(*, matter: Matter, to: Stage, given: Given) -> dict[str, Any]:
    """The form of the step, fresh or as it came back."""
    if to == Stage.ASSESSED:
        short_way = {} if matter.kind == MatterKind.COMPLAINT else {
            "at_once_form": given.get("at_once_form") or AtOnceForm(matter=matter)
        }  # fmt: skip
        return {"assess_form": given.get("assess_form") or AssessForm(matter=matter), **short_way}
    if to == Stage.RESPONDED:
        work = round_of(matter)
        follows = work is not None and matter.kind == MatterKind.COMPLAINT
        return {
            "answer_form": given.get("answer_form") or AnswerForm(matter=matter),
            "follows": outcome_found(work).label if follows and work is not None else "",
        }
    if to == Stage.COMMUNICATED:
        told = person_of(matter=matter)
        first = {"how": "MESSAGE" if told.phone or told.email else "IN_PERSON"}
        return {
            "communicate_form": given.get("communicate_form") or CommunicateForm(matter=matter, initial=first),
            "ways": ways_named(codes=ways_of(matter), language=short(get_language() or "ar")),
        }
    if to == Stage.CLOSED and (lost := round_of(matter)) is not None and result_is_lost(matter=matter, work=lost):
        form = given.get("communicate_form") or CommunicateForm(matter=matter, initial={"how": "PHONE"})
        return {"lost": True, "communicate_form": form}
    if to == Stage.CLOSED:
        return {
            "rights_form": given.get("rights_form") or RightsForm(),
            "close_form": given.get("close_form") or CloseForm(matter=matter),
            "work": round_of(matter),
        }
    return {}


def findings(*, user: User, matter: Matter, now: dt.datetime, given: Given) -> Part | None:
    """What must be found out at this level, what was found, and the evidence."""
    work = round_of(matter)
    if work is None or matter.kind != MatterKind.COMPLAINT:
        return None
    try:
        asked = questions_of(matter=matter, work=work)
    except crypto.Unreadable:
        return None
    shown = bool(given.get("revealed")) and can_open_confidential(user, matter)
    works = matter.stage == Stage.ASSESSED and can_handle_matter(user, matter)
    context: dict[str, Any] = {
        "asked": asked,
        "hidden": not shown,
        "all_hidden": matter.is_confidential and not shown,
        "works": works,
        "work": work,
    }
    if works:
        fresh = {q.pk: FindingForm(initial={"answer": q.answer}) for q in asked}
        context["forms"] = each(given, "finding_form", fresh, lambda pk: fresh[pk])
        context["question_form"] = given.get("question_form") or QuestionForm()
        context["evidence_form"] = given.get("evidence_form") or EvidenceForm()
    return Part(template=f"{ROOM}findings.html", context=context) if asked or works else None


def levels(*, user: User, matter: Matter, now: dt.datetime, given: Given) -> Part | None:
    """What each level decided and told, and where it goes if the complainant does not agree."""
    rounds = list(matter.rounds.select_related("decided_by", "told_by").order_by("level"))
    if not rounds or (len(rounds) == 1 and rounds[0].decided_at is None):
        return None
    language = short(get_language() or "ar")
    told = matter.kind == MatterKind.COMPLAINT and matter.stage in {Stage.COMMUNICATED, Stage.CLOSED}
    may = told and matter.level != Level.OUTSIDE and can_handle_matter(user, matter)
    context: dict[str, Any] = {
        "rounds": [(work, ways_named(codes=work.ways, language=language)) for work in rounds],
        "next": level_after(matter).label if told and matter.level != Level.OUTSIDE else "",
        "outside": ways_named(codes=[c for c in ways_of(matter) if c not in Level.__members__], language=language)
        if matter.level == Level.OUTSIDE
        else [],
    }
    if may:
        context["disagree_form"] = given.get("disagree_form") or DisagreementForm()
    return Part(template=f"{ROOM}levels.html", context=context)


def letters(*, user: User, matter: Matter, now: dt.datetime, given: Given) -> Part | None:
    """Letters made by hand, in either language."""
    if not can_handle_matter(user, matter):
        return None
    form = given.get("letter_form") or LetterForm(initial={"language": matter.language})
    return Part(template=f"{ROOM}letters.html", context={"letter_form": form}, aside=True)


def messages(*, user: User, matter: Matter, now: dt.datetime, given: Given) -> Part | None:
    """What went out to the complainant at each step, and whether it arrived; the newest first."""
    sent = messages_told(subject=matter)
    return Part(template=f"{ROOM}messages.html", context={"sent": sent}, aside=True) if sent else None
