"""Reads of how a matter is handled: its level's work, what is still needed, and which ways lead on."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from common import crypto
from common.choices import LIVE_CLOCK, MessageState
from common.clocks import clocks_of
from common.outbox import messages_of
from complaints.choices import UPHELD, Level, MatterKind, NoteKind, Outcome, PaperKind, Stage, TellWay
from complaints.models import Matter, MatterQuestion, MatterRound
from complaints.rules.handling import Facts, Need, checklist, next_level, outcome_of
from complaints.selectors.bodies import bodies_named, bodies_of
from complaints.selectors.matters import answer_due, key_of_matter, note_words

QUESTION = "matter_question"
# What follows each stage; a closed one goes on only by a disagreement.
NEXT_STAGE = {
    Stage.ACKNOWLEDGED: Stage.ASSESSED,
    Stage.ASSESSED: Stage.INVESTIGATED,
    Stage.INVESTIGATED: Stage.RESPONDED,
    Stage.RESPONDED: Stage.COMMUNICATED,
    Stage.COMMUNICATED: Stage.CLOSED,
}
# How a level is called to who is told of it, by the language of the message.
LEVEL_NAMES = {
    "ar": {Level.HEAD: "رئيس الإدارة المعنية", Level.GENERAL_MANAGER: "المدير العام"},
    "en": {Level.HEAD: "the head of the department concerned", Level.GENERAL_MANAGER: "the general manager"},
}


def answer_by(*, matter: Matter, at: dt.datetime) -> dt.datetime:
    """Until when the complainant has the answer, as they are told ``at``: the nearest deadline ahead that ends with it.

    Deadlines of the house's own steps, such as the one to pass it on, are not theirs.
    """
    running = clocks_of(subject=matter).filter(
        state__in=LIVE_CLOCK, step__ends__in=["ANSWERED", "CLOSED"], due_at__isnull=False
    )
    dues = [clock.due_at for clock in running if clock.due_at is not None]
    ahead = [due for due in dues if due >= at]
    return min(ahead or dues or [answer_due(matter=matter, at=at)])


def outcome_found(work: MatterRound) -> Outcome:
    """Whether a complaint is justified, by what was found out at this level."""
    return Outcome(outcome_of(work.questions.values_list("answer", flat=True)))


def round_of(matter: Matter) -> MatterRound | None:
    """The work of the level it came to last; none before it is assessed."""
    return matter.rounds.select_related("assessed_by", "decided_by", "told_by", "answer", "letter").last()


def result_is_lost(*, matter: Matter, work: MatterRound) -> bool:
    """Whether the result was told by messages of which none left, or will: then nobody was told."""
    if work.told_how != TellWay.MESSAGE:
        return False
    sent = messages_of(subject=matter).filter(once_key__startswith=f"matter {matter.pk} result {work.level} ")
    states = set(sent.values_list("state", flat=True))
    return bool(states) and states <= {MessageState.FAILED, MessageState.CANCELLED}


def facts_of(*, matter: Matter, work: MatterRound | None) -> Facts:
    """What stands on a matter at its level."""
    answers = list(work.questions.values_list("answer", flat=True)) if work else []
    return Facts(
        kind=matter.kind,
        complete=not matter.missing and (matter.complete_at is not None or matter.kind != MatterKind.COMPLAINT),
        questions=len(answers),
        found=sum(1 for answer in answers if answer),
        evidence=matter.notes.filter(kind=NoteKind.EVIDENCE).count()
        + matter.papers.filter(kind=PaperKind.EVIDENCE).count(),
        answered=work is not None and work.answer_id is not None,
        told=work is not None and work.told_at is not None and not result_is_lost(matter=matter, work=work),
        way_shown=work is not None and bool(work.ways),
        upheld=work is not None and work.outcome in UPHELD,
        cause=bool(matter.root_cause),
    )


def still_needed(*, matter: Matter, to: str) -> list[tuple[Need, bool]]:
    """What the step asks for, and whether it is there."""
    return checklist(facts=facts_of(matter=matter, work=round_of(matter)), to=to)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question that must be found out, with what was found."""

    pk: int
    position: int
    words: str
    answer: str
    label: str
    finding: str
    is_confidential: bool


def question_words(*, matter: Matter, question: MatterQuestion) -> str:
    """Raises crypto.Unreadable once its matter was erased."""
    return crypto.decrypt(key=key_of_matter(matter), sealed=bytes(question.words_sealed), column=QUESTION)


def questions_of(*, matter: Matter, work: MatterRound) -> list[Asked]:
    """The questions of a level in their order. Raises crypto.Unreadable once the matter was erased."""
    found = []
    for question in work.questions.select_related("finding"):
        note = question.finding
        if note is not None:
            note.matter = matter
        found.append(
            Asked(
                pk=question.pk,
                position=question.position,
                words=question_words(matter=matter, question=question),
                answer=question.answer,
                label=question.get_answer_display(),
                finding=note_words(note=note) if note is not None else "",
                is_confidential=note is not None and note.is_confidential,
            )
        )
    return found


def level_after(matter: Matter) -> Level:
    """Who decides when the complainant disagrees."""
    return next_level(
        level=matter.level,
        department=matter.department,
        concerned_role=matter.concerned.role if matter.concerned is not None else "",
    )


def ways_of(matter: Matter) -> list[str]:
    """The further ways that are shown with a result: the next level, then the bodies outside (A18, CX-12)."""
    higher = level_after(matter)
    inside = [] if higher == Level.OUTSIDE else [higher.name]
    return [*inside, *bodies_of(matter.client.kind if matter.client is not None else "")]


def ways_named(*, codes: list[str], language: str) -> list[str]:
    """The further ways as the complainant reads them."""
    inside = [LEVEL_NAMES[language][Level[code]] for code in codes if code in Level.__members__]
    return [*inside, *bodies_named(codes=[c for c in codes if c not in Level.__members__], language=language)]


def answer_of(*, matter: Matter, work: MatterRound) -> str:
    """The answer's words; empty before there is one. Raises crypto.Unreadable once it was erased."""
    if work.answer is None:
        return ""
    work.answer.matter = matter
    return note_words(note=work.answer)
