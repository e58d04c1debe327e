"""The only writer of review meetings, their points and outcomes, and of what is adjusted in a portfolio (ADR 0050)."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clients.models import Client
from common import clock
from common.audit import Actor, record
from common.components.format import day_text
from common.exceptions import Conflict, Refused
from reporting.choices import PointKind, ReportKind
from reporting.models import Adjustment, Report, Review, ReviewOutcome, ReviewPoint
from reporting.papers import kept
from reporting.rules.periods import Quarter
from reporting.selectors.reviews import review_printed
from reporting.services.reports import report_send

_AGREED = _("The client agreed to these minutes; they stand as they are.")


def review_record(*, user: User, client: Client, quarter: str, held_on: dt.date, attended: str) -> Review:
    """Begin the minutes of a meeting about a quarter.

    Raises Refused for a quarter there is not, a day ahead or before the quarter, and a second meeting of the day.
    """
    try:
        about = Quarter.parse(quarter)
    except ValueError as error:
        raise Refused("review_quarter", _("A quarter is written like 2026-Q3."), field="quarter") from error
    if not about.starts_on <= held_on <= clock.today():
        raise Refused("review_day", _("The meeting lies in the quarter or after it, and not ahead."), field="held_on")
    if not attended.strip():
        raise Refused("review_attended", _("Say who attended."), field="attended")
    try:
        with transaction.atomic():
            review = Review.objects.create(
                client=client, quarter=quarter, held_on=held_on, attended=attended.strip(), recorded_by=user,
                recorded_at=clock.now(),
            )  # fmt: skip
            body = {"quarter": quarter, "held_on": held_on, "attended": review.attended}
            record(actor=Actor.person(user), action="review.recorded", subject=review, body=body)
    except IntegrityError as error:
        raise Conflict("review_twice", _("The meeting of this day is recorded already.")) from error
    return review


def _open(review: Review) -> Review:
    """The review, locked. Raises Conflict once the client agreed to it."""
    review = Review.objects.select_for_update().get(pk=review.pk)
    if review.agreed_on is not None:
        raise Conflict("review_agreed", _AGREED)
    return review


def review_point_add(
    *, user: User, review: Review, kind: str, text: str, owner: str = "", due_on: dt.date | None = None
) -> ReviewPoint:
    """One decision or recommendation. Raises Refused for an empty one, and a recommendation without owner and date;
    Conflict once the minutes are agreed.
    """
    if kind not in PointKind.values or not text.strip():
        raise Refused("point_text", _("Say what was decided or recommended."), field="text")
    if kind == PointKind.RECOMMENDATION and not (owner.strip() and due_on):
        raise Refused("point_owner", _("A recommendation has somebody who sees to it, and a date."), field="owner")
    with transaction.atomic():
        review = _open(review)
        point = ReviewPoint.objects.create(
            client_id=review.client_id, review=review, kind=kind, text=text.strip(), owner=owner.strip(),
            due_on=due_on, recorded_by=user, recorded_at=clock.now(),
        )  # fmt: skip
        body = {"kind": kind, "text": point.text, "owner": point.owner, "due_on": due_on}
        record(actor=Actor.person(user), action="review.point_added", subject=point, body=body)
    return point


def review_agree(*, user: User, review: Review, agreed_by: str, agreed_on: dt.date) -> Review:
    """Write down who agreed for the client; from here on the minutes stand, and the quarter's paper prints them.

    Raises Refused without a name, points or a day that can be; Conflict when they were agreed already.
    """
    if not agreed_by.strip():
        raise Refused("review_agreed_by", _("Say who agreed for the client."), field="agreed_by")
    with transaction.atomic():
        review = _open(review)
        if not review.held_on <= agreed_on <= clock.today():
            raise Refused("review_agreed_on", _("It was agreed on the day of the meeting or later."), field="agreed_on")
        if not review.points.exists():
            raise Refused("review_empty", _("There is nothing to agree to yet."))
        review.agreed_by, review.agreed_on = agreed_by.strip(), agreed_on
        review.save(update_fields=["agreed_by", "agreed_on"])
        body = {"quarter": review.quarter, "by": review.agreed_by, "on": agreed_on}
        record(actor=Actor.person(user), action="review.agreed", subject=review, body=body)
    return review


def review_print(*, user: User, review: Review) -> list[Report]:
    """The quarter's paper with these minutes, in both languages: the first issue, or the next one where it was issued
    before. Its readers are told. Raises Conflict before the client agreed, and where the paper says this already.
    """
    if review.agreed_on is None:
        raise Conflict("review_not_agreed", _("The client has not agreed to these minutes yet."))
    issued = Report.objects.filter(client=review.client, kind=ReportKind.QUARTERLY, period=review.quarter)
    said = kept(review_printed(client_id=review.client_id, quarter=review.quarter))
    last = {report.language: report for report in issued.defer("pdf").order_by("issue")}
    if last and all(report.context["review"] == said for report in last.values()):
        raise Conflict("review_printed", _("The quarterly report says this already."))
    return report_send(
        actor=Actor.person(user),
        client=review.client,
        period=Quarter.parse(review.quarter),
        reissue={language: _reason(review, language) for language in last},
    )


# What stands on the next issue, in its language.
_REASON = {"ar": "قرارات اجتماع المراجعة في {day}", "en": "Decisions of the review meeting of {day}"}


def _reason(review: Review, language: str) -> str:
    return _REASON[language].format(day=day_text(on=review.held_on, language=language, year=True))


def review_outcome(*, user: User, point: ReviewPoint, done: bool, reason: str = "") -> ReviewOutcome:
    """What came of a point of agreed minutes: done, or not done with its reason. What is told later holds.

    Raises Refused for what was not done without a reason, Conflict before the client agreed.
    """
    if not done and not reason.strip():
        raise Refused("outcome_reason", _("Say why it was not done."), field="reason")
    with transaction.atomic():
        if Review.objects.get(pk=point.review_id).agreed_on is None:
            raise Conflict("review_not_agreed", _("The client has not agreed to these minutes yet."))
        outcome = ReviewOutcome.objects.create(
            client_id=point.client_id, point=point, done=done, reason=reason.strip(), on=clock.today(),
            recorded_by=user, recorded_at=clock.now(),
        )  # fmt: skip
        body = {"point": point.pk, "done": done, "reason": outcome.reason}
        record(actor=Actor.person(user), action="review.outcome", subject=outcome, body=body)
    return outcome


def adjustment_note(*, user: User, client: Client, placed_on: dt.date, text: str) -> Adjustment:
    """What is changed in the work on a portfolio; its early brief prints it. Raises Refused for an empty one."""
    if not text.strip():
        raise Refused("adjustment_text", _("Say what is changed."), field="text")
    with transaction.atomic():
        note = Adjustment.objects.create(
            client=client, placed_on=placed_on, text=text.strip(), recorded_by=user, recorded_at=clock.now()
        )
        body = {"placed_on": placed_on, "text": note.text}
        record(actor=Actor.person(user), action="portfolio.adjusted", subject=note, body=body)
    return note
