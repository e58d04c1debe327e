"""Language, second factor, and the wall between house and portal."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation

from accounts.choices import Language, Side

GetResponse = Callable[[HttpRequest], HttpResponse]

# Doors that are open before the second factor stands, and to staff and clients alike. At those of the API and of
# private calendar addresses no session counts for anything. Pages for everybody are everybody's.
COMMON_PATHS = (
    "/account/",
    "/static/",
    "/language/",
    "/profile/",
    "/healthz",
    "/readyz",
    "/api/",
    "/calendar/",
    "/help/",
)
FACTOR_PATHS = ("/account/", "/static/", "/language/", "/healthz", "/readyz", "/api/", "/calendar/", "/help/")
# Where the pages of each side begin; all others are the house's own.
SIDES = {Side.PORTAL: "/portal/", Side.OUTSIDE: "/lawyer/"}


class LanguageMiddleware:
    """The signed-in user's language, else the cookie's, else Arabic; never the browser's own."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = getattr(request, "user", None)
        chosen = user.language if user is not None and user.is_authenticated else None
        language = chosen or request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        if language not in Language.values:
            language = Language.AR.value
        with translation.override(language):
            request.LANGUAGE_CODE = language  # type: ignore[attr-defined]
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class SecondFactorMiddleware:
    """Nobody works without a second factor, but for the accounts of a demo where the setting allows it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if (
            user.is_authenticated
            and not request.path.startswith(FACTOR_PATHS)
            and not (user.is_demo and settings.MITHAQ_DEMO)
            and not user.has_second_factor
        ):
            return redirect(reverse("mfa_activate_totp"))
        return self.get_response(request)


class HouseMiddleware:
    """A client's people find nothing outside the portal, outside lawyers nothing outside their pages, staff nothing
    inside either."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *args: object) -> None:
        user = request.user
        if not user.is_authenticated or request.path == "/" or request.path.startswith(COMMON_PATHS):
            return
        if user.side != next((side for side, start in SIDES.items() if request.path.startswith(start)), Side.HOUSE):
            raise Http404
