"""The papers a client is sent, one for each kind (ADR 0050). What a paper says is read and drawn here, and made and
stored by ``reporting.services.reports`` alone.
"""

from __future__ import annotations

from collections.abc import Mapping

from reporting.choices import ReportKind
from reporting.papers import assessment, brief, calendar
from reporting.papers.base import LANGUAGES, Paper, kept, qr

PAPERS: Mapping[str, Paper] = {
    ReportKind.WEEKLY: calendar.WEEKLY,
    ReportKind.MONTHLY: calendar.MONTHLY,
    ReportKind.QUARTERLY: calendar.QUARTERLY,
    ReportKind.BRIEF: brief.BRIEF,
    ReportKind.ASSESSMENT: assessment.ASSESSMENT,
}

__all__ = ["LANGUAGES", "PAPERS", "Paper", "kept", "qr"]
