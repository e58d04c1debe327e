"""Minutes of review meetings: those of a client, what a paper prints of them, and what became of each point."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet

from reporting.models import Review, ReviewOutcome, ReviewPoint


def reviews_of(*, client_id: int) -> QuerySet[Review]:
    """A client's meetings, the latest first, with their points and what came of each."""
    outcomes = Prefetch("outcomes", ReviewOutcome.objects.select_related("recorded_by"))
    points = Prefetch("points", ReviewPoint.objects.prefetch_related(outcomes))
    return Review.objects.filter(client_id=client_id).select_related("client", "recorded_by").prefetch_related(points)


def _agreed(*, client_id: int, quarter: str) -> list[Review]:
    return list(reviews_of(client_id=client_id).filter(quarter=quarter, agreed_on__isnull=False).order_by("held_on"))


def review_printed(*, client_id: int, quarter: str) -> list[dict[str, Any]]:
    """The meetings about a quarter whose minutes the client agreed to, each with its points."""
    return [
        {
            "held_on": review.held_on,
            "attended": review.attended,
            "agreed_by": review.agreed_by,
            "agreed_on": review.agreed_on,
            "points": [
                {"kind": point.kind, "text": point.text, "owner": point.owner, "due_on": point.due_on}
                for point in review.points.all()
            ],
        }
        for review in _agreed(client_id=client_id, quarter=quarter)
    ]


def review_followed(*, client_id: int, quarter: str) -> list[dict[str, Any]]:
    """What became of the points of a quarter: done, not done with its reason, or nothing told yet."""
    found = []
    for review in _agreed(client_id=client_id, quarter=quarter):
        for point in review.points.all():
            told = list(point.outcomes.all())
            last = told[-1] if told else None
            found.append(
                {
                    "text": point.text,
                    "owner": point.owner,
                    "due_on": point.due_on,
                    "state": "open" if last is None else "done" if last.done else "not_done",
                    "reason": last.reason if last else "",
                    "on": last.on if last else None,
                }
            )
    return found
