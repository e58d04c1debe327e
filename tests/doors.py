"""Through the front door: a signed-in client of the test suite, and what its pages say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpResponse
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from accounts.models import User

LANGUAGES = ("ar", "en")


def enter(user: User, language: str = "ar") -> Browser:
    """A browser in which this person is signed in and reads this language."""
    if user.language != language:
        user.language = language
        user.save(update_fields=["language"])
    browser = Browser()
    browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return browser


def words(response: Any) -> str:
    """What a page says, as its HTML stands."""
    return response.content.decode()


def in_language(response: Any, language: str) -> bool:
    """True when the page is written in the language and runs in its direction."""
    direction = "rtl" if language == "ar" else "ltr"
    return f'<html lang="{language}" dir="{direction}"' in words(response)


def queries(page: Callable[[], HttpResponse]) -> int:
    """How many statements a page costs."""
    page()  # what is read once for all (sessions, content types) is not this page's
    with CaptureQueriesContext(connection) as seen:
        assert page().status_code == 200
    return len(seen)
