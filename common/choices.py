"""States of approvals and messages, and the moves between them."""

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


class MessageChannel(models.TextChoices):
    """By what a message leaves the house."""

    EMAIL = "EMAIL", _("E-mail")
    SMS = "SMS", _("Text message")


class MessageState(models.TextChoices):
    """Where a message stands. CLAIMED: a worker is sending it. IN_DOUBT: it may have left; nobody sends it again by
    itself.
    """

    QUEUED = "QUEUED", _("Waits")
    CLAIMED = "CLAIMED", _("Being sent")
    SENT = "SENT", _("Sent")
    FAILED = "FAILED", _("Not sent")
    IN_DOUBT = "IN_DOUBT", _("In doubt")
    CANCELLED = "CANCELLED", _("Cancelled")


# The database declares the same (migration ``common.0051``). Of what failed or is in doubt a person says what follows.
MESSAGE_MOVES: Mapping[str, frozenset[str]] = {
    MessageState.QUEUED: frozenset({MessageState.CLAIMED, MessageState.FAILED, MessageState.CANCELLED}),
    MessageState.CLAIMED: frozenset(
        {MessageState.SENT, MessageState.QUEUED, MessageState.FAILED, MessageState.IN_DOUBT}
    ),
    MessageState.IN_DOUBT: frozenset({MessageState.QUEUED, MessageState.SENT, MessageState.CANCELLED}),
    MessageState.FAILED: frozenset({MessageState.QUEUED, MessageState.CANCELLED}),
    MessageState.SENT: frozenset(),
    MessageState.CANCELLED: frozenset(),
}


class Outcome(models.TextChoices):
    """What became of one attempt. LATER: nothing left the house, it is tried again; REFUSED: for good."""

    SENT = "SENT", _("Taken")
    LATER = "LATER", _("Not taken now")
    REFUSED = "REFUSED", _("Refused for good")
    DOUBT = "DOUBT", _("The answer was lost")


class TemplateState(models.TextChoices):
    """A version is drawn as a draft, proposed, and approved by another person; the newest approved one is used."""

    DRAFT = "DRAFT", _("Draft")
    PROPOSED = "PROPOSED", _("Proposed")
    APPROVED = "APPROVED", _("Approved")
    REJECTED = "REJECTED", _("Rejected")


TEMPLATE_MOVES: Mapping[str, frozenset[str]] = {
    TemplateState.DRAFT: frozenset({TemplateState.PROPOSED}),
    TemplateState.PROPOSED: frozenset({TemplateState.APPROVED, TemplateState.REJECTED, TemplateState.DRAFT}),
    TemplateState.APPROVED: frozenset(),
    TemplateState.REJECTED: frozenset(),
}
