"""The demand for payment as a letter: from the day after the terms (CM-44, source 001 §4.4.5).

It asks for payment now. How much longer somebody may take before it is a default, no paper says (I-04).
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.audit import Actor
from common.components.format import short
from common.documents import pdf_render
from common.exceptions import Conflict, NotAllowed
from credit.choices import FollowUpState, PaperKind
from credit.models import CreditPaper, StopFollowUp
from credit.policies import can_follow_stops
from credit.selectors.standing import agreement_on
from credit.selectors.stop_pages import claims_now, invoices_claimed
from credit.services.papers import credit_paper_made


def demand_make(*, user: User, follow_up: StopFollowUp, on: dt.date, language: str) -> CreditPaper:
    """The demand of an open follow-up as a numbered PDF in Arabic or English; each making is a paper of its own.

    Raises NotAllowed for who does not follow stops, Conflict where the follow-up is closed.
    """
    if not can_follow_stops(user):
        raise NotAllowed("demand", _("Only the credit and collection department does this."))
    if follow_up.state != FollowUpState.OPEN:
        raise Conflict("follow_up_closed", _("This was answered already."))
    customer, language = follow_up.customer, short(language)
    number = f"DEM-{on.year}-{customer.pk:06d}-{customer.papers.filter(kind=PaperKind.DEMAND).count() + 1}"
    with translation.override(language):
        context = {
            "LANG": language,
            "DIR": "rtl" if language == "ar" else "ltr",
            "number": number,
            "on": on,
            "kind": follow_up.stop.kind,
            "claims": claims_now(follow_up=follow_up, today=on),
            "currency": follow_up.currency,
            "invoices": invoices_claimed(follow_up=follow_up, today=on),
            "agreement": agreement_on(customer=customer, on=on),
            "client_name": customer.client.name,
            "customer_name": customer.debtor.name,
            "customer_ref": customer.debtor.debtor_ref,
            "agency": {
                "name": settings.AGENCY[f"name_{language}"],
                "licence": settings.AGENCY["licence"],
                "phone": settings.AGENCY["phone"],
            },
        }
        content, pages = pdf_render(template="credit/pdf/demand.html", context=context, language=language)
        title = str(_("Demand for payment"))
    return credit_paper_made(
        actor=Actor.person(user), user=user, customer=customer, kind=PaperKind.DEMAND, number=number, title=title,
        content=content, pages=pages, language=language,
    )  # fmt: skip
