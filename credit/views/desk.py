"""The credit officer's first page: what should I do now."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import allow
from common import clock
from credit.policies import sees_credit


@require_GET
@allow(sees_credit)
def desk(request: HttpRequest) -> HttpResponse:
    return render(request, "credit/desk.html", {"today": clock.today()})
