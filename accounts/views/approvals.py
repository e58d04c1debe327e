"""The approver's inbox: every kind in one list, everything needed to decide beside it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import allow, require_proof, user_of
from accounts.forms import AnswerForm
from accounts.models import User
from accounts.policies import can_delegate, can_see_approvals, can_see_authority
from accounts.selectors.approvals import (
    Row,
    approval_rows,
    approvals_ended,
    approvals_prepared,
    approvals_visible_to,
    approvals_with_clients,
    inbox_waiting,
)
from common import clock, slots
from common.approvals import kind_of
from common.exceptions import Refused

VIEWS = ("waiting", "client", "decided")


@require_GET
@allow(can_see_approvals)
def inbox(request: HttpRequest) -> HttpResponse:
    """What waits for my decision, the nearest answer first."""
    return _inbox(request, chosen=request.GET.get("chosen", ""))


def _inbox(request: HttpRequest, *, chosen: str, error: str = "") -> HttpResponse:
    user, on = user_of(request), clock.today()
    view = request.GET.get("view", "")
    view = view if view in VIEWS else "waiting"
    waiting, count = inbox_waiting(user=user, on=on)
    with_clients = approvals_with_clients(user=user, on=on)
    rows = waiting
    if view != "waiting":
        found = with_clients if view == "client" else approvals_ended(user=user, on=on)
        rows = approval_rows([(approval, None) for approval in found[:100]])
    context: dict[str, Any] = {
        "rows": rows,
        "view": view,
        "counts": {"waiting": count, "client": with_clients.count()},
        "own": approvals_prepared(user=user).count(),
        "now": clock.now(),
        "error": error,
        "may_delegate": can_delegate(user),
        "may_see_authority": can_see_authority(user),
        "sections": [section(user) for section in slots.filled("approvals")],
    }
    if view == "waiting":
        context |= _beside(user, rows, chosen)
    return render(request, "approvals/inbox.html", context, status=422 if error else 200)


def _beside(user: User, rows: list[Row], chosen: str) -> dict[str, Any]:
    """The chosen one, else the first, with what its kind wants to have read."""
    row = next((row for row in rows if str(row.approval.pk) == chosen), rows[0] if rows else None)
    if row is None:
        return {}
    return {"chosen": row, **row.kind.context(user, row.facts.subject)}


@require_POST
@allow(can_see_approvals)
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve, return or reject whatever it is; asks for a fresh proof."""
    user = user_of(request)
    approval = get_object_or_404(approvals_visible_to(user, on=clock.today()), pk=pk)
    require_proof(request)
    kind = kind_of(approval.kind)
    form = AnswerForm(request.POST, answers=kind.answers)
    if not form.is_valid():
        words = str(form.errors["reason"][0]) if "reason" in form.errors else _("Approve, return or reject.")
        return _inbox(request, chosen=str(pk), error=words)
    subject = kind.facts([approval])[approval.pk].subject
    try:
        kind.decide(user=user, subject=subject, **form.cleaned_data)
    except Refused as refusal:
        return _inbox(request, chosen=str(pk), error=str(refusal.message))
    messages.success(request, _("Decided"))
    return redirect("inbox")
