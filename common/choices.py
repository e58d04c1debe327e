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


class ClockUnit(models.TextChoices):
    """In what a deadline is counted (I-11)."""

    WORKING_DAYS = "WD", _("working days")
    DAYS = "D", _("calendar days")
    HOURS = "H", _("hours")


class ClockState(models.TextChoices):
    """Where a running deadline stands. LATE: it lapsed, and was not met yet."""

    RUNNING = "RUNNING", _("Running")
    PAUSED = "PAUSED", _("Paused")
    LATE = "LATE", _("Late")
    MET = "MET", _("Met")
    CANCELLED = "CANCELLED", _("Called off")


LIVE_CLOCK = frozenset({ClockState.RUNNING, ClockState.PAUSED, ClockState.LATE})

# The database declares the same (migration ``common.0041``). What lapsed is not paused any more; a reviewed
# recalculation may find that it had not lapsed.
CLOCK_MOVES: Mapping[str, frozenset[str]] = {
    ClockState.RUNNING: frozenset({ClockState.PAUSED, ClockState.LATE, ClockState.MET, ClockState.CANCELLED}),
    ClockState.PAUSED: frozenset({ClockState.RUNNING, ClockState.MET, ClockState.CANCELLED}),
    ClockState.LATE: frozenset({ClockState.MET, ClockState.CANCELLED, ClockState.RUNNING}),
    ClockState.MET: frozenset({ClockState.RUNNING}),
    ClockState.CANCELLED: frozenset({ClockState.RUNNING}),
}


class ClockMove(models.TextChoices):
    """What happened to a clock."""

    STARTED = "STARTED", _("Started")
    WARNED = "WARNED", _("Warned")
    PAUSED = "PAUSED", _("Paused")
    RESUMED = "RESUMED", _("Goes on")
    LAPSED = "LAPSED", _("Lapsed")
    MET = "MET", _("Met")
    REOPENED = "REOPENED", _("Opened again")
    CANCELLED = "CANCELLED", _("Called off")
    RECALCULATED = "RECALCULATED", _("Recalculated")


class ProposalState(models.TextChoices):
    """A proposed due date. STALE: its clock moved, or a later change proposed another."""

    WAITING = "WAITING", _("Waiting for an answer")
    ACCEPTED = "ACCEPTED", _("Accepted")
    DECLINED = "DECLINED", _("Declined")
    STALE = "STALE", _("Overtaken")


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
