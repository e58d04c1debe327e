"""What is left to do in a dispute, and what may still be undone."""

from __future__ import annotations

import datetime as dt

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from common.choices import ClockState, MessageState
from common.clocks import clocks_of
from common.models import Clock, Message
from complaints.choices import CORRECTS, ClockKind, CommitteeState, DisputeState, PaperKind, PaperOrigin, ToldOf
from complaints.models import Dispute, DisputeRecipient, MatterPaper

MEMBER_REPLY = "MEMBER_REPLY"


def reply_clock(*, dispute: Dispute) -> Clock | None:
    """The member's time for its reply, running or over; None before the notice."""
    return clocks_of(subject=dispute).filter(kind=ClockKind.DISPUTE, code=MEMBER_REPLY).first()


def _message_of(*, dispute: Dispute, kind: str, before: MatterPaper | None = None) -> Message | None:
    """The message that carries the last letter of a kind; None where it went by hand or post."""
    letters = dispute.papers.filter(kind=kind, origin=PaperOrigin.MADE).order_by("-pk")
    letter = (letters if before is None else letters.filter(pk__lt=before.pk)).values_list("pk", flat=True).first()
    if letter is None:
        return None
    carried = Message.objects.filter(attachments__paper_type=MatterPaper._meta.label, attachments__paper_id=letter)
    return carried.order_by("-pk").first()


def result_is_lost(*, dispute: Dispute, before: MatterPaper | None = None) -> bool:
    """Whether the written result went out by a message that has not left and never will: then nobody has it (CB-37)."""
    if dispute.told_result_at is None or dispute.state != DisputeState.DECIDED:
        return False
    message = _message_of(dispute=dispute, kind=PaperKind.RESULT, before=before)
    return message is not None and message.state in {MessageState.FAILED, MessageState.CANCELLED}


def notice_left_at(*, dispute: Dispute) -> dt.datetime | None:
    """Since when the member has its notice: handed over, or taken by its server; None while it has not left (CB-31)."""
    message = _message_of(dispute=dispute, kind=PaperKind.MEMBER_NOTICE)
    if message is None or dispute.notified_at is None:
        return dispute.notified_at
    return None if message.sent_at is None else max(message.sent_at, dispute.notified_at)


def notice_is_lost(*, dispute: Dispute, before: MatterPaper | None = None) -> bool:
    """Whether the notice to the member has not left and will not, or not in the time for its reply: nobody is silent
    to what they never got. ``before``: the notice before this one.
    """
    if dispute.state != DisputeState.WITH_MEMBER:
        return False
    message = _message_of(dispute=dispute, kind=PaperKind.MEMBER_NOTICE, before=before)
    if message is None or message.sent_at is not None:
        return False
    running = reply_clock(dispute=dispute)
    late = running is not None and running.state == ClockState.LATE
    return late or message.state in {MessageState.FAILED, MessageState.CANCELLED}


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
    if dispute.told_result_at is None or result_is_lost(dispute=dispute):
        left.append(_("tell the objector the result"))
    if recipients_due(dispute=dispute):
        left.append(_("tell the named recipients"))
    if dispute.committee == CommitteeState.ASKED:
        left.append(_("the committee's decision"))
    return left
