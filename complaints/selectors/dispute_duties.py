"""What is left to do in a dispute, and what may still be undone."""

from __future__ import annotations

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from common.clocks import clocks_of
from common.models import Clock
from complaints.choices import CORRECTS, ClockKind, CommitteeState, DisputeState, ToldOf
from complaints.models import Dispute, DisputeRecipient

MEMBER_REPLY = "MEMBER_REPLY"


def reply_clock(*, dispute: Dispute) -> Clock | None:
    """The member's time for its reply, running or over; None before the notice."""
    return clocks_of(subject=dispute).filter(kind=ClockKind.DISPUTE, code=MEMBER_REPLY).first()


def silence_may_be_taken_back(*, dispute: Dispute) -> bool:
    """Whether a silence stands that nothing was built on: what was corrected, or is before the committee, stays so."""
    return dispute.silent and dispute.state == DisputeState.DECIDED and not dispute.correction and not dispute.committee


def recipients_due(*, dispute: Dispute) -> list[DisputeRecipient]:
    """Who is to be told: after a correction every named recipient (CB-40), else, where the objector asked that the
    record bears the objection, those whose record held the item (CB-39, CB-48).
    """
    rows = list(dispute.recipients.order_by("pk"))
    if dispute.correction:
        return [row for row in rows if row.told_of != ToldOf.CORRECTION]
    if dispute.statement_at is not None:
        return [row for row in rows if row.held_item and not row.told_of]
    return []


def duties_open(*, dispute: Dispute) -> list[str | Lazy]:
    """What keeps a decided dispute from its end."""
    left: list[str | Lazy] = []
    upheld = dispute.outcome in CORRECTS or dispute.committee == CommitteeState.FOR_OBJECTOR
    if upheld and not dispute.correction:
        left.append(_("correct the item"))
    if dispute.told_result_at is None:
        left.append(_("tell the objector the result"))
    if recipients_due(dispute=dispute):
        left.append(_("tell the named recipients"))
    if dispute.committee == CommitteeState.ASKED:
        left.append(_("the committee's decision"))
    return left
