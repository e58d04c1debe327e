"""Review meetings: their minutes, what the client agreed to, and what came of each point (PL-37)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import allow, user_of
from clients.selectors.clients import clients_visible_to
from common import clock
from common.exceptions import Refused
from common.forms import blame, key_of
from reporting.forms import AgreedForm, OutcomeForm, PointForm, ReviewForm
from reporting.models import Review, ReviewPoint
from reporting.policies import can_read_reports, reviews_visible_to
from reporting.rules.periods import Quarter
from reporting.selectors.reviews import reviews_of
from reporting.services.reviews import review_agree, review_outcome, review_point_add, review_print, review_record


@require_http_methods(["GET", "POST"])
@allow(can_read_reports)
def reviews(request: HttpRequest) -> HttpResponse:
    """A client's meetings, the latest first, and the form for the next."""
    user = user_of(request)
    clients = clients_visible_to(user).order_by("code")
    told = request.GET.get("client", "")
    client = get_object_or_404(clients, pk=key_of(told) or 0) if told else clients.first()
    if client is None:
        return render(request, "reporting/reviews.html", {"clients": clients, "client": None})
    last = Quarter.of(on=clock.today()).before()
    form = ReviewForm(request.POST or None, initial={"quarter": last.label, "held_on": clock.today()})
    if request.method == "POST" and form.is_valid():
        try:
            review = review_record(user=user, client=client, **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            return redirect("review", review.pk)
    context = {"clients": clients, "client": client, "reviews": reviews_of(client_id=client.pk), "form": form}
    return render(request, "reporting/reviews.html", context, status=422 if form.errors else 200)


def _found(request: HttpRequest, pk: int) -> Review:
    return get_object_or_404(reviews_visible_to(user_of(request)).select_related("client", "recorded_by"), pk=pk)


@require_http_methods(["GET", "POST"])
@allow(can_read_reports)
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """The minutes of one meeting; while the client has not agreed, the form for a further point."""
    found = _found(request, pk)
    form = PointForm(request.POST or None)

    def add(**given: Any) -> None:
        review_point_add(user=user_of(request), review=found, **given)

    return _act(request, found, add, form=form, said=_("The point is recorded."))


@require_POST
@allow(can_read_reports)
def agree(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down who agreed for the client."""
    found = _found(request, pk)

    def agreed(**given: Any) -> None:
        review_agree(user=user_of(request), review=found, **given)

    form = AgreedForm(request.POST)
    return _act(request, found, agreed, agreed_form=form, said=_("The minutes stand."))


def _act(
    request: HttpRequest,
    found: Review,
    act: Callable[..., None],
    *,
    said: str,
    form: PointForm | None = None,
    agreed_form: AgreedForm | None = None,
) -> HttpResponse:
    """Do what a form asks, and show the minutes; with its fault where it has one."""
    asked = form if form is not None else agreed_form
    if request.method == "POST" and asked is not None and asked.is_valid():
        try:
            act(**asked.cleaned_data)
        except Refused as refusal:
            blame(asked, refusal)
        else:
            messages.success(request, said)
            return redirect("review", found.pk)
    context = {
        "review": reviews_of(client_id=found.client_id).get(pk=found.pk),
        "form": form if form is not None else PointForm(),
        "agreed_form": agreed_form if agreed_form is not None else AgreedForm(initial={"agreed_on": clock.today()}),
        "may_print": Quarter.parse(found.quarter).made_from <= clock.today(),
    }
    faulty = asked is not None and bool(asked.errors)
    return render(request, "reporting/review.html", context, status=422 if faulty else 200)


@require_POST
@allow(can_read_reports)
def print_(request: HttpRequest, pk: int) -> HttpResponse:
    """Issue the quarter's paper with these minutes."""
    found = _found(request, pk)
    try:
        review_print(user=user_of(request), review=found)
    except Refused as refusal:
        messages.error(request, str(refusal.message))
        return redirect("review", found.pk)
    messages.success(request, _("The quarterly report is issued, with these decisions."))
    return redirect(f"{reverse('reports')}?kind=QUARTERLY")


@require_POST
@allow(can_read_reports)
def outcome(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down what came of a point."""
    point = get_object_or_404(ReviewPoint.objects.filter(review__in=reviews_visible_to(user_of(request))), pk=pk)
    form = OutcomeForm(request.POST)
    if form.is_valid():
        done, reason = form.cleaned_data["done"] == "1", form.cleaned_data["reason"]
        try:
            review_outcome(user=user_of(request), point=point, done=done, reason=reason)
        except Refused as refusal:
            messages.error(request, str(refusal.message))
        else:
            messages.success(request, _("The outcome is recorded."))
    else:
        messages.error(request, _("Say whether it was done."))
    return redirect("review", point.review_id)
