"""A client's systems, as the house keeps them: their accounts, and who of the client keeps their tokens."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import allow, user_of
from clients.forms import KnownSystemForm, SystemForm
from clients.models import Client
from clients.policies import can_manage_systems
from clients.selectors.clients import clients_visible_to
from clients.selectors.systems import systems_of
from clients.services.systems import keeper_set, system_create, system_update
from common.audit import Actor
from common.exceptions import Refused
from common.forms import blame


def _client(request: HttpRequest, pk: int) -> Client:
    return get_object_or_404(clients_visible_to(user_of(request)), pk=pk)


def _form(request: HttpRequest, *, form: SystemForm, client: Client, heading: str) -> HttpResponse:
    context = {"form": form, "client": client, "heading": heading}
    return render(request, "clients/form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@allow(can_manage_systems)
def system_new(request: HttpRequest, pk: int) -> HttpResponse:
    """An account for a system; its tokens are made by the client's own administrator, in the portal."""
    found = _client(request, pk)
    form = SystemForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            system_create(actor=Actor.person(user_of(request)), client=found, **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("Saved"))
            return redirect("client", found.pk)
    return _form(request, form=form, client=found, heading=_("New system"))


@require_http_methods(["GET", "POST"])
@allow(can_manage_systems)
def system_edit(request: HttpRequest, pk: int, system_pk: int) -> HttpResponse:
    """What a system is called and may do, and whether it is let in at all."""
    found = _client(request, pk)
    account = get_object_or_404(systems_of(client_id=found.pk), pk=system_pk)
    names = ("name", "scopes", "is_active")
    form = KnownSystemForm(request.POST or None, initial={name: getattr(account, name) for name in names})
    if request.method == "POST" and form.is_valid():
        try:
            system_update(actor=Actor.person(user_of(request)), account=account, **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("Saved"))
            return redirect("client", found.pk)
    return _form(request, form=form, client=found, heading=account.name)


@require_POST
@allow(can_manage_systems)
def keeper(request: HttpRequest, pk: int, person_pk: int) -> HttpResponse:
    """Say whether one of the client's people is its administrator, who keeps the tokens."""
    found = _client(request, pk)
    membership = get_object_or_404(found.people, pk=person_pk)
    keeper_set(
        actor=Actor.person(user_of(request)), membership=membership, keeps_systems=request.POST.get("keeps") == "yes"
    )
    messages.success(request, _("Saved"))
    return redirect("client", found.pk)
