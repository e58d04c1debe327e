"""The auditor's desk: read only in the database too; each look is written down first."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.access import allow, user_of
from clients.choices import Channel
from clients.models import Client
from collections_app.choices import Verdict
from collections_app.models import ContactAttempt
from common import audit, audit_export, clock
from common.access import read_only
from common.models import AuditEvent
from common.spreadsheets import inert
from reporting.models import AuditVerification
from reporting.policies import can_audit
from reporting.selectors.audit import Asked, within
from reporting.services.verifications import verification_begin, verification_do, verification_waits
from reporting.tasks import verify_task

EXPORT_MOST = 100_000


def attempts_found(asked: Asked) -> QuerySet[ContactAttempt]:
    """The contact trail as an address filters it."""
    found = ContactAttempt.objects.select_related("case__debtor", "client", "by").order_by("-at", "-pk")
    if (client := asked.key("client")) is not None:
        found = found.filter(client_id=client)
    if asked.text("verdict") in Verdict.values:
        found = found.filter(verdict=asked.text("verdict"))
    if asked.text("channel") in Channel.values:
        found = found.filter(channel=asked.text("channel"))
    found = within(found, asked, "at")
    if search := asked.text("q"):
        found = found.filter(case__debtor__debtor_ref__istartswith=search)
    return found


@require_GET
@allow(can_audit)
def contact_trail(request: HttpRequest) -> HttpResponse:
    """Every contact attempt, made, refused or outside the policy."""
    page = Paginator(attempts_found(Asked(given=request.GET)), 50).get_page(request.GET.get("page"))
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
    found = attempts_found(Asked(given=request.GET))[:EXPORT_MOST]

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


def events_found(asked: Asked) -> QuerySet[AuditEvent]:
    """The chained trail as an address filters it."""
    found = within(AuditEvent.objects.select_related("seal"), asked, "at").order_by("-pk")
    if action := asked.text("action"):
        found = found.filter(action__startswith=action)
    if (client := asked.key("client")) is not None:
        found = found.filter(client_id=client)
    return found


@require_GET
@allow(can_audit)
def events(request: HttpRequest) -> HttpResponse:
    """The chained audit trail: every write, who and what."""
    found = events_found(Asked(given=request.GET))
    page = Paginator(found, 50).get_page(request.GET.get("page"))
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
    """Recompute the whole chain, now or by a worker where it is long; the result is kept."""
    found = verification_begin(user=user_of(request))
    if verification_waits():
        verify_task.delay(found.pk)
    else:
        verification_do(verification_id=found.pk)
    return redirect("audit_verifications")


@require_GET
@allow(can_audit)
def verifications(request: HttpRequest) -> HttpResponse:
    """Every verification with its date and result; one under way tells by itself when it has ended."""
    page = Paginator(AuditVerification.objects.select_related("asked_by"), 50).get_page(request.GET.get("page"))
    context = {"page": page, "latest": page[0] if page else None, "head": audit.head()}
    fragment = bool(request.headers.get("HX-Request"))
    return render(
        request, "reporting/audit/verified.html" if fragment else "reporting/audit/verifications.html", context
    )
