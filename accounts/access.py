"""Doors of views: signed in, of the right role, with a fresh proof where it matters."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from accounts.choices import Role
from accounts.models import User
from common import slots

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def allow(policy: Callable[[User], bool]) -> Callable[[View], View]:
    """Only for whom the policy says yes; to everybody else the page does not exist."""

    def decorate(view: View) -> View:
        @wraps(view)
        @login_required
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not policy(user_of(request)):
                raise Http404
            return view(request, *args, **kwargs)

        return cast(View, guarded)

    return decorate


def allow_roles(*roles: str) -> Callable[[View], View]:
    """Only for these roles."""
    return allow(lambda user: user.role in roles)


def step_up(view: View) -> View:
    """Ask for a fresh proof (second factor, or the password where there is none) before an act that binds."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        raise_if_reauthentication_required(request)
        return view(request, *args, **kwargs)

    return cast(View, guarded)


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
