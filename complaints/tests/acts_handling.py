"""What each act of handling leaves in the audit trail (``tests/test_acts_are_recorded.py``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from common import clock
from complaints.choices import Answer, PaperKind, Stage, TellWay
from complaints.models import Matter
from complaints.services.deciding import matter_close, matter_communicate, rights_show
from complaints.services.following import follow_add, follow_code_send, follow_open
from complaints.services.handling import (
    evidence_add,
    finding_add,
    matter_investigated,
    matter_look_again,
    question_add,
)
from complaints.services.letters import letter_issue, letter_make
from complaints.services.levels import disagreement_take, matter_disagree
from complaints.services.objections import objection_hold, objection_settle
from complaints.services.ratings import rating_ask, rating_give
from complaints.services.short_way import matter_answer_at_once
from complaints.tests.handling_worlds import (
    REPLY,
    Desk,
    a_cause,
    a_desk,
    a_matter_at,
    an_objection,
    answered,
    assessed,
    found_out,
)
from tests.world import ACTOR, a_case

Act = tuple[Callable[[Any], Any] | None, Callable[..., Any], dict[str, int]]
Given = tuple[Desk, Matter]


def _at(stage: str, **given: Any) -> Callable[[Any], Given]:
    def made(w: Any) -> Given:
        desk = a_desk()
        return desk, a_matter_at(stage, desk=desk, case=a_case(w.client, ref="D-77"), **given)

    return made


def _objection(stage: str) -> Callable[[Any], Given]:
    def made(w: Any) -> Given:
        desk = a_desk()
        return desk, an_objection(desk=desk, stage=stage, case=a_case(w.client, ref="D-77"))

    return made


def _found(w: Any) -> Given:
    desk, matter = _at(Stage.ASSESSED)(w)
    found_out(matter, by=desk.officer)
    return desk, matter


def _question(matter: Matter) -> int:
    work = matter.rounds.get()
    return work.questions.values_list("pk", flat=True)[0]


TOLD = {"message.queued": 2}
STEP = {"matter.moved": 1, **TOLD}
ACTS: dict[str, Act] = {
    "complaints.matter_assess": (
        _at(Stage.ACKNOWLEDGED),
        lambda w, g: assessed(g[1], by=g[0].officer),
        {"matter.sorted": 1, "matter.routed": 1, "matter.assessed": 1, **STEP},
    ),
    "complaints.question_add": (
        _at(Stage.ASSESSED),
        lambda w, g: question_add(user=g[0].officer, matter=g[1], words="هل أُبلغ المشرف؟"),
        {"matter_question.added": 1},
    ),
    "complaints.finding_add": (
        _at(Stage.ASSESSED),
        lambda w, g: finding_add(user=g[0].officer, matter=g[1], question=_question(g[1]), answer=Answer.YES,
                                 words="سُمع", at=clock.now()),
        {"matter_note.added": 1, "matter_question.found": 1},
    ),
    "complaints.evidence_add": (
        _at(Stage.ASSESSED),
        lambda w, g: evidence_add(user=g[0].officer, matter=g[1], words="تسجيل", at=clock.now()),
        {"matter_note.added": 1},
    ),
    "complaints.matter_investigated": (
        _found,
        lambda w, g: matter_investigated(user=g[0].officer, matter=g[1], at=clock.now()),
        STEP,
    ),
    "complaints.matter_look_again": (
        _at(Stage.RESPONDED),
        lambda w, g: matter_look_again(user=g[0].officer, matter=g[1], at=clock.now(), reason="ورد تسجيل"),
        {"matter.moved": 1},
    ),
    "complaints.matter_answer": (
        _at(Stage.INVESTIGATED),
        lambda w, g: answered(g[1], by=g[0].officer),
        {"matter_note.added": 1, "matter.answered": 1, **STEP},
    ),
    "complaints.matter_communicate": (
        _at(Stage.RESPONDED),
        lambda w, g: matter_communicate(user=g[0].officer, matter=g[1], how=TellWay.MESSAGE, at=clock.now()),
        {"matter_paper.kept": 1, "matter.communicated": 1, **STEP},
    ),
    "complaints.rights_show": (
        _at(Stage.COMMUNICATED),
        lambda w, g: rights_show(user=g[0].officer, matter=g[1], at=clock.now()),
        {"matter_paper.kept": 1, "matter.rights_shown": 1, **TOLD},
    ),
    "complaints.matter_close": (
        _at(Stage.COMMUNICATED),
        lambda w, g: matter_close(user=g[0].officer, matter=g[1], at=clock.now(), cause=a_cause()),
        {"rating.asked": 1, "matter.cause_found": 1, **STEP},
    ),
    "complaints.matter_disagree": (
        _at(Stage.CLOSED),
        lambda w, g: matter_disagree(actor=ACTOR, matter=g[1], words="لا أوافق", at=clock.now()),
        {"matter_note.added": 1, "matter.escalated": 1, **STEP},
    ),
    "complaints.disagreement_take": (
        _objection(Stage.CLOSED),
        lambda w, g: disagreement_take(user=g[0].officer, matter=g[1], words="لا أوافق", at=clock.now()),
        {"matter_note.added": 1, "matter.escalated": 1, "hold.placed": 1, **STEP},
    ),
    "complaints.objection_hold": (
        lambda w: _released(_objection(Stage.ACKNOWLEDGED)(w)),
        lambda w, g: objection_hold(actor=ACTOR, matter=g[1], at=clock.now()),
        {"hold.placed": 1},
    ),
    "complaints.objection_settle": (
        _objection(Stage.ACKNOWLEDGED),
        lambda w, g: objection_settle(actor=ACTOR, matter=g[1], outcome="JUSTIFIED", at=clock.now()),
        {"objection.decided": 1, "hold.released": 1},
    ),
    "complaints.matter_answer_at_once": (
        _at(Stage.ACKNOWLEDGED, kind="ENQUIRY"),
        lambda w, g: matter_answer_at_once(user=g[0].officer, matter=g[1], words=REPLY, how="MESSAGE", at=clock.now()),
        {"matter.sorted": 1, "matter.routed": 1, "matter.assessed": 1, "matter.moved": 5, "matter_note.added": 1,
         "matter.answered": 1, "matter_paper.kept": 1, "matter.communicated": 1, "rating.asked": 1,
         "message.queued": 4},
    ),
    "complaints.letter_make": (
        _at(Stage.ACKNOWLEDGED),
        lambda w, g: letter_make(actor=ACTOR, matter=g[1], kind=PaperKind.ACKNOWLEDGEMENT, at=clock.now()),
        {"matter_paper.kept": 1},
    ),
    "complaints.letter_issue": (
        _at(Stage.ASSESSED),
        lambda w, g: letter_issue(user=g[0].officer, matter=g[1], kind=PaperKind.PROGRESS, language="en",
                                  at=clock.now()),
        {"matter_paper.kept": 1},
    ),
    "complaints.rating_ask": (
        _at(Stage.TRACKED),
        lambda w, g: rating_ask(actor=ACTOR, matter=g[1], at=clock.now()),
        {"rating.asked": 1},
    ),
    "complaints.rating_give": (
        _at(Stage.CLOSED),
        lambda w, g: rating_give(rating=g[1].rating, score=5, is_solved=True, words="", at=clock.now()),
        {"rating.given": 1},
    ),
    "complaints.follow_code_send": (
        _at(Stage.ACKNOWLEDGED),
        lambda w, g: follow_code_send(reference=g[1].reference, at=clock.now()),
        {"follow_code.sent": 1, **TOLD},
    ),
    "complaints.follow_open": (
        lambda w: _coded(_at(Stage.ACKNOWLEDGED)(w)),
        lambda w, g: follow_open(reference=g[1].reference, code="x", at=clock.now()),
        {"follow_code.exhausted": 1},
    ),
    "complaints.follow_add": (
        _at(Stage.ACKNOWLEDGED),
        lambda w, g: follow_add(matter=g[1], words="أضيف أن الاتصال تكرر", at=clock.now()),
        {"matter_note.added": 1},
    ),
}  # fmt: skip


def _coded(given: Given) -> Given:
    """A code that has one try left."""
    follow_code_send(reference=given[1].reference, at=clock.now())
    for _try in range(4):
        follow_open(reference=given[1].reference, code="x", at=clock.now())
    return given


def _released(given: Given) -> Given:
    """An objection whose hold was decided and ended."""
    objection_settle(actor=ACTOR, matter=given[1], outcome="JUSTIFIED", at=clock.now())
    return given[0], Matter.objects.get(pk=given[1].pk)


WITHIN = {
    "complaints.worked": "holds a row for its caller",
    "complaints.needed": "reads",
    "complaints.work_of": "holds a row for its caller",
    "complaints.decision_copied": "inside the acts that decide a matter or open it again",
    "complaints.public_url": "reads",
    "complaints.due_shown": "reads",
    "complaints.progress_told": "inside the acts that take a step; each message leaves its row",
    "complaints.result_told": "inside matter_communicate; each message leaves its row",
    "complaints.rights_told": "inside rights_show; each message leaves its row",
    "complaints.reopening_told": "inside matter_disagree; each message leaves its row",
    "complaints.outside_told": "inside matter_disagree; each message leaves its row",
    "complaints.closing_told": "inside matter_close; each message leaves its row",
    "complaints.code_told": "inside follow_code_send; each message leaves its row",
    "complaints.objection_given_up": "inside matter_duplicate; the decision of the hold leaves its row",
    "complaints.token_hash": "reads",
}
