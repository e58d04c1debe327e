"""Doors of views: signed in, of the right role, with a fresh proof where it matters."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from accounts.choices import Role
from accounts.models import User
from accounts.services.users import access_record
from common import slots
from common.access import read_only
from common.spreadsheets import XLSX

# Lists that leave the house as files.
TABLES = ("text/csv", XLSX)

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def allow(policy: Callable[[User], bool]) -> Callable[[View], View]:
    """Only for whom the policy says yes; to everybody else the page does not exist.

    An auditor's look is written down first, and committed: no row, no page. What it then reads, it reads in a
    transaction that cannot write. Of others what leaves as a table is written down, before the first byte does.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        @login_required
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            user = user_of(request)
            if not policy(user):
                raise Http404
            name = request.resolver_match.view_name if request.resolver_match else view.__name__
            look: dict[str, Any] = {"user": user, "subject_id": kwargs.get("pk"), "why": request.GET.urlencode()[:200]}
            if user.role != Role.AUDITOR:
                response = view(request, *args, **kwargs)
                if response.headers.get("Content-Type", "").startswith(TABLES):
                    access_record(what=f"file.{name}", **look)
                return response
            access_record(what=f"audit.{name}", **look)
            if request.method != "GET":
                return view(request, *args, **kwargs)
            with read_only():
                return view(request, *args, **kwargs)

        return cast(View, guarded)

    return decorate


def allow_roles(*roles: str) -> Callable[[View], View]:
    """Only for these roles."""
    return allow(lambda user: user.role in roles)


def require_proof(request: HttpRequest) -> None:
    """Ask for a fresh proof before an act that binds: the second factor, or the password where there is none.

    A proof is good for ten minutes. Without one the person is sent to give it, and the act then goes through as it was
    asked for. Call it once the thing acted on is known to be there for this person.
    """
    user = user_of(request)
    method = "mfa" if user.has_second_factor else "password"
    proofs = [
        proof["at"]
        for proof in get_authentication_records(request, user)
        if proof.get("reauthenticated") and proof.get("method") == method
    ]
    if not proofs or time.time() - proofs[-1] >= settings.ACCOUNT_REAUTHENTICATION_TIMEOUT:
        raise ReauthenticationRequired


def user_of(request: HttpRequest) -> User:
    """The signed-in user, typed. Raises Http404 when nobody is signed in."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def landing_url(user: User) -> str:
    """The first page of a role: what should I do now."""
    for roles, name in slots.filled("landing"):
        if user.role in roles:
            return reverse(name)
    return reverse("profile")


def is_administrator(user: User) -> bool:
    """Users, settings, calendars; no case data."""
    return user.role == Role.ADMINISTRATOR
