"""The auditor's desk beyond contacts and the chain: what changed, who looked, who approved, who signed."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.access import allow
from accounts.choices import Side
from accounts.models import User
from clients.models import Client
from common.approvals import kinds
from common.choices import ApprovalStatus
from reporting.policies import can_audit
from reporting.rules.record_words import record_words
from reporting.selectors.audit import Asked, approvals_found, looks_found, people_found, signatures_found
from reporting.selectors.history import (
    histories,
    model_of,
    record_changes,
    record_events,
    slug_of,
    versions_found,
    versions_told,
)

A_PAGE = 50


def _page(request: HttpRequest, found: Any) -> Any:
    return Paginator(found, A_PAGE).get_page(request.GET.get("page"))


def _clients() -> Any:
    return Client.objects.order_by("code")


def versions_asked(asked: Asked) -> Any:
    """The versions that an address asks for."""
    person = asked.text("person")
    people = people_found(person) if person else None
    slug = asked.text("model") if asked.text("model") in histories() else ""
    return versions_found(slug=slug, key=asked.key("key"), people=people, since=asked.since, until=asked.until)


@require_GET
@allow(can_audit)
def history(request: HttpRequest) -> HttpResponse:
    """Changes of everything that people edit, the newest first, before and after side by side."""
    page = _page(request, versions_asked(Asked(given=request.GET)))
    models = [(slug, record_words(slug=slug, fallback=model.__name__)) for slug, model in histories().items()]
    context = {"page": page, "changes": versions_told(page.object_list), "models": models}
    return render(request, "reporting/audit/history.html", context)


@require_GET
@allow(can_audit)
def record_history(request: HttpRequest, model: str, pk: int) -> HttpResponse:
    """One record: its versions side by side where they are kept, and all that the audit trail says of it."""
    found = model_of(model)
    if found is None:
        raise Http404
    changes = record_changes(model=found, key=pk)
    events = _page(request, record_events(model=found, key=pk))
    if not changes and not events.paginator.count:
        raise Http404
    context = {
        "name": record_words(slug=model, fallback=str(found._meta.verbose_name)),
        "key": pk,
        "slug": model,
        "changes": changes,
        "keeps": model in histories(),
        "page": events,
    }
    return render(request, "reporting/audit/record.html", context)


@require_GET
@allow(can_audit)
def access_log(request: HttpRequest) -> HttpResponse:
    """Who looked at what is not everybody's: reveals, papers, the portal's pages, an auditor's own looks."""
    page = _page(request, looks_found(Asked(given=request.GET)))
    return render(request, "reporting/audit/access.html", {"page": page, "sides": Side.choices})


@require_GET
@allow(can_audit)
def approvals(request: HttpRequest) -> HttpResponse:
    """Every request: who prepared it, who decided, in whose place, on what digest."""
    context = {
        "page": _page(request, approvals_found(Asked(given=request.GET))),
        "kinds": [(kind.code, kind.words) for kind in kinds()],
        "words": {kind.code: kind.words for kind in kinds()},
        "statuses": ApprovalStatus.choices,
        "clients": _clients(),
    }
    return render(request, "reporting/audit/approvals.html", context)


@require_GET
@allow(can_audit)
def signatures(request: HttpRequest) -> HttpResponse:
    """Every authorisation that was signed, by whom, by what power, and the hash of exactly what."""
    context = {"page": _page(request, signatures_found(Asked(given=request.GET))), "clients": _clients()}
    return render(request, "reporting/audit/signatures.html", context)


def history_url_of(user: User, subject: Any) -> str:
    """Where an auditor reads the history of a record; empty for everybody else."""
    if subject is None or not can_audit(user):
        return ""
    return reverse("audit_record", args=[slug_of(type(subject)), subject.pk])
