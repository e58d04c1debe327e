"""What every address of the API does: let in, read as the portal, act once, answer in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clients.api.authentication import AccountThrottle, AgreementOpens, HasScope, TokenAuthentication
from clients.choices import PortalView, Scope
from clients.models import ServiceAccount
from common.access import portal_scope
from common.api.errors import CORRECT, ApiError
from common.api.once import once
from common.api.parsers import ExactJSONParser
from common.api.words import in_both, refusal_fields
from common.exceptions import Conflict, NotAllowed, Refused


def account_of(request: Request) -> ServiceAccount:
    """The account that calls, typed. Only behind ``HasScope``, which lets in nobody else."""
    account: ServiceAccount = request.user
    return account


class ServiceView(APIView):
    """One address for clients' systems. ``scopes`` says what right each method needs, ``least`` how far the client's
    agreement must look for what it shows of single accounts. What a client tells us it tells under any agreement.
    """

    authentication_classes = (TokenAuthentication,)
    permission_classes: tuple[type[BasePermission], ...] = (HasScope, AgreementOpens)
    throttle_classes = (AccountThrottle,)
    http_method_names = ("get", "head", "post")
    scopes: Mapping[str, Scope] = {}
    least: Mapping[str, PortalView] = {"GET": PortalView.CASES}

    def finalize_response(
        self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Whatever is answered is kept by nobody on the way."""
        response.headers["Cache-Control"] = "no-store"
        response.headers["Content-Language"] = "ar, en"
        final: HttpResponseBase = super().finalize_response(request, response, *args, **kwargs)
        return final


class Reads(ServiceView):
    """A read: all of it under the portal's role, one client's rows alone."""

    scopes = {"GET": Scope.READ}

    def read(self, request: Request, account: ServiceAccount, **names: Any) -> Any:
        """The answer as plain values; nothing of it may be read later, the role is gone by then."""
        raise NotImplementedError

    def get(self, request: Request, **names: Any) -> Response:
        account = account_of(request)
        with portal_scope(client_id=account.client_id):
            return Response(self.read(request, account, **names))


class Answers(ServiceView):
    """What is computed from the body alone. Nothing is written, so that it may be asked again without a key."""

    def answer(self, request: Request, account: ServiceAccount, **names: Any) -> Any:
        """The answer as plain values."""
        raise NotImplementedError

    def post(self, request: Request, **names: Any) -> Response:
        account = account_of(request)

        def act() -> Any:
            return self.answer(request, account, **names)

        try:
            with translation.override("ar"):
                return Response(act())
        except Refused as refusal:
            raise refused(refusal=refusal, act=act) from refusal


class Acts(ServiceView):
    """An act: done once for each Idempotency-Key, with all it wrote, or not at all."""

    def act(self, request: Request, account: ServiceAccount, **names: Any) -> tuple[int, Any]:
        """Load under the portal's role, call one service; the status and the answer."""
        raise NotImplementedError

    def post(self, request: Request, **names: Any) -> HttpResponse:
        account = account_of(request)

        def act() -> tuple[int, Any]:
            return self.act(request, account, **names)

        if (request.content_type or "").partition(";")[0].strip().lower() != ExactJSONParser.media_type:
            raise UnsupportedMediaType(request.content_type or "")
        # The body as it came is part of what the key was given to: it is kept before anything reads it.
        _body = request.body
        try:
            with translation.override("ar"):
                return once(request=request, who=f"system-{account.pk}", client_id=account.client_id, act=act)
        except Refused as refusal:
            raise refused(refusal=refusal, act=act) from refusal


def refused(*, refusal: Refused, act: Any) -> ApiError:
    """What a service refused, as the API answers it."""
    words, fields = refusal_fields(refusal=refusal, again=act)
    status_code = 403 if isinstance(refusal, NotAllowed) else 409 if isinstance(refusal, Conflict) else 422
    return ApiError(refusal.code, words if not fields else in_both(CORRECT), status_code=status_code, errors=fields)
