"""How well people were answered and how satisfied they were, by handler, category, department, kind and month."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounts.access import allow, user_of
from common import clock
from complaints.forms.satisfaction import PeriodForm
from complaints.policies import matters_visible_to, sees_satisfaction
from complaints.selectors.satisfaction import BY, groups_named, matters_received, satisfaction_by

A_PAGE = 30
WORDS: dict[str, str | Promise] = {
    "handler": _("Handler"),
    "category": _("Category"),
    "department": _("Department"),
    "kind": _("Kind"),
    "month": _("Month"),
    "channel": _("Channel"),
}


def period_of(request: HttpRequest) -> tuple[PeriodForm, dt.date, dt.date]:
    """The days asked for; without them, or with wrong ones, the last three months up to today."""
    today = clock.today()
    first, last = (today.replace(day=1) - dt.timedelta(days=62)).replace(day=1), today
    asked = {"first", "last"} & set(request.GET)
    form = PeriodForm(request.GET if asked else {"first": first, "last": last})
    if form.is_valid():
        return form, form.cleaned_data["first"], form.cleaned_data["last"]
    return form, first, last


def _by(request: HttpRequest) -> str:
    by = request.GET.get("by", "handler")
    if by not in BY:
        raise Http404
    return by


@require_GET
@allow(sees_satisfaction)
def satisfaction(request: HttpRequest) -> HttpResponse:
    """The figures of a period; each row opens the matters behind it."""
    by, (form, first, last) = _by(request), period_of(request)
    seen = matters_visible_to(user_of(request))
    rows = satisfaction_by(matters=seen, first=first, last=last, by=by)
    return render(
        request,
        "complaints/satisfaction.html",
        {
            "rows": rows,
            "names": groups_named(by=by, rows=rows),
            "total": next(iter(satisfaction_by(matters=seen, first=first, last=last)), None),
            "by": by,
            "kinds": WORDS.items(),
            "form": form,
            "first": first,
            "last": last,
        },
    )


@require_GET
@allow(sees_satisfaction)
def satisfaction_matters(request: HttpRequest) -> HttpResponse:
    """The matters behind a row, the lowest scores first."""
    by, (_form, first, last) = _by(request), period_of(request)
    found = matters_received(
        matters=matters_visible_to(user_of(request)), first=first, last=last,
        **({"by": by, "key": request.GET["key"]} if "key" in request.GET else {}),
    )  # fmt: skip
    found = found.select_related("category", "handler", "rating").order_by("rating__score", "-received_at", "-pk")
    context: dict[str, Any] = {"page": Paginator(found, A_PAGE).get_page(request.GET.get("page")), "by": by}
    return render(request, "complaints/satisfaction_matters.html", {**context, "first": first, "last": last})
