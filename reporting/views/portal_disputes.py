"""Disputes in the portal: what was objected to of what the client supplied, and its reply.

Each is found under the portal's role; its words and papers are opened as ourselves, once it was found there.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.services.users import access_record
from clients.models import Client
from common import clock
from common.access import portal_scope
from common.audit import Actor
from common.exceptions import Refused
from common.forms import blame
from complaints.choices import DisputeState
from complaints.forms.disputes import ReplyForm, documents_of
from complaints.models import Dispute, MatterPaper
from complaints.selectors.dispute_member import (
    dispute_words_told,
    disputes_of_member,
    papers_of_member,
    replies_due,
)
from complaints.services.disputes import dispute_reply
from complaints.views.matters import paper_answer
from reporting.views.portal import portal_person


def _own(client: Client, pk: int) -> Dispute:
    """The client's own dispute, found under the portal's rights."""
    with portal_scope(client_id=client.pk):
        found = get_object_or_404(disputes_of_member(client=client), pk=pk)
    return Dispute.objects.select_related("client", "case__debtor__party").get(pk=found.pk)


@require_GET
@login_required
def disputes(request: HttpRequest) -> HttpResponse:
    """The client's disputes, those that wait for its reply first."""
    _user, client = portal_person(request)
    with portal_scope(client_id=client.pk):
        found = sorted(
            disputes_of_member(client=client), key=lambda one: one.state != DisputeState.WITH_MEMBER
        )  # fmt: skip
        page = Paginator(found, 25).get_page(request.GET.get("page"))
    due = replies_due(disputes=list(page))
    rows = [(one, due.get(one.pk)) for one in page]
    return render(
        request, "portal/disputes.html", {"client": client, "page": page, "rows": rows, "today": clock.today()}
    )


def _page(request: HttpRequest, dispute: Dispute, client: Client, *, status: int = 200, **given: Any) -> HttpResponse:
    waits = dispute.state == DisputeState.WITH_MEMBER
    return render(
        request,
        "portal/dispute.html",
        {
            "client": client,
            "dispute": dispute,
            "words": dispute_words_told(dispute=dispute),
            "due_on": replies_due(disputes=[dispute]).get(dispute.pk),
            "papers": papers_of_member(dispute=dispute),
            "form": given.get("form", ReplyForm() if waits else None),
            "today": clock.today(),
        },
        status=status,
    )


@require_GET
@login_required
def dispute(request: HttpRequest, pk: int) -> HttpResponse:
    _user, client = portal_person(request)
    return _page(request, _own(client, pk), client)


@require_POST
@login_required
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """The client's reply; after its last day it is refused."""
    user, client = portal_person(request)
    found, form = _own(client, pk), ReplyForm(request.POST, request.FILES)
    if form.is_valid():
        data = form.cleaned_data
        try:
            dispute_reply(
                actor=Actor.person(user), user=user, dispute=found, stand=data["stand"], words=data["words"],
                at=clock.now(), documents=documents_of(data["documents"]),
            )  # fmt: skip
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("Your reply is kept"))
            return redirect("portal_dispute", pk)
    return _page(request, _own(client, pk), client, status=422, form=form)


@require_GET
@login_required
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """A paper of a dispute that the client may read; the look is written down first."""
    user, client = portal_person(request)
    found = get_object_or_404(MatterPaper.objects.defer("content_sealed"), pk=pk, dispute__isnull=False)
    assert found.dispute_id is not None  # noqa: S101 - the filter says so
    own = _own(client, found.dispute_id)
    shown = get_object_or_404(papers_of_member(dispute=own), pk=pk)
    access_record(user=user, what="dispute.paper", subject=shown)
    return paper_answer(MatterPaper.objects.select_related("dispute__case__debtor__party").get(pk=pk))
