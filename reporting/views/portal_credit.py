"""Credit in the portal: the client's own customers, where each stands, and their orders.

Whatever is listed is read under the portal's role. Who may sign for a customer is no row of the portal: it is read as
ourselves, once the customer was found there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from clients.choices import PortalView
from clients.models import Client
from common import clock
from common.access import portal_scope
from common.arabic import search_pattern
from common.audit import Actor
from common.exceptions import Refused
from common.forms import blame
from credit.choices import OrderState
from credit.forms.orders import InvoiceForm, ReasonForm
from credit.models import Customer, Order
from credit.selectors.orders import orders_filtered
from credit.services.orders import order_cancel, order_invoice
from credit.views.order_pieces import LOOKS, order_entered, order_page, order_shown, standing_of
from reporting.views.portal import portal_cases_page, portal_person


@require_GET
@portal_cases_page
def credit(request: HttpRequest, client: Client) -> HttpResponse:
    """The client's customers with limit, use and stops; the last orders beside them."""
    found = Customer.objects.filter(client=client).select_related("debtor").order_by("debtor__name", "pk")
    words = request.GET.get("q", "").strip()
    if words:
        found = found.filter(debtor__debtor_ref__istartswith=words) | found.filter(
            debtor__name__iregex=search_pattern(words)
        )
    page = Paginator(found, 25).get_page(request.GET.get("page"))
    today = clock.today()
    orders = Order.objects.filter(client=client).select_related("customer__debtor").order_by("-answered_at", "-pk")
    return render(
        request,
        "portal/credit.html",
        {
            "client": client,
            "page": page,
            "rows": [{"customer": row, **standing_of(customer=row, on=today)} for row in page],
            "orders": list(orders[:8]),
            "looks": LOOKS,
        },
    )


@require_GET
@portal_cases_page
def orders(request: HttpRequest, client: Client) -> HttpResponse:
    """Every order of the client's customers."""
    state = request.GET.get("state", "")
    found = orders_filtered(
        orders=Order.objects.filter(client=client), state=state, words=request.GET.get("q", "").strip()
    )
    page = Paginator(found, 30).get_page(request.GET.get("page"))
    told = {"client": client, "page": page, "state": state, "states": OrderState.choices, "looks": LOOKS}
    return render(request, "portal/credit_orders.html", told)


@require_http_methods(["GET", "POST"])
@login_required
def customer(request: HttpRequest, pk: int) -> HttpResponse:
    """One customer: where the account stands, and a new order, checked or placed."""
    user, client = portal_person(request, least=PortalView.CASES)
    with portal_scope(client_id=client.pk):
        get_object_or_404(Customer.objects.filter(client=client), pk=pk)
    found = Customer.objects.select_related("debtor__party", "client").get(pk=pk, client=client)
    entered = order_entered(request, user=user, customer=found)
    if entered.order is not None:
        messages.success(request, _("The answer is kept"))
        return redirect("portal_credit_order", entered.order.pk)
    more = {"client": client, "orders": list(found.orders.order_by("-answered_at", "-pk")[:8]), "looks": LOOKS}
    return order_page(request, template="portal/credit_customer.html", entered=entered, customer=found, **more)


def _own(client: Client, pk: int) -> Order:
    """The client's own order, found under the portal's rights."""
    with portal_scope(client_id=client.pk):
        found = Order.objects.filter(client=client).select_related("customer__debtor", "client")
        return get_object_or_404(found, pk=pk)


@require_GET
@login_required
def order(request: HttpRequest, pk: int) -> HttpResponse:
    _user, client = portal_person(request, least=PortalView.CASES)
    return _page(request, client, pk)


def _page(request: HttpRequest, client: Client, pk: int, *, status: int = 200, **given: Any) -> HttpResponse:
    found = _own(client, pk)
    with portal_scope(client_id=client.pk):
        context = order_shown(order=found) | standing_of(customer=found.customer, on=clock.today())
        return render(
            request,
            "portal/credit_order.html",
            {
                **context,
                "client": client,
                "keeps": found.state == OrderState.ACCEPTED,
                "invoice_form": given.get("invoice_form", InvoiceForm(auto_id="invoice_%s")),
                "cancel_form": given.get("cancel_form", ReasonForm(auto_id="cancel_%s")),
            },
            status=status,
        )


def _act(
    request: HttpRequest,
    pk: int,
    *,
    form: forms.Form,
    name: str,
    said: str,
    do: Callable[[User, Order, dict[str, Any]], Any],
) -> HttpResponse:
    user, client = portal_person(request, least=PortalView.CASES)
    found = _own(client, pk)
    form.auto_id = f"{name.removesuffix('_form')}_%s"
    if form.is_valid():
        try:
            do(user, found, form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, said)
            return redirect("portal_credit_order", found.pk)
    return _page(request, client, pk, status=422, **{name: form})


@require_POST
@login_required
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(
        request, pk, form=ReasonForm(request.POST), name="cancel_form", said=_("The order is cancelled"),
        do=lambda user, order, data: order_cancel(actor=Actor.person(user), order=order, reason=data["reason"]),
    )  # fmt: skip


@require_POST
@login_required
def invoice(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(
        request, pk, form=InvoiceForm(request.POST), name="invoice_form", said=_("The invoice is noted"),
        do=lambda user, order, data: order_invoice(
            actor=Actor.person(user), user=user, order=order, on=clock.today(), **data
        ),
    )  # fmt: skip
