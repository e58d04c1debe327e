"""What a member is told of the disputes about what it supplied: the portal and its systems read this."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet

from clients.models import Client
from common import crypto
from common.models import Clock
from complaints.choices import ClockKind, DisputeState, PaperKind
from complaints.models import Dispute, MatterPaper
from complaints.selectors.dispute_words import item_of, objection_of, reply_of

# What the member may read of the papers: all that the objector submitted (CB-31), its notice, its own reply, the order.
SHOWN = (
    PaperKind.FROM_COMPLAINANT,
    PaperKind.MEMBER_NOTICE,
    PaperKind.REPLY,
    PaperKind.ANSWER_PACK,
    PaperKind.CORRECTION_ORDER,
)


def disputes_of_member(*, client: Client) -> QuerySet[Dispute]:
    """The disputes a member was notified of, the newest first; what was filed alone is not told yet.

    While one runs, the member is asked for its reply, then for the correction: that it reads under any agreement. A
    closed one names an account and asks nothing any more, so that it needs one that opens cases.
    """
    hidden = {DisputeState.FILED} if client.shows_cases else {DisputeState.FILED, DisputeState.CLOSED}
    found = Dispute.objects.filter(client_id=client.pk).exclude(state__in=hidden)
    return found.select_related("case__debtor").order_by("-notified_at", "-pk")


def replies_due(*, disputes: Sequence[Dispute]) -> dict[int, dt.date | None]:
    """The last day of each reply that is awaited."""
    waiting = [one.pk for one in disputes if one.state == DisputeState.WITH_MEMBER]
    found = Clock.objects.filter(
        subject_type=Dispute._meta.label, subject_id__in=waiting, kind=ClockKind.DISPUTE, code="MEMBER_REPLY"
    )
    return dict(found.values_list("subject_id", "due_on"))


def papers_of_member(*, dispute: Dispute) -> QuerySet[MatterPaper]:
    """The papers a member may read, without their content; an answer once it was sent."""
    sent = dispute.packs.filter(sent_at__isnull=False).values("paper_id")
    found = dispute.papers.filter(kind__in=SHOWN).exclude(~Q(pk__in=sent), kind=PaperKind.ANSWER_PACK)
    return found.defer("content_sealed").order_by("pk")


def dispute_words_told(*, dispute: Dispute) -> dict[str, str]:
    """Item, objection and reply; empty where the account holder's data was erased."""
    try:
        return {
            "item": item_of(dispute=dispute),
            "objection": objection_of(dispute=dispute),
            "reply": reply_of(dispute=dispute),
        }
    except crypto.Unreadable:
        return {"item": "", "objection": "", "reply": ""}


def disputes_told_to_system(*, disputes: Sequence[Dispute]) -> list[dict[str, Any]]:
    """Rows as the API gives them; read under the portal's role, so without words and without clocks."""
    return [
        {
            "reference": one.reference,
            "bureau_reference": one.bureau_reference,
            "debtor_ref": one.case.debtor.debtor_ref,
            "kind": one.kind,
            "ground": one.ground,
            "public_record": one.public_record,
            "record_source": one.record_source,
            "record_on": one.record_on,
            "state": one.state,
            "filed_at": one.filed_at,
            "notified_at": one.notified_at,
            "replied_at": one.replied_at,
            "stand": one.stand,
            "silent": one.silent,
            "outcome": one.outcome,
            "correction": one.correction,
            "marked": one.is_flagged,
        }
        for one in disputes
    ]
