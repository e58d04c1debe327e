"""The only writer of levels: the complainant disagrees, somebody higher decides; then the bodies outside (CX-12)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common import crypto
from common.audit import Actor, record
from common.choices import ClockState
from common.clocks import clock_reopen, clocks_of
from common.exceptions import Conflict, NotAllowed, Refused
from complaints.choices import CLOCK_OF, Level, MatterKind, NoteKind, Stage
from complaints.models import Matter, MatterQuestion, MatterRound
from complaints.policies import can_handle_matter
from complaints.selectors.bodies import bodies_of
from complaints.selectors.handling import QUESTION, level_after
from complaints.selectors.matters import key_of_matter
from complaints.services.matters import matter_held, matter_move, note_add
from complaints.services.notices import outside_told, reopening_told
from complaints.services.objections import objection_hold
from complaints.services.steps import decision_copied

LONGEST_QUESTION = 500


def matter_disagree(*, actor: Actor, matter: Matter, words: str, at: dt.datetime, user: User | None = None) -> Matter:
    """The complainant does not agree with the result: somebody higher looks into it anew, with the clocks reopened.

    Whether a person may say so for the complainant was asked before. Nobody of the house left, the bodies outside are
    named. Raises Conflict before a result was told, and Refused without words, for what is no complaint, and once
    the bodies outside were named.
    """
    if not words.strip():
        raise Refused("matter_disagree", _("Say why you do not agree."), field="words")
    with transaction.atomic():
        held = matter_held(matter)
        if held.kind != MatterKind.COMPLAINT:
            raise Refused("matter_kind", _("Only the result of a complaint is disagreed with."))
        if held.stage not in {Stage.COMMUNICATED, Stage.CLOSED}:
            raise Conflict("matter_moved", _("This matter stands otherwise by now."))
        if held.level == Level.OUTSIDE:
            raise Refused("matter_last", _("Every level of the house has decided. The bodies outside were named."))
        note_add(actor=actor, matter=held, kind=NoteKind.FROM_COMPLAINANT, words=words, at=at, user=user)
        higher, before = level_after(held), _round_before(held, at=at)
        held.level = higher
        if higher == Level.OUTSIDE:
            return _outside(actor=actor, matter=held, at=at)
        held.handler = None
        held.save(update_fields=["level", "handler"])
        moved = matter_move(actor=actor, matter=held, to=Stage.ASSESSED, at=at, user=user,
                            reason=_("The complainant does not agree"))  # fmt: skip
        decision_copied(matter=moved, work=None)
        _new_round(matter=moved, before=before, words=words.strip(), at=at)
        record(actor=actor, action="matter.escalated", subject=moved, body={"level": higher})
        _reopened(actor=actor, matter=moved, at=at)
        objection_hold(actor=actor, matter=moved, at=at)
        reopening_told(actor=actor, matter=moved, at=at)
    return moved


def disagreement_take(*, user: User, matter: Matter, words: str, at: dt.datetime) -> Matter:
    """Somebody of the house writes down that the complainant does not agree. Raises NotAllowed for who may not work on
    it, and whatever ``matter_disagree`` raises.
    """
    if not can_handle_matter(user, matter):
        raise NotAllowed("matter_handler", _("This matter is handled by others."))
    return matter_disagree(actor=Actor.person(user), matter=matter, words=words, at=at, user=user)


def _round_before(matter: Matter, *, at: dt.datetime) -> MatterRound:
    """The level that was disagreed with; written down now where it was solved at once."""
    found = matter.rounds.last()
    if found is None:
        found = MatterRound.objects.create(
            matter=matter, level=matter.level, opened_at=matter.received_at,
            decided_at=matter.answered_at or at, decided_by=matter.handler, outcome=matter.outcome,
        )  # fmt: skip
    return found


def _new_round(*, matter: Matter, before: MatterRound, words: str, at: dt.datetime) -> MatterRound:
    """The same questions, to be found out anew; where there were none, what the complainant says now."""
    made = MatterRound.objects.create(matter=matter, level=matter.level, opened_at=at, assessed_at=at, plan=before.plan)
    sealed = [bytes(question.words_sealed) for question in before.questions.all()] or [
        crypto.encrypt(key=key_of_matter(matter), value=words[:LONGEST_QUESTION], column=QUESTION)
    ]
    MatterQuestion.objects.bulk_create(
        MatterQuestion(round=made, position=position, words_sealed=words_sealed)
        for position, words_sealed in enumerate(sealed, start=1)
    )
    return made


def _reopened(*, actor: Actor, matter: Matter, at: dt.datetime) -> None:
    """What was met runs its whole time anew; what never ended goes on as it was."""
    mine = clocks_of(subject=matter).filter(
        kind=CLOCK_OF[matter.kind], step__ends__in=["ANSWERED", "CLOSED"], state=ClockState.MET
    )
    for clock in mine:
        clock_reopen(clock=clock, at=at, actor=actor, reason=_("The complainant does not agree"), afresh=True)


def _outside(*, actor: Actor, matter: Matter, at: dt.datetime) -> Matter:
    matter.save(update_fields=["level"])
    bodies = bodies_of(matter.client.kind if matter.client is not None else "")
    record(actor=actor, action="matter.outside", subject=matter, body={"bodies": bodies, "at": at})
    outside_told(actor=actor, matter=matter, ways=bodies)
    return matter
