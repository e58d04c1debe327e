"""Customers: the list, a new one, and the one screen of each."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import allow, user_of
from clients.models import Client
from common import clock
from common.exceptions import Refused
from common.forms import blame, key_of
from credit.choices import CustomerKind
from credit.forms.customers import CustomerForm
from credit.policies import can_edit_credit, customers_visible_to, sees_credit
from credit.selectors.customers import VIEWS, customers_filtered, customers_shown
from credit.services.customers import customer_open
from credit.views.customer_page import customer_of, customer_page

A_PAGE = 25


@require_GET
@allow(sees_credit)
def customer_list(request: HttpRequest) -> HttpResponse:
    """All customers: by how they stand, kind, client, name or reference."""
    user, told = user_of(request), request.GET
    view = told.get("view", "")
    found = customers_filtered(
        customers=customers_visible_to(user),
        view=view,
        kind=told.get("kind", ""),
        client=key_of(told.get("client", "")),
        words=told.get("q", "").strip(),
        today=clock.today(),
    )
    page = Paginator(found, A_PAGE).get_page(told.get("page"))
    return render(
        request,
        "credit/customers.html",
        {
            "page": page,
            "rows": customers_shown(customers=list(page), today=clock.today()),
            "view": view,
            "views": VIEWS,
            "kinds": CustomerKind.choices,
            "clients": Client.objects.order_by("name_ar"),
            "keeps": can_edit_credit(user),
            "today": clock.today(),
        },
    )


@require_http_methods(["GET", "POST"])
@allow(can_edit_credit)
def customer_new(request: HttpRequest) -> HttpResponse:
    """Open a file for who wants to buy."""
    form = CustomerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            customer = customer_open(user=user_of(request), **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("The file is open"))
            return redirect("credit_customer", customer.pk)
    return render(request, "credit/customer_form.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
@allow(sees_credit)
def customer_one(request: HttpRequest, pk: int) -> HttpResponse:
    return customer_page(request, customer_of(request, pk))
