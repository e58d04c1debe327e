"""What is left to do in a dispute that is decided."""

from __future__ import annotations

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from complaints.choices import CORRECTS, CommitteeState, ToldOf
from complaints.models import Dispute, DisputeRecipient


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
