"""The portal's pages for who keeps the client's own users: who they are, what they may, and the company's mark."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import require_proof
from accounts.invitations import invitation_send
from accounts.models import User
from clients.choices import ChangeStatus
from clients.forms import PortalPersonForm, PowerForm
from clients.models import Client, ClientUser, SignatoryRequest
from clients.policies import can_keep_people
from clients.selectors.people import Person, portal_people
from clients.services.people import (
    person_invite,
    person_keeper_set,
    person_reader,
    person_switch,
    signatory_ask,
)
from clients.views.people import logo_acted, logo_answer
from common.access import portal_scope
from common.exceptions import Refused
from common.forms import blame
from reporting.views.portal import portal_page, portal_person


def _keeper(request: HttpRequest) -> tuple[User, Client]:
    """The client's keeper of people and the client; to everybody else the page does not exist."""
    return portal_person(request, policy=can_keep_people)


def _person(pk: int) -> Person:
    """One of the people whom the database shows in this scope."""
    found = next((person for person in portal_people() if person.id == pk), None)
    if found is None:
        raise Http404
    return found


@require_GET
@login_required
def people(request: HttpRequest) -> HttpResponse:
    """Everybody of the company: what they may, when they last signed in, whether a second factor stands."""
    _user, client = _keeper(request)
    with portal_scope(client_id=client.pk):
        open_ = SignatoryRequest.objects.filter(client=client, status=ChangeStatus.PROPOSED)
        asked = set(open_.values_list("membership", flat=True))
        context = {"client": client, "people": [(one, one.id in asked) for one in portal_people()]}
        return render(request, "portal/people.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def person_new(request: HttpRequest) -> HttpResponse:
    """Invite a colleague; who shall sign as well waits for the agency's answer, and reads meanwhile."""
    user, client = _keeper(request)
    form = PortalPersonForm(request.POST or None)
    if request.method == "POST":
        require_proof(request)
    if request.method == "POST" and form.is_valid():
        try:
            made = person_invite(user=user, client=client, **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            _invited(request, made.user)
            return redirect("portal_person", made.pk)
    with portal_scope(client_id=client.pk):
        context = {"client": client, "form": form}
        return render(request, "portal/person_new.html", context, status=422 if form.errors else 200)


def _invited(request: HttpRequest, person: User) -> None:
    if invitation_send(request=request, user=person):
        messages.success(request, _("The invitation is on its way."))
    else:
        messages.error(request, _("Saved, but the invitation did not leave. Send it again later."))


@require_GET
@login_required
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One of the company's people, and what their keeper may change."""
    return _page(request, pk)


def _page(request: HttpRequest, pk: int, *, form: PowerForm | None = None, error: str = "") -> HttpResponse:
    user, client = _keeper(request)
    with portal_scope(client_id=client.pk):
        found = _person(pk)
        context = {
            "client": client,
            "person": found,
            "own": found.user_id == user.pk,
            "requests": list(SignatoryRequest.objects.filter(membership=found.id)[:5]),
            "asked": SignatoryRequest.objects.filter(membership=found.id, status=ChangeStatus.PROPOSED).exists(),
            "form": form or PowerForm(),
            "error": error,
        }
        return render(request, "portal/person.html", context, status=422 if error or (form and form.errors) else 200)


def _act(
    request: HttpRequest, pk: int, act: Callable[..., Any], done: str, *, proof: bool = True, **given: Any
) -> HttpResponse:
    """One act of a keeper on one of the people: found under the portal's rights, done as ourselves."""
    user, client = _keeper(request)
    with portal_scope(client_id=client.pk):
        found = _person(pk)
    if proof:
        require_proof(request)
    try:
        act(user=user, membership=ClientUser.objects.select_related("user").get(pk=found.id), **given)
    except Refused as refusal:
        return _page(request, pk, error=str(refusal.message))
    messages.success(request, done)
    return redirect("portal_person", pk)


@require_POST
@login_required
def person_sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the agency that a person may sign."""
    _keeper(request)
    form = PowerForm(request.POST)
    if not form.is_valid():
        return _page(request, pk, form=form)
    return _act(request, pk, signatory_ask, _("The agency was asked"), **form.cleaned_data)


@require_POST
@login_required
def person_read(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a person read only, at once."""
    return _act(request, pk, person_reader, _("This person reads only"))


@require_POST
@login_required
def person_keeper(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a person keep the users as well, or no more."""
    return _act(request, pk, person_keeper_set, _("Saved"), keeps_people=request.POST.get("keeps") == "yes")


@require_POST
@login_required
def person_access(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch a person off or on. Switching off asks for no proof: it must not wait for a telephone."""
    on = request.POST.get("on") == "yes"
    done = _("This person may sign in again") if on else _("This person is switched off and signed out")
    return _act(request, pk, person_switch, done, proof=on, is_active=on)


@require_POST
@login_required
def person_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the invitation once more."""
    _user, client = _keeper(request)
    with portal_scope(client_id=client.pk):
        found = _person(pk)
    if not found.is_active:
        raise Http404
    _invited(request, User.objects.get(pk=found.user_id))
    return redirect("portal_person", pk)


@require_http_methods(["GET", "POST"])
@login_required
def logo(request: HttpRequest) -> HttpResponse:
    """The company's mark in its portal and on its reports."""
    _user, client = _keeper(request)
    form, done = logo_acted(request, client=client)
    if done:
        messages.success(request, _("Saved"))
        return redirect("portal_logo")
    with portal_scope(client_id=client.pk):
        context = {"client": client, "form": form}
        return render(request, "portal/logo.html", context, status=422 if form.errors else 200)


@require_GET
@portal_page
def logo_png(request: HttpRequest, client: Client) -> HttpResponse:
    """The mark, to this client's own people."""
    return logo_answer(request, client_id=client.pk)
