"""The only writer of the papers of matters and disputes: what people hand in, and what is made here."""

from __future__ import annotations

import datetime as dt
import hashlib

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common import crypto
from common.audit import Actor, record
from common.exceptions import Refused
from common.papers import paper_checked
from complaints.choices import PaperKind, PaperOrigin
from complaints.models import Dispute, LetterText, Matter, MatterPaper
from complaints.selectors.matters import PAPER, paper_key


def paper_keep(
    *,
    actor: Actor,
    kind: str,
    origin: str,
    title: str,
    name: str,
    content_type: str,
    content: bytes,
    at: dt.datetime,
    matter: Matter | None = None,
    dispute: Dispute | None = None,
    number: str = "",
    language: str = "",
    pages: int = 0,
    user: User | None = None,
    text: LetterText | None = None,
    is_confidential: bool = False,
) -> MatterPaper:
    """Keep a paper of a matter or a dispute, sealed under its key.

    What was received is a PDF, PNG or JPEG of at most ten mebibytes, known by its own bytes; what was made here is
    kept as it is, with the approved ``text`` it was made from. Raises Refused for anything else, for a paper without a
    title, and where the data was erased.
    """
    if kind not in PaperKind.values:
        raise Refused("paper_kind", _("Choose what the paper is."), field="kind")
    if not title.strip():
        raise Refused("paper_title", _("Give the paper a title."), field="title")
    if origin == PaperOrigin.RECEIVED:
        content_type, pages = paper_checked(content=content)
    paper = MatterPaper(
        matter=matter, dispute=dispute, kind=kind, origin=origin, number=number, title=title.strip()[:160],
        name=name.strip()[-160:] or title.strip()[:160], content_type=content_type, size=len(content), pages=pages,
        language=language, text=text, sha256=hashlib.sha256(content).hexdigest(), added_by=user, added_at=at,
        is_confidential=is_confidential,
    )  # fmt: skip
    try:
        paper.content_sealed = crypto.seal_bytes(key=paper_key(paper), content=content, column=PAPER)
    except crypto.Unreadable as error:
        raise Refused("paper_erased", _("The personal data of this matter was erased.")) from error
    with transaction.atomic():
        paper.save(force_insert=True)
        record(
            actor=actor,
            action="matter_paper.kept",
            subject=paper,
            client_id=matter.client_id if matter else dispute.client_id if dispute else None,
            body={"matter": paper.matter_id, "dispute": paper.dispute_id, "kind": kind, "origin": origin,
                  "number": number, "sha256": paper.sha256, "size": paper.size, "confidential": is_confidential,
                  **({"text": f"{text.code} v{text.version}"} if text else {})},
        )  # fmt: skip
    return paper
