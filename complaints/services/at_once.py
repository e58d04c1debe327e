"""Matters that are over at once: solved while the person is there, or told twice. No stage is skipped for it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.audit import Actor, record
from common.exceptions import Conflict, NotAllowed, Refused
from complaints.choices import STAGES, MatterKind, NoteKind, Outcome, Stage
from complaints.models import Matter
from complaints.policies import can_handle_matter
from complaints.rules.messages import SOLVED
from complaints.services.matters import matter_event, matter_held, matter_move, matter_tell, note_add
from complaints.services.objections import objection_given_up, objection_settle


def _fresh(matter: Matter, user: User) -> Matter:
    """The matter under lock, acknowledged and no further. Raises NotAllowed or Conflict."""
    held = matter_held(matter)
    first_hand = held.recorded_by_id == user.pk and held.concerned_id != user.pk
    if not first_hand and not can_handle_matter(user, held):
        raise NotAllowed("matter_handler", _("This matter is handled by others."))
    if held.stage != Stage.ACKNOWLEDGED:
        raise Conflict("matter_moved", _("This matter stands otherwise by now."))
    return held


def _over(*, actor: Actor, matter: Matter, outcome: str, at: dt.datetime, user: User, reason: str) -> Matter:
    """Through every stage that is left, one after the other, with the clocks told."""
    matter.outcome, matter.answered_at, matter.missing = outcome, at, []
    matter.complete_at = matter.complete_at or at
    matter.save(update_fields=["outcome", "answered_at", "missing", "complete_at"])
    # What was sorted as an objection at first: the account goes on.
    objection_settle(actor=actor, matter=matter, outcome=outcome, at=at)
    events = ("ROUTED", "COMPLETE", "ANSWERED", "CLOSED") if matter.kind == MatterKind.COMPLAINT else ("ANSWERED",)
    for stage in STAGES[STAGES.index(Stage.ACKNOWLEDGED) + 1 :]:
        matter = matter_move(actor=actor, matter=matter, to=stage, at=at, user=user, reason=reason)
    for event in events:
        matter_event(actor=actor, matter=matter, event=event, at=at)
    return matter


def matter_solve(
    *, user: User, matter: Matter, finding: str, answer: str, agreed: bool, at: dt.datetime, outcome: str = ""
) -> Matter:
    """Close a matter that was solved while the person was there (CR-02): what was found, what was answered.

    They are told in writing that it counts as solved, and what to do if it is not. Raises Refused without either, or
    where the person did not say that it is solved (CX-23), and for an objection to an amount, which has its own course
    (A18).
    """
    if not agreed:
        raise Refused("matter_agreed", _("It counts as solved only where the person says so. If not, promise a call."),
                      field="agreed")  # fmt: skip
    with transaction.atomic():
        held, actor = _fresh(matter, user), Actor.person(user)
        outcome = outcome or (Outcome.JUSTIFIED if held.kind == MatterKind.COMPLAINT else Outcome.ANSWERED)
        if outcome not in {Outcome.JUSTIFIED, Outcome.PARTLY, Outcome.UNJUSTIFIED, Outcome.ANSWERED, Outcome.NOT_OURS}:
            raise Refused("matter_outcome", _("Choose one of the list."), field="outcome")
        if held.category is not None and held.category.holds:
            raise Refused("matter_holds", _("An objection to an amount is not solved at once: it is looked into, "
                                            "answered with documents, and reminders stop meanwhile."))  # fmt: skip
        note_add(actor=actor, matter=held, kind=NoteKind.FINDING, words=finding, at=at, user=user)
        note_add(actor=actor, matter=held, kind=NoteKind.ANSWER, words=answer, at=at, user=user)
        if held.handler_id is None and held.concerned_id != user.pk:
            held.handler = user
            held.save(update_fields=["handler"])
        record(actor=actor, action="matter.solved_at_once", subject=held, body={"outcome": outcome})
        done = _over(actor=actor, matter=held, outcome=outcome, at=at, user=user, reason=str(_("Solved at once")))
        matter_tell(actor=actor, matter=done, template=SOLVED.code, values={"reference": done.reference}, once="solved")
    return done


def matter_duplicate(*, user: User, matter: Matter, of: Matter, at: dt.datetime) -> Matter:
    """Close a matter that is another one told twice; its words stay, and the other one goes on.

    Raises Refused where the other is the same, is itself told twice or came later, and for an objection to an amount
    whose account the other one does not hold.
    """
    with transaction.atomic():
        held, actor = _fresh(matter, user), Actor.person(user)
        if of.pk == held.pk or of.duplicate_of_id is not None or of.received_at > held.received_at:
            raise Refused("matter_duplicate", _("Choose the matter in which it was told first."), field="of")
        objection_given_up(actor=actor, matter=held, of=of)
        held.duplicate_of, held.repeats = of, None
        held.save(update_fields=["duplicate_of", "repeats"])
        words = _("Told before as %(reference)s") % {"reference": of.reference}
        record(actor=actor, action="matter.duplicate", subject=held, body={"of": of.reference})
        note_add(actor=actor, matter=of, kind=NoteKind.NOTE, at=at, user=user,
                 words=str(_("Told again as %(reference)s") % {"reference": held.reference}))  # fmt: skip
        return _over(actor=actor, matter=held, outcome=Outcome.DUPLICATE, at=at, user=user, reason=str(words))
