"""One address answers the page or its fragment."""

from __future__ import annotations

from django.http import HttpRequest


def is_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a piece of a page; going back in the history it asks for all of it."""
    return "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers
