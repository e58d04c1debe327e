"""What an evidence pack needs and has (LEGAL-PACK, regulations E10 and E14)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from collections_app.choices import LegalStep
from collections_app.models import Case, EscalationRequest
from legal.choices import InstrumentKind, PaperKind, PaperOrigin
from legal.models import Instrument, Paper
from legal.selectors.criteria import attempts_made

# What people bring; the rest of a pack is made here.
BROUGHT = (PaperKind.CONTRACT, PaperKind.NOTE, PaperKind.OTHER)
# Steps before a court: without a complete pack they are not even proposed.
COURT_STEPS = frozenset({LegalStep.NOTE_ENFORCEMENT, LegalStep.CLAIM})


@dataclass(frozen=True, kw_only=True)
class PackLine:
    """One of the four papers a file needs, and whether it is there."""

    kind: PaperKind
    ok: bool
    words: Lazy
    evidence: Lazy


@dataclass(frozen=True, kw_only=True)
class PackState:
    lines: list[PackLine]

    @property
    def complete(self) -> bool:
        return all(line.ok for line in self.lines)

    @property
    def missing(self) -> list[PackLine]:
        return [line for line in self.lines if not line.ok]


def papers_to_bind(*, case: Case) -> QuerySet[Paper]:
    """The uploaded papers a pack of the case may hold, contracts first, each kind in the order it came."""
    found = Paper.objects.filter(case=case, origin=PaperOrigin.UPLOADED, kind__in=BROUGHT).defer("content_sealed")
    return found.order_by("kind", "added_at", "pk")


def packs_of(*, request: EscalationRequest) -> QuerySet[Paper]:
    """The issues of a request's pack, the newest first."""
    return request.papers.filter(kind=PaperKind.PACK).defer("content_sealed").order_by("-added_at", "-pk")


def pack_needs(*, case: Case, steps: Sequence[str], papers: Sequence[Paper] | None = None) -> PackState:
    """What a pack for these steps would hold; ``papers`` are those chosen for it, None: all of the case."""
    chosen = list(papers_to_bind(case=case)) if papers is None else papers
    kinds = {paper.kind for paper in chosen}
    recorded = set(Instrument.objects.filter(debt__case=case).values_list("kind", flat=True))
    by_note = LegalStep.NOTE_ENFORCEMENT in steps
    other = bool(recorded - {InstrumentKind.PROMISSORY_NOTE, InstrumentKind.CHEQUE})
    return PackState(
        lines=[
            PackLine(
                kind=PaperKind.CONTRACT,
                ok=PaperKind.CONTRACT in kinds,
                words=_("Contract"),
                evidence=_("Uploaded") if PaperKind.CONTRACT in kinds else _("Upload the contract behind the debt"),
            ),
            PackLine(
                kind=PaperKind.NOTE,
                ok=PaperKind.NOTE in kinds or (other and not by_note),
                words=_("Promissory note or other instrument"),
                evidence=_("Uploaded")
                if PaperKind.NOTE in kinds
                else _("Recorded with the debt")
                if other and not by_note
                else _("Upload the note")
                if by_note
                else _("Upload the instrument the debt stands on: note, signed invoices, account"),
            ),
            PackLine(
                kind=PaperKind.STATEMENT,
                ok=True,
                words=_("Statement of account"),
                evidence=_("Made here from the ledger, as of today"),
            ),
            _contact_line(case),
        ]
    )


def _contact_line(case: Case) -> PackLine:
    tried = attempts_made(case=case).exists()
    return PackLine(
        kind=PaperKind.CONTACT_PROOF,
        ok=tried,
        words=_("Proof of contact"),
        evidence=_("Made here from the contact trail") if tried else _("Nobody has been contacted yet"),
    )


def pack_complete(*, case: Case) -> PackState:
    """Whether the case may be filed by its papers: the pack of the request that was signed holds all four.

    Statement and proof of contact are in every pack. A renewal has a pack of its own; what was signed before renewals
    had one stands on the pack of the request before it.
    """
    signed = Paper.objects.filter(case=case, kind=PaperKind.PACK, request__authorisations__isnull=False)
    bound = signed.exists()
    steps = list(case.authorisation.steps) if case.authorisation is not None else []
    needs = pack_needs(case=case, steps=steps)
    if bound:
        return needs
    return PackState(
        lines=[
            *(line for line in needs.lines if line.kind in {PaperKind.CONTRACT, PaperKind.NOTE}),
            PackLine(
                kind=PaperKind.PACK,
                ok=False,
                words=_("Evidence pack"),
                evidence=_("No pack was bound for the request that was signed"),
            ),
        ]
    )
