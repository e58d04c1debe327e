"""The only writer of the papers of credit files: what people upload, and what is made here."""

from __future__ import annotations

import datetime as dt
import hashlib

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common import clock, crypto
from common.audit import Actor, record
from common.exceptions import Refused
from common.papers import paper_checked
from credit.choices import PaperKind, PaperOrigin
from credit.models import Application, CreditPaper, Customer

COLUMN = "credit_paper"


def credit_paper_add(
    *,
    user: User,
    customer: Customer,
    kind: str,
    title: str,
    name: str,
    content: bytes,
    valid_from: dt.date | None = None,
    valid_until: dt.date | None = None,
    application: Application | None = None,
) -> CreditPaper:
    """Keep an uploaded paper of a customer: a PDF, PNG or JPEG of at most ten mebibytes, with its validity.

    Raises Refused for anything else, and for a paper without a title. The caller has asked whether ``user`` may.
    """
    if kind not in PaperKind.values:
        raise Refused("paper_kind", _("Choose what the paper is."), field="kind")
    if not title.strip():
        raise Refused("paper_title", _("Give the paper a title."), field="title")
    if valid_from is not None and valid_until is not None and valid_until < valid_from:
        raise Refused("paper_order", _("A paper does not run out before it begins."), field="valid_until")
    content_type, pages = paper_checked(content=content)
    return _kept(
        actor=Actor.person(user),
        customer=customer,
        paper=CreditPaper(
            application=application, kind=kind, origin=PaperOrigin.UPLOADED, title=title.strip()[:160],
            name=name.strip()[-160:] or title.strip()[:160], content_type=content_type, pages=pages,
            valid_from=valid_from, valid_until=valid_until, added_by=user,
        ),
        content=content,
    )  # fmt: skip


def credit_paper_made(
    *,
    actor: Actor,
    customer: Customer,
    kind: str,
    number: str,
    title: str,
    content: bytes,
    pages: int,
    language: str,
    user: User | None = None,
    application: Application | None = None,
) -> CreditPaper:
    """Keep a PDF that was made here, under its number, as it is: it is never made again in place."""
    return _kept(
        actor=actor,
        customer=customer,
        paper=CreditPaper(
            application=application, kind=kind, origin=PaperOrigin.MADE, number=number, title=title,
            name=f"{number or kind.lower()}.pdf", content_type="application/pdf", pages=pages, language=language,
            added_by=user,
        ),
        content=content,
    )  # fmt: skip


def _kept(*, actor: Actor, customer: Customer, paper: CreditPaper, content: bytes) -> CreditPaper:
    wrapped = customer.debtor.party.wrapped_key
    if wrapped is None:
        raise Refused("paper_erased", _("The personal data of this account holder was erased."))
    paper.client_id, paper.customer = customer.client_id, customer
    paper.size, paper.sha256 = len(content), hashlib.sha256(content).hexdigest()
    paper.content_sealed = crypto.seal_bytes(key=crypto.unwrap(wrapped=bytes(wrapped)), content=content, column=COLUMN)
    paper.added_at = clock.now()
    with transaction.atomic():
        paper.save(force_insert=True)
        record(
            actor=actor,
            action="credit_paper.kept",
            subject=paper,
            body={"customer": customer.pk, "kind": paper.kind, "number": paper.number, "sha256": paper.sha256,
                  "size": paper.size},
        )  # fmt: skip
    return paper
