"""The portal's dashboard: what one asks of a book, by period and portfolio; each figure opens its rows."""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from clients.models import Client
from common.components.format import short
from reporting.selectors.portal_dashboard import dashboard_of, portfolios
from reporting.views.figures import asked_of
from reporting.views.portal import portal_page

# The periods one asks for by a press: four weeks, a quarter, half a year.
SPANS = (28, 91, 182)


@require_GET
@portal_page
def dashboard(request: HttpRequest, client: Client) -> HttpResponse:
    """Collected, reached and kept week by week; balances by age, and where they went."""
    asked = asked_of(request, client=client, portfolios=True, span=SPANS[1] - 1)
    ask, rtl = asked.ask, short(getattr(request, "LANGUAGE_CODE", "ar")) == "ar"
    spans = [(days, ask.last - dt.timedelta(days=days - 1)) for days in SPANS]
    context = {
        "client": client,
        "asked": asked,
        "told": dashboard_of(ask=ask, rtl=rtl, contacts=client.shows_contacts),
        "portfolios": portfolios(client=client),
        "spans": [(days, first, first == ask.first) for days, first in spans],
    }
    return render(request, "portal/dashboard.html", context)
