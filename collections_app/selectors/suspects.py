"""The rows of a file that are known ones but for leading zeros, and what was said of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q

from collections_app.choices import SuspectDecision
from collections_app.models import ImportFile, ImportSuspect

SHOWN = 50


@dataclass(frozen=True, kw_only=True)
class Suspects:
    """How many wait for a person, wait for the worker, were the same and another; and a page of those that wait."""

    total: int
    waiting: int
    under_way: int
    same: int
    other: int
    page: Page[ImportSuspect]

    @classmethod
    def of(cls, *, file: ImportFile, page: Any) -> Suspects:
        found = ImportSuspect.objects.filter(file=file)
        counts = found.aggregate(
            total=Count("pk"),
            waiting=Count("pk", filter=Q(decision="")),
            under_way=Count("pk", filter=~Q(decision="") & Q(outcome="")),
            same=Count("pk", filter=Q(decision=SuspectDecision.SAME)),
            other=Count("pk", filter=Q(decision=SuspectDecision.OTHER)),
        )
        waiting = found.filter(decision="").select_related("debtor").order_by("line")
        return cls(**counts, page=Paginator(waiting, SHOWN).get_page(page))
