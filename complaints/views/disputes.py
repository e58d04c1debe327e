"""Disputes: the board, one dispute, a new one, packs, notices to recipients, papers."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirectBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import allow, user_of
from accounts.choices import Role
from accounts.models import User
from accounts.services.users import access_record
from collections_app.models import Case
from collections_app.policies import cases_visible_to
from common import clock
from common.exceptions import Refused
from common.forms import blame
from common.once import new_key, once
from complaints.forms.disputes import FileForm, OtherWayForm, SendForm
from complaints.models import DisputePack, DisputeRecipient, MatterPaper
from complaints.policies import (
    can_handle_disputes,
    can_review_packs,
    disputes_visible_to,
    sees_disputes,
)
from complaints.services.answer_packs import pack_review, pack_send
from complaints.services.dispute_letters import recipient_tell
from complaints.services.disputes import dispute_file
from complaints.views.dispute_acts import ACTS
from complaints.views.dispute_page import board_context, dispute_of, dispute_page
from complaints.views.matters import paper_answer


@require_GET
@allow(sees_disputes)
def board(request: HttpRequest) -> HttpResponse:
    """Every open dispute by its nearest deadline."""
    context = board_context(user=user_of(request), view=request.GET.get("view", ""), now=clock.now())
    return render(request, "complaints/disputes/board.html", context)


@require_GET
@allow(sees_disputes)
def one(request: HttpRequest, pk: int) -> HttpResponse:
    return dispute_page(request, dispute_of(request, pk), acts=ACTS)


@require_http_methods(["GET", "POST"])
@allow(can_handle_disputes)
def new(request: HttpRequest, pk: int) -> HttpResponse:
    """An objection on a case."""
    user = user_of(request)
    found = cases_visible_to(user).select_related("client", "debtor__party")
    case = get_object_or_404(found, pk=pk)
    form = FileForm(request.POST or None, request.FILES or None, case=case)
    if request.method == "POST" and form.is_valid():
        try:
            return once(request, lambda: _filed(request, user, case, form))
        except Refused as refusal:
            blame(form, refusal)
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "case": case, "form_key": new_key()}
    return render(request, "complaints/disputes/new.html", context, status=status)


def _filed(request: HttpRequest, user: User, case: Case, form: FileForm) -> HttpResponseRedirectBase:
    dispute = dispute_file(user=user, case=case, told=form.told(), at=form.cleaned_data["at"])
    messages.success(request, _("The objection is kept under %(number)s") % {"number": dispute.reference})
    return redirect("dispute", dispute.pk)


def _pack(request: HttpRequest, pk: int) -> DisputePack:
    found = DisputePack.objects.select_related("dispute", "paper")
    return get_object_or_404(found, pk=pk, dispute__in=disputes_visible_to(user_of(request)))


@require_POST
@allow(can_review_packs)
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a pack go; by another person than who made it."""
    pack = _pack(request, pk)
    try:
        pack_review(user=user_of(request), pack=pack, at=clock.now())
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("The pack is reviewed"))
    return redirect("dispute", pack.dispute_id)


@require_POST
@allow(can_handle_disputes)
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a reviewed pack: the member's reply."""
    pack, form = _pack(request, pk), SendForm(request.POST, auto_id="send_%s")
    if form.is_valid():
        try:
            pack_send(user=user_of(request), pack=pack, email=form.cleaned_data["email"], at=clock.now())
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("The answer is sent"))
            return redirect("dispute", pack.dispute_id)
    return dispute_page(request, dispute_of(request, pack.dispute_id), acts=ACTS, status=422, send_form=form)


@require_POST
@allow(can_handle_disputes)
def tell(request: HttpRequest, pk: int) -> HttpResponse:
    """Notify a named recipient."""
    visible = disputes_visible_to(user_of(request))
    row = get_object_or_404(DisputeRecipient.objects.select_related("dispute"), pk=pk, dispute__in=visible)
    form = OtherWayForm(request.POST, auto_id=f"tell_{pk}_%s")
    if form.is_valid():
        try:
            recipient_tell(
                user=user_of(request), recipient=row, way=form.way(), at=clock.now(),
                language=form.cleaned_data["language"],
            )  # fmt: skip
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("The recipient is told"))
            return redirect("dispute", row.dispute_id)
    found = dispute_of(request, row.dispute_id)
    return dispute_page(request, found, acts=ACTS, status=422, tell_form=form, told=pk)


@require_GET
@allow(sees_disputes)
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """A paper of a dispute, once the look is written down."""
    user = user_of(request)
    found = get_object_or_404(
        MatterPaper.objects.select_related("dispute__case__debtor__party"), pk=pk, dispute__in=disputes_visible_to(user)
    )
    if user.role != Role.AUDITOR:  # whose look is written down at the door, before a transaction that cannot write
        access_record(user=user, what="dispute.paper", subject=found)
    return paper_answer(found)
