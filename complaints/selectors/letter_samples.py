"""Made-up facts around which a text of letters is shown to who approves it; nobody's data."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.urls import reverse

from complaints.choices import Correction as CorrectionMade
from complaints.choices import DisputeGround, DisputeKind, DisputeOutcome, DisputeStep, MatterKind, Missing, Remedy
from complaints.rules.handling_messages import OUTCOMES, STEPS
from complaints.selectors.bodies import bodies_named, bodies_of

_SAID = {
    "ar": {
        "name": "سامي العتيبي", "client": "بنك النموذج", "words": "سددت المبلغ كاملًا في 12 سبتمبر.",
        "item": "رصيد قائم على العقد M-201", "plan": "نراجع تسجيل المكالمات وسجل التواصل.",
        "answer": "راجعنا السجل وتبيّن أن الاتصال كان خارج الأوقات المسموحة. ونعتذر إليكم.",
        "reason": "يثبت الإيصال سداد المبلغ قبل تاريخ التقرير.", "recipient": "شركة التقسيط النموذجية",
        "address": "الرياض، حي العليا", "paper": "إيصال سداد", "day": "3 نوفمبر 2026",
    },
    "en": {
        "name": "Sami Alotaibi", "client": "Sample Bank", "words": "I paid the whole amount on 12 September.",
        "item": "Outstanding balance on contract M-201", "plan": "We go through the recordings and the contact trail.",
        "answer": "We looked into the record: the call came outside the permitted hours. We apologise.",
        "reason": "The receipt proves that the amount was paid before the day of the report.",
        "recipient": "Sample Instalments Company", "address": "Riyadh, Olaya", "paper": "Receipt of payment",
        "day": "3 November 2026",
    },
}  # fmt: skip


def sample_facts(*, code: str, language: str, on: dt.date) -> dict[str, Any]:
    """What a letter of this text takes, in the active language, as of a day."""
    said = _SAID[language]
    soon = on + dt.timedelta(days=10)
    general = {
        "LANG": language,
        "DIR": "rtl" if language == "ar" else "ltr",
        "agency": {
            "name": settings.AGENCY[f"name_{language}"],
            "licence": settings.AGENCY["licence"],
            "phone": settings.AGENCY["phone"],
        },
        "client_name": said["client"],
        "on": on,
    }
    if code.startswith("DISPUTE_"):
        return {**general, **_of_dispute(code=code, said=said, on=on, soon=soon)}
    complaint = code != "ANSWER"
    return {
        **general,
        "number": "C-2026-000001-01",
        "letter": "RESULT" if code == "ANSWER" else code,
        "name": said["name"],
        "reference": "C-2026-000001",
        "kind": str((MatterKind.COMPLAINT if complaint else MatterKind.ENQUIRY).label),
        "is_complaint": complaint,
        "account_ref": "M-201",
        "received_on": on - dt.timedelta(days=3),
        "answer_by": soon,
        "follow": f"{settings.PUBLIC_URL}{reverse('follow')}",
        "missing": [str(Missing.FACTS.label), str(Missing.DOCUMENTS.label)],
        "step": STEPS[language].get("INVESTIGATED", "") if code == "PROGRESS" else "",
        "plan": said["plan"],
        "outcome": OUTCOMES[language]["JUSTIFIED"],
        "answer": said["answer"],
        "remedy": str(Remedy.APOLOGY.label) if complaint else "",
        "documents": [said["paper"]] if complaint else [],
        "ways": bodies_named(codes=bodies_of("BANK"), language=language) if complaint else [],
    }


def _of_dispute(*, code: str, said: dict[str, str], on: dt.date, soon: dt.date) -> dict[str, Any]:
    corrected = code in {"DISPUTE_RESULT", "DISPUTE_CORRECTED"}
    return {
        "number": "D-2026-000001-1",
        "reference": "D-2026-000001",
        "debtor_name": said["name"],
        "debtor_ref": "M-201",
        "filed_on": on - dt.timedelta(days=12),
        "kind": str(DisputeKind.ITEM.label),
        "ground": str(DisputeGround.FALSE.label),
        "item": said["item"],
        "words": said["words"],
        "due_on": soon,
        "documents": [{"title": said["paper"], "pages": 1, "sha256": "0" * 64}],
        "accounts": [
            {
                "currency": "SAR",
                "open": [
                    {"ref": "M-201-09", "debt": "M-201", "due_on": on - dt.timedelta(days=60),
                     "amount": Decimal("1200.00"), "paid": Decimal("0.00"), "open": Decimal("1200.00")}
                ],
                "open_total": Decimal("1200.00"),
            }
        ],
        "steps": [{"on": on - dt.timedelta(days=12), "what": str(DisputeStep.FILED.label)},
                  {"on": on - dt.timedelta(days=10), "what": str(DisputeStep.NOTIFIED.label)}],
        "asks_documents": True,
        "outcome": str(DisputeOutcome.PARTLY.label),
        "reason": said["reason"],
        "decided_on": on,
        "amends": True,
        "corrected_on": on if corrected else None,
        "correction": str(CorrectionMade.AMENDED.label),
        "rights": True,
        "recipient": said["recipient"],
        "address": said["address"],
        "received": said["day"],
        "statement": said["words"],
    }  # fmt: skip
