"""The register: the list of all that was told."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_GET

from accounts.access import allow, user_of
from clients.models import Client
from common import clock
from common.clock import date_of
from common.forms import EARLIEST, key_of
from complaints.choices import Intake, MatterKind
from complaints.models import Category
from complaints.policies import can_register_matters, matters_visible_to, sees_matters
from complaints.selectors.register import VIEWS, Behind, Filters, matters_filtered, nearest_clocks
from complaints.selectors.satisfaction import COUNTED, channels_named
from complaints.selectors.wrote_again import wrote_again_of

A_PAGE = 30
# What each figure of the pages of channels counts.
COUNTED_WORDS: dict[str, Promise] = {
    "received": _("Came in"),
    "answered": _("Their answer was told"),
    "ended": _("Answered, or their time is over"),
    "in_time": _("Answered in time"),
    "solved": _("Closed, and not called unsolved"),
    "rated": _("Satisfaction told"),
    "good": _("Satisfied (4 or 5 of 5)"),
    "open": pgettext_lazy("matters", "Still open"),
    "late": _("A deadline lapsed"),
}


def _behind(told: QueryDict) -> Behind | None:
    """The figure whose matters are asked for; None where the address names none, or no whole one."""
    try:
        first, last = (date_of(told.get(name, "")) for name in ("first", "last"))
    except ValueError:
        return None
    counted = told.get("counted", "received")
    if counted not in COUNTED or not EARLIEST <= first <= last <= clock.today():
        return None
    return Behind(first=first, last=last, channel=told.get("channel", "")[:40], counted=counted)


@require_GET
@allow(sees_matters)
def register(request: HttpRequest) -> HttpResponse:
    """All that was told, the nearest deadline first."""
    user, told, now = user_of(request), request.GET, clock.now()
    filters = Filters(
        view=told.get("view", ""), kind=told.get("kind", ""), intake=told.get("intake", ""),
        client=key_of(told.get("client", "")), category=key_of(told.get("category", "")),
        words=told.get("q", "").strip()[:100], behind=_behind(told),
    )  # fmt: skip
    found = matters_filtered(matters=matters_visible_to(user), user=user, filters=filters, now=now)
    page = Paginator(found, A_PAGE).get_page(told.get("page"))
    return render(
        request,
        "complaints/register.html",
        {
            "page": page,
            "clocks": nearest_clocks(matters=list(page)),
            "wrote": wrote_again_of(ids=[matter.pk for matter in page]),
            "filters": filters,
            "views": VIEWS,
            "kinds": MatterKind.choices,
            "intakes": Intake.choices,
            "clients": Client.objects.order_by("name_ar"),
            "categories": Category.objects.filter(parent__isnull=True),
            "registers": can_register_matters(user),
            "now": now,
            "behind": filters.behind
            and {
                "words": COUNTED_WORDS[filters.behind.counted],
                "channel": channels_named().get(filters.behind.channel, "") if filters.behind.channel else "",
            },
        },
    )
