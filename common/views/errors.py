"""Pages for what went wrong, in the user's language."""

from __future__ import annotations

import logging
import secrets

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from common.api.errors import FAULT, NOT_FOUND, UNREADABLE, problem

log = logging.getLogger(__name__)


def _program(request: HttpRequest) -> bool:
    """True for a request to the API: what asks there reads no page, whatever went wrong before its view."""
    return request.path.startswith("/api/")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Nothing at this address, or nothing this person may see."""
    if _program(request):
        return problem("not_found", NOT_FOUND, status=404)
    return render(request, "errors/404.html", status=404)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Not a request that any page of ours sends."""
    if _program(request):
        return problem("bad_request", UNREADABLE, status=400)
    return render(request, "errors/400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/404.html", status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was open too long, or came from elsewhere."""
    return render(request, "errors/csrf.html", status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Our fault; the reference is in the log beside the traceback."""
    reference = f"E-{secrets.token_hex(2).upper()}"
    log.error("server error %s on %s", reference, request.resolver_match and request.resolver_match.view_name)
    if _program(request):
        return problem("fault", FAULT, status=500, reference=reference)
    return render(request, "errors/500.html", {"reference": reference}, status=500)
