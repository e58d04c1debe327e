"""Papers, read by who sees their case; each look is written down first."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from accounts.access import user_of
from accounts.choices import Role
from accounts.services.users import access_record
from collections_app.policies import cases_visible_to
from collections_app.views.case_page import sees_cases
from common import crypto
from legal.models import Paper
from legal.selectors.papers import paper_content


def paper_response(*, paper: Paper) -> HttpResponse:
    """The paper in the browser, under its own name. Raises Http404 when nobody can read it any more."""
    try:
        content = paper_content(paper=paper)
    except crypto.Unreadable as error:
        raise Http404 from error
    response = HttpResponse(content, content_type=paper.content_type)
    extension = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg"}[paper.content_type]
    response["Content-Disposition"] = f'inline; filename="{paper.number or f"paper-{paper.pk}"}.{extension}"'
    return response


def paper_of_form(data: dict[str, Any]) -> dict[str, Any]:
    """What ``paper_add`` is told of a form with a kind, a title and an uploaded file."""
    file = data["file"]
    return {"kind": data["kind"], "title": data["title"], "name": file.name, "content": file.read()}


@require_GET
@sees_cases
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    user = user_of(request)
    found = get_object_or_404(
        Paper.objects.select_related("case__debtor__party"), pk=pk, case__in=cases_visible_to(user)
    )
    if user.role != Role.AUDITOR:  # whose look is written down at the door, before a transaction that cannot write
        access_record(user=user, what="paper.read", subject=found)
    return paper_response(paper=found)
