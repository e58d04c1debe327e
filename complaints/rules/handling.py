"""How a matter is handled (ISO 10002, CX-10 to CX-14, regulations A18): what each step needs, what was found out, who
decides next. No database, no clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.choices import Role
from complaints.choices import Answer, Department, Level, MatterKind, Outcome, Stage


class Need(StrEnum):
    """What a step asks for before it is taken."""

    COMPLETE = "COMPLETE"
    QUESTIONS = "QUESTIONS"
    FINDINGS = "FINDINGS"
    EVIDENCE = "EVIDENCE"
    ANSWER = "ANSWER"
    TOLD = "TOLD"
    WAY = "WAY"
    CAUSE = "CAUSE"


NEED_WORDS: Mapping[Need, str | Promise] = {
    Need.COMPLETE: _("Everything it lacked is there"),
    Need.QUESTIONS: _("What must be found out is written down"),
    Need.FINDINGS: _("Each question has its finding"),
    Need.EVIDENCE: _("The evidence is on file"),
    Need.ANSWER: _("The result and its reasons are written"),
    Need.TOLD: _("The complainant was told the result"),
    Need.WAY: _("The further way was shown to the complainant"),
    Need.CAUSE: _("The root cause is named"),
}
# What is done to come to a stage.
STEP_WORDS: Mapping[str, str | Promise] = {
    Stage.ASSESSED: _("Study it and pass it on"),
    Stage.INVESTIGATED: _("Find out what happened"),
    Stage.RESPONDED: _("Decide and answer"),
    Stage.COMMUNICATED: _("Tell the complainant"),
    Stage.CLOSED: _("Close it"),
}
# What is asked for at each step; a complaint is closed on evidence alone (rule COMPLAINT-CLOSE-EVIDENCE).
NEEDS: Mapping[str, tuple[Need, ...]] = {
    Stage.ASSESSED: (Need.COMPLETE,),
    Stage.INVESTIGATED: (Need.QUESTIONS, Need.FINDINGS, Need.EVIDENCE),
    Stage.RESPONDED: (Need.FINDINGS, Need.EVIDENCE),
    Stage.COMMUNICATED: (Need.ANSWER,),
    Stage.CLOSED: (Need.ANSWER, Need.EVIDENCE, Need.TOLD, Need.WAY, Need.CAUSE),
}
# Of what is no complaint: nothing is investigated, and nobody need be told of bodies to complain to.
_LIGHT = frozenset({Need.COMPLETE, Need.ANSWER, Need.TOLD})


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What stands on a matter at its level."""

    kind: str
    complete: bool
    questions: int
    found: int
    evidence: int
    answered: bool
    told: bool
    way_shown: bool
    upheld: bool
    cause: bool

    def has(self, need: Need) -> bool:
        return {
            Need.COMPLETE: self.complete,
            Need.QUESTIONS: self.questions > 0,
            Need.FINDINGS: self.found >= self.questions,
            Need.EVIDENCE: self.evidence > 0,
            Need.ANSWER: self.answered,
            Need.TOLD: self.told,
            Need.WAY: self.way_shown,
            Need.CAUSE: self.cause,
        }[need]


def checklist(*, facts: Facts, to: str) -> list[tuple[Need, bool]]:
    """What the step asks for, and whether it is there."""
    wanted = NEEDS.get(to, ())
    if facts.kind != MatterKind.COMPLAINT:
        wanted = tuple(need for need in wanted if need in _LIGHT)
    if not facts.upheld:  # what was not justified has no cause to learn from (CR-05)
        wanted = tuple(need for need in wanted if need != Need.CAUSE)
    return [(need, facts.has(need)) for need in wanted]


def missing_for(*, facts: Facts, to: str) -> list[Need]:
    """What is still needed before the step."""
    return [need for need, there in checklist(facts=facts, to=to) if not there]


def outcome_of(answers: Iterable[str]) -> str:
    """Whether a complaint was justified follows from what was found out; nobody is asked for it (I-17).

    Every question found for the complainant: justified; none: not justified; anything between: partly.
    """
    found = set(answers)
    if found == {Answer.YES}:
        return Outcome.JUSTIFIED
    return Outcome.UNJUSTIFIED if found <= {Answer.NO} else Outcome.PARTLY


# What a text that the complainant reads is asked for in.
WRITE_IN: Mapping[str, str | Promise] = {
    "ar": _("Write it in Arabic: the complainant reads it."),
    "en": _("Write it in English: the complainant reads it."),
}
_ARABIC, _LATIN = re.compile(r"[\u0620-\u064a\u066e-\u06d3]"), re.compile(r"[A-Za-z]")


def is_in(*, words: str, language: str) -> bool:
    """Whether a text is mostly in this language's letters; names and codes may be in others."""
    arabic, latin = len(_ARABIC.findall(words)), len(_LATIN.findall(words))
    return arabic > latin if language == "ar" else latin > arabic


# Who decides for a department at the second level; a department without a head goes to the general manager.
HEAD_OF: Mapping[str, str] = {
    Department.FRONT_LINE: Role.COLLECTIONS_MANAGER,
    Department.OPERATIONS: Role.COLLECTIONS_MANAGER,
    Department.CLIENT_RELATIONS: Role.COLLECTIONS_MANAGER,
    Department.LEGAL: Role.LEGAL_OFFICER,
    Department.FINANCE: Role.FINANCE_MANAGER,
    Department.CREDIT: Role.FINANCE_MANAGER,
}


def decider_of(*, level: int, department: str) -> str:
    """The role that handles and decides at a level; empty where nobody of the house does."""
    if level == Level.HANDLER:
        return Role.COMPLAINTS_OFFICER
    if level == Level.HEAD:
        return HEAD_OF.get(department, "")
    return Role.GENERAL_MANAGER if level == Level.GENERAL_MANAGER else ""


def next_level(*, level: int, department: str, concerned_role: str = "") -> Level:
    """Who decides after a disagreement. A level is passed over whose role is that of the one complained of, above the
    first: who leads does not decide on themselves (CX-14).
    """
    for higher in Level:
        if higher <= level:
            continue
        decider = decider_of(level=higher, department=department)
        if higher == Level.OUTSIDE or (decider and decider != concerned_role):
            return higher
    return Level.OUTSIDE
