"""Who may act for me, and the authority matrix."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import allow, require_proof, user_of
from accounts.choices import Role
from accounts.forms import AuthorityForm, AuthorityRowForm, DelegationForm
from accounts.models import User
from accounts.policies import can_delegate, can_keep_authority, can_see_authority
from accounts.services.approvals import authority_add, authority_change, delegation_end, delegation_give
from common import clock
from common.approvals import kind_of, kinds, matrix_of
from common.exceptions import Refused
from common.forms import blame
from common.models import AuthorityLimit, Delegation

CURRENCY = "SAR"


def _delegations(user: User) -> Any:
    """Those that this person gave or was given; the general manager sees everybody's."""
    found = Delegation.objects.select_related("from_person", "to_person")
    if not can_keep_authority(user):
        found = found.filter(Q(from_person=user) | Q(to_person=user))
    return found.order_by("-ends_on", "-pk")


def _state(row: Delegation, today: dt.date) -> str:
    if row.ended_at is not None or row.ends_on < today:
        return "past"
    return "ahead" if row.starts_on > today else "now"


@require_http_methods(["GET", "POST"])
@allow(can_delegate)
def delegation_list(request: HttpRequest) -> HttpResponse:
    """Who may act for me, from when until when; and a new one, after a fresh proof."""
    user, today = user_of(request), clock.today()
    form = DelegationForm(request.POST or None, user=user, initial={"starts_on": today})
    if request.method == "POST" and form.is_valid():
        require_proof(request)
        data = form.cleaned_data
        try:
            delegation_give(user=user, currency=CURRENCY if data["up_to"] else "", **data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("The delegation is given"))
            return redirect("delegations")
    words = {kind.code: kind.words for kind in kinds()}
    rows = [
        {
            "given": row,
            "state": _state(row, today),
            "kinds": [words.get(code, code) for code in row.kinds],
            "may_end": row.from_person_id == user.pk or can_keep_authority(user),
        }
        for row in _delegations(user)[:100]
    ]
    return render(
        request, "approvals/delegations.html", {"rows": rows, "form": form}, status=422 if form.errors else 200
    )


@require_POST
@allow(can_delegate)
def delegation_stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a delegation back, from now on."""
    user = user_of(request)
    found = get_object_or_404(_delegations(user), pk=pk)
    try:
        delegation_end(user=user, delegation=found)
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("The delegation is taken back"))
    return redirect("delegations")


@require_http_methods(["GET", "POST"])
@allow(can_see_authority)
def matrix(request: HttpRequest) -> HttpResponse:
    """Which role takes which step, up to how much; the general manager adds a row, after a fresh proof."""
    user = user_of(request)
    may_keep = can_keep_authority(user)
    if request.method == "POST" and not may_keep:
        raise Http404
    form = AuthorityRowForm(request.POST or None) if may_keep else None
    if request.method == "POST" and form is not None and form.is_valid():
        require_proof(request)
        kind, position = form.cleaned_data["step"].split(":")
        up_to = form.cleaned_data["up_to"]
        try:
            authority_add(
                user=user, kind=kind, position=int(position), role=form.cleaned_data["role"], up_to=up_to,
                currency=CURRENCY if up_to else "",
            )  # fmt: skip
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("Saved"))
            return redirect("authority")
    return render(
        request,
        "approvals/authority.html",
        {"kinds": _matrix(), "form": form, "may_keep": may_keep, "changes": _changes()},
        status=422 if form is not None and form.errors else 200,
    )


def _matrix() -> list[dict[str, Any]]:
    """Each kind with its steps, each step with its rows."""
    words = dict(Role.choices)
    found = []
    for kind in kinds():
        rows = matrix_of(kind.code)
        steps = [
            {"position": position, "words": step.words, "portal": step.portal,
             "rows": [(row, words.get(row.role, row.role)) for row in rows if row.position == position]}
            for position, step in enumerate(kind.steps, start=1)
        ]  # fmt: skip
        found.append({"kind": kind, "steps": steps})
    return found


def _changes() -> list[dict[str, Any]]:
    """The last changes of the matrix, with whom they are by."""
    words, names = dict(Role.choices), {kind.code: kind.words for kind in kinds()}
    history = AuthorityLimit.history.select_related("history_user").order_by("-history_date", "-history_id")[:20]
    return [
        {"row": row, "role": words.get(row.role, row.role), "kind": names.get(row.kind, row.kind)} for row in history
    ]


@require_http_methods(["GET", "POST"])
@allow(can_keep_authority)
def row_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """How far one role goes; after a fresh proof."""
    found = get_object_or_404(AuthorityLimit, pk=pk)
    told = request.POST if request.method == "POST" else None
    form = AuthorityForm(told, initial={"up_to": found.up_to, "is_active": found.is_active})
    if request.method == "POST" and form.is_valid():
        require_proof(request)
        try:
            authority_change(user=user_of(request), row=found, **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("Saved"))
            return redirect("authority")
    return render(
        request,
        "approvals/authority_row.html",
        {
            "row": found,
            "kind": kind_of(found.kind).words,
            "role": dict(Role.choices).get(found.role, found.role),
            "form": form,
        },
        status=422 if form.errors else 200,
    )
