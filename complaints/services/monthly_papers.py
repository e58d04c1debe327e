"""A month's report as PDF: drawn from its frozen figures alone, stored with its hash, given again as it is."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from django.conf import settings
from django.utils import translation

from accounts.models import User
from common.clock import RIYADH
from common.documents import pdf_render
from complaints.choices import ReportKind
from complaints.models import MonthlyReport, ReportCourse
from complaints.selectors.month_words import drawn
from legal.services.authorisation_papers import qr_svg

LANGUAGES = ("ar", "en")


def number_of(course: ReportCourse) -> str:
    """What it is called outside: kind, month and issue."""
    letters = {ReportKind.REPEATS: "RC", ReportKind.PERFORMANCE: "PR"}[ReportKind(course.kind)]
    return f"{letters}-{course.month:%Y-%m}-{course.issue}"


def report_freeze(*, course: ReportCourse, user: User, at: dt.datetime) -> list[MonthlyReport]:
    """Both languages of an issue, stored; told by ``report_issue``, whose transaction it is part of."""
    return [_frozen(course=course, user=user, at=at, language=language) for language in LANGUAGES]


def _frozen(*, course: ReportCourse, user: User, at: dt.datetime, language: str) -> MonthlyReport:
    content, pages = pdf_render(
        template="complaints/pdf/month.html", language=language, context=_told(course=course, at=at, language=language)
    )
    return MonthlyReport.objects.create(
        kind=course.kind, month=course.month, issue=course.issue, language=language, figures=course.figures,
        content=content, sha256=hashlib.sha256(content).hexdigest(), pages=pages, made_at=at, made_by=user,
    )  # fmt: skip


def _told(*, course: ReportCourse, at: dt.datetime, language: str) -> dict[str, Any]:
    number = number_of(course)
    with translation.override(language):
        return {
            "LANG": language,
            "DIR": "rtl" if language == "ar" else "ltr",
            "agency": {"name": settings.AGENCY[f"name_{language}"], "licence": settings.AGENCY["licence"],
                       "phone": settings.AGENCY["phone"]},
            "number": number,
            "qr": qr_svg(f"{number} {at:%Y-%m-%d}"),
            "course": course,
            "on": at.astimezone(RIYADH).date(),
            "by": course.issued_by.name if course.issued_by else "",
            **drawn(course=course, language=language),
        }  # fmt: skip
