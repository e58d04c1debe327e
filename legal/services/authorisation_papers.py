"""The written authorisation as a paper, made in the act of signing (PL-21, regulations E9)."""

from __future__ import annotations

from typing import Any

import segno
from django.utils import translation
from django.utils.translation import gettext

from collections_app.choices import LegalStep
from collections_app.models import Authorisation, Case
from common import clock
from common.audit import Actor
from common.clock import RIYADH
from common.documents import pdf_render
from legal.choices import PaperKind
from legal.models import Paper
from legal.selectors.debts import debts_named
from legal.services.packs import debts_context, parties_context
from legal.services.papers import paper_made


def qr_svg(text: str) -> str:
    """A code that a telephone reads, as it stands in a PDF."""
    return str(
        segno.make(text, error="m").svg_inline(
            scale=2, border=0, dark="#10242B", svgclass=None, lineclass=None, omitsize=True
        )
    )


def authorisation_paper(authorisation: Authorisation, *, language: str = "ar") -> Paper:
    """The authorisation as its signatory signed it, numbered like it. Arabic, the language of the courts.

    Called once, in the transaction that signs, when its debts stand.
    """
    case = Case.objects.select_related("client", "debtor__party").get(pk=authorisation.case_id)
    shares = dict(authorisation.debts.values_list("debt_id", "share_percent"))
    with translation.override(language):
        context: dict[str, Any] = {
            **parties_context(case=case, language=language),
            "number": authorisation.number,
            "request_number": authorisation.request.number,
            "on": authorisation.signed_at.astimezone(RIYADH).date(),
            "signed_at": authorisation.signed_at,
            "valid_from": authorisation.valid_from or authorisation.signed_at.astimezone(RIYADH).date(),
            "valid_until": authorisation.valid_until,
            "ceiling": authorisation.ceiling,
            "cost_ceiling": authorisation.cost_ceiling,
            "currency": authorisation.currency,
            "debts": debts_context(debts_named(case=case, shares=shares)),
            "steps": [str(LegalStep(step).label) for step in authorisation.steps],
            "court": authorisation.court,
            "region": authorisation.region,
            "signatory": authorisation.signatory.name,
            "power": authorisation.signatory_power,
            "document_hash": authorisation.document_hash,
            "qr": qr_svg(f"{authorisation.number} {authorisation.document_hash}"),
            "made_at": clock.now(),
        }
        content, pages = pdf_render(template="legal/pdf/authorisation.html", context=context, language=language)
        title = gettext("Written authorisation")
    return paper_made(
        actor=Actor.person(authorisation.signatory),
        user=authorisation.signatory,
        case=case,
        kind=PaperKind.AUTHORISATION,
        number=authorisation.number if language == "ar" else f"{authorisation.number}-{language.upper()}",
        title=title,
        content=content,
        pages=pages,
        language=language,
        request=authorisation.request,
        authorisation=authorisation,
    )
