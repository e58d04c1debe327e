"""What no database text can hold stops at the door."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, QueryDict

GetResponse = Callable[[HttpRequest], HttpResponse]


def _texts(data: QueryDict) -> Iterable[str]:
    for name, values in data.lists():
        yield name
        yield from (value for value in values if isinstance(value, str))


class PlainTextMiddleware:
    """A NUL in a query or a form is answered with 400 and the house's page; a cookie with one is no cookie.

    Stands before the session, which is read from a cookie. Queries and forms are looked at when everything that a page
    needs (language, person) is known.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        for name in [name for name, value in request.COOKIES.items() if "\0" in value]:
            del request.COOKIES[name]
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *args: object) -> None:
        if any("\0" in text for data in (request.GET, request.POST) for text in _texts(data)):
            raise BadRequest("NUL")
