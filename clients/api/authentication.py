"""Who calls: a client's system, by the token it shows. No session, no cookie, no password is asked here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from clients.choices import PortalView, Scope, TokenState
from clients.models import ServiceAccount, ServiceToken
from clients.rules.portal import view_opens
from clients.selectors.clients import portal_view_of
from clients.selectors.systems import token_found
from clients.services.systems import token_used
from common import clock
from common.api.errors import ApiError
from common.api.words import in_both

CHALLENGE = 'Bearer realm="mithaq"'
# Why a token that we know is not taken.
_ENDED: Mapping[str, tuple[str, Promise | str]] = {
    TokenState.ENDED: ("token_expired", _("This token has ended. Your administrator makes the next one.")),
    TokenState.REVOKED: ("token_revoked", _("This token was revoked.")),
}


def _not_let_in(code: str, words: str | Promise) -> ApiError:
    headers = {"WWW-Authenticate": f'{CHALLENGE}, error="invalid_token"'}
    return ApiError(code, words, status_code=401, headers=headers)


class TokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer mithaq_…`` gives the service account, and with it its client."""

    def authenticate(self, request: Request) -> tuple[ServiceAccount, ServiceToken] | None:
        """The account and its token; None without any. Raises ApiError (401) for a token that does not let in."""
        header: str = request.headers.get("Authorization", "")
        if not header:
            return None
        kind, _space, text = header.partition(" ")
        if kind.lower() != "bearer":
            raise _not_let_in("token_malformed", _("A token is sent as «Authorization: Bearer …»."))
        token = token_found(text=text.strip())
        if token is None:
            raise _not_let_in("token_unknown", _("This is no token of ours."))
        now = clock.now()
        state = token.state(now=now)
        if state in _ENDED:
            raise _not_let_in(*_ENDED[state])
        if not token.account.is_active:
            raise _not_let_in("system_off", _("This system is switched off."))
        token_used(token=token, at=now)
        return token.account, token

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The same, as the schema says it."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class HasScope(BasePermission):
    """The account's scopes hold the one that the view asks for this method (``scopes``)."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Raises ApiError (403) that names the missing scope."""
        account = request.user
        if not isinstance(account, ServiceAccount):
            return False
        needed = view.scopes.get(_read(request.method))
        if needed is None or needed in account.scopes:
            return True
        words = _("This needs the right «%(scope)s», which the account does not have.")
        raise ApiError("scope_missing", _filled(words, scope=needed), status_code=403)


class AgreementOpens(BasePermission):
    """The client's agreement opens what the view's method shows (``least``): a system sees no more than its people."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Sets how far the client looks, for what is told in the answer. Raises Http404 where it is not so far."""
        client = request.user.client
        client.portal_view = portal_view_of(client_id=client.pk, on=clock.today())
        least = view.least.get(_read(request.method), PortalView.FIGURES)
        if not view_opens(view=client.portal_view, least=least):
            raise Http404
        return True


def _read(method: str | None) -> str | None:
    """A question for the head alone asks as the whole does."""
    return "GET" if method == "HEAD" else method


def _filled(words: Promise | str, *, scope: Scope) -> dict[str, str]:
    return {name: text % {"scope": str(scope)} for name, text in in_both(words).items()}


class AccountThrottle(SimpleRateThrottle):
    """So many requests a minute for each account, counted in the cache; a visitor's by address."""

    scope = "account"

    def get_cache_key(self, request: Request, view: Any) -> str:
        account = request.user
        who = f"account-{account.pk}" if isinstance(account, ServiceAccount) else self.get_ident(request)
        key: str = self.cache_format % {"scope": self.scope, "ident": who}
        return key
