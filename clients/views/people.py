"""A client's people, mark and portal, as the house keeps them; and the inbox's question who may sign for a client."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import allow, user_of
from accounts.choices import Role
from accounts.models import User
from clients.forms import AgreementForm, LogoForm
from clients.models import Client, ClientLogo, SignatoryRequest
from clients.policies import can_manage_clients, can_see_clients
from clients.selectors.clients import clients_visible_to
from clients.selectors.people import signatory_facts
from clients.services.clients import agreement_portal_view_set
from clients.services.logos import logo_remove, logo_set
from clients.services.people import KIND, people_keeper_set, signatory_decide, signatory_digest
from common.approvals import Facts, Kind, Step
from common.audit import Actor
from common.choices import Decision
from common.exceptions import Refused
from common.forms import blame
from common.models import Approval


def _client(request: HttpRequest, pk: int) -> Client:
    return get_object_or_404(clients_visible_to(user_of(request)), pk=pk)


@require_POST
@allow(can_manage_clients)
def people_keeper(request: HttpRequest, pk: int, person_pk: int) -> HttpResponse:
    """Say who of the client keeps its users: the house names the first."""
    found = _client(request, pk)
    membership = get_object_or_404(found.people, pk=person_pk)
    keeps = request.POST.get("keeps") == "yes"
    try:
        people_keeper_set(actor=Actor.person(user_of(request)), membership=membership, keeps_people=keeps)
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("Saved"))
    return redirect("client", found.pk)


@require_http_methods(["GET", "POST"])
@allow(can_manage_clients)
def agreement(request: HttpRequest, pk: int, agreement_pk: int) -> HttpResponse:
    """How far an agreement lets the client's people look into its cases."""
    found = _client(request, pk)
    kept = get_object_or_404(found.agreements, pk=agreement_pk)
    form = AgreementForm(request.POST or None, initial={"portal_view": kept.portal_view})
    if request.method == "POST" and form.is_valid():
        agreement_portal_view_set(actor=Actor.person(user_of(request)), agreement=kept, **form.cleaned_data)
        messages.success(request, _("Saved"))
        return redirect("client", found.pk)
    context = {"form": form, "client": found, "heading": f"{_('Agreement')} {kept.number}"}
    return render(request, "clients/form.html", context, status=422 if form.errors else 200)


def logo_acted(request: HttpRequest, *, client: Client) -> tuple[LogoForm, bool]:
    """Set or remove the mark as a form asks; the form, and whether something was done."""
    form, user = LogoForm(request.POST or None, request.FILES or None), user_of(request)
    if request.method != "POST":
        return form, False
    try:
        if "remove" in request.POST:
            logo_remove(user=user, client=client)
        elif form.is_valid():
            logo_set(user=user, client=client, content=form.cleaned_data["file"].read())
    except Refused as refusal:
        form.is_valid()
        blame(form, refusal)
        return form, False
    return form, "remove" in request.POST or not form.errors


@require_http_methods(["GET", "POST"])
@allow(can_manage_clients)
def logo(request: HttpRequest, pk: int) -> HttpResponse:
    """The client's mark: another one, or none."""
    found = _client(request, pk)
    form, done = logo_acted(request, client=found)
    if done:
        messages.success(request, _("Saved"))
        return redirect("client", found.pk)
    return render(request, "clients/logo.html", {"form": form, "client": found}, status=422 if form.errors else 200)


def logo_answer(request: HttpRequest, *, client_id: int) -> HttpResponse:
    """The newest mark of a client. Kept by the browser of this person alone, for as long as the address names it."""
    newest = ClientLogo.objects.filter(client_id=client_id).first()
    if newest is None or not newest.width:
        raise Http404
    response = HttpResponse(bytes(newest.content), content_type="image/png")
    named = request.GET.get("v") == newest.sha256[:16]
    response["Cache-Control"] = "private, max-age=31536000, immutable" if named else "private, no-cache"
    response["ETag"] = f'"{newest.sha256}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@require_GET
@allow(can_see_clients)
def logo_png(request: HttpRequest, pk: int) -> HttpResponse:
    return logo_answer(request, client_id=_client(request, pk).pk)


def _facts(approvals: Sequence[Approval]) -> dict[int, Facts]:
    return signatory_facts(lambda key: reverse("client", args=[key]), approvals)


def _context(user: User, subject: SignatoryRequest) -> dict[str, Any]:
    return {"request_": subject, "others": subject.client.people.select_related("user").exclude(user__is_active=False)}


def _decide(*, user: User, subject: SignatoryRequest, **answer: Any) -> SignatoryRequest:
    return signatory_decide(user=user, request=subject, **answer)


def _digest(subject: SignatoryRequest) -> str:
    return signatory_digest(request=subject)


SIGNATORY = Kind(
    code=KIND,
    words=gettext_lazy("Who may sign for a client"),
    icon="signature",
    steps=(Step(roles=(Role.COLLECTIONS_MANAGER, Role.GENERAL_MANAGER), words=gettext_lazy("The house")),),
    facts=_facts,
    template="clients/signatory_chosen.html",
    context=_context,
    digest=_digest,
    decide=_decide,
    answers=frozenset({Decision.APPROVED, Decision.REJECTED}),
)
