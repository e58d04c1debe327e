"""Reads of papers."""

from __future__ import annotations

import hashlib

from django.db.models import QuerySet

from collections_app.models import EscalationRequest
from common import crypto
from legal.choices import EVIDENCE, PaperKind
from legal.models import Paper

# What the client reads of a request in its portal: its evidence, and what followed from the answer.
SHOWN = EVIDENCE | {PaperKind.LETTER, PaperKind.AUTHORISATION}


def papers_shown(*, request: EscalationRequest) -> QuerySet[Paper]:
    """The papers of a request that its client reads, the newest first, without their content."""
    return request.papers.filter(kind__in=SHOWN).defer("content_sealed").order_by("-added_at", "-pk")


def papers_of_request(*, request: EscalationRequest) -> QuerySet[Paper]:
    """What is laid before who decides a request: its evidence, without the content."""
    return Paper.objects.filter(request=request, kind__in=EVIDENCE).defer("content_sealed").order_by("kind", "added_at")


def paper_content(*, paper: Paper) -> bytes:
    """What the paper says, proven by its hash.

    Raises crypto.Unreadable when the party's key was destroyed, or when the content is not what was kept. The caller
    has written the look down.
    """
    wrapped = paper.case.debtor.party.wrapped_key
    if wrapped is None:
        raise crypto.Unreadable("paper")
    content = crypto.open_bytes(
        key=crypto.unwrap(wrapped=bytes(wrapped)), sealed=bytes(paper.content_sealed), column="paper"
    )
    if hashlib.sha256(content).hexdigest() != paper.sha256:
        raise crypto.Unreadable("paper")
    return content
