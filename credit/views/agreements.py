"""Agreements: signed on an approved application, taken over from before, measured, ended."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import allow, require_proof, user_of
from common import clock
from credit.choices import ApplicationState, CustomerKind
from credit.forms.limits import EndForm, SignForm, TakeOverForm
from credit.models import Application, Customer, FacilityAgreement
from credit.policies import (
    applications_visible_to,
    can_set_limits,
    can_sign_agreements,
    customers_visible_to,
    sees_credit,
)
from credit.rules.discount import annual_cost
from credit.selectors.agents import agent_name
from credit.selectors.agreements import discount_of, plan_of
from credit.selectors.policies import credit_policy_on
from credit.selectors.standing import agreement_on
from credit.services.agreements import agreement_end, agreement_sign, agreement_take_over
from credit.views.customer_page import customer_of
from credit.views.parts import act


def _agreement(request: HttpRequest, pk: int) -> FacilityAgreement:
    """The agreement, for who may see its customer. Raises Http404 for everybody else."""
    found = FacilityAgreement.objects.select_related(
        "customer__debtor__party", "customer__client", "signed_by", "application", "recorded_by"
    )
    return get_object_or_404(found, pk=pk, customer__in=customers_visible_to(user_of(request)))


@require_GET
@allow(sees_credit)
def agreement_one(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _agreement(request, pk))


def _page(
    request: HttpRequest, agreement: FacilityAgreement, *, form: EndForm | None = None, status: int = 200
) -> HttpResponse:
    today, customer = clock.today(), agreement.customer
    ends = can_set_limits(user_of(request)) and (agreement.ends_on is None or agreement.ends_on > today)
    return render(
        request,
        "credit/agreement.html",
        {
            "agreement": agreement,
            "customer": customer,
            "today": today,
            "signatory": agent_name(agent=agreement.signed_by, customer=customer) if agreement.signed_by else "",
            "plan": plan_of(agreement=agreement, on=today),
            "discount": discount_of(agreement=agreement, on=today),
            "annual": _annual(agreement),
            "limits": agreement.limits.order_by("-starts_on", "-pk"),
            "end_form": (form or EndForm(initial={"ends_on": today})) if ends else None,
        },
        status=status,
    )


def _annual(agreement: FacilityAgreement) -> Decimal | None:
    if agreement.discount_percent is None or agreement.discount_days is None:
        return None
    return annual_cost(
        percent=agreement.discount_percent, discount_days=agreement.discount_days, terms_days=agreement.terms_days
    )


@require_POST
@allow(can_set_limits)
def agreement_ended(request: HttpRequest, pk: int) -> HttpResponse:
    agreement, form = _agreement(request, pk), EndForm(request.POST)
    require_proof(request)
    return act(
        request, form=form, said=_("The agreement ends"), to="credit_agreement", pk=agreement.pk,
        do=lambda data: agreement_end(user=user_of(request), agreement=agreement, **data),
        again=lambda: _page(request, agreement, form=form, status=422),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@allow(can_sign_agreements)
def agreement_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Record what was signed on an approved application."""
    user = user_of(request)
    found = applications_visible_to(user).select_related("customer__debtor__party", "customer__client")
    application = get_object_or_404(found, pk=pk, state=ApplicationState.APPROVED)
    customer, today = application.customer, clock.today()
    form = SignForm(request.POST or None, customer=customer, today=today, initial=_as_policy(customer, today))

    def again() -> HttpResponse:
        return _form_page(request, customer, form, application=application)

    if request.method == "GET":
        return again()
    return act(
        request, form=form, to="credit_customer", pk=customer.pk, said=_("The agreement is signed; credit is open"),
        do=lambda data: agreement_sign(
            user=user, application=application, signed_by=data["signed_by"], signed_on=data["signed_on"],
            terms=form.terms(), paper=data["paper"],
        ),
        again=again,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@allow(can_set_limits)
def agreement_earlier(request: HttpRequest, pk: int) -> HttpResponse:
    """Take over a contract of before the policy."""
    customer, today = customer_of(request, pk), clock.today()
    form = TakeOverForm(request.POST or None, customer=customer, initial=_as_policy(customer, today))

    def again() -> HttpResponse:
        return _form_page(request, customer, form, application=None)

    if request.method == "GET":
        return again()
    require_proof(request)
    return act(
        request, form=form, to="credit_customer", pk=customer.pk, said=_("The contract is taken over"),
        do=lambda data: agreement_take_over(
            user=user_of(request), customer=customer, signed_on=data["signed_on"], ends_on=data["ends_on"],
            limit=data["limit"], terms=form.terms(), paper=data["paper"], reason=data["reason"],
        ),
        again=again,
    )  # fmt: skip


def _as_policy(customer: Customer, today: dt.date) -> dict[str, object]:
    return {"terms_days": credit_policy_on(client=customer.client, on=today).terms_days, "signed_on": today}


def _form_page(
    request: HttpRequest, customer: Customer, form: SignForm | TakeOverForm, *, application: Application | None
) -> HttpResponse:
    return render(
        request,
        "credit/agreement_form.html",
        {
            "customer": customer,
            "application": application,
            "form": form,
            "standing": agreement_on(customer=customer, on=clock.today()),
            "is_credit": customer.kind == CustomerKind.CREDIT,
        },
        status=422 if form.is_bound else 200,
    )
