"""Stops and what is done about them: a customer's own, and the worklist of follow-ups (CM-17, CM-44, CM-47)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import allow, require_proof, user_of
from common import clock
from common.exceptions import Refused
from common.forms import key_of
from credit.choices import COMPUTED_STOPS, FollowUpState, PaperKind, StopCause, StopKind
from credit.forms.limits import FollowUpForm, ReleaseForm, StopForm
from credit.models import CreditStop, Customer, StopFollowUp
from credit.policies import (
    can_follow_stops,
    can_release_stop,
    can_stop_credit,
    customers_visible_to,
    sees_credit,
)
from credit.selectors.policies import credit_policy_on
from credit.selectors.standing import exposure_of
from credit.selectors.stop_pages import claims_now, invoices_claimed, open_invoices
from credit.services.demands import demand_make
from credit.services.follow_ups import follow_up_answer
from credit.services.stops import stop_open, stop_release
from credit.views.customer_page import customer_of
from credit.views.parts import act

A_PAGE = 25
CAUSES = dict(StopCause.choices)


@require_GET
@allow(sees_credit)
def stop_list(request: HttpRequest, pk: int) -> HttpResponse:
    return _stops(request, customer_of(request, pk))


def _stops(request: HttpRequest, customer: Customer, *, status: int = 200, **given: Any) -> HttpResponse:
    user, today = user_of(request), clock.today()
    releases = can_release_stop(user)
    stops = list(
        customer.stops.select_related("opened_by", "closed_by")
        .prefetch_related("follow_ups__done_by")
        .order_by("-began_on", "-pk")
    )
    return render(
        request,
        "credit/stops.html",
        {
            "customer": customer,
            "today": today,
            "policy": credit_policy_on(client=customer.client, on=clock.today()),
            "standing": [stop for stop in stops if stop.ended_on is None],
            "past": [stop for stop in stops if stop.ended_on is not None],
            "causes": CAUSES,
            "invoices": open_invoices(customer=customer, today=today),
            "releases": {
                stop.pk: given.get("release_form", ReleaseForm()) if given.get("row") == stop.pk else ReleaseForm()
                for stop in stops
                if releases and stop.ended_on is None and stop.kind not in COMPUTED_STOPS
                and stop.opened_by_id != user.pk
            },
            "form": given.get("form") or StopForm(initial={"began_on": today}) if can_stop_credit(user) else None,
        },
        status=status,
    )  # fmt: skip


@require_POST
@allow(can_stop_credit)
def stop_new(request: HttpRequest, pk: int) -> HttpResponse:
    customer, form = customer_of(request, pk), StopForm(request.POST)
    require_proof(request)
    return act(
        request, form=form, said=_("Credit is stopped"), to="credit_stops", pk=customer.pk,
        do=lambda data: stop_open(user=user_of(request), customer=customer, **data),
        again=lambda: _stops(request, customer, form=form, status=422),
    )  # fmt: skip


@require_POST
@allow(can_release_stop)
def stop_over(request: HttpRequest, pk: int) -> HttpResponse:
    found = CreditStop.objects.select_related("customer__debtor__party", "customer__client")
    stop = get_object_or_404(found, pk=pk, customer__in=customers_visible_to(user_of(request)))
    form = ReleaseForm(request.POST)
    require_proof(request)
    return act(
        request, form=form, said=_("Credit is free again"), to="credit_stops", pk=stop.customer_id,
        do=lambda data: stop_release(user=user_of(request), stop=stop, **data),
        again=lambda: _stops(request, stop.customer, release_form=form, row=stop.pk, status=422),
    )  # fmt: skip


@require_GET
@allow(sees_credit)
def follow_up_list(request: HttpRequest) -> HttpResponse:
    """Open follow-ups, the nearest due first, by kind and client."""
    told, today = request.GET, clock.today()
    found = (
        StopFollowUp.objects.filter(
            state=FollowUpState.OPEN, customer__in=customers_visible_to(user_of(request))
        )
        .select_related("stop", "customer__debtor", "customer__client")
        .order_by("due_on", "-claims", "pk")
    )  # fmt: skip
    kind, client = told.get("kind", ""), key_of(told.get("client", ""))
    if kind in StopKind.values:
        found = found.filter(stop__kind=kind)
    if client is not None:
        found = found.filter(client_id=client)
    return render(
        request,
        "credit/follow_ups.html",
        {
            "page": Paginator(found, A_PAGE).get_page(told.get("page")),
            "kind": kind,
            "kinds": [choice for choice in StopKind.choices if choice[0] != StopKind.SUSPENDED],
            "today": today,
        },
    )


def _follow_up(request: HttpRequest, pk: int) -> StopFollowUp:
    """The follow-up, for who may see its customer. Raises Http404 for everybody else."""
    found = StopFollowUp.objects.select_related("stop", "customer__debtor__party", "customer__client", "done_by")
    return get_object_or_404(found, pk=pk, customer__in=customers_visible_to(user_of(request)))


@require_POST
@allow(can_follow_stops)
def demand(request: HttpRequest, pk: int) -> HttpResponse:
    """The demand as a letter, kept among the customer's papers."""
    one, user = _follow_up(request, pk), user_of(request)
    try:
        paper = demand_make(user=user, follow_up=one, on=clock.today(), language=get_language() or "ar")
    except Refused as refusal:
        messages.error(request, str(refusal.message))
        return redirect("credit_follow_up", pk)
    return redirect("credit_paper", paper.pk)


@require_http_methods(["GET", "POST"])
@allow(sees_credit)
def follow_up(request: HttpRequest, pk: int) -> HttpResponse:
    """One follow-up: what is asked of the customer, and what was done."""
    user, today = user_of(request), clock.today()
    one, follows = _follow_up(request, pk), can_follow_stops(user)
    if request.method == "POST" and not follows:
        raise Http404
    form = FollowUpForm(request.POST or None)

    def again() -> HttpResponse:
        return render(
            request,
            "credit/follow_up.html",
            {
                "one": one,
                "customer": one.customer,
                "today": today,
                "claims": claims_now(follow_up=one, today=today) if one.state == FollowUpState.OPEN else one.claims,
                "invoices": invoices_claimed(follow_up=one, today=today),
                "letters": one.customer.papers.filter(kind=PaperKind.DEMAND).order_by("-pk")[:5],
                "exposure": exposure_of(customer_id=one.customer_id, on=today),
                "others": one.stop.follow_ups.exclude(pk=one.pk).select_related("done_by").order_by("-pk"),
                "form": form if follows and one.state == FollowUpState.OPEN else None,
            },
            status=422 if request.method == "POST" else 200,
        )

    if request.method == "GET":
        return again()
    return act(
        request, form=form, said=_("It is written down; the next one is set"), to="credit_customer",
        pk=one.customer_id, do=lambda data: follow_up_answer(user=user, follow_up=one, **data), again=again,
    )  # fmt: skip
