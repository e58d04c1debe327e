"""How every act on a dispute begins and ends: its row locked, its step written down, its clocks told."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import OperationalError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.audit import Actor, record
from common.choices import ClockState
from common.clocks import clock_event, clock_reopen, clocks_of
from common.exceptions import Conflict, Refused
from common.models import Clock
from complaints.choices import DISPUTE_MOVES, ClockKind
from complaints.models import Dispute, DisputeMove

LONGEST_REASON = 500
# What of a dispute moves; the rest stands as it was filed, and the application may not write it.
MOVING = (
    "bureau_reference", "state", "has_documents", "documents_asked_at", "notified_at", "replied_at", "stand",
    "reply_sealed", "has_evidence", "silent", "decided_at", "outcome", "decision_reason", "correction", "corrected_at",
    "told_progress_at", "told_result_at", "closed_at", "is_flagged", "hold", "statement_sealed", "statement_at",
    "committee", "committee_at", "reinserted_at", "handler",
)  # fmt: skip


def dispute_locked(*, dispute: Dispute, wait: bool = True) -> Dispute:
    """The dispute as it stands, under lock. Without ``wait``, Conflict when somebody is at work on it.

    Acts lock the dispute and then its clocks, the tick its clocks and then the dispute: the tick does not wait.
    """
    found = Dispute.objects.select_related("client", "case__client", "case__debtor__party", "hold")
    try:
        return found.select_for_update(of=("self",), nowait=not wait).get(pk=dispute.pk)
    except OperationalError as error:
        raise Conflict("dispute_busy", _("Somebody is at work on this dispute.")) from error


def dispute_step(
    *,
    actor: Actor,
    dispute: Dispute,
    what: str,
    at: dt.datetime,
    user: User | None = None,
    to: str = "",
    reason: str = "",
    **body: Any,
) -> None:
    """Save a locked dispute that moved, its step and its row in the trail. Raises Conflict for a move that
    ``DISPUTE_MOVES`` does not know, and Refused for a moment before the filing.
    """
    before = dispute.state
    if to and to not in DISPUTE_MOVES[before]:
        raise Conflict("dispute_moved", _("This dispute stands otherwise by now."))
    if at < dispute.filed_at:
        raise Refused("dispute_early", _("That is before the objection was filed."), field="at")
    with transaction.atomic():
        dispute.state = to or before
        dispute.save(update_fields=MOVING)
        DisputeMove.objects.create(
            client_id=dispute.client_id, dispute=dispute, what=what, from_state=before, to_state=dispute.state, at=at,
            by=user, reason=reason[:LONGEST_REASON],
        )  # fmt: skip
        record(
            actor=actor,
            action=f"dispute.{what.lower()}",
            subject=dispute,
            body={"from": before, "to": dispute.state, "at": at, "reason": reason, **body},
        )


def dispute_happened(*, actor: Actor, dispute: Dispute, event: str, at: dt.datetime) -> list[Clock]:
    """Tell the clocks of a dispute what happened (``rules/deadlines.py``).

    What was called off with a decision that was taken back begins anew with the next one.
    """
    moved = clock_event(subject=dispute, kind=ClockKind.DISPUTE, event=event, at=at, actor=actor)
    off = clocks_of(subject=dispute).filter(kind=ClockKind.DISPUTE, state=ClockState.CANCELLED, step__starts=event)
    reason = str(_("Decided anew"))
    return [*moved, *(clock_reopen(clock=one, at=at, actor=actor, reason=reason, afresh=True) for one in off)]


def said(reason: str, *, most: int = LONGEST_REASON, field: str = "reason") -> str:
    """A reason as it is kept. Raises Refused for none and for one too long."""
    reason = reason.strip()
    if not reason or len(reason) > most:
        raise Refused("dispute_reason", _("Say why, in at most %(most)d characters.") % {"most": most}, field=field)
    return reason
