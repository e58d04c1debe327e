"""The page of a matter: read, its masked parts opened, its papers."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_POST

from accounts.access import allow, user_of
from accounts.choices import Role
from accounts.services.users import access_record
from common import clock, crypto
from complaints.models import MatterPaper
from complaints.policies import can_handle_matters, can_open_confidential, matters_visible_to, sees_matters
from complaints.selectors.matters import paper_content
from complaints.views.matter_page import REVEALED_FOR, matter_of, matter_page, revealed_key


@require_GET
@allow(sees_matters)
def matter(request: HttpRequest, pk: int) -> HttpResponse:
    return matter_page(request, matter_of(request, pk))


@require_POST
@allow(can_handle_matters)
def reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """Show addresses and confidential parts for five minutes; the look is written down first (CX-15)."""
    found, user = matter_of(request, pk), user_of(request)
    if not can_open_confidential(user, found):
        raise Http404
    access_record(user=user, what="matter.reveal", subject=found)
    request.session[revealed_key(found)] = clock.now().timestamp() + REVEALED_FOR
    return redirect("matter", pk)


@require_GET
@allow(sees_matters)
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """A paper of a matter, once the look is written down. Confidential ones open to who may open it."""
    user = user_of(request)
    found = get_object_or_404(MatterPaper.objects.select_related("matter"), pk=pk, matter__in=matters_visible_to(user))
    assert found.matter is not None  # noqa: S101 - the filter names one
    if (found.is_confidential or found.matter.is_confidential) and not can_open_confidential(user, found.matter):
        raise Http404
    if user.role != Role.AUDITOR:  # whose look is written down at the door, before a transaction that cannot write
        access_record(user=user, what="matter.paper", subject=found)
    return paper_answer(found)


def paper_answer(paper: MatterPaper) -> HttpResponse:
    """The paper in the browser. Raises Http404 when nobody can read it any more."""
    try:
        content = paper_content(paper=paper)
    except crypto.Unreadable as error:
        raise Http404 from error
    response = HttpResponse(content, content_type=paper.content_type)
    extension = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg"}[paper.content_type]
    response["Content-Disposition"] = f'inline; filename="{paper.number or f"paper-{paper.pk}"}.{extension}"'
    return response
