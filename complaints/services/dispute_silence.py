"""The only writer of a member's silence: it counts for the objector by itself (CB-32), and is taken back where a reply
had come in time and was written down late.
"""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from collections_app.choices import HoldKind
from collections_app.services.holds import hold_place
from common.audit import Actor, record
from common.choices import LIVE_CLOCK
from common.clock import RIYADH
from common.clocks import clock_begun, clock_cancel, clock_reopen, clocks_of
from common.clocks.events import ClockBreached
from common.exceptions import Conflict
from complaints.choices import ClockKind, DisputeOutcome, DisputeState, DisputeStep
from complaints.models import Dispute
from complaints.selectors.dispute_duties import (
    MEMBER_REPLY,
    notice_left_at,
    reply_clock,
    silence_may_be_taken_back,
)
from complaints.services.dispute_decisions import decided, hold_ended
from complaints.services.dispute_moves import dispute_locked, dispute_step

SILENCE = Actor.system("disputes")
# What the silence ended though nobody had decided; and what began with its decision.
ENDED_BY_SILENCE, BEGUN_BY_SILENCE = (MEMBER_REPLY, "DECISION", "OVERALL"), ("CORRECTION", "RESULT")


def silence_followed(event: ClockBreached) -> None:
    """The member's time lapsed: its silence counts for the objector, decided by itself at that moment (CB-32).

    Listens to ``ClockBreached``, in the transaction of the tick. The item is then corrected like any that was upheld.
    Nobody is silent to a notice that they never got: one that left later is waited for from then on, and one that has
    not left waits for the officer, who notifies the member anew (CB-31).
    """
    if (event.clock.kind, event.clock.code) != (ClockKind.DISPUTE, MEMBER_REPLY):
        return
    dispute = dispute_locked(dispute=Dispute(pk=event.clock.subject_id), wait=False)
    if dispute.state != DisputeState.WITH_MEMBER:
        return
    if not _had_its_time(dispute):
        return
    dispute.silent = True
    reason = str(_("No reply within the time of CIR Art 47: it counts for the objector"))
    dispute_step(
        actor=SILENCE, dispute=dispute, what=DisputeStep.SILENT, to=DisputeState.DECIDING, at=event.at, reason=reason
    )
    running = reply_clock(dispute=dispute)
    if running is not None and running.state in LIVE_CLOCK:
        clock_cancel(clock=running, at=event.at, actor=SILENCE, reason=reason)
    decided(actor=SILENCE, dispute=dispute, outcome=DisputeOutcome.UPHELD, reason=reason, at=event.at)


def _had_its_time(dispute: Dispute) -> bool:
    """Whether the notice had left when the time for the reply began; where not, what the lapse began is called off."""
    running, left = reply_clock(dispute=dispute), notice_left_at(dispute=dispute)
    began = None if running is None else running.since_at.astimezone(RIYADH).date()
    if began is None or (left is not None and left.astimezone(RIYADH).date() <= began):
        return True
    reason = str(_("The notice had not left: silence does not count"))
    for decision in clocks_of(subject=dispute).filter(kind=ClockKind.DISPUTE, code="DECISION", state__in=LIVE_CLOCK):
        clock_cancel(clock=decision, at=decision.started_at, actor=SILENCE, reason=reason)
    record(actor=SILENCE, action="dispute.silence_withheld", subject=dispute, body={"left_at": left})
    if left is not None and running is not None:
        clock_begun(clock=running, at=left, actor=SILENCE, reason=reason)
    return False


def silence_taken_back(*, actor: Actor, dispute: Dispute, at: dt.datetime) -> None:
    """The member had replied in time: nobody was silent, and a locked dispute is decided anew; part of the reply.

    The deadlines that the silence ended go on as they were, those that its decision began are called off. The days
    held until now stay uncounted, for the objector had a decision; from today the objection holds again, undecided.
    Raises Conflict where the item was corrected or the committee hears of it: then the committee alone puts it back.
    """
    if not silence_may_be_taken_back(dispute=dispute):
        raise Conflict("silence_stands", _("The decision was carried out: only the committee may undo it."))
    reason = str(_("The member had replied in time, and it is written down now"))
    hold_ended(actor=actor, dispute=dispute, at=at, reason=reason)
    if dispute.hold is not None:
        dispute.hold = hold_place(
            actor=actor, case=dispute.case, kind=HoldKind.OBJECTION, from_on=at.astimezone(RIYADH).date(),
            debt=dispute.hold.debt, receivable=dispute.hold.receivable, reason=reason,
        )  # fmt: skip
    dispute.silent, dispute.outcome, dispute.decision_reason, dispute.decided_at = False, "", "", None
    dispute.is_flagged = True


def clocks_taken_back(*, actor: Actor, dispute: Dispute, at: dt.datetime) -> None:
    """The clocks of a dispute whose silence was taken back ``at``; part of the reply, before it meets the first."""
    reason = str(_("The member had replied in time, and it is written down now"))
    for one in clocks_of(subject=dispute).filter(kind=ClockKind.DISPUTE):
        if one.code in ENDED_BY_SILENCE and one.state not in LIVE_CLOCK:
            clock_reopen(clock=one, at=at, actor=actor, reason=reason, afresh=False)
        elif one.code in BEGUN_BY_SILENCE and one.state in LIVE_CLOCK:
            clock_cancel(clock=one, at=at, actor=actor, reason=reason)
