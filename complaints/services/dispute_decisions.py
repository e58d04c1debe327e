"""The only writer of what a dispute comes to: decision, correction, result, its end."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from collections_app.choices import HoldDecision
from collections_app.services.holds import hold_release, objection_decide
from common.audit import Actor
from common.choices import ClockState
from common.clock import RIYADH
from common.clocks import clock_reopen, clocks_of
from common.exceptions import Conflict, Refused
from complaints.choices import (
    CORRECTS,
    CommitteeState,
    Correction,
    DisputeOutcome,
    DisputeState,
    DisputeStep,
    PaperKind,
)
from complaints.models import Dispute, MatterPaper
from complaints.rules.disputes import corrections_open, outcomes_open
from complaints.selectors.dispute_duties import duties_open, result_is_lost
from complaints.services.dispute_moves import dispute_happened, dispute_locked, dispute_step, said
from complaints.services.dispute_papers import Document, documents_keep

LONGEST_DECISION = 1_000


def dispute_decide(*, user: User, dispute: Dispute, outcome: str, reason: str, at: dt.datetime) -> Dispute:
    """Decide a dispute with its reasons (CB-33).

    Raises Conflict before the member's reply or silence and for a second decision; Refused for an outcome that what
    lies there does not carry (``rules.disputes.outcomes_open``).
    """
    if outcome not in DisputeOutcome.values:
        raise Refused("dispute_outcome", _("Choose what is decided."), field="outcome")
    reason = said(reason, most=LONGEST_DECISION)
    with transaction.atomic():
        locked = dispute_locked(dispute=dispute)
        if locked.state != DisputeState.DECIDING:
            raise Conflict("dispute_moved", _("This dispute stands otherwise by now."))
        carried = outcomes_open(
            silent=locked.silent, stand=locked.stand, has_documents=locked.has_documents,
            has_evidence=locked.has_evidence,
        )  # fmt: skip
        if outcome not in carried:
            raise Refused(
                "dispute_not_carried",
                _("What lies here does not carry that: what is proven right stays, what is not stood by is not kept."),
                field="outcome",
            )
        return decided(actor=Actor.person(user), user=user, dispute=locked, outcome=outcome, reason=reason, at=at)


def decided(
    *, actor: Actor, dispute: Dispute, outcome: str, reason: str, at: dt.datetime, user: User | None = None
) -> Dispute:
    """Write the decision of a locked dispute, and what follows from it: part of the act that decides.

    Upheld, wholly or in part, or unverifiable: the item is to be corrected in two working days, and the held days do
    not count (I-05). Rejected: it is as if the hold had never been, and the item is flagged no more.
    """
    dispute.outcome, dispute.decision_reason, dispute.decided_at = outcome, reason, at
    corrects = outcome in CORRECTS
    dispute.is_flagged = corrects
    dispute_step(
        actor=actor, dispute=dispute, what=DisputeStep.DECIDED, to=DisputeState.DECIDED, at=at, user=user,
        reason=reason, outcome=outcome, silent=dispute.silent,
    )  # fmt: skip
    dispute_happened(actor=actor, dispute=dispute, event="DECIDED", at=at)
    if corrects:
        dispute_happened(actor=actor, dispute=dispute, event="UPHELD", at=at)
    hold_decided(actor=actor, dispute=dispute, accepted=corrects, reason=reason)
    return dispute


def hold_decided(*, actor: Actor, dispute: Dispute, accepted: bool, reason: str) -> None:
    """Decide the hold of a dispute, unless people at its case have done so; part of the act that decides."""
    hold = dispute.hold
    if hold is None:
        return
    hold.refresh_from_db()
    if not hold.decision:
        decision = HoldDecision.ACCEPTED if accepted else HoldDecision.REJECTED
        objection_decide(actor=actor, hold=hold, decision=decision, reason=reason, by_keeper=True)


def correction_ordered(*, user: User, dispute: Dispute, paper: MatterPaper, at: dt.datetime, how: str = "") -> Dispute:
    """The order to delete or amend has left. Raises Conflict where nothing is to be corrected."""
    with transaction.atomic():
        locked = dispute_locked(dispute=dispute)
        if not _to_correct(locked):
            raise Conflict("dispute_nothing_to_correct", _("Nothing is to be corrected here."))
        dispute_step(
            actor=Actor.person(user),
            dispute=locked,
            what=DisputeStep.ORDERED,
            at=at,
            user=user,
            reason=how,
            paper=paper.number,
        )
    return locked


def _to_correct(dispute: Dispute) -> bool:
    if dispute.correction or not dispute.outcome:
        return False
    return dispute.outcome in CORRECTS or dispute.committee == CommitteeState.FOR_OBJECTOR


def dispute_correct(
    *,
    user: User,
    dispute: Dispute,
    correction: str,
    reason: str,
    at: dt.datetime,
    record: Document | None = None,
) -> Dispute:
    """The item was deleted or amended, by the decision or the committee's (CB-34): flag and hold end with it.

    ``reason`` says where the corrected record is seen, ``record`` shows it: it goes with the result (CB-37). Raises
    Conflict where nothing is to be corrected, Refused for deleting what is wrong in part alone.
    """
    reason, actor = said(reason), Actor.person(user)
    with transaction.atomic():
        locked = dispute_locked(dispute=dispute)
        if not _to_correct(locked):
            raise Conflict("dispute_nothing_to_correct", _("Nothing is to be corrected here."))
        by_committee = locked.committee == CommitteeState.FOR_OBJECTOR
        if correction not in corrections_open(outcome=locked.outcome, by_committee=by_committee):
            words = _("What is right in part is amended, not deleted.")
            raise Refused("dispute_correction", words, field="correction")
        if record is not None:
            documents_keep(
                actor=actor, user=user, dispute=locked, documents=[record], kind=PaperKind.CORRECTED_RECORD, at=at
            )
        locked.correction, locked.corrected_at = Correction(correction), at
        locked.is_flagged = locked.statement_at is not None and locked.outcome == DisputeOutcome.PARTLY
        dispute_step(
            actor=actor, dispute=locked, what=DisputeStep.CORRECTED, at=at, user=user, reason=reason,
            correction=correction,
        )  # fmt: skip
        dispute_happened(actor=actor, dispute=locked, event="CORRECTED", at=at)
        hold_ended(actor=actor, dispute=locked, at=at, reason=reason)
    return locked


def hold_ended(*, actor: Actor, dispute: Dispute, at: dt.datetime, reason: str) -> None:
    """End the hold of a dispute where it still stands; part of the act that ends it."""
    hold = dispute.hold
    if hold is None:
        return
    hold.refresh_from_db()
    if hold.until_on is None:
        until = max(at.astimezone(RIYADH).date(), hold.from_on)
        hold_release(actor=actor, hold=hold, until_on=until, reason=reason, by_keeper=True)


def progress_told(*, user: User, dispute: Dispute, paper: MatterPaper, at: dt.datetime, how: str = "") -> Dispute:
    """The objector knows the steps taken so far (CB-36). Raises Conflict when that was told."""
    actor = Actor.person(user)
    with transaction.atomic():
        locked = dispute_locked(dispute=dispute)
        if locked.told_progress_at is not None:
            raise Conflict("dispute_told", _("The objector was told of this."))
        locked.told_progress_at = at
        dispute_step(
            actor=actor,
            dispute=locked,
            what=DisputeStep.PROGRESS_TOLD,
            at=at,
            user=user,
            reason=how,
            paper=paper.number,
        )
        dispute_happened(actor=actor, dispute=locked, event="PROGRESS_TOLD", at=at)
    return locked


def result_told(*, user: User, dispute: Dispute, paper: MatterPaper, at: dt.datetime, how: str = "") -> Dispute:
    """The objector has the result in writing, with the amended record or a summary of rights (CB-37).

    It tells the steps taken too, which serves the progress notice where none was given (CB-36). Where the letter before
    this one never left, it is told only now, and its deadline had gone on. Raises Conflict before the decision and when
    it was told; Refused before the correction, whose record it encloses.
    """
    actor = Actor.person(user)
    with transaction.atomic():
        locked = dispute_locked(dispute=dispute)
        result_may_be_told(dispute=locked, before=paper)
        for met in clocks_of(subject=locked).filter(code="RESULT", state=ClockState.MET):
            clock_reopen(clock=met, at=at, actor=actor, afresh=False,
                         reason=str(_("The letter before this one never left")))  # fmt: skip
        if locked.told_progress_at is None:
            locked.told_progress_at = at
        locked.told_result_at = at
        dispute_step(
            actor=actor, dispute=locked, what=DisputeStep.RESULT_TOLD, at=at, user=user, reason=how, paper=paper.number
        )
        dispute_happened(actor=actor, dispute=locked, event="PROGRESS_TOLD", at=at)
        dispute_happened(actor=actor, dispute=locked, event="RESULT_TOLD", at=at)
    return locked


def result_may_be_told(*, dispute: Dispute, before: MatterPaper | None = None) -> None:
    """Raises Conflict or Refused as ``result_told``; ``before``: the letter that leaves now, if it is made already."""
    told = dispute.told_result_at is not None and not result_is_lost(dispute=dispute, before=before)
    if not dispute.outcome or told:
        raise Conflict("dispute_told", _("There is no result to tell now."))
    if dispute.outcome in CORRECTS and not dispute.correction:
        raise Refused("dispute_uncorrected", _("The result encloses the corrected record: correct the item first."))


def dispute_close(*, user: User, dispute: Dispute, at: dt.datetime) -> Dispute:
    """End a dispute of which nothing is left to do. Raises Refused naming what is, Conflict before its decision."""
    actor = Actor.person(user)
    with transaction.atomic():
        locked = dispute_locked(dispute=dispute)
        if locked.state != DisputeState.DECIDED:
            raise Conflict("dispute_moved", _("This dispute stands otherwise by now."))
        if left := duties_open(dispute=locked):
            words = _("This is left to do: %(what)s.") % {"what": " · ".join(str(duty) for duty in left)}
            raise Refused("dispute_open", words)
        locked.closed_at = at
        dispute_step(actor=actor, dispute=locked, what=DisputeStep.CLOSED, to=DisputeState.CLOSED, at=at, user=user)
    return locked
