"""Papers made here of a scoring and a decision: worksheet, rejection letter, notice of an adverse decision (CB-16)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common import clock
from common.audit import Actor
from common.components.format import short
from common.documents import pdf_render
from common.exceptions import Conflict, NotAllowed, Refused
from credit.choices import ApplicationState, PaperKind, Purpose
from credit.models import Application, CreditPaper
from credit.policies import can_make_credit_letters
from credit.selectors.decisions import adverse, reasons_against
from credit.selectors.scorings import scoring_latest
from credit.selectors.worksheet import analysis_of, worksheet_of
from credit.services.papers import credit_paper_made

LANGUAGES = ("ar", "en")
_LETTERS = {
    PaperKind.REJECTION: ("credit/pdf/rejection.html", "REJ", _("Rejection letter")),
    PaperKind.ADVERSE_NOTICE: ("credit/pdf/adverse.html", "ADV", _("Notice of an adverse decision")),
}


def worksheet_make(*, user: User, application: Application, on: dt.date, language: str = "ar") -> CreditPaper:
    """The worksheet of the scoring that counts, as a numbered PDF in one language; each making is a paper of its own.

    Raises NotAllowed for who is not of the credit desk, Conflict where nothing was scored.
    """
    if not can_make_credit_letters(user):
        raise NotAllowed("worksheet", _("Only the credit desk makes letters."))
    scoring = scoring_latest(application=application)
    if scoring is None:
        raise Conflict("scoring_missing", _("Score the application first."))
    count = application.papers.filter(kind=PaperKind.WORKSHEET).count() + 1
    number = f"{application.number}-W{count}"
    with translation.override(_language(language)):
        told = {
            "sheet": worksheet_of(application=application, scoring=scoring, on=on),
            "analysis": analysis_of(application=application, today=on),
            "judgements": list(application.judgements.select_related("by").order_by("pk")),
            "references": list(application.references.order_by("pk")),
        }
    return _made(
        user=user, application=application, kind=PaperKind.WORKSHEET, template="credit/pdf/worksheet.html",
        number=number, title=_("Credit worksheet"), language=language, on=on, told=told,
    )  # fmt: skip


def letter_make(*, user: User, application: Application, kind: str, on: dt.date, language: str = "ar") -> CreditPaper:
    """A letter of a decision in one language, once: the letter that was made is given back as it is.

    Raises NotAllowed for who is not of the credit desk, Refused for a letter that this decision does not have.
    """
    if not can_make_credit_letters(user):
        raise NotAllowed("letter", _("Only the credit desk makes letters."))
    if kind not in letter_kinds(application):
        raise Refused("letter_kind", _("This decision has no such letter."))
    known = application.papers.filter(kind=kind, language=_language(language)).first()
    if known is not None:
        return known
    template, mark, title = _LETTERS[PaperKind(kind)]
    with translation.override(language):
        scoring = scoring_latest(application=application)
        told: dict[str, Any] = {
            "reasons": [str(reason) for reason in reasons_against(application=application, scoring=scoring)],
            "said": application.decision_reason,
            "rejected": application.state == ApplicationState.REJECTED,
            "increase": application.purpose == Purpose.INCREASE,
            # Only then a guarantee would do (§4.4.1(5)).
            "below": scoring is not None and not scoring.eligible,
            "granted": application.recommended_limit,
            "asked": application.asked_limit,
            "bureau": {
                "name": settings.BUREAU[f"name_{language}"],
                "address": settings.BUREAU[f"address_{language}"],
                "phone": settings.BUREAU["phone"],
            },
        }
    number = f"{application.number}-{mark}" if language == "ar" else f"{application.number}-{mark}-{language.upper()}"
    return _made(
        user=user, application=application, kind=PaperKind(kind), template=template, number=number, title=title,
        language=language, on=on, told=told,
    )  # fmt: skip


def letter_kinds(application: Application) -> list[PaperKind]:
    """Which letters a decision has: a rejection its letter, and an adverse decision by bureau data its notice."""
    kinds = [PaperKind.REJECTION] if application.state == ApplicationState.REJECTED else []
    return kinds + ([PaperKind.ADVERSE_NOTICE] if adverse(application) else [])


def letters_of_decision(*, user: User, application: Application, on: dt.date) -> list[CreditPaper]:
    """Every letter that a decision has, in Arabic, as part of the decision."""
    return [letter_make(user=user, application=application, kind=kind, on=on) for kind in letter_kinds(application)]


def _language(language: str) -> str:
    if language not in LANGUAGES:
        raise Refused("language", _("Choose Arabic or English."), field="language")
    return language


def _made(
    *,
    user: User,
    application: Application,
    kind: PaperKind,
    template: str,
    number: str,
    title: str | Promise,
    language: str,
    on: dt.date,
    told: dict[str, Any],
) -> CreditPaper:
    customer = application.customer
    with translation.override(language):
        context = {
            **told,
            "LANG": short(language),
            "DIR": "rtl" if short(language) == "ar" else "ltr",
            "number": number,
            "on": on,
            "made_at": clock.now(),
            "made_by": user.name,
            "application": application,
            "currency": application.currency,
            "client_name": customer.client.name,
            "customer_name": customer.debtor.name,
            "customer_ref": customer.debtor.debtor_ref,
            "agency": {
                "name": settings.AGENCY[f"name_{short(language)}"],
                "licence": settings.AGENCY["licence"],
                "phone": settings.AGENCY["phone"],
            },
        }
        content, pages = pdf_render(template=template, context=context, language=language)
        title = str(title)
    return credit_paper_made(
        actor=Actor.person(user), user=user, customer=customer, application=application, kind=kind, number=number,
        title=title, content=content, pages=pages, language=language,
    )  # fmt: skip
