"""Notes on a case's receivables: credit and debit notes, fees, discounts, write-offs, and what was taken back."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from collections_app.choices import FORGIVES, NOTES
from collections_app.models import Case, LedgerEntry
from collections_app.selectors.reasons import Told, reasons_of
from common.money import ZERO


@dataclass(frozen=True, kw_only=True)
class Note:
    """One note, why it was written, and, when it was, why it was taken back."""

    entry: LedgerEntry
    told: Told | None
    back: LedgerEntry | None
    back_told: Told | None


def notes_of(*, case: Case) -> list[Note]:
    """Every note of the case, the newest value date first."""
    entries = list(
        LedgerEntry.objects.filter(receivable__case=case, kind__in=NOTES, payment=None)
        .select_related("receivable")
        .order_by("-effective_on", "-pk")
    )
    backs = {back.reverses_id: back for back in LedgerEntry.objects.filter(reverses__in=entries)}
    told = reasons_of(event_ids=[entry.event_id for entry in (*entries, *backs.values())])
    return [
        Note(
            entry=entry,
            told=told.get(entry.event_id),
            back=(back := backs.get(entry.pk)),
            back_told=told.get(back.event_id) if back else None,
        )
        for entry in entries
    ]


def forgiven_of(*, case: Case, currency: str) -> Decimal:
    """What was forgiven on a case in one currency by discounts and write-offs that still stand."""
    standing = LedgerEntry.objects.filter(
        receivable__case=case, currency=currency, kind__in=FORGIVES, payment=None
    ).exclude(pk__in=LedgerEntry.objects.filter(receivable__case=case, reverses__isnull=False).values("reverses"))
    return -(standing.aggregate(sum=Sum("amount"))["sum"] or ZERO)
