"""The portal's page for the client's administrator: its systems, and the tokens they show."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import require_proof
from accounts.models import User
from clients.choices import TokenState
from clients.forms import TokenForm
from clients.models import Client, ServiceAccount, ServiceToken
from clients.policies import can_keep_tokens
from clients.selectors.systems import systems_of
from clients.services.systems import token_revoke, token_rotate
from common import clock
from common.access import portal_scope
from common.components.format import short
from common.exceptions import Refused
from reporting.views.portal import portal_person

_LOOKS = {TokenState.LIVE: "good", TokenState.ENDING: "attn"}


def _keeper(request: HttpRequest) -> tuple[User, Client]:
    """The client's administrator and the client; to everybody else the page does not exist."""
    return portal_person(request, policy=can_keep_tokens)


def _tokens(account: ServiceAccount) -> list[dict[str, Any]]:
    """The tokens of a system, the newest first, each as it stands just now."""
    now, found = clock.now(), []
    for token in account.tokens.all():
        state = token.state(now=now)
        found.append({"token": token, "state": state, "look": _LOOKS.get(state, ""), "live": state in _LOOKS})
    return found


def _system_page(
    request: HttpRequest, client: Client, pk: int, *, form: TokenForm | None = None, error: str = ""
) -> HttpResponse:
    account = get_object_or_404(systems_of(client_id=client.pk), pk=pk)
    language = short(getattr(request, "LANGUAGE_CODE", "ar"))
    return render(
        request,
        "portal/system.html",
        {
            "client": client,
            "account": account,
            "tokens": _tokens(account),
            "form": form or TokenForm(language=language),
            "error": error,
            "address": request.build_absolute_uri("/api/v1/"),
        },
        status=422 if error or (form and form.errors) else 200,
    )


@require_GET
@login_required
def systems(request: HttpRequest) -> HttpResponse:
    """Every system of the client, with the token it works by."""
    _user, client = _keeper(request)
    with portal_scope(client_id=client.pk):
        found = [
            {"account": account, "now": next((row for row in _tokens(account) if row["live"]), None)}
            for account in systems_of(client_id=client.pk)
        ]
        return render(request, "portal/systems.html", {"client": client, "systems": found})


@require_GET
@login_required
def system(request: HttpRequest, pk: int) -> HttpResponse:
    _user, client = _keeper(request)
    with portal_scope(client_id=client.pk):
        return _system_page(request, client, pk)


@require_POST
@login_required
def rotate(request: HttpRequest, pk: int) -> HttpResponse:
    """A new token, after a fresh proof. Its text stands on this one page and nowhere else."""
    user, client = _keeper(request)
    with portal_scope(client_id=client.pk):
        account = get_object_or_404(systems_of(client_id=client.pk), pk=pk)
    require_proof(request)
    form, error = TokenForm(request.POST, language=short(getattr(request, "LANGUAGE_CODE", "ar"))), ""
    if form.is_valid():
        try:
            token, text = token_rotate(user=user, account=account, **form.cleaned_data)
        except Refused as refusal:
            error = str(refusal.message)
        else:
            context = {"client": client, "account": account, "token": token, "text": text}
            response = render(request, "portal/token.html", context)
            response.headers["Cache-Control"] = "no-store"
            return response
    with portal_scope(client_id=client.pk):
        return _system_page(request, client, pk, form=form, error=error)


@require_POST
@login_required
def revoke(request: HttpRequest, pk: int, token_pk: int) -> HttpResponse:
    """End a token at once. No proof is asked: whoever sees one misused must not have to look for a telephone."""
    user, client = _keeper(request)
    with portal_scope(client_id=client.pk):
        token = get_object_or_404(ServiceToken, pk=token_pk, account_id=pk)
    try:
        token_revoke(user=user, token=token)
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("The token is revoked"))
    return redirect("portal_system", pk)
