"""A case's statement of account, to read and to print."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from collections_app.views.case_page import case_of, sees_cases, statement_context
from common import clock


@require_GET
@sees_cases
def statement(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole statement as of a day, on a page that prints as paper."""
    found = case_of(request, pk)
    today = clock.today()
    context = statement_context(request, found, today)
    form = context["statement_form"]
    return render(
        request,
        "collections_app/statement.html",
        {"case": found, "today": today, "now": clock.now(), "newest": ":", **context},
        status=422 if form.errors else 200,
    )
