"""States of approvals, and the moves between them."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _


class ApprovalStatus(models.TextChoices):
    """Where a thing that was asked stands. VOID: it was changed after it was asked, or after it was approved."""

    OPEN = "OPEN", _("Waiting for an answer")
    APPROVED = "APPROVED", _("Approved")
    RETURNED = "RETURNED", _("Returned")
    REJECTED = "REJECTED", _("Rejected")
    WITHDRAWN = "WITHDRAWN", _("Taken back")
    VOID = "VOID", _("Void: it was changed")


# The database declares the same (migration ``common.0031``). What was applied stays approved.
APPROVAL_MOVES: Mapping[str, frozenset[str]] = {
    ApprovalStatus.OPEN: frozenset(ApprovalStatus) - {ApprovalStatus.OPEN},
    ApprovalStatus.APPROVED: frozenset({ApprovalStatus.VOID}),
    ApprovalStatus.RETURNED: frozenset(),
    ApprovalStatus.REJECTED: frozenset(),
    ApprovalStatus.WITHDRAWN: frozenset(),
    ApprovalStatus.VOID: frozenset(),
}


class Decision(models.TextChoices):
    APPROVED = "APPROVED", _("Approved")
    RETURNED = "RETURNED", _("Returned")
    REJECTED = "REJECTED", _("Rejected")
