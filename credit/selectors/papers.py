"""Reads of the papers of credit files."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from functools import cache

from django.db.models import Q, QuerySet
from django.utils import translation

from accounts.choices import Language
from common import crypto
from credit.choices import PaperKind
from credit.models import CreditPaper, Customer


def papers_of_customer(*, customer: Customer) -> QuerySet[CreditPaper]:
    """Every paper of a customer, the newest first, without its content."""
    return customer.papers.defer("content_sealed").order_by("-added_at", "-pk")


@dataclass(frozen=True, kw_only=True)
class FiledPaper:
    """A paper with the title it has of its own, where that says more than its kind."""

    paper: CreditPaper
    own_title: str


def papers_by_kind(*, customer: Customer) -> list[FiledPaper]:
    """Every paper of a customer as its file is read: by kind, the newest of each first."""
    order = {kind: n for n, kind in enumerate(PaperKind.values)}
    found = sorted(
        papers_of_customer(customer=customer).select_related("added_by"), key=lambda paper: order[paper.kind]
    )
    return [
        FiledPaper(paper=paper, own_title="" if paper.title in _labels(paper.kind) else paper.title) for paper in found
    ]


@cache
def _labels(kind: str) -> frozenset[str]:
    """What a kind of paper is called, in both languages."""
    words = set()
    for language in Language.values:
        with translation.override(language):
            words.add(str(PaperKind(kind).label))
    return frozenset(words)


def papers_valid(*, customer: Customer, on: dt.date) -> QuerySet[CreditPaper]:
    """Those that prove something on a day."""
    return papers_of_customer(customer=customer).filter(
        Q(valid_from__isnull=True) | Q(valid_from__lte=on), Q(valid_until__isnull=True) | Q(valid_until__gte=on)
    )


def credit_paper_content(*, paper: CreditPaper) -> bytes:
    """What the paper says, proven by its hash.

    Raises crypto.Unreadable when the party's key was destroyed, or when the content is not what was kept. The caller
    has written the look down.
    """
    wrapped = paper.customer.debtor.party.wrapped_key
    if wrapped is None:
        raise crypto.Unreadable("credit_paper")
    content = crypto.open_bytes(
        key=crypto.unwrap(wrapped=bytes(wrapped)), sealed=bytes(paper.content_sealed), column="credit_paper"
    )
    if hashlib.sha256(content).hexdigest() != paper.sha256:
        raise crypto.Unreadable("credit_paper")
    return content
