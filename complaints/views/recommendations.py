"""Recommendations: what heads propose, what the general manager decides, and what became of it (CR-08)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import allow, user_of
from accounts.models import User
from common import clock
from common.clocks import clocks_of, earliest_of
from common.exceptions import Refused
from common.forms import blame, key_of
from complaints.choices import RecommendationState
from complaints.forms import learning as typed
from complaints.models import ChannelReview, Recommendation
from complaints.policies import (
    can_act_on_recommendations,
    can_carry_out,
    can_decide_recommendations,
    can_prepare_reports,
    can_propose,
    channels_visible_to,
    matters_visible_to,
    recommendations_visible_to,
    reports_visible_to,
    sees_matters,
    sees_recommendations,
)
from complaints.services import recommendations as services
from complaints.views.learning_acts import Act, act_done, acts_open

State = RecommendationState
A_PAGE = 30
TABS = (
    ("", gettext_lazy("This week")),
    ("decide", gettext_lazy("To be decided")),
    ("running", gettext_lazy("Being carried out")),
    ("undone", gettext_lazy("Not done")),
    ("mine", gettext_lazy("Given to me")),
    ("all", gettext_lazy("All")),
)


def _is(*states: str) -> Any:
    return lambda one: one.state in states


ACTS: dict[str, Act] = {
    "approve": Act(
        words=gettext_lazy("Approve"),
        button=gettext_lazy("Approve"),
        icon="check",
        said=gettext_lazy("The recommendation is approved"),
        is_open=lambda user, one: _decides(user, one),
        form=lambda one, *args: typed.ApproveForm(*args),
        do=lambda user, one, data: services.recommendation_decide(
            user=user, recommendation=one, approved=True, at=clock.now(), **data
        ),
    ),
    "decline": Act(
        words=gettext_lazy("Decline"),
        button=gettext_lazy("Decline"),
        icon="x",
        said=gettext_lazy("The recommendation is declined"),
        is_open=lambda user, one: _decides(user, one),
        form=lambda one, *args: typed.DeclineForm(*args),
        do=lambda user, one, data: services.recommendation_decide(
            user=user, recommendation=one, approved=False, at=clock.now(), **data
        ),
    ),
    "done": Act(
        words=gettext_lazy("It is carried out"),
        button=gettext_lazy("Save"),
        icon="circle-check",
        said=gettext_lazy("It is written down"),
        is_open=lambda user, one: one.state == State.APPROVED and can_carry_out(user, one),
        form=lambda one, *args: typed.DoneForm(*args),
        do=lambda user, one, data: services.recommendation_done(user=user, recommendation=one, at=clock.now(), **data),
    ),
    "not-done": Act(
        words=gettext_lazy("It was not carried out"),
        button=gettext_lazy("Not carried out"),
        icon="circle-dashed",
        said=gettext_lazy("It is written down"),
        is_open=lambda user, one: one.state == State.APPROVED and can_carry_out(user, one),
        form=lambda one, *args: typed.NothingForm(*args),
        do=lambda user, one, data: services.recommendation_not_done(user=user, recommendation=one, at=clock.now()),
    ),
    "reason": Act(
        words=gettext_lazy("Say why it was not done"),
        button=gettext_lazy("Save"),
        icon="message-square-warning",
        said=gettext_lazy("The reason is kept"),
        is_open=lambda user, one: (
            one.state == State.NOT_DONE and not one.not_done_reason and (can_carry_out(user, one) or can_propose(user))
        ),
        form=lambda one, *args: typed.ReasonForm(*args),
        do=lambda user, one, data: services.recommendation_reason(
            user=user, recommendation=one, at=clock.now(), **data
        ),
    ),
    "again": Act(
        words=gettext_lazy("Take it up again"),
        button=gettext_lazy("Save"),
        icon="rotate-ccw",
        said=gettext_lazy("It is to be carried out after all"),
        is_open=lambda user, one: (
            one.state == State.NOT_DONE and bool(one.not_done_reason) and can_decide_recommendations(user)
        ),
        form=lambda one, *args: typed.AgainForm(*args, recommendation=one),
        do=lambda user, one, data: services.recommendation_again(user=user, recommendation=one, at=clock.now(), **data),
    ),
    "archive": Act(
        words=gettext_lazy("File it"),
        button=gettext_lazy("File"),
        icon="archive",
        said=gettext_lazy("It is filed"),
        is_open=lambda user, one: can_prepare_reports(user) and (
            one.state in {State.DONE, State.DECLINED} or (one.state == State.NOT_DONE and bool(one.not_done_reason))
        ),
        form=lambda one, *args: typed.NothingForm(*args),
        do=lambda user, one, data: services.recommendation_archive(user=user, recommendation=one, at=clock.now()),
    ),
}  # fmt: skip


def _decides(user: User, one: Recommendation) -> bool:
    return one.state == State.PROPOSED and can_decide_recommendations(user) and one.proposed_by_id != user.pk


def _tabbed(found: QuerySet[Recommendation], *, tab: str, user: User, now: dt.datetime) -> QuerySet[Recommendation]:
    if tab == "decide":
        return found.filter(state=State.PROPOSED)
    if tab == "running":
        return found.filter(state=State.APPROVED).order_by("due_on", "pk")
    if tab == "undone":
        return found.filter(state=State.NOT_DONE)
    if tab == "mine":
        return found.filter(owner=user).exclude(state=State.ARCHIVED)
    if tab == "all":
        return found
    # A week begins on Sunday.
    today = now.astimezone(clock.RIYADH).date()
    sunday = clock.at_riyadh(on=today - dt.timedelta(days=(today.weekday() + 1) % 7), time=dt.time.min)
    return found.filter(Q(proposed_at__gte=sunday) | Q(decided_at__gte=sunday))


@require_GET
@allow(sees_recommendations)
def recommendation_list(request: HttpRequest) -> HttpResponse:
    """What was proposed and decided this week first: heads look at it weekly, the general manager monthly."""
    user, now = user_of(request), clock.now()
    first = "" if can_propose(user) else "decide" if can_decide_recommendations(user) else "all"
    tab = request.GET.get("tab", first)
    visible = recommendations_visible_to(user).select_related("proposed_by", "owner").order_by("-proposed_at", "-pk")
    counts = {name: _tabbed(visible, tab=name, user=user, now=now).count() for name, _words in TABS}
    page = Paginator(_tabbed(visible, tab=tab, user=user, now=now), A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "complaints/learning/recommendations.html",
        {
            "page": page,
            "tab": tab,
            "tabs": [(name, words, counts[name]) for name, words in TABS],
            "proposes": can_propose(user),
            "now": now,
            "clocks": earliest_of(subject_type=Recommendation._meta.label, subject_ids=[one.pk for one in page]),
        },
    )


@require_http_methods(["GET", "POST"])
@allow(can_propose)
def recommendation_new(request: HttpRequest) -> HttpResponse:
    """Propose an improvement: from a matter, a report, or by itself."""
    user = user_of(request)
    visible = matters_visible_to(user) if sees_matters(user) else matters_visible_to(user).none()
    matters = typed.matters_named(request.GET.get("matters", ""), visible=visible)
    report_pk = key_of(request.GET.get("report", ""))
    report = get_object_or_404(reports_visible_to(user), pk=report_pk) if report_pk is not None else None
    initial = {"department": matters[0].department} if matters else {}
    form = typed.ProposeForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.recommendation_propose(
                user=user, at=clock.now(), matters=matters, report=report, **form.cleaned_data
            )
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("Proposed as %(number)s") % {"number": made.number})
            return redirect("recommendation", made.pk)
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "matters": matters, "report": report}
    return render(request, "complaints/learning/recommendation_new.html", context, status=status)


def _one(request: HttpRequest, pk: int) -> Recommendation:
    found = recommendations_visible_to(user_of(request)).select_related(
        "proposed_by", "decided_by", "owner", "report", "review__channel"
    )
    return get_object_or_404(found, pk=pk)


def _review_of(one: Recommendation, user: User) -> ChannelReview | None:
    """The review of a channel it comes from, for who may see that channel."""
    if one.review is None or not channels_visible_to(user).filter(pk=one.review.channel_id).exists():
        return None
    return one.review


def _page(
    request: HttpRequest, one: Recommendation, *, status: int = 200, opened: str = "", form: forms.Form | None = None
) -> HttpResponse:
    user = user_of(request)
    visible = matters_visible_to(user) if sees_matters(user) else matters_visible_to(user).none()
    context = {
        "one": one,
        "acts": acts_open(ACTS, user=user, subject=one, opened=opened, form=form),
        "matters": visible.filter(recommendations=one).select_related("category").order_by("-received_at"),
        "moves": one.moves.select_related("by").order_by("-pk"),
        "clocks": clocks_of(subject=one),
        "now": clock.now(),
        "review": _review_of(one, user),
    }
    return render(request, "complaints/learning/recommendation.html", context, status=status)


@require_GET
@allow(sees_recommendations)
def recommendation(request: HttpRequest, pk: int) -> HttpResponse:
    """One recommendation, and what may be done with it now."""
    return _page(request, _one(request, pk))


@require_POST
@allow(can_act_on_recommendations)
def recommendation_act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Do one thing with it."""
    one = _one(request, pk)
    return act_done(
        request, acts=ACTS, name=act, subject=one, to="recommendation",
        page=lambda **given: _page(request, _one(request, pk), **given),
    )  # fmt: skip
