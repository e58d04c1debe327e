"""Orders in the house: the list, one order, entering one, taking one in spite of its reasons, what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import allow, require_proof, user_of
from accounts.models import User
from clients.models import Client
from common import clock
from common.audit import Actor
from common.exceptions import Refused
from common.forms import blame, key_of
from credit.choices import OrderState
from credit.forms.orders import PAID, InvoiceForm, ReasonForm
from credit.models import Order
from credit.policies import can_place_order, may_override, orders_visible_to, sees_credit
from credit.rules.orders import NEVER_SET_ASIDE
from credit.selectors.orders import orders_filtered
from credit.services.orders import order_cancel, order_invoice, order_override
from credit.views.customer_page import customer_of
from credit.views.order_pieces import LOOKS, order_entered, order_page, order_shown, standing_of

A_PAGE = 30


@require_GET
@allow(sees_credit)
def order_list(request: HttpRequest) -> HttpResponse:
    """All orders, the newest first; and the customer to enter one for."""
    user, told = user_of(request), request.GET
    state = told.get("state", "")
    found = orders_filtered(
        orders=orders_visible_to(user),
        state=state,
        kind=told.get("kind", ""),
        client=key_of(told.get("client", "")),
        customer=key_of(told.get("customer", "")),
        words=told.get("q", "").strip(),
    )
    return render(
        request,
        "credit/orders/list.html",
        {
            "page": Paginator(found, A_PAGE).get_page(told.get("page")),
            "state": state,
            "states": OrderState.choices,
            "kinds": PAID,
            "clients": Client.objects.order_by("name_ar"),
            "looks": LOOKS,
            "may_place": can_place_order(user),
        },
    )


@require_http_methods(["GET", "POST"])
@allow(can_place_order)
def order_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter an order of a customer: asked, it is answered at once with every reason; placed, the answer stands."""
    customer = customer_of(request, pk)
    entered = order_entered(request, user=user_of(request), customer=customer)
    if entered.order is not None:
        said = _("Accepted") if entered.order.state == OrderState.ACCEPTED else _("The answer is kept")
        messages.success(request, said)
        return redirect("credit_order", entered.order.pk)
    return order_page(request, template="credit/orders/new.html", entered=entered, customer=customer)


def _order(request: HttpRequest, pk: int) -> Order:
    found = orders_visible_to(user_of(request)).select_related(
        "customer__debtor__party", "client", "answered_by", "overridden_by"
    )
    return get_object_or_404(found, pk=pk)


@require_GET
@allow(sees_credit)
def order_one(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _order(request, pk))


def _page(request: HttpRequest, order: Order, *, status: int = 200, **given: Any) -> HttpResponse:
    """One order: the answer with every reason, what uses the limit now, and what may be done about it."""
    user, today = user_of(request), clock.today()
    accepted = order.state == OrderState.ACCEPTED
    never = {reason["code"] for reason in order.reasons} & NEVER_SET_ASIDE
    overrides = (
        order.state == OrderState.REFUSED
        and not never
        and order.answered_by_id != user.pk
        and may_override(user, on=today)
    )
    return render(
        request,
        "credit/orders/order.html",
        {
            **order_shown(order=order),
            **standing_of(customer=order.customer, on=today),
            "override_form": given.get("override_form", ReasonForm(auto_id="override_%s")) if overrides else None,
            "keeps": accepted and can_place_order(user),
            "invoice_form": given.get("invoice_form", InvoiceForm(auto_id="invoice_%s")),
            "cancel_form": given.get("cancel_form", ReasonForm(auto_id="cancel_%s")),
        },
        status=status,
    )


def _act(
    request: HttpRequest, *, pk: int, form: forms.Form, name: str, do: Callable[[Order, dict[str, Any]], Any], said: str
) -> HttpResponse:
    """One form of an order's page: done and back to the page, or the page again with what is wrong."""
    order = _order(request, pk)
    form.auto_id = f"{name.removesuffix('_form')}_%s"
    if form.is_valid():
        try:
            do(order, form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, said)
            return redirect("credit_order", order.pk)
    return _page(request, order, status=422, **{name: form})


def _may_override(user: User) -> bool:
    return may_override(user, on=clock.today())


@require_POST
@allow(_may_override)
def order_override_do(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a refused order, after a fresh proof of who does."""
    order, form = _order(request, pk), ReasonForm(request.POST)
    if form.is_valid():
        require_proof(request)
    user, on = user_of(request), clock.today()
    return _act(
        request, pk=order.pk, form=form, name="override_form", said=_("The order is accepted"),
        do=lambda order, data: order_override(user=user, order=order, reason=data["reason"], on=on),
    )  # fmt: skip


@require_POST
@allow(can_place_order)
def order_cancel_do(request: HttpRequest, pk: int) -> HttpResponse:
    actor = Actor.person(user_of(request))
    return _act(
        request, pk=pk, form=ReasonForm(request.POST), name="cancel_form", said=_("The order is cancelled"),
        do=lambda order, data: order_cancel(actor=actor, order=order, reason=data["reason"]),
    )  # fmt: skip


@require_POST
@allow(can_place_order)
def order_invoice_do(request: HttpRequest, pk: int) -> HttpResponse:
    user = user_of(request)
    return _act(
        request, pk=pk, form=InvoiceForm(request.POST), name="invoice_form", said=_("The invoice is noted"),
        do=lambda order, data: order_invoice(
            actor=Actor.person(user), user=user, order=order, on=clock.today(), **data
        ),
    )  # fmt: skip
