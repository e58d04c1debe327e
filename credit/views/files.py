"""What hangs on a customer: papers, who may sign, what secures the credit, and orders from afar."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import allow, user_of
from accounts.choices import Role
from accounts.services.users import access_record
from common import crypto
from credit.forms.papers import AddressForm, AgentForm, CollateralForm, DayForm, PaperForm, RevokeForm, TermsForm
from credit.models import Agent, Collateral, CreditPaper, Customer, RemoteAddress, RemoteTerms
from credit.policies import can_edit_credit, customers_visible_to, sees_credit
from credit.selectors.papers import credit_paper_content
from credit.services.agents import agent_add, agent_revoke
from credit.services.collateral import collateral_add, collateral_release
from credit.services.papers import credit_paper_add
from credit.services.remote_terms import (
    remote_address_add,
    remote_address_remove,
    remote_terms_accept,
    remote_terms_revoke,
)
from credit.views.customer_page import customer_of, customer_page
from credit.views.parts import act

EXTENSIONS = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg"}

# The sheet of the page on which each form stands.
AT = {
    "paper_form": "#papers", "agent_form": "#agents", "revoke_form": "#agents", "collateral_form": "#collateral",
    "release_form": "#collateral", "terms_form": "#remote", "back_form": "#remote", "address_form": "#remote",
    "gone_form": "#remote",
}  # fmt: skip


def _act(
    request: HttpRequest, customer: Customer, form: forms.Form, name: str, do: Callable[[dict[str, Any]], Any],
    said: str, **given: Any,
) -> HttpResponse:  # fmt: skip
    """One form of the customer's page."""
    return act(
        request, form=form, do=do, said=said, to="credit_customer", pk=customer.pk, at=AT.get(name, ""),
        again=lambda: customer_page(request, customer, status=422, **{name: form}, **given),
    )  # fmt: skip


@require_GET
@allow(sees_credit)
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """A paper, as it is; each look is written down first."""
    user = user_of(request)
    papers = CreditPaper.objects.select_related("customer__debtor__party")
    found = get_object_or_404(papers, pk=pk, customer__in=customers_visible_to(user))
    if user.role != Role.AUDITOR:  # whose look is written down at the door, before a transaction that cannot write
        access_record(user=user, what="credit_paper.read", subject=found)
    try:
        content = credit_paper_content(paper=found)
    except crypto.Unreadable as error:
        raise Http404 from error
    response = HttpResponse(content, content_type=found.content_type)
    name = f"{found.number or f'credit-paper-{found.pk}'}.{EXTENSIONS[found.content_type]}"
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response


@require_POST
@allow(can_edit_credit)
def paper_new(request: HttpRequest, pk: int) -> HttpResponse:
    customer, form = customer_of(request, pk), PaperForm(request.POST, request.FILES)
    return _act(
        request, customer, form, "paper_form",
        lambda data: credit_paper_add(user=user_of(request), customer=customer, **form.told()), _("The paper is kept"),
    )  # fmt: skip


@require_POST
@allow(can_edit_credit)
def agent_new(request: HttpRequest, pk: int) -> HttpResponse:
    customer, form = customer_of(request, pk), AgentForm(request.POST, request.FILES)
    return _act(
        request, customer, form, "agent_form",
        lambda data: agent_add(user=user_of(request), customer=customer, **data), _("This person may sign"),
    )  # fmt: skip


@require_POST
@allow(can_edit_credit)
def agent_revoked(request: HttpRequest, pk: int) -> HttpResponse:
    agent = get_object_or_404(Agent, pk=pk, customer__in=customers_visible_to(user_of(request)))
    customer, form = customer_of(request, agent.customer_id), RevokeForm(request.POST)
    return _act(
        request, customer, form, "revoke_form",
        lambda data: agent_revoke(user=user_of(request), agent=agent, **data), _("The power is revoked"), row=pk,
    )  # fmt: skip


@require_POST
@allow(can_edit_credit)
def collateral_new(request: HttpRequest, pk: int) -> HttpResponse:
    customer, form = customer_of(request, pk), CollateralForm(request.POST, request.FILES)
    return _act(
        request, customer, form, "collateral_form",
        lambda data: collateral_add(user=user_of(request), customer=customer, **data), _("Saved"),
    )  # fmt: skip


@require_POST
@allow(can_edit_credit)
def collateral_released(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Collateral, pk=pk, customer__in=customers_visible_to(user_of(request)))
    customer, form = customer_of(request, found.customer_id), DayForm(request.POST)
    return _act(
        request, customer, form, "release_form",
        lambda data: collateral_release(user=user_of(request), collateral=found, **data), _("It is given back"), row=pk,
    )  # fmt: skip


@require_POST
@allow(can_edit_credit)
def terms_new(request: HttpRequest, pk: int) -> HttpResponse:
    customer = customer_of(request, pk)
    form = TermsForm(request.POST, request.FILES, customer=customer)
    return _act(
        request, customer, form, "terms_form",
        lambda data: remote_terms_accept(user=user_of(request), customer=customer, **data),
        _("Remote orders are accepted from this day on"),
    )  # fmt: skip


@require_POST
@allow(can_edit_credit)
def terms_revoked(request: HttpRequest, pk: int) -> HttpResponse:
    terms = get_object_or_404(RemoteTerms, pk=pk, customer__in=customers_visible_to(user_of(request)))
    customer, form = customer_of(request, terms.customer_id), DayForm(request.POST)
    return _act(
        request, customer, form, "back_form",
        lambda data: remote_terms_revoke(user=user_of(request), terms=terms, **data), _("The consent is taken back"),
    )  # fmt: skip


@require_POST
@allow(can_edit_credit)
def address_new(request: HttpRequest, pk: int) -> HttpResponse:
    customer, form = customer_of(request, pk), AddressForm(request.POST)
    return _act(
        request, customer, form, "address_form",
        lambda data: remote_address_add(user=user_of(request), customer=customer, **data), _("Registered"),
    )  # fmt: skip


@require_POST
@allow(can_edit_credit)
def address_gone(request: HttpRequest, pk: int) -> HttpResponse:
    address = get_object_or_404(RemoteAddress, pk=pk, customer__in=customers_visible_to(user_of(request)))
    customer, form = customer_of(request, address.customer_id), forms.Form(request.POST)
    return _act(
        request, customer, form, "gone_form",
        lambda data: remote_address_remove(user=user_of(request), address=address), _("Taken off"),
    )  # fmt: skip
