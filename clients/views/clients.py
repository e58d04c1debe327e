"""Clients: list, one, new, and the policies under which we work for them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import allow, user_of
from accounts.invitations import invitation_send
from clients.forms import ClientForm, ContactPolicyForm, NewClientForm, PortalPersonForm
from clients.models import Client
from clients.policies import can_manage_clients, can_manage_systems, can_see_clients, can_see_stage_policies
from clients.selectors.clients import clients_visible_to, contact_policy_on, stage_rows
from clients.selectors.stage_policies import policies_ruling
from clients.selectors.systems import systems_of
from clients.services.clients import client_create, client_update, contact_policy_replace
from clients.services.people import person_invite
from common import clock
from common.audit import Actor
from common.exceptions import Refused
from common.forms import blame


def _form(request: HttpRequest, **context: Any) -> HttpResponse:
    """A form's page; 422 when it came back with errors."""
    return render(request, "clients/form.html", context, status=422 if context["form"].errors else 200)


def _client(request: HttpRequest, pk: int) -> Client:
    return get_object_or_404(clients_visible_to(user_of(request)).select_related("stage_policy"), pk=pk)


@require_GET
@allow(can_see_clients)
def client_list(request: HttpRequest) -> HttpResponse:
    clients = clients_visible_to(user_of(request)).select_related("stage_policy").order_by("code")
    return render(
        request, "clients/list.html", {"clients": clients, "may_manage": can_manage_clients(user_of(request))}
    )


@require_GET
@allow(can_see_clients)
def client(request: HttpRequest, pk: int) -> HttpResponse:
    """One client: agreement, contact policy in force, ladder of stages, people."""
    found = _client(request, pk)
    return render(
        request,
        "clients/client.html",
        {
            "client": found,
            "policy": contact_policy_on(client_id=found.pk, on=clock.today()),
            "ladders": [
                (product, policy, stage_rows(policy_id=policy.pk))
                for product, policy in policies_ruling(client_id=found.pk, on=found.book_date or clock.today())
            ],
            "agreements": found.agreements.order_by("-signed_on"),
            "people": found.people.select_related("user"),
            "systems": systems_of(client_id=found.pk),
            "may_manage": can_manage_clients(user_of(request)),
            "may_manage_systems": can_manage_systems(user_of(request)),
            "may_see_policies": can_see_stage_policies(user_of(request)),
        },
    )


@require_http_methods(["GET", "POST"])
@allow(can_manage_clients)
def client_new(request: HttpRequest) -> HttpResponse:
    form = NewClientForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = client_create(actor=Actor.person(user_of(request)), **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("Saved"))
            return redirect("client", made.pk)
    return _form(request, form=form, heading=_("New client"))


@require_http_methods(["GET", "POST"])
@allow(can_manage_clients)
def client_edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = _client(request, pk)
    names = ("name_ar", "name_en", "terms_days", "recall_notice_days", "fee_cap_instalments", "status")
    form = ClientForm(request.POST or None, initial={name: getattr(found, name) for name in names})
    if request.method == "POST" and form.is_valid():
        try:
            client_update(actor=Actor.person(user_of(request)), client=found, **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("Saved"))
            return redirect("client", found.pk)
    return _form(request, form=form, heading=found.name, client=found)


@require_http_methods(["GET", "POST"])
@allow(can_manage_clients)
def contact_policy(request: HttpRequest, pk: int) -> HttpResponse:
    """The next version of the contact policy; the one before stays for the days it governed."""
    found = _client(request, pk)
    now = contact_policy_on(client_id=found.pk, on=clock.today())
    names = ("channels", "opens_at", "closes_at", "max_attempts", "window_days", "least_promise")
    form = ContactPolicyForm(
        request.POST or None,
        initial={name: getattr(now, name) for name in names}
        | {"starts_on": clock.today(), "weekdays": [str(day) for day in now.weekdays]},
    )
    if request.method == "POST" and form.is_valid():
        try:
            contact_policy_replace(actor=Actor.person(user_of(request)), client=found, **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("Saved"))
            return redirect("client", found.pk)
    return _form(request, form=form, heading=_("Contact policy"), client=found)


@require_http_methods(["GET", "POST"])
@allow(can_manage_clients)
def portal_person(request: HttpRequest, pk: int) -> HttpResponse:
    """Invite one of the client's own people to its portal; that they may sign, another person of the house decides."""
    found = _client(request, pk)
    form = PortalPersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person = person_invite(user=user_of(request), client=found, **form.cleaned_data).user
        except Refused as refusal:
            blame(form, refusal)
        else:
            if invitation_send(request=request, user=person):
                messages.success(request, _("Saved; the invitation is on its way."))
            else:
                messages.error(request, _("Saved, but the invitation could not be sent: check the mail server."))
            return redirect("client", found.pk)
    return _form(request, form=form, heading=_("New portal user"), client=found)
