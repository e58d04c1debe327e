"""The reasons a month's report waits for: of each earlier recommendation that was not done (CR-17)."""

from __future__ import annotations

import datetime as dt

from common.audit import Actor
from common.choices import LIVE_CLOCK
from common.clocks import clock_event, clocks_of
from complaints.choices import ClockKind, RecommendationState, ReportState
from complaints.models import Recommendation, ReportCourse


def reasons_owed(course: ReportCourse) -> list[Recommendation]:
    """What the report names as not done and nobody has said why, as it stands now."""
    named = [row["id"] for row in course.figures.get("recommendations", [])]
    return list(
        Recommendation.objects.filter(pk__in=named, state=RecommendationState.NOT_DONE, not_done_reason="").order_by(
            "pk"
        )
    )


def reasons_begin(*, actor: Actor, course: ReportCourse, at: dt.datetime) -> None:
    """A report is issued: two days to find the reasons; with none to find, three days to discuss it."""
    event = "WEAKNESS_FOUND" if reasons_owed(course) else "REASON_FOUND"
    clock_event(subject=course, kind=ClockKind.PERFORMANCE_REPORT, event=event, at=at, actor=actor)


def reasons_followed(*, actor: Actor, recommendation: Recommendation, at: dt.datetime) -> None:
    """A reason was found: the reports that waited for it alone are to be discussed now."""
    for course in ReportCourse.objects.filter(state=ReportState.ISSUED).order_by("pk"):
        waits = clocks_of(subject=course).filter(code="REASON", state__in=LIVE_CLOCK).exists()
        if waits and not reasons_owed(course):
            clock_event(subject=course, kind=ClockKind.PERFORMANCE_REPORT, event="REASON_FOUND", at=at, actor=actor)
