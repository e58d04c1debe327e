"""The auditor's desk: read only in the database too; each look is written down first."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from accounts.access import allow
from clients.choices import Channel
from clients.models import Client
from collections_app.choices import Verdict
from collections_app.models import ContactAttempt
from common import audit, audit_export, clock
from common.access import read_only
from common.forms import key_of
from common.models import AuditEvent
from common.spreadsheets import inert
from reporting.policies import can_audit

EXPORT_MOST = 100_000
EARLIEST, LATEST = dt.date(1990, 1, 1), dt.date(9999, 1, 1)


def _day(text: str) -> dt.date | None:
    """A day as an address names it; None for anything else, and for days at the calendar's edges."""
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if EARLIEST <= day < LATEST else None


def _attempts(request: HttpRequest) -> QuerySet[ContactAttempt]:
    """The contact trail as the page's address filters it."""
    found = ContactAttempt.objects.select_related("case__debtor", "client", "by").order_by("-at", "-pk")
    get = request.GET
    if (client := key_of(get.get("client", ""))) is not None:
        found = found.filter(client_id=client)
    if get.get("verdict") in Verdict.values:
        found = found.filter(verdict=get["verdict"])
    if get.get("channel") in Channel.values:
        found = found.filter(channel=get["channel"])
    first, last = _day(get.get("from", "")), _day(get.get("to", ""))
    if first:
        found = found.filter(at__gte=clock.at_riyadh(on=first, time=dt.time(0)))
    if last:
        found = found.filter(at__lt=clock.at_riyadh(on=last + dt.timedelta(days=1), time=dt.time(0)))
    search = get.get("q", "").strip()
    if search:
        found = found.filter(case__debtor__debtor_ref__istartswith=search)
    return found


@require_GET
@allow(can_audit)
def contact_trail(request: HttpRequest) -> HttpResponse:
    """Every contact attempt, made, refused or outside the policy."""
    page = Paginator(_attempts(request), 50).get_page(request.GET.get("page"))
    return render(
        request,
        "reporting/trail.html",
        {
            "page": page,
            "clients": Client.objects.order_by("code"),
            "verdicts": Verdict.choices,
            "channels": Channel.choices,
        },
    )


class _Echo:
    def write(self, value: str) -> str:
        return value


@require_GET
@allow(can_audit)
def contact_trail_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same rows as a file; cells open nothing by themselves."""
    writer = csv.writer(_Echo())
    found = _attempts(request)[:EXPORT_MOST]

    def lines() -> Iterator[str]:
        yield "\ufeff"
        yield writer.writerow(
            [
                "id",
                "at",
                "client",
                "account",
                "channel",
                "direction",
                "reached",
                "outcome",
                "verdict",
                "rules",
                "breach_reason",
                "by",
                "note",
            ]
        )
        # The rows leave after the view has returned: read only here as well.
        with read_only():
            for a in found.iterator(chunk_size=2_000):
                yield writer.writerow(
                    [
                        inert(cell)
                        for cell in (
                            a.pk,
                            a.at.astimezone(clock.RIYADH).isoformat(timespec="seconds"),
                            a.client.code,
                            a.case.debtor.debtor_ref,
                            a.channel,
                            a.direction,
                            a.reached,
                            a.outcome,
                            a.verdict,
                            " ".join(rule["rule"] for rule in a.rules),
                            a.breach_reason,
                            a.by.name if a.by else "",
                            a.note,
                        )
                    ]
                )

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="contact-trail-{clock.today()}.csv"'
    return response


@require_GET
@allow(can_audit)
def events(request: HttpRequest) -> HttpResponse:
    """The chained audit trail: every write, who and what."""
    found, get = AuditEvent.objects.select_related("seal").order_by("-pk"), request.GET
    if get.get("action", "").strip():
        found = found.filter(action__startswith=get["action"].strip())
    if (client := key_of(get.get("client", ""))) is not None:
        found = found.filter(client_id=client)
    first, last = _day(get.get("from", "")), _day(get.get("to", ""))
    if first:
        found = found.filter(at__gte=clock.at_riyadh(on=first, time=dt.time(0)))
    if last:
        found = found.filter(at__lt=clock.at_riyadh(on=last + dt.timedelta(days=1), time=dt.time(0)))
    page = Paginator(found, 50).get_page(get.get("page"))
    return render(
        request,
        "reporting/events.html",
        {"page": page, "head": audit.head(), "clients": Client.objects.order_by("code")},
    )


@require_GET
@allow(can_audit)
def events_proof(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """One client's part of the chain, as a file that proves its own rows."""
    client = get_object_or_404(Client, pk=pk)
    response = StreamingHttpResponse(audit_export.export(client_id=client.pk), content_type="application/x-ndjson")
    response["Content-Disposition"] = f'attachment; filename="audit-{client.code}-{clock.today()}.jsonl"'
    return response


@require_POST
@allow(can_audit)
def verify(request: HttpRequest) -> HttpResponse:
    """Recompute the whole chain now."""
    return render(request, "reporting/verified.html", {"verdict": audit.verify(), "head": audit.head()})
