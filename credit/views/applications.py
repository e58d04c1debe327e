"""Applications: from their opening to the analysis."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from accounts.access import allow
from credit.policies import sees_credit
from credit.views.application_page import application_of, application_page


@require_GET
@allow(sees_credit)
def application_one(request: HttpRequest, pk: int) -> HttpResponse:
    return application_page(request, application_of(request, pk))
