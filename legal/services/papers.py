"""The only writer of papers: what people upload, and what is made here."""

from __future__ import annotations

import hashlib

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from collections_app.models import Authorisation, Case, EscalationRequest
from common import clock, crypto
from common.audit import Actor, record
from common.exceptions import Refused
from common.papers import paper_checked
from legal.choices import EVIDENCE, PaperKind, PaperOrigin
from legal.models import LegalFile, Paper
from legal.services.asked import request_papers_changed

COLUMN = "paper"


def paper_add(
    *,
    user: User,
    case: Case,
    kind: str,
    title: str,
    name: str,
    content: bytes,
    request: EscalationRequest | None = None,
    authorisation: Authorisation | None = None,
    file: LegalFile | None = None,
) -> Paper:
    """Keep an uploaded paper of a case: a PDF, PNG or JPEG of at most ten mebibytes.

    Raises Refused for anything else, and for a paper without a title. The caller has asked whether ``user`` may.
    """
    if kind not in PaperKind.values:
        raise Refused("paper_kind", _("Choose what the paper is."), field="kind")
    if not title.strip():
        raise Refused("paper_title", _("Give the paper a title."), field="title")
    content_type, pages = paper_checked(content=content)
    return _kept(
        actor=Actor.person(user),
        user=user,
        case=case,
        paper=Paper(
            request=request, authorisation=authorisation, file=file, kind=kind, origin=PaperOrigin.UPLOADED,
            title=title.strip()[:160], name=name.strip()[-160:] or title.strip()[:160], content_type=content_type,
            pages=pages,
        ),
        content=content,
    )  # fmt: skip


def paper_made(
    *,
    actor: Actor,
    case: Case,
    kind: str,
    number: str,
    title: str,
    content: bytes,
    pages: int,
    language: str,
    user: User | None = None,
    request: EscalationRequest | None = None,
    authorisation: Authorisation | None = None,
    file: LegalFile | None = None,
) -> Paper:
    """Keep a PDF that was made here, under its number, as it is: it is never made again in place."""
    return _kept(
        actor=actor,
        user=user,
        case=case,
        paper=Paper(
            request=request, authorisation=authorisation, file=file, kind=kind, origin=PaperOrigin.MADE,
            number=number, title=title, name=f"{number or kind.lower()}.pdf", content_type="application/pdf",
            pages=pages, language=language,
        ),
        content=content,
    )  # fmt: skip


def _kept(*, actor: Actor, user: User | None, case: Case, paper: Paper, content: bytes) -> Paper:
    wrapped = case.debtor.party.wrapped_key
    if wrapped is None:
        raise Refused("paper_erased", _("The personal data of this account holder was erased."))
    paper.client_id, paper.case = case.client_id, case
    paper.size, paper.sha256 = len(content), hashlib.sha256(content).hexdigest()
    paper.content_sealed = crypto.seal_bytes(key=crypto.unwrap(wrapped=bytes(wrapped)), content=content, column=COLUMN)
    paper.added_by, paper.added_at = user, clock.now()
    with transaction.atomic():
        paper.save(force_insert=True)
        record(
            actor=actor,
            action="paper.kept",
            subject=paper,
            body={"case": case.pk, "kind": paper.kind, "number": paper.number, "sha256": paper.sha256,
                  "size": paper.size},
        )  # fmt: skip
        if paper.request is not None and paper.kind in EVIDENCE:
            request_papers_changed(actor=actor, user=user, request=paper.request)
    return paper
