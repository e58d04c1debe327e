"""The reports of the months: list, one with what may be done with it, and the frozen paper (CR-05, CR-07, CR-17)."""

from __future__ import annotations

import hashlib
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from accounts.access import allow, user_of
from accounts.choices import Role
from common import clock
from common.audit import Actor
from common.clocks import clocks_of, earliest_of
from common.components.format import short
from common.exceptions import Refused
from common.forms import blame
from complaints.choices import ReportState
from complaints.forms import learning as typed
from complaints.models import MonthlyReport, ReportCourse
from complaints.policies import (
    can_act_on_reports,
    can_discuss_reports,
    can_prepare_reports,
    can_propose,
    reads_learning,
    reports_visible_to,
)
from complaints.selectors.month_words import drawn
from complaints.services import monthly
from complaints.services.monthly_papers import LANGUAGES, number_of
from complaints.views.learning_acts import Act, act_done, acts_open

State = ReportState
A_PAGE = 24


def _waits_for(user: Any, course: ReportCourse) -> bool:
    return course.state == State.DRAFT and user.role in monthly.heads_waiting(course)


def _issues(user: Any, course: ReportCourse) -> bool:
    ready = course.state == State.REVIEWED or (course.state == State.DRAFT and not monthly.heads_waiting(course))
    return ready and can_prepare_reports(user)


ACTS: dict[str, Act] = {
    "review": Act(
        words=gettext_lazy("Review it"),
        button=gettext_lazy("Reviewed"),
        icon="check",
        said=gettext_lazy("Your review is kept"),
        is_open=_waits_for,
        form=lambda course, told=None: typed.ReviewForm(told, initial={"digest": monthly.digest_of(course)}),
        do=lambda user, course, data: monthly.report_review(user=user, course=course, at=clock.now(), **data),
    ),
    "issue": Act(
        words=gettext_lazy("Issue it to the general manager"),
        button=gettext_lazy("Issue"),
        icon="send",
        said=gettext_lazy("The report is issued"),
        is_open=_issues,
        form=lambda course, *args: typed.NothingForm(*args),
        do=lambda user, course, data: monthly.report_issue(user=user, course=course, at=clock.now()),
    ),
    "discuss": Act(
        words=gettext_lazy("It was discussed"),
        button=gettext_lazy("Save the decision"),
        icon="gavel",
        said=gettext_lazy("The decision is kept"),
        is_open=lambda user, course: course.state == State.ISSUED and can_discuss_reports(user),
        form=lambda course, *args: typed.DiscussForm(*args),
        do=lambda user, course, data: monthly.report_discuss(user=user, course=course, at=clock.now(), **data),
    ),
    "archive": Act(
        words=gettext_lazy("File it"),
        button=gettext_lazy("File"),
        icon="archive",
        said=gettext_lazy("It is filed"),
        is_open=lambda user, course: course.state == State.DISCUSSED and can_prepare_reports(user),
        form=lambda course, *args: typed.NothingForm(*args),
        do=lambda user, course, data: monthly.report_archive(user=user, course=course, at=clock.now()),
    ),
    "write": Act(
        words=gettext_lazy("Write what is said of it"),
        button=gettext_lazy("Save"),
        icon="pencil",
        said=gettext_lazy("Saved"),
        is_open=lambda user, course: course.state in {State.DRAFT, State.REVIEWED} and can_prepare_reports(user),
        form=lambda course, *args: typed.WriteForm(*args, course=course),
        do=lambda user, course, data: monthly.report_write(user=user, course=course, at=clock.now(), **data),
    ),
    "correct": Act(
        words=gettext_lazy("Correct it by the next issue"),
        button=gettext_lazy("Begin the next issue"),
        icon="file-pen-line",
        said=gettext_lazy("The next issue is prepared"),
        is_open=lambda user, course: (
            course.state in {State.ISSUED, State.DISCUSSED, State.ARCHIVED} and can_prepare_reports(user)
        ),
        form=lambda course, *args: typed.CorrectForm(*args),
        do=lambda user, course, data: monthly.report_correct(user=user, course=course, at=clock.now(), **data),
        quiet=True,
    ),
}


def _listed(request: HttpRequest, *, form: forms.Form | None = None, status: int = 200) -> HttpResponse:
    user = user_of(request)
    page = Paginator(reports_visible_to(user), A_PAGE).get_page(request.GET.get("page"))
    prepares = can_prepare_reports(user)
    context = {
        "page": page,
        "numbers": {course.pk: number_of(course) for course in page},
        "clocks": earliest_of(subject_type=ReportCourse._meta.label, subject_ids=[course.pk for course in page]),
        "prepares": prepares,
        "form": (form or typed.PrepareForm()) if prepares else None,
        "now": clock.now(),
    }
    return render(request, "complaints/learning/reports.html", context, status=status)


@require_GET
@allow(reads_learning)
def report_list(request: HttpRequest) -> HttpResponse:
    """The months, the latest first."""
    return _listed(request)


@require_POST
@allow(can_prepare_reports)
def report_prepare(request: HttpRequest) -> HttpResponse:
    """Count a month by hand; else the night of the first does it."""
    user, form = user_of(request), typed.PrepareForm(request.POST)
    if form.is_valid():
        try:
            course = monthly.report_prepare(actor=Actor.person(user), at=clock.now(), user=user, **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("The month is counted"))
            return redirect("month_report", course.pk)
    return _listed(request, form=form, status=422)


def _course(request: HttpRequest, pk: int) -> ReportCourse:
    found = reports_visible_to(user_of(request)).select_related("issued_by", "discussed_by", "prepared_by")
    return get_object_or_404(found, pk=pk)


def _page(
    request: HttpRequest, course: ReportCourse, *, status: int = 200, opened: str = "", form: forms.Form | None = None
) -> HttpResponse:
    user, language = user_of(request), short(request.LANGUAGE_CODE)
    is_draft = course.issued_at is None
    papers = MonthlyReport.objects.filter(kind=course.kind, month=course.month, issue=course.issue)
    context = {
        "course": course,
        "number": number_of(course),
        "acts": acts_open(ACTS, user=user, subject=course, opened=opened, form=form),
        "reviews": course.reviews.select_related("by").order_by("pk"),
        "digest": monthly.digest_of(course),
        "waiting": [Role(role).label for role in sorted(monthly.heads_waiting(course))] if is_draft else [],
        "papers": papers.defer("content").order_by("language"),
        "issues": reports_visible_to(user).filter(kind=course.kind, month=course.month).exclude(pk=course.pk),
        "clocks": clocks_of(subject=course),
        "proposes": can_propose(user),
        "proposed": course.recommendations.order_by("pk"),
        "now": clock.now(),
        **drawn(course=course, language=language),
    }  # fmt: skip
    return render(request, "complaints/learning/report.html", context, status=status)


@require_GET
@allow(reads_learning)
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """One issue of a month's report: its figures, its course, and what may be done with it now."""
    return _page(request, _course(request, pk))


@require_POST
@allow(can_act_on_reports)
def report_act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Do one thing with it."""
    course = _course(request, pk)
    return act_done(
        request, acts=ACTS, name=act, subject=course, to="month_report",
        page=lambda **given: _page(request, _course(request, pk), **given),
    )  # fmt: skip


@require_GET
@allow(reads_learning)
def report_pdf(request: HttpRequest, pk: int, language: str) -> HttpResponse:
    """The paper as it was issued, its bytes held against its hash."""
    course = _course(request, pk)
    if language not in LANGUAGES:
        raise Http404
    paper = get_object_or_404(
        MonthlyReport, kind=course.kind, month=course.month, issue=course.issue, language=language
    )
    content = bytes(paper.content)
    if hashlib.sha256(content).hexdigest() != paper.sha256:
        raise Http404
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{number_of(course)}-{language}.pdf"'
    return response
