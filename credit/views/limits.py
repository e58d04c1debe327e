"""Limits: how a customer stands, every version, a decrease, an increase and the yearly review."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import allow, require_proof, user_of
from common import clock
from credit.choices import OPEN_APPLICATION, Purpose
from credit.forms.limits import DecreaseForm, IncreaseForm
from credit.models import Customer
from credit.policies import can_edit_credit, can_set_limits, sees_credit
from credit.selectors.increases import increase_of
from credit.selectors.policies import credit_policy_on
from credit.selectors.reviews import reviews_due
from credit.selectors.standing import agreement_on, limit_on
from credit.services.applications import application_open
from credit.services.limits import limit_decrease
from credit.views.customer_page import customer_of
from credit.views.parts import act


@require_GET
@allow(sees_credit)
def limit_list(request: HttpRequest, pk: int) -> HttpResponse:
    return _limits(request, customer_of(request, pk))


def _limits(
    request: HttpRequest, customer: Customer, *, form: DecreaseForm | None = None, status: int = 200
) -> HttpResponse:
    today, user = clock.today(), user_of(request)
    current = limit_on(customer=customer, on=today)
    lowers = can_set_limits(user) and current is not None
    return render(
        request,
        "credit/limits.html",
        {
            "customer": customer,
            "today": today,
            "current": current,
            "limits": customer.limits.select_related("granted_by", "application", "agreement").order_by(
                "-starts_on", "-pk"
            ),
            "form": (form or DecreaseForm(initial={"starts_on": today})) if lowers else None,
        },
        status=status,
    )


@require_POST
@allow(can_set_limits)
def limit_lower(request: HttpRequest, pk: int) -> HttpResponse:
    customer, form = customer_of(request, pk), DecreaseForm(request.POST)
    require_proof(request)
    return act(
        request, form=form, said=_("The limit is lowered"), to="credit_limits", pk=customer.pk,
        do=lambda data: limit_decrease(user=user_of(request), customer=customer, **data),
        again=lambda: _limits(request, customer, form=form, status=422),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@allow(sees_credit)
def increase(request: HttpRequest, pk: int) -> HttpResponse:
    """Whether there may be an increase, with every reason, and the request (CM-26)."""
    customer, user, today = customer_of(request, pk), user_of(request), clock.today()
    keeps = can_edit_credit(user)
    if request.method == "POST" and not keeps:
        raise Http404
    form = IncreaseForm(request.POST or None)

    def again() -> HttpResponse:
        asked = form.cleaned_data.get("asked_limit") if form.is_bound and form.is_valid() else None
        return render(
            request,
            "credit/increase.html",
            {
                "customer": customer,
                "today": today,
                "answer": increase_of(customer=customer, on=today, asked=asked),
                "policy": credit_policy_on(client=customer.client, on=today),
                "limit": limit_on(customer=customer, on=today),
                "agreement": agreement_on(customer=customer, on=today),
                "open": customer.applications.filter(state__in=OPEN_APPLICATION).first(),
                "form": form if keeps else None,
            },
            status=422 if request.method == "POST" else 200,
        )

    if request.method == "GET":
        return again()
    return _asked(request, customer=customer, form=form, purpose=Purpose.INCREASE, again=again)


def _asked(request: HttpRequest, *, customer: Customer, form: forms.Form, purpose: str, again: Any) -> HttpResponse:
    return act(
        request, form=form, said=_("The application is begun"), to="credit_customer", pk=customer.pk, again=again,
        do=lambda data: application_open(
            user=user_of(request), customer=customer, purpose=purpose, applied_on=clock.today(), **data
        ),
    )  # fmt: skip


@require_GET
@allow(sees_credit)
def review_list(request: HttpRequest) -> HttpResponse:
    """The limits whose year ends, with regularity and sales (CM-09)."""
    return _reviews(request)


def _reviews(request: HttpRequest, *, status: int = 200) -> HttpResponse:
    today = clock.today()
    return render(
        request,
        "credit/reviews.html",
        {
            "rows": reviews_due(today=today, open_states=sorted(OPEN_APPLICATION)),
            "today": today,
            "keeps": can_edit_credit(user_of(request)),
        },
        status=status,
    )


@require_POST
@allow(can_edit_credit)
def renewal(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin the yearly renewal of a customer's limit."""
    customer = customer_of(request, pk)
    return _asked(
        request, customer=customer, form=forms.Form(request.POST), purpose=Purpose.RENEWAL,
        again=lambda: _reviews(request, status=422),
    )  # fmt: skip
