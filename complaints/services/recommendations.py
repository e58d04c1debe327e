"""The only writer of recommendations (CR-08): proposed, decided by the general manager, carried out or not, filed.

Each act locks the row, checks the move against ``RECOMMENDATION_MOVES``, and leaves a move and a row in the trail. All
raise NotAllowed for who may not, and Conflict where it stands otherwise by now.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.audit import Actor, record
from common.clock import RIYADH
from common.clocks import clock_event, clock_reopen, clocks_of
from common.exceptions import Conflict, NotAllowed, Refused
from complaints.choices import RECOMMENDATION_MOVES, ClockKind, Department, RecommendationState
from complaints.models import ChannelReview, Matter, Recommendation, RecommendationMove, ReportCourse
from complaints.policies import (
    OWNS,
    can_carry_out,
    can_decide_recommendations,
    can_prepare_reports,
    can_propose,
    matters_visible_to,
)
from complaints.services.report_reasons import reasons_followed

State = RecommendationState
LONGEST_TEXT, LONGEST_LINE, LONGEST_REASON = 2000, 1000, 500


def recommendation_propose(
    *,
    user: User,
    department: str,
    problem: str,
    proposal: str,
    at: dt.datetime,
    how: str = "",
    matters: Sequence[Matter] = (),
    report: ReportCourse | None = None,
    review: ChannelReview | None = None,
) -> Recommendation:
    """Propose an improvement: what is wrong, what should be done, how; from what complaints, which report or review.

    Raises Refused without either, for an unknown department, and for matters that the person may not see.
    """
    if not can_propose(user):
        raise NotAllowed("recommendation_propose", _("The heads and the quality officer propose."))
    if department not in Department.values:
        raise Refused("recommendation_department", _("Choose one of the list."), field="department")
    told = {"problem": _written(problem, "problem"), "proposal": _written(proposal, "proposal")}
    if len(how) > LONGEST_TEXT:
        raise Refused("recommendation_how", _("That is longer than 2,000 characters."), field="how")
    seen = matters_visible_to(user).filter(pk__in=[matter.pk for matter in matters]).count()
    if seen != len({matter.pk for matter in matters}):
        raise Refused("recommendation_matters", _("Choose one of the list."), field="matters")
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval('complaints_recommendation_number')")
            (number,) = cursor.fetchone()
        made = Recommendation.objects.create(
            number=f"R-{at.astimezone(RIYADH):%Y}-{number:04d}", department=department, how=how.strip(), report=report,
            review=review, proposed_by=user, proposed_at=at, **told,
        )  # fmt: skip
        made.matters.set(matters)
        _noted(made, actor=Actor.person(user), before="", at=at, by=user)
    return made


def _written(words: str, field: str) -> str:
    words = words.strip()
    if not words:
        raise Refused(f"recommendation_{field}", _("Write it down."), field=field)
    if len(words) > LONGEST_TEXT:
        raise Refused(f"recommendation_{field}", _("That is longer than 2,000 characters."), field=field)
    return words


def _line(words: str, field: str, most: int = LONGEST_LINE) -> str:
    words = words.strip()
    if not words or len(words) > most:
        raise Refused(f"recommendation_{field}", _("Say it in a few sentences."), field=field)
    return words


def _held(recommendation: Recommendation, *, to: str) -> Recommendation:
    held = Recommendation.objects.select_for_update(of=("self",), no_key=True).get(pk=recommendation.pk)
    if to not in RECOMMENDATION_MOVES[held.state]:
        raise Conflict("recommendation_moved", _("This recommendation stands otherwise by now."))
    return held


def _noted(
    held: Recommendation, *, actor: Actor, before: str, at: dt.datetime, by: User | None, words: str = ""
) -> None:
    RecommendationMove.objects.create(
        recommendation=held, from_state=before, to_state=held.state, at=at, by=by, words=words[:LONGEST_LINE]
    )
    record(
        # The reason of what was not done moves nothing.
        actor=actor, action=f"recommendation.{held.state.lower() if held.state != before else 'reason'}", subject=held,
        body={"number": held.number, "from": before, "owner": held.owner_id, "due_on": held.due_on,
              "words": words[:LONGEST_LINE]},
    )  # fmt: skip


def _moved(
    held: Recommendation, *, actor: Actor, to: str, at: dt.datetime, by: User | None = None, words: str = ""
) -> Recommendation:
    before, held.state = held.state, to
    held.save()
    _noted(held, actor=actor, before=before, at=at, by=by, words=words)
    return held


def recommendation_decide(
    *,
    user: User,
    recommendation: Recommendation,
    approved: bool,
    at: dt.datetime,
    reason: str = "",
    owner: User | None = None,
    due_on: dt.date | None = None,
) -> Recommendation:
    """Approve, with who carries it out and until when; or decline, with the reason. Never one's own proposal."""
    if not can_decide_recommendations(user):
        raise NotAllowed("recommendation_decide", _("The general manager decides."))
    with transaction.atomic():
        held = _held(recommendation, to=State.APPROVED if approved else State.DECLINED)
        if held.state != State.PROPOSED:
            raise Conflict("recommendation_moved", _("This recommendation stands otherwise by now."))
        if held.proposed_by_id == user.pk:
            raise NotAllowed("recommendation_own", _("Nobody decides on what they proposed."))
        if approved:
            held.owner, held.due_on = _given(owner=owner, due_on=due_on, at=at)
        held.decision_reason = reason.strip()[:LONGEST_REASON] if approved else _line(reason, "reason", LONGEST_REASON)
        held.decided_by, held.decided_at = user, at
        to = State.APPROVED if approved else State.DECLINED
        return _moved(held, actor=Actor.person(user), to=to, at=at, by=user, words=held.decision_reason)


def _given(*, owner: User | None, due_on: dt.date | None, at: dt.datetime) -> tuple[User, dt.date]:
    if owner is None or not owner.is_active or owner.role not in OWNS:
        raise Refused("recommendation_owner", _("Choose who carries it out."), field="owner")
    if due_on is None or due_on < at.astimezone(RIYADH).date():
        raise Refused("recommendation_due", _("Give a day from today on."), field="due_on")
    return owner, due_on


def recommendation_done(*, user: User, recommendation: Recommendation, result: str, at: dt.datetime) -> Recommendation:
    """It was carried out, and this came of it. Raises Refused without the result."""
    with transaction.atomic():
        held = _held(recommendation, to=State.DONE)
        _carries(user, held)
        held.result, held.done_at = _line(result, "result"), at
        return _moved(held, actor=Actor.person(user), to=State.DONE, at=at, by=user, words=held.result)


def _carries(user: User, held: Recommendation) -> None:
    if not can_carry_out(user, held):
        raise NotAllowed("recommendation_owner", _("Who was given it says what became of it."))


def recommendation_not_done(*, user: User, recommendation: Recommendation, at: dt.datetime) -> Recommendation:
    """It was not carried out: why is found out within two days (``rules/deadlines.py``)."""
    with transaction.atomic():
        held = _held(recommendation, to=State.NOT_DONE)
        _carries(user, held)
        return _not_done(held, actor=Actor.person(user), at=at, by=user)


def _not_done(held: Recommendation, *, actor: Actor, at: dt.datetime, by: User | None = None) -> Recommendation:
    held.not_done_reason = ""
    held = _moved(held, actor=actor, to=State.NOT_DONE, at=at, by=by)
    had = clocks_of(subject=held).filter(kind=ClockKind.RECOMMENDATION, code="REASON").first()
    if had is None:
        clock_event(subject=held, kind=ClockKind.RECOMMENDATION, event="APPROVED_NOT_DONE", at=at, actor=actor)
    else:  # a second time: the whole time anew
        clock_reopen(clock=had, at=at, actor=actor, reason=str(_("Not done a second time")), afresh=True)
    return held


def recommendations_overdue(*, actor: Actor, at: dt.datetime) -> int:
    """What was to be done by yesterday and is not reported done was not done; how many. Safe to run twice."""
    today, count = at.astimezone(RIYADH).date(), 0
    for pk in Recommendation.objects.filter(state=State.APPROVED, due_on__lt=today).values_list("pk", flat=True):
        with transaction.atomic():
            held = Recommendation.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)
            if held.state == State.APPROVED and held.due_on is not None and held.due_on < today:
                _not_done(held, actor=actor, at=at)
                count += 1
    return count


def recommendation_reason(
    *, user: User, recommendation: Recommendation, reason: str, at: dt.datetime
) -> Recommendation:
    """Why it was not done, and what is done about that (CR-08). A report that waits for it goes on."""
    with transaction.atomic():
        held = _held(recommendation, to=State.ARCHIVED)
        if held.state != State.NOT_DONE or held.not_done_reason:
            raise Conflict("recommendation_moved", _("This recommendation stands otherwise by now."))
        if not (can_carry_out(user, held) or can_propose(user)):
            raise NotAllowed("recommendation_owner", _("Who was given it says what became of it."))
        held.not_done_reason = _line(reason, "reason")
        held.save(update_fields=["not_done_reason"])
        actor = Actor.person(user)
        _noted(held, actor=actor, before=held.state, at=at, by=user, words=held.not_done_reason)
        clock_event(subject=held, kind=ClockKind.RECOMMENDATION, event="REASON_FOUND", at=at, actor=actor)
        reasons_followed(actor=actor, recommendation=held, at=at)
    return held


def recommendation_again(
    *, user: User, recommendation: Recommendation, owner: User | None, due_on: dt.date | None, at: dt.datetime
) -> Recommendation:
    """Take up again what was not done, by a new day: the general manager, once the reason is known."""
    if not can_decide_recommendations(user):
        raise NotAllowed("recommendation_decide", _("The general manager decides."))
    with transaction.atomic():
        held = _held(recommendation, to=State.APPROVED)
        if held.state != State.NOT_DONE:
            raise Conflict("recommendation_moved", _("This recommendation stands otherwise by now."))
        _reason_known(held)
        held.owner, held.due_on = _given(owner=owner, due_on=due_on, at=at)
        return _moved(held, actor=Actor.person(user), to=State.APPROVED, at=at, by=user, words=held.not_done_reason)


def _reason_known(held: Recommendation) -> None:
    if held.state == State.NOT_DONE and not held.not_done_reason:
        raise Refused("recommendation_reason", _("First say why it was not done."), field="reason")


def recommendation_archive(*, user: User, recommendation: Recommendation, at: dt.datetime) -> Recommendation:
    """File what is over: done, declined, or not done for a reason that is known."""
    if not can_prepare_reports(user):
        raise NotAllowed("recommendation_archive", _("The quality officer files them."))
    with transaction.atomic():
        held = _held(recommendation, to=State.ARCHIVED)
        _reason_known(held)
        held.archived_at = at
        return _moved(held, actor=Actor.person(user), to=State.ARCHIVED, at=at, by=user)
