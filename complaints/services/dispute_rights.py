"""The only writer of what is asked for after a decision: statement, recipients, committee (CB-39, CB-41)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from collections_app.choices import HoldKind
from collections_app.services.holds import hold_place
from common.audit import Actor
from common.clock import RIYADH
from common.exceptions import Conflict, Refused
from complaints.choices import CORRECTS, CommitteeState, DisputeOutcome, DisputeState, DisputeStep, ToldOf
from complaints.models import Dispute, DisputeRecipient, MatterPaper
from complaints.selectors.dispute_duties import recipients_due
from complaints.selectors.dispute_words import sealed
from complaints.services.dispute_decisions import hold_decided, hold_ended
from complaints.services.dispute_moves import dispute_happened, dispute_locked, dispute_step, said

LONGEST_STATEMENT = 2_000
UNSETTLED = frozenset({DisputeOutcome.REJECTED, DisputeOutcome.PARTLY})


def statement_add(*, user: User, dispute: Dispute, words: str, at: dt.datetime) -> Dispute:
    """Put the objector's summary beside the disputed item, at the objector's request (CB-39): the flag stays.

    Raises Conflict where the dispute was settled, or the statement stands already; Refused for none.
    """
    words = said(words, most=LONGEST_STATEMENT, field="words")
    with transaction.atomic():
        locked = dispute_locked(dispute=dispute)
        if locked.outcome not in UNSETTLED or locked.statement_at is not None:
            raise Conflict("dispute_settled", _("A statement stands beside what a decision left unsettled, once."))
        locked.statement_sealed, locked.statement_at = sealed(dispute=locked, words=words, what="statement"), at
        locked.is_flagged = True
        dispute_step(actor=Actor.person(user), dispute=locked, what=DisputeStep.STATEMENT, at=at, user=user)
    return locked


def recipient_told(
    *, user: User, recipient: DisputeRecipient, paper: MatterPaper, at: dt.datetime, how: str = ""
) -> DisputeRecipient:
    """A named recipient has the written notice. Raises Conflict where nothing is to be told."""
    with transaction.atomic():
        locked = dispute_locked(dispute=recipient.dispute)
        if recipient.pk not in {row.pk for row in recipients_due(dispute=locked)}:
            raise Conflict("dispute_told", _("There is nothing to tell this recipient now."))
        recipient.told_at = at
        recipient.told_of = ToldOf.CORRECTION if locked.correction else ToldOf.DISPUTE
        recipient.save(update_fields=["told_at", "told_of"])
        dispute_step(
            actor=Actor.person(user), dispute=locked, what=DisputeStep.RECIPIENT_TOLD, at=at, user=user, reason=how,
            recipient=recipient.pk, of=recipient.told_of, paper=paper.number,
        )  # fmt: skip
    return recipient


def committee_asked(*, user: User, dispute: Dispute, reason: str, at: dt.datetime) -> Dispute:
    """A decided dispute goes to the committee: the objector after a rejection (CB-41), or who will not have a
    correction stand (regulations B12). What was ended is open again, and after a rejection held again (A18).

    Raises Conflict before the decision, and when the committee has it already.
    """
    reason, actor = said(reason), Actor.person(user)
    with transaction.atomic():
        locked = dispute_locked(dispute=dispute)
        if not locked.outcome or locked.committee:
            raise Conflict("committee_asked", _("The committee hears of a decided dispute, once."))
        locked.committee, locked.committee_at = CommitteeState.ASKED, at
        if not locked.correction:
            locked.is_flagged = True
            if locked.outcome not in CORRECTS:
                locked.hold = hold_place(
                    actor=actor, case=locked.case, kind=HoldKind.OBJECTION, from_on=at.astimezone(RIYADH).date(),
                    debt=locked.hold.debt if locked.hold else None,
                    receivable=locked.hold.receivable if locked.hold else None, reason=reason,
                )  # fmt: skip
        back = DisputeState.DECIDED if locked.state == DisputeState.CLOSED else ""
        locked.closed_at = None
        dispute_step(
            actor=actor, dispute=locked, what=DisputeStep.COMMITTEE_ASKED, to=back, at=at, user=user, reason=reason
        )
    return locked


def committee_ruled(*, user: User, dispute: Dispute, for_objector: bool, reason: str, at: dt.datetime) -> Dispute:
    """What the committee decided. For the objector: what was not corrected is, within the same two working days.

    Raises Conflict where the committee was not asked.
    """
    reason, actor = said(reason), Actor.person(user)
    with transaction.atomic():
        locked = dispute_locked(dispute=dispute)
        if locked.committee != CommitteeState.ASKED:
            raise Conflict("committee_not_asked", _("The committee was not asked."))
        if locked.committee_at is not None and at < locked.committee_at:
            raise Refused("committee_early", _("That is before the committee was asked."), field="at")
        locked.committee = CommitteeState.FOR_OBJECTOR if for_objector else CommitteeState.FOR_MEMBER
        locked.committee_at = at
        rejected = locked.outcome not in CORRECTS
        if rejected and not for_objector:
            locked.is_flagged = locked.statement_at is not None
        dispute_step(
            actor=actor, dispute=locked, what=DisputeStep.COMMITTEE_RULED, at=at, user=user, reason=reason,
            ruled=locked.committee,
        )  # fmt: skip
        if rejected:
            hold_decided(actor=actor, dispute=locked, accepted=for_objector, reason=reason)
            if for_objector:
                dispute_happened(actor=actor, dispute=locked, event="UPHELD", at=at)
            else:
                hold_ended(actor=actor, dispute=locked, at=at, reason=reason)
    return locked


def item_reinserted(*, user: User, dispute: Dispute, reason: str, at: dt.datetime) -> Dispute:
    """A corrected item stands in the record again, by the committee's decision and by nothing else (regulations B12).

    Raises Refused without that decision, Conflict for what was never corrected or stands again already.
    """
    reason = said(reason)
    with transaction.atomic():
        locked = dispute_locked(dispute=dispute)
        if not locked.correction or locked.reinserted_at is not None:
            raise Conflict("dispute_not_corrected", _("There is nothing to put back."))
        if locked.committee != CommitteeState.FOR_MEMBER:
            raise Refused(
                "reinsertion_committee", _("What was corrected is put back by the committee's decision alone.")
            )
        locked.reinserted_at = at
        dispute_step(
            actor=Actor.person(user), dispute=locked, what=DisputeStep.REINSERTED, at=at, user=user, reason=reason
        )
    return locked
