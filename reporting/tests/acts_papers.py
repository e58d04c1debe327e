"""What each act on reviews and portfolios leaves in the audit trail (``tests/test_acts_are_recorded.py``)."""

from __future__ import annotations

from typing import Any

from clients.models import Client
from common import clock
from reporting.choices import PointKind
from reporting.models import Review, ReviewPoint
from reporting.rules.periods import Quarter
from reporting.services.reviews import (
    adjustment_note,
    review_agree,
    review_outcome,
    review_point_add,
    review_record,
)
from reporting.tests.acts_reports import Act


def last_quarter() -> Quarter:
    return Quarter.of(on=clock.today()).before()


def a_review(user: Any, client: Client, *, agreed: bool = False) -> Review:
    """The minutes of a meeting about the last quarter, with one point."""
    review = review_record(
        user=user, client=client, quarter=last_quarter().label, held_on=clock.today(), attended="طارق؛ ليلى"
    )
    a_point(user, review)
    return review_agree(user=user, review=review, agreed_by="ليلى", agreed_on=clock.today()) if agreed else review


def a_point(user: Any, review: Review) -> ReviewPoint:
    return review_point_add(
        user=user, review=review, kind=PointKind.RECOMMENDATION, text="رسالة قبل كل اتصال", owner="طارق",
        due_on=clock.today(),
    )  # fmt: skip


ACTS: dict[str, Act] = {
    "reporting.review_record": (
        None,
        lambda w: review_record(
            user=w.manager, client=w.client, quarter=last_quarter().label, held_on=w.today, attended="طارق"
        ),
        {"review.recorded": 1},
    ),
    "reporting.review_point_add": (
        lambda w: a_review(w.manager, w.client),
        lambda w, review: a_point(w.manager, review),
        {"review.point_added": 1},
    ),
    "reporting.review_agree": (
        lambda w: a_review(w.manager, w.client),
        lambda w, review: review_agree(user=w.manager, review=review, agreed_by="ليلى", agreed_on=w.today),
        {"review.agreed": 1},
    ),
    "reporting.review_outcome": (
        lambda w: a_review(w.manager, w.client, agreed=True),
        lambda w, review: review_outcome(user=w.manager, point=review.points.get(), done=True),
        {"review.outcome": 1},
    ),
    "reporting.adjustment_note": (
        None,
        lambda w: adjustment_note(user=w.manager, client=w.client, placed_on=w.today, text="الرسائل أولًا"),
        {"portfolio.adjusted": 1},
    ),
}
WITHIN = {
    "reporting.runs_due": "reads",
    "reporting.report_send": "report_issue once a language, which leaves its row, and seals before each",
    "reporting.review_print": "report_send with the minutes; the issues leave their rows",
}
