"""The only writer of how a matter is assessed and investigated (ISO 10002); ``deciding.py`` goes on from there.

Each step asks for what ``rules/handling.py`` names, moves the matter one stage, tells its clocks and tells the
complainant (CX-13). All raise NotAllowed for who may not work on it, Conflict where it stands otherwise by now, and
Refused for what is missing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from collections_app.models import Debt, Receivable
from common import crypto
from common.audit import Actor, record
from common.choices import ClockState
from common.clocks import clock_reopen, clocks_of
from common.exceptions import Conflict, Refused
from complaints.choices import CLOCK_OF, Answer, MatterKind, NoteKind, PaperKind, PaperOrigin, Stage
from complaints.models import Category, Matter, MatterNote, MatterPaper, MatterQuestion, MatterRound
from complaints.rules.handling import WRITE_IN, is_in
from complaints.selectors.handling import QUESTION
from complaints.selectors.matters import key_of_matter
from complaints.services.intake import matter_route, matter_sort
from complaints.services.matters import matter_held, matter_move, note_add
from complaints.services.notices import progress_told
from complaints.services.objections import objection_hold
from complaints.services.papers import paper_keep
from complaints.services.steps import decision_copied, needed, work_of, worked

LONGEST_QUESTION, LONGEST_LINE = 500, 500


def matter_assess(
    *,
    user: User,
    matter: Matter,
    questions: Sequence[str],
    plan: str,
    department: str,
    handler: User | None,
    at: dt.datetime,
    category: Category | None = None,
    severity: str = "",
    debt: Debt | None = None,
    receivable: Receivable | None = None,
) -> Matter:
    """Study a matter and give it to its department and handler: what must be found out to know whether it is justified,
    and what will be done, in the complainant's language (CX-22).

    An objection to an amount holds the account, or the ``debt`` or ``receivable`` it is about. Raises Refused for a
    complaint without a question or a plan, or that is not complete, a plan in another language, and a handler who is
    concerned.
    """
    asked = [words.strip() for words in questions if words.strip()]
    with transaction.atomic():
        held, actor = worked(user=user, matter=matter, stage=Stage.ACKNOWLEDGED), Actor.person(user)
        needed(matter=held, to=Stage.ASSESSED)
        if held.kind == MatterKind.COMPLAINT and not asked:
            raise Refused("matter_questions", _("Write down what must be found out."), field="questions")
        told: dict[str, Any] = {"category": category or held.category, "severity": severity or held.severity}
        held = matter_sort(user=user, matter=held, at=at, **told)
        held = matter_route(user=user, matter=held, department=department, handler=handler, at=at)
        work = MatterRound.objects.create(
            matter=held, level=held.level, opened_at=held.received_at, assessed_at=at, assessed_by=user,
            plan=_planned(matter=held, plan=plan),
        )  # fmt: skip
        for words in asked:
            _asked(matter=held, work=work, words=words)
        objection_hold(actor=actor, matter=held, at=at, debt=debt, receivable=receivable)
        record(
            actor=actor,
            action="matter.assessed",
            subject=held,
            body={"level": held.level, "questions": len(asked), "department": department, "severity": held.severity,
                  "handler": held.handler_id, "category": held.category_id},
        )  # fmt: skip
        moved = matter_move(actor=actor, matter=held, to=Stage.ASSESSED, at=at, user=user)
        progress_told(actor=actor, matter=moved, plan=work.plan)
    return moved


def _planned(*, matter: Matter, plan: str) -> str:
    plan = plan.strip()
    if not plan and matter.kind == MatterKind.COMPLAINT:
        raise Refused("matter_plan", _("Say what will be done: the complainant is told."), field="plan")
    if plan and not is_in(words=plan, language=matter.language):
        raise Refused("matter_language", WRITE_IN[matter.language], field="plan")
    if len(plan) > LONGEST_LINE:
        raise Refused("matter_plan", _("That is longer than 500 characters."), field="plan")
    return plan


def _asked(*, matter: Matter, work: MatterRound, words: str) -> MatterQuestion:
    if len(words) > LONGEST_QUESTION:
        raise Refused("matter_questions", _("A question has at most 500 characters."), field="questions")
    return MatterQuestion.objects.create(
        round=work,
        position=work.questions.count() + 1,
        words_sealed=crypto.encrypt(key=key_of_matter(matter), value=words, column=QUESTION),
    )


def question_add(*, user: User, matter: Matter, words: str) -> MatterQuestion:
    """One thing more that must be found out, while it is looked into."""
    if not words.strip():
        raise Refused("matter_questions", _("Write down what must be found out."), field="words")
    with transaction.atomic():
        held = worked(user=user, matter=matter, stage=Stage.ASSESSED)
        question = _asked(matter=held, work=work_of(held), words=words.strip())
        record(actor=Actor.person(user), action="matter_question.added", subject=question, body={"matter": held.pk})
    return question


def finding_add(
    *, user: User, matter: Matter, question: int, answer: str, words: str, at: dt.datetime, confidential: bool = False
) -> MatterNote:
    """What was found out about a question: whether it is as the complainant says, and how that is known.

    A later finding stands in place of an earlier one; both notes stay.
    """
    if answer not in Answer.values:
        raise Refused("matter_answer", _("Say what was found."), field="answer")
    with transaction.atomic():
        held, actor = worked(user=user, matter=matter, stage=Stage.ASSESSED), Actor.person(user)
        found = MatterQuestion.objects.select_for_update().filter(round=work_of(held), pk=question).first()
        if found is None:
            raise Conflict("matter_moved", _("This matter stands otherwise by now."))
        note = note_add(
            actor=actor, matter=held, kind=NoteKind.FINDING, words=words, at=at, user=user, is_confidential=confidential
        )
        found.answer, found.finding = answer, note
        found.save(update_fields=["answer", "finding"])
        record(actor=actor, action="matter_question.found", subject=found, body={"matter": held.pk, "answer": answer})
    return note


def evidence_add(
    *,
    user: User,
    matter: Matter,
    words: str,
    at: dt.datetime,
    name: str = "",
    content: bytes = b"",
    confidential: bool = False,
) -> MatterNote | MatterPaper:
    """What a finding stands on: a paper, or words on where it is (a recording, an entry of the ledger)."""
    with transaction.atomic():
        held, actor = worked(user=user, matter=matter, stage=Stage.ASSESSED), Actor.person(user)
        if content:
            return paper_keep(
                actor=actor, kind=PaperKind.EVIDENCE, origin=PaperOrigin.RECEIVED, title=words or name, name=name,
                content_type="", content=content, at=at, matter=held, user=user, is_confidential=confidential,
            )  # fmt: skip
        return note_add(
            actor=actor, matter=held, kind=NoteKind.EVIDENCE, words=words, at=at, user=user,
            is_confidential=confidential,
        )  # fmt: skip


def matter_investigated(*, user: User, matter: Matter, at: dt.datetime) -> Matter:
    """Everything is found out, and its evidence is on file."""
    with transaction.atomic():
        held, actor = worked(user=user, matter=matter, stage=Stage.ASSESSED), Actor.person(user)
        needed(matter=held, to=Stage.INVESTIGATED)
        moved = matter_move(actor=actor, matter=held, to=Stage.INVESTIGATED, at=at, user=user)
        progress_told(actor=actor, matter=moved)
    return moved


def matter_look_again(*, user: User, matter: Matter, at: dt.datetime, reason: str) -> Matter:
    """Go one step back before the answer is communicated: look into it again, or write the answer anew.

    An answer that is taken back was none: the deadlines to answer go on as they were.
    """
    if not reason.strip():
        raise Refused("matter_reason", _("Say why."), field="reason")
    with transaction.atomic():
        held, actor = matter_held(matter), Actor.person(user)
        back = {Stage.INVESTIGATED: Stage.ASSESSED, Stage.RESPONDED: Stage.INVESTIGATED}.get(Stage(held.stage))
        if back is None:
            raise Conflict("matter_moved", _("This matter stands otherwise by now."))
        worked(user=user, matter=held, stage=held.stage)
        if held.stage == Stage.RESPONDED:
            _taken_back(actor=actor, matter=held, at=at, reason=reason)
        return matter_move(actor=actor, matter=held, to=back, at=at, user=user, reason=reason.strip())


def _taken_back(*, actor: Actor, matter: Matter, at: dt.datetime, reason: str) -> None:
    work = work_of(matter)
    work.decided_at, work.decided_by, work.outcome, work.answer = None, None, "", None
    work.remedy, work.correction, work.compensation, work.currency = "", "", None, ""
    work.save()
    decision_copied(matter=matter, work=None)
    for clock in clocks_of(subject=matter).filter(
        kind=CLOCK_OF[matter.kind], step__ends="ANSWERED", state=ClockState.MET
    ):
        clock_reopen(clock=clock, at=at, actor=actor, reason=reason.strip()[:500], afresh=False)
