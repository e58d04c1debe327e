"""The register: the list of all that was told."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import allow, user_of
from clients.models import Client
from common import clock
from common.forms import key_of
from complaints.choices import Intake, MatterKind
from complaints.models import Category
from complaints.policies import can_register_matters, matters_visible_to, sees_matters
from complaints.selectors.register import VIEWS, Filters, matters_filtered, nearest_clocks

A_PAGE = 30


@require_GET
@allow(sees_matters)
def register(request: HttpRequest) -> HttpResponse:
    """All that was told, the nearest deadline first."""
    user, told, now = user_of(request), request.GET, clock.now()
    filters = Filters(
        view=told.get("view", ""), kind=told.get("kind", ""), intake=told.get("intake", ""),
        client=key_of(told.get("client", "")), category=key_of(told.get("category", "")),
        words=told.get("q", "").strip()[:100],
    )  # fmt: skip
    found = matters_filtered(matters=matters_visible_to(user), user=user, filters=filters, now=now)
    page = Paginator(found, A_PAGE).get_page(told.get("page"))
    return render(
        request,
        "complaints/register.html",
        {
            "page": page,
            "clocks": nearest_clocks(matters=list(page)),
            "filters": filters,
            "views": VIEWS,
            "kinds": MatterKind.choices,
            "intakes": Intake.choices,
            "clients": Client.objects.order_by("name_ar"),
            "categories": Category.objects.filter(parent__isnull=True),
            "registers": can_register_matters(user),
            "now": now,
        },
    )
