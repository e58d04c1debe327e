"""The auditor's desk: read only in the database too; each look is written down first."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from django.core.paginator import Paginator
from django.db import connection, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from accounts.access import allow, user_of
from accounts.services.users import access_record
from clients.models import Client
from collections_app.choices import Verdict
from collections_app.models import ContactAttempt
from common import audit, clock
from common.models import AuditEvent
from common.spreadsheets import inert
from reporting.models import WeeklyReport
from reporting.policies import can_audit, can_read_reports

View = Callable[..., HttpResponse]
EXPORT_MOST = 100_000


def audited(what: str) -> Callable[[View], View]:
    """An auditor's page: its access row is committed, then it reads in a transaction that cannot write."""

    def decorate(view: View) -> View:
        @wraps(view)
        @allow(can_audit)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            access_record(user=user_of(request), what=what, why=request.GET.urlencode()[:200])
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION READ ONLY")
                return view(request, *args, **kwargs)

        return guarded

    return decorate


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _attempts(request: HttpRequest) -> QuerySet[ContactAttempt]:
    """The contact trail as the page's address filters it."""
    found = ContactAttempt.objects.select_related("case__debtor", "client", "by").order_by("-at", "-pk")
    get = request.GET
    if get.get("client", "").isdigit():
        found = found.filter(client_id=int(get["client"]))
    if get.get("verdict") in Verdict.values:
        found = found.filter(verdict=get["verdict"])
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
@audited("audit.contact_trail")
def contact_trail(request: HttpRequest) -> HttpResponse:
    """Every contact attempt, made, refused or outside the policy."""
    page = Paginator(_attempts(request), 50).get_page(request.GET.get("page"))
    return render(
        request,
        "reporting/trail.html",
        {"page": page, "clients": Client.objects.order_by("code"), "verdicts": Verdict.choices},
    )


class _Echo:
    def write(self, value: str) -> str:
        return value


@require_GET
@allow(can_audit)
def contact_trail_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same rows as a file; cells open nothing by themselves."""
    access_record(user=user_of(request), what="audit.contact_trail.export", why=request.GET.urlencode()[:200])
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
                "by",
                "note",
            ]
        )
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
                        a.by.name if a.by else "",
                        a.note,
                    )
                ]
            )

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="contact-trail-{clock.today()}.csv"'
    return response


@require_GET
@audited("audit.events")
def events(request: HttpRequest) -> HttpResponse:
    """The chained audit trail: every write, who and what."""
    found = AuditEvent.objects.select_related("seal").order_by("-pk")
    action = request.GET.get("action", "").strip()
    if action:
        found = found.filter(action__startswith=action)
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    return render(request, "reporting/events.html", {"page": page, "head": audit.head()})


@require_POST
@allow(can_audit)
def verify(request: HttpRequest) -> HttpResponse:
    """Recompute the whole chain now."""
    access_record(user=user_of(request), what="audit.verify")
    return render(request, "reporting/verified.html", {"verdict": audit.verify(), "head": audit.head()})


@require_GET
@allow(can_read_reports)
def report_list(request: HttpRequest) -> HttpResponse:
    """Every client's weekly reports as issued."""
    found = WeeklyReport.objects.select_related("client").defer("pdf", "context").order_by("-issued_at", "-pk")
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    return render(request, "reporting/reports.html", {"page": page})


@require_GET
@allow(can_read_reports)
def report_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """One issue, as it left the building."""
    report = get_object_or_404(WeeklyReport, pk=pk)
    response = HttpResponse(bytes(report.pdf), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{report.number}-{report.language}-{report.issue}.pdf"'
    return response
