"""Evidence packs: one PDF with an index, made from the ledger, the contact trail and the uploaded papers."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from PIL import Image, UnidentifiedImageError

from accounts.models import User
from collections_app.choices import ContactPointKind, Direction, EscalationStatus, LegalStep, Verdict
from collections_app.models import Case, ContactPoint, EscalationRequest
from collections_app.selectors.cases import receivables_of
from collections_app.selectors.statement import statement_of
from common import clock
from common.audit import Actor
from common.components.format import short
from common.documents import pdf_render
from common.exceptions import Conflict, Refused
from common.money import ZERO
from legal.choices import PaperKind
from legal.models import Paper
from legal.selectors.debts import NamedDebt, debts_asked
from legal.selectors.packs import packs_of, papers_to_bind
from legal.selectors.papers import paper_content
from legal.selectors.requests import checks_shown
from legal.services.binding import pdf_bound
from legal.services.papers import paper_made

LANGUAGES = ("ar", "en")
# Beyond this a court's upload refuses it, and so does its reader.
MOST_PAGES = 500


@dataclass(kw_only=True)
class Section:
    """One line of the index; ``first`` and ``last`` are its pages in the pack."""

    title: str
    kind: str
    sha256: str
    content: bytes
    pages: int
    first: int = 0

    @property
    def last(self) -> int:
        return self.first + self.pages - 1


def parties_context(*, case: Case, language: str) -> dict[str, Any]:
    """Who stands on every paper: creditor, agency, debtor, and the language it is written in."""
    return {
        "LANG": short(language),
        "DIR": "rtl" if short(language) == "ar" else "ltr",
        "client_name": case.client.name,
        "agency": {
            "name": settings.AGENCY[f"name_{short(language)}"],
            "licence": settings.AGENCY["licence"],
            "phone": settings.AGENCY["phone"],
        },
        "debtor_name": case.debtor.name,
        "debtor_ref": case.debtor.debtor_ref,
        "debts": [{"ref": d.debt_ref, "product": d.product} for d in case.debts.order_by("pk")],
    }


def debts_context(debts: Iterable[NamedDebt]) -> list[dict[str, Any]]:
    """Debts as a paper names them, frozen: reference, product, the debtor's share and what it comes to."""
    return [
        {"ref": d.debt.debt_ref, "product": d.debt.product, "share": d.share, "open": d.balance, "part": d.part}
        for d in debts
    ]


def account_context(*, case: Case, on: dt.date) -> list[dict[str, Any]]:
    """The accounts of a case as of today, in the active language: lines, open items and what they come to."""
    open_rows = receivables_of(case=case, today=on)
    accounts = []
    for account in statement_of(case=case, as_of=on, today=on):
        items = [
            {
                "ref": r.receivable_ref,
                "debt": r.debt.debt_ref,
                "issued_on": r.issued_on,
                "due_on": r.due_on,
                "amount": r.amount,
                "paid": r.amount - r.balance,
                "open": r.balance,
            }
            for row in open_rows
            if (r := row["receivable"]).currency == account.currency
        ]
        accounts.append(
            {
                "currency": account.currency,
                "closing": account.closing,
                "lines": account.lines,
                "open": items,
                "open_total": sum((item["open"] for item in items), ZERO),
            }
        )
    return accounts


def _contacts(case: Case) -> dict[str, Any]:
    attempts = case.attempts.exclude(verdict=Verdict.REFUSED).select_related("by", "contact_point").order_by("at", "pk")
    return {
        "contacts": [
            {
                "at": a.at,
                "channel": a.get_channel_display(),
                "incoming": a.direction == Direction.IN,
                "address": _masked(a.contact_point) if a.contact_point is not None else "–",
                "reached": a.get_reached_display(),
                "outcome": a.get_outcome_display(),
                "by": a.by.name if a.by is not None else gettext("System"),
            }
            for a in attempts
        ],
        "promises": [
            {
                "made_on": p.made_on,
                "due_on": p.due_on,
                "state": p.get_status_display(),
                "amount": p.amount,
                "paid": p.paid_amount,
                "currency": p.currency,
            }
            for p in case.promises.order_by("made_on", "pk")
        ],
    }


def _masked(point: ContactPoint) -> str:
    """The end of a number; of an address what is shown of it."""
    numbers = {ContactPointKind.MOBILE, ContactPointKind.PHONE}
    return f"…{point.hint}" if point.kind in numbers else point.hint


def _hash_of(figures: Any) -> str:
    """The fingerprint of what a paper made here says, whatever the PDF's own bytes are."""
    return hashlib.sha256(json.dumps(figures, default=_plain, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal | dt.date):
        return str(value)
    return vars(value)


def picture_pages(*, content_type: str, content: bytes) -> bytes:
    """A picture as one page of a PDF. Raises Refused for one that cannot be read."""
    try:
        # First whether it is whole, which PDF making would not mind, then whether it can be shown.
        Image.open(io.BytesIO(content)).verify()
        Image.open(io.BytesIO(content)).load()
    except (UnidentifiedImageError, OSError, EOFError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Refused("paper_broken", _("A picture among these papers cannot be read. Upload it anew.")) from error
    pdf, _pages = pdf_render(
        template="legal/pdf/picture.html", context={}, language="ar", given={"picture": (content_type, content)}
    )
    return pdf


def _uploaded(paper: Paper) -> Section:
    content = paper_content(paper=paper)
    if paper.content_type != "application/pdf":
        content = picture_pages(content_type=paper.content_type, content=content)
    return Section(
        title=paper.title, kind=str(paper.get_kind_display()), sha256=paper.sha256, content=content, pages=paper.pages
    )


def pack_make(
    *, user: User, request: EscalationRequest, papers: Sequence[Paper] | None = None, language: str = "ar"
) -> Paper:
    """Bind the next issue of a request's evidence pack, as the ledger and the contact trail stand today.

    ``papers`` are the uploaded ones to bind, None: all of the case. What was issued stands. Raises Conflict once the
    request was decided, since what was approved is not changed behind the approval; Refused for a paper that cannot
    be read, and for more pages than a court takes. The caller has asked whether ``user`` may.
    """
    if language not in LANGUAGES:
        raise Refused("pack_language", _("A pack is in Arabic or English."), field="language")
    today = clock.today()
    with transaction.atomic():
        locked = EscalationRequest.objects.select_for_update().get(pk=request.pk)
        if locked.status != EscalationStatus.PROPOSED:
            raise Conflict("escalation_moved", _("This request was decided already."))
        case = Case.objects.select_related(
            "client__stage_policy", "debtor__party", "stage__policy", "authorisation"
        ).get(pk=locked.case_id)
        issue = packs_of(request=locked).count() + 1
        number = f"{locked.number.replace('ESC-', 'PACK-', 1)}-{issue}"
        bound = papers_to_bind(case=case).filter(pk__in=[p.pk for p in papers]) if papers is not None else None
        with translation.override(language):
            papers_bound = (papers_to_bind(case=case) if bound is None else bound).defer(None)
            uploaded = [_uploaded(paper) for paper in papers_bound]
            content, pages = _bound(
                case=case, request=locked, number=number, issue=issue, today=today, language=language,
                uploaded=uploaded,
            )  # fmt: skip
            title = gettext("Evidence pack")
        made = paper_made(
            actor=Actor.person(user),
            user=user,
            case=case,
            kind=PaperKind.PACK,
            number=number,
            title=title,
            content=content,
            pages=pages,
            language=language,
            request=locked,
        )
    # The pack is part of what is asked: whoever answers next answers this.
    request.digest, request.status = locked.digest, locked.status
    return made


def _bound(
    *,
    case: Case,
    request: EscalationRequest,
    number: str,
    issue: int,
    today: dt.date,
    language: str,
    uploaded: list[Section],
) -> tuple[bytes, int]:
    """The pack's bytes and pages, in the active language."""
    general = {**parties_context(case=case, language=language), "number": number, "on": today}
    account = {"accounts": account_context(case=case, on=today)}
    trail = _contacts(case)
    sections = [
        _made("pack_statement", gettext("Statement of account"), PaperKind.STATEMENT, general, account),
        _made("pack_contacts", gettext("Proof of contact"), PaperKind.CONTACT_PROOF, general, trail),
        *uploaded,
    ]
    contents = hashlib.sha256("".join(section.sha256 for section in sections).encode()).hexdigest()
    cover = {
        **general,
        "issue": issue,
        "request_number": request.number,
        "ceiling": request.ceiling,
        "currency": request.currency,
        "steps": [str(LegalStep(step).label) for step in request.steps],
        "separator": gettext(", "),
        "grounds": request.grounds,
        "debts": debts_context(debts_asked(request=request)),
        "checks": checks_shown(request=request),
        "sections": sections,
        "contents": contents,
    }
    # The index stands before what it counts: as many pages as it takes itself move the rest.
    before, taken = 0, 1
    while before != taken:
        before = taken
        first = before + 1
        for section in sections:
            section.first, first = first, first + section.pages
        front, taken = pdf_render(template="legal/pdf/pack_cover.html", context=cover, language=language)
    total = first - 1
    if total > MOST_PAGES:
        raise Refused("pack_pages", _("A pack has at most %(most)d pages.") % {"most": MOST_PAGES})
    stamps, _count = pdf_render(
        template="legal/pdf/pack_stamp.html",
        context={"pages": range(1, total + 1), "total": total, "number": number, "contents": contents},
        language=language,
    )
    made = [front, *(section.content for section in sections[:2])]
    return pdf_bound(made=made, framed=[section.content for section in sections[2:]], stamps=stamps), total


def _made(template: str, title: str, kind: PaperKind, general: dict[str, Any], figures: dict[str, Any]) -> Section:
    content, pages = pdf_render(
        template=f"legal/pdf/{template}.html", context={**general, **figures}, language=general["LANG"]
    )
    return Section(title=title, kind=str(kind.label), sha256=_hash_of(figures), content=content, pages=pages)
