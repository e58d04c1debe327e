"""Holds that stand for something open here: it decides and ends them itself, and nobody at the case before it (A18)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints.choices import STAGES, DisputeState, Stage
from complaints.models import Dispute, Matter

# Until its result is told, a complaint decides the hold; a closed one that is reopened stands on a new hold.
UNDECIDED = STAGES[: STAGES.index(Stage.COMMUNICATED)]


def matters_keep(*, hold_ids: Sequence[int]) -> Mapping[int, str | Promise]:
    """The holds of complaints whose result was not told. Nothing is said of the complaint: it may be confidential."""
    kept = Matter.objects.filter(hold_id__in=hold_ids, stage__in=UNDECIDED).values_list("hold_id", flat=True)
    return dict.fromkeys(kept, _("A complaint stands on this hold: it ends with its result."))


def disputes_keep(*, hold_ids: Sequence[int]) -> Mapping[int, str | Promise]:
    """The holds of disputes that are not closed."""
    kept = Dispute.objects.filter(hold_id__in=hold_ids).exclude(state=DisputeState.CLOSED)
    return dict.fromkeys(
        kept.values_list("hold_id", flat=True),
        _("A dispute of the credit record stands on this hold: it ends with its decision."),
    )
