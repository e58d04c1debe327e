"""The only writer of the months' reports (CR-05, CR-07, CR-17): counted, written, reviewed by heads, issued, discussed
by the general manager, filed. What is issued is frozen as PDFs in both languages; a correction is the next issue.

All raise NotAllowed for who may not, Conflict where a report stands otherwise by now, and Refused for what is missing.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.choices import Role
from accounts.models import User
from common.audit import Actor, record
from common.choices import LIVE_CLOCK
from common.clock import RIYADH
from common.clocks import clock_cancel, clock_event, clocks_of
from common.exceptions import Conflict, NotAllowed, Refused
from complaints.choices import REPORT_MOVES, ClockKind, ReportKind, ReportState
from complaints.models import ReportCourse, ReportReview
from complaints.policies import can_discuss_reports, can_prepare_reports, can_review_reports
from complaints.rules.handling import HEAD_OF
from complaints.rules.learning import month_after, month_before, month_of
from complaints.selectors.month_figures import figures_of
from complaints.services.monthly_papers import report_freeze
from complaints.services.report_reasons import reasons_begin

State = ReportState
WORDS = ("weak_points", "proposals", "how", "follow_up")
LONGEST_WORDS, LONGEST_DECISION, LONGEST_REASON = 4000, 2000, 500


def report_prepare(
    *, actor: Actor, kind: str, month: dt.date, at: dt.datetime, user: User | None = None
) -> ReportCourse:
    """Count a month that is over. Raises Refused before its end, and Conflict where it has its report."""
    if user is not None and not can_prepare_reports(user):
        raise NotAllowed("report_prepare", _("The quality officer prepares the reports."))
    if kind not in ReportKind.values:
        raise Refused("report_kind", _("Choose one of the list."), field="kind")
    month = month_of(month)
    if month_after(month) > at.astimezone(RIYADH).date():
        raise Refused("report_month", _("This month is not over yet."), field="month")
    with transaction.atomic():
        course, made = ReportCourse.objects.get_or_create(
            kind=kind, month=month, issue=1,
            defaults={"figures": figures_of(kind=kind, month=month), "counted_at": at, "prepared_at": at,
                      "prepared_by": user},
        )  # fmt: skip
        if not made:
            raise Conflict("report_there", _("This month has its report."))
        _noted(course, actor=actor, action="prepared")
    return course


def reports_due(*, actor: Actor, at: dt.datetime) -> int:
    """Both reports of the month that ended, and of the months missed since the last; how many. Safe to run twice."""
    last, count = month_before(at.astimezone(RIYADH).date()), 0
    # What was counted of older years is history taken over, not the house's own course.
    own = ReportCourse.objects.filter(month__gt=last.replace(year=last.year - 1))
    for kind in ReportKind.values:
        newest = own.filter(kind=kind).order_by("-month").values_list("month", flat=True).first()
        month = month_after(newest) if newest else last
        while month <= last:
            report_prepare(actor=actor, kind=kind, month=month, at=at)
            month, count = month_after(month), count + 1
    return count


def _noted(course: ReportCourse, *, actor: Actor, action: str, **body: object) -> None:
    record(
        actor=actor, action=f"month_report.{action}", subject=course,
        body={"kind": course.kind, "month": course.month, "issue": course.issue, **body},
    )  # fmt: skip


def _held(course: ReportCourse, *states: str) -> ReportCourse:
    held = ReportCourse.objects.select_for_update(of=("self",), no_key=True).get(pk=course.pk)
    if held.state not in states:
        raise Conflict("report_moved", _("This report stands otherwise by now."))
    return held


def _moved(held: ReportCourse, *, to: str) -> None:
    if to not in REPORT_MOVES[held.state]:
        raise Conflict("report_moved", _("This report stands otherwise by now."))
    held.state = to
    held.save()


def digest_of(course: ReportCourse) -> str:
    """What a review stands on: figures and words as they are."""
    read = [course.figures, *(getattr(course, name) for name in WORDS)]
    return hashlib.sha256(json.dumps(read, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def heads_asked(course: ReportCourse) -> frozenset[str]:
    """The heads who review it: of the departments that it speaks of; the head of operations where it names none.

    A head whose place nobody holds is not waited for.
    """
    named = {HEAD_OF[row["key"]] for row in course.figures.get("departments", []) if row["key"] in HEAD_OF}
    there = set(User.objects.filter(is_active=True, role__in=set(HEAD_OF.values())).values_list("role", flat=True))
    return frozenset((named or {Role.COLLECTIONS_MANAGER}) & there)


def heads_waiting(course: ReportCourse) -> frozenset[str]:
    """Those of them who have not reviewed it as it stands now."""
    read = ReportReview.objects.filter(course=course, digest=digest_of(course)).values_list("role", flat=True)
    return heads_asked(course) - set(read)


def report_write(
    *, user: User, course: ReportCourse, at: dt.datetime, recount: bool = False, **words: str
) -> ReportCourse:
    """Say what stands out and what should be done; ``recount``: with the figures of now. Reviews are asked for again.

    ``words`` are those of ``WORDS``.
    """
    if not can_prepare_reports(user):
        raise NotAllowed("report_prepare", _("The quality officer prepares the reports."))
    for name in WORDS:
        if len(words.get(name, "")) > LONGEST_WORDS:
            raise Refused("report_words", _("That is longer than 4,000 characters."), field=name)
    with transaction.atomic():
        held = _held(course, State.DRAFT, State.REVIEWED)
        before = digest_of(held)
        for name in WORDS:
            setattr(held, name, words.get(name, getattr(held, name)).strip())
        if recount:
            held.figures, held.counted_at = figures_of(kind=held.kind, month=held.month), at
        if digest_of(held) != before and held.state == State.REVIEWED:
            held.state = State.DRAFT
        held.save()
        _noted(held, actor=Actor.person(user), action="written", recount=recount)
    return held


def report_review(*, user: User, course: ReportCourse, digest: str, at: dt.datetime, words: str = "") -> ReportCourse:
    """A head has read it as ``digest`` says, weak points first. The last of them makes it ready to be issued.

    Raises Conflict where it changed since it was read, or was reviewed by this head.
    """
    if not can_review_reports(user):
        raise NotAllowed("report_review", _("The heads review the reports."))
    with transaction.atomic():
        held = _held(course, State.DRAFT)
        if digest != digest_of(held):
            raise Conflict("report_changed", _("It changed since you read it. Read it again."))
        if ReportReview.objects.filter(course=held, role=user.role, digest=digest).exists():
            raise Conflict("report_read", _("It was reviewed for this department already."))
        ReportReview.objects.create(course=held, by=user, role=user.role, at=at, words=words.strip()[:1000],
                                    digest=digest)  # fmt: skip
        _noted(held, actor=Actor.person(user), action="reviewed", role=user.role)
        if not heads_waiting(held):
            _moved(held, to=State.REVIEWED)
    return held


def report_issue(*, user: User, course: ReportCourse, at: dt.datetime) -> ReportCourse:
    """Send it to the general manager: frozen in both languages. Its deadlines begin.

    An issue before it is replaced. Raises Refused for repeated complaints without proposals (CR-05), and for
    performance without a word on its weak points where it has some.
    """
    if not can_prepare_reports(user):
        raise NotAllowed("report_prepare", _("The quality officer prepares the reports."))
    with transaction.atomic():
        held, actor = _held(course, State.DRAFT, State.REVIEWED), Actor.person(user)
        if held.state == State.DRAFT:
            _nobody_waits(held)
        _complete(held)
        held.issued_at, held.issued_by = at, user
        _moved(held, to=State.ISSUED)
        frozen = report_freeze(course=held, user=user, at=at)
        _noted(held, actor=actor, action="issued", sha256=[one.sha256 for one in frozen])
        for earlier in ReportCourse.objects.select_for_update(no_key=True).filter(
            kind=held.kind, month=held.month, issue__lt=held.issue,
            state__in=[State.ISSUED, State.DISCUSSED, State.ARCHIVED],
        ):  # fmt: skip
            _replaced(earlier, actor=actor, by=held, at=at)
        reasons_begin(actor=actor, course=held, at=at)
    return held


def _nobody_waits(held: ReportCourse) -> None:
    """A draft whose last head has read it, or left the house, is reviewed."""
    if heads_waiting(held):
        raise Conflict("report_unread", _("First the heads review it."))
    _moved(held, to=State.REVIEWED)


def _complete(held: ReportCourse) -> None:
    if held.kind == ReportKind.REPEATS and held.figures["complaints"]:
        lacking = [name for name in ("proposals", "how", "follow_up") if not getattr(held, name)]
        if lacking:
            raise Refused("report_words", _("Write what is proposed, how it is carried out, and how it is followed."))
    if held.kind == ReportKind.PERFORMANCE and held.figures.get("weak") and not held.weak_points:
        raise Refused("report_words", _("Write what is said of the weak points."))


def _replaced(earlier: ReportCourse, *, actor: Actor, by: ReportCourse, at: dt.datetime) -> None:
    with translation.override("ar"):
        why = str(_("Replaced by issue %(issue)s") % {"issue": by.issue})
    for clock in clocks_of(subject=earlier).filter(state__in=LIVE_CLOCK):
        clock_cancel(clock=clock, at=at, actor=actor, reason=why)
    _moved(earlier, to=State.REPLACED)
    _noted(earlier, actor=actor, action="replaced", by=by.issue)


def report_discuss(*, user: User, course: ReportCourse, decision: str, at: dt.datetime) -> ReportCourse:
    """The general manager discussed it with those responsible and decided (CR-17).

    Raises Refused while reasons of what was not done are still looked for.
    """
    if not can_discuss_reports(user):
        raise NotAllowed("report_discuss", _("The general manager discusses the reports."))
    decision = decision.strip()
    if not decision or len(decision) > LONGEST_DECISION:
        raise Refused("report_decision", _("Write what was decided, in at most 2,000 characters."), field="decision")
    with transaction.atomic():
        held, actor = _held(course, State.ISSUED), Actor.person(user)
        if clocks_of(subject=held).filter(code="REASON", state__in=LIVE_CLOCK).exists():
            raise Refused("report_reasons", _("First the reasons of what was not done are found."))
        held.discussed_at, held.discussed_by, held.decision = at, user, decision
        _moved(held, to=State.DISCUSSED)
        _noted(held, actor=actor, action="discussed", decision=decision)
        clock_event(subject=held, kind=ClockKind.PERFORMANCE_REPORT, event="DISCUSSED", at=at, actor=actor)
    return held


def report_archive(*, user: User, course: ReportCourse, at: dt.datetime) -> ReportCourse:
    """File a discussed report, within a day (CR-17)."""
    if not can_prepare_reports(user):
        raise NotAllowed("report_prepare", _("The quality officer prepares the reports."))
    with transaction.atomic():
        held, actor = _held(course, State.DISCUSSED), Actor.person(user)
        held.archived_at = at
        _moved(held, to=State.ARCHIVED)
        _noted(held, actor=actor, action="archived")
        clock_event(subject=held, kind=ClockKind.PERFORMANCE_REPORT, event="ARCHIVED", at=at, actor=actor)
    return held


def report_correct(*, user: User, course: ReportCourse, reason: str, at: dt.datetime) -> ReportCourse:
    """Begin the next issue of an issued report, counted anew, with its words. The one before stands until then."""
    if not can_prepare_reports(user):
        raise NotAllowed("report_prepare", _("The quality officer prepares the reports."))
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise Refused("report_reason", _("Say why, in at most 500 characters."), field="reason")
    with transaction.atomic():
        held = _held(course, State.ISSUED, State.DISCUSSED, State.ARCHIVED)
        if ReportCourse.objects.filter(kind=held.kind, month=held.month, issue__gt=held.issue).exists():
            raise Conflict("report_corrected", _("Its next issue is being prepared."))
        made = ReportCourse.objects.create(
            kind=held.kind, month=held.month, issue=held.issue + 1, reason=reason, counted_at=at, prepared_at=at,
            figures=figures_of(kind=held.kind, month=held.month), prepared_by=user,
            **{name: getattr(held, name) for name in WORDS},
        )  # fmt: skip
        _noted(made, actor=Actor.person(user), action="corrected", reason=reason)
    return made
