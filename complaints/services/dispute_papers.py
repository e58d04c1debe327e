"""Papers that are handed in with a dispute."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import User
from common.audit import Actor
from complaints.choices import PaperOrigin
from complaints.models import Dispute, MatterPaper
from complaints.services.papers import paper_keep


@dataclass(frozen=True, kw_only=True)
class Document:
    """A file that somebody hands in; without a title its name stands for it."""

    name: str
    content: bytes
    title: str = ""


def documents_keep(
    *, actor: Actor, user: User | None, dispute: Dispute, documents: Sequence[Document], kind: str, at: dt.datetime
) -> list[MatterPaper]:
    """Keep what was handed in: part of the act it came with. Raises Refused for what is no paper."""
    return [
        paper_keep(
            actor=actor, dispute=dispute, kind=kind, origin=PaperOrigin.RECEIVED, title=one.title or one.name,
            name=one.name, content_type="", content=one.content, at=at, user=user,
        )
        for one in documents
    ]  # fmt: skip
