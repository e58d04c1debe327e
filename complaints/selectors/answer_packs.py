"""What an answer pack needs and has: contract, statement, contacts, consents."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from complaints.choices import PaperKind
from complaints.models import Dispute, MatterPaper
from legal.choices import PaperKind as CasePaperKind
from legal.choices import PaperOrigin as CasePaperOrigin
from legal.models import Paper

# What the member hands in for its answer, in the order it is bound.
OURS = (PaperKind.CONTRACT, PaperKind.CONSENT, PaperKind.EVIDENCE)


@dataclass(frozen=True, kw_only=True)
class PackLine:
    """One of the papers of a pack, and whether it is there."""

    kind: str
    words: Lazy
    ok: bool
    evidence: Lazy


def contracts_of_case(*, dispute: Dispute) -> QuerySet[Paper]:
    """The contracts that lie with the case already, without their content."""
    found = Paper.objects.filter(case_id=dispute.case_id, kind=CasePaperKind.CONTRACT, origin=CasePaperOrigin.UPLOADED)
    return found.defer("content_sealed").order_by("pk")


def papers_for_pack(*, dispute: Dispute) -> QuerySet[MatterPaper]:
    """What was handed in to this dispute for the member, without its content."""
    return dispute.papers.filter(kind__in=OURS).defer("content_sealed").order_by("kind", "pk")


def pack_lines(*, dispute: Dispute) -> list[PackLine]:
    """The four papers of an answer, as a checklist."""
    kinds = set(papers_for_pack(dispute=dispute).values_list("kind", flat=True))
    contract = PaperKind.CONTRACT in kinds or contracts_of_case(dispute=dispute).exists()
    contacts = dispute.case.attempts.exists()
    return [
        PackLine(
            kind=PaperKind.CONTRACT, words=_("Contract"), ok=contract,
            evidence=_("Uploaded") if contract else _("Upload the contract behind the debt"),
        ),
        PackLine(
            kind="STATEMENT", words=_("Statement of account"), ok=True,
            evidence=_("Made here from the ledger, as of today"),
        ),
        PackLine(
            kind="CONTACTS", words=_("Proof of contact"), ok=True,
            evidence=_("Made here from the contact trail") if contacts else _("Nobody has been contacted yet"),
        ),
        PackLine(
            kind=PaperKind.CONSENT, words=_("Consent to enquiry and supply"), ok=PaperKind.CONSENT in kinds,
            evidence=_("Uploaded") if PaperKind.CONSENT in kinds else _("Upload the written consent (law, Art 6)"),
        ),
    ]  # fmt: skip
