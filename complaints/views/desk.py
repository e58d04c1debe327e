"""What is done with a matter once it is registered: complete or not, sorted, given on, solved at once, called back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import allow, user_of
from collections_app.policies import cases_visible_to
from common import clock
from common.audit import Actor
from common.exceptions import Refused
from common.forms import key_of
from complaints.forms.register import CallForm, MissingForm, NoteForm, PaperForm, RouteForm, SolveForm, SortForm
from complaints.models import CallBack, Matter
from complaints.policies import can_handle_matter, can_handle_matters, matters_visible_to
from complaints.selectors.similar import told_before
from complaints.services.at_once import matter_duplicate, matter_solve
from complaints.services.call_backs import call_back_done, call_back_promise
from complaints.services.intake import matter_admit, matter_paper_receive, matter_route, matter_sort
from complaints.services.matters import note_add
from complaints.views.intake import case_named
from complaints.views.matter_page import matter_of, matter_page
from credit.views.parts import act

handles = allow(can_handle_matters)


def _act(request: HttpRequest, matter: Matter, *, form: forms.Form, do: Any, said: str, name: str, at: str) -> Any:
    return act(
        request, form=form, do=do, said=said, to="matter", pk=matter.pk, at=at,
        again=lambda: matter_page(request, matter, status=422, **{name: form}),
    )  # fmt: skip


@require_POST
@handles
def admit(request: HttpRequest, pk: int) -> HttpResponse:
    """Complete, or what it lacks."""
    matter, form, user = matter_of(request, pk), MissingForm(request.POST), user_of(request)
    return _act(
        request, matter, form=form, name="missing_form", at="#admit", said=_("Recorded"),
        do=lambda data: matter_admit(user=user, matter=matter, at=clock.now(), **data),
    )  # fmt: skip


@require_POST
@handles
def sort(request: HttpRequest, pk: int) -> HttpResponse:
    """What it is about, whose account, whom it concerns."""
    matter, form, user = matter_of(request, pk), SortForm(request.POST), user_of(request)

    def do(data: dict[str, Any]) -> None:
        client, ref = data.pop("client"), data.pop("account_ref")
        case = case_named(cases_visible_to(user), client=client, account_ref=ref)
        if ref and case is None:
            raise Refused("matter_account", _("This client has no account of this reference."), field="account_ref")
        if case is not None:
            data["case"] = case
        matter_sort(user=user, matter=matter, at=clock.now(), **data)

    return _act(request, matter, form=form, name="sort_form", at="#about", said=_("Saved"), do=do)


@require_POST
@handles
def route(request: HttpRequest, pk: int) -> HttpResponse:
    """To its department, and to who handles it."""
    matter, form, user = matter_of(request, pk), RouteForm(request.POST), user_of(request)
    return _act(
        request, matter, form=form, name="route_form", at="#about", said=_("Given on"),
        do=lambda data: matter_route(user=user, matter=matter, at=clock.now(), **data),
    )  # fmt: skip


@require_POST
@handles
def solve(request: HttpRequest, pk: int) -> HttpResponse:
    """Solved while the person was there."""
    matter, user = matter_of(request, pk), user_of(request)
    form = SolveForm(request.POST, matter=matter)
    return _act(
        request, matter, form=form, name="solve_form", at="", said=_("Solved and closed"),
        do=lambda data: matter_solve(user=user, matter=matter, at=clock.now(), **data),
    )  # fmt: skip


@require_POST
@handles
def duplicate(request: HttpRequest, pk: int) -> HttpResponse:
    """Close it as another one told twice."""
    matter, form, user = matter_of(request, pk), forms.Form(request.POST), user_of(request)
    return _act(
        request, matter, form=form, name="duplicate_form", at="", said=_("Closed as told before"),
        do=lambda _data: matter_duplicate(
            user=user, matter=matter, at=clock.now(),
            of=get_object_or_404(told_before(matter=matter), pk=key_of(request.POST.get("of", "")) or 0),
        ),
    )  # fmt: skip


@require_POST
@handles
def call_promise(request: HttpRequest, pk: int) -> HttpResponse:
    """Promise a call."""
    matter, form, user = matter_of(request, pk), forms.Form(request.POST), user_of(request)
    return _act(
        request, matter, form=form, name="promise_form", at="#calls", said=_("The call is promised"),
        do=lambda _data: call_back_promise(user=user, matter=matter, at=clock.now()),
    )  # fmt: skip


@require_POST
@handles
def call_done(request: HttpRequest, pk: int) -> HttpResponse:
    """The promised call was made."""
    user, form = user_of(request), CallForm(request.POST)
    call = get_object_or_404(CallBack, pk=pk, matter__in=matters_visible_to(user))
    matter = matter_of(request, call.matter_id)
    return _act(
        request, matter, form=form, name="call_form", at="#calls", said=_("The call is recorded"),
        do=lambda data: call_back_done(user=user, call_back=call, at=clock.now(), **data),
    )  # fmt: skip


def _may(request: HttpRequest, pk: int) -> tuple[Any, Matter]:
    """The person and the matter they work on. Raises Refused words on the page for one they only read."""
    user, matter = user_of(request), matter_of(request, pk)
    if not can_handle_matter(user, matter):
        messages.error(request, _("This matter is handled by others."))
    return user, matter


@require_POST
@handles
def note(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a note."""
    (user, matter), form = _may(request, pk), NoteForm(request.POST)
    if not can_handle_matter(user, matter):
        return matter_page(request, matter, status=422)
    return _act(
        request, matter, form=form, name="note_form", at="#notes", said=_("Noted"),
        do=lambda data: note_add(actor=Actor.person(user), matter=matter, at=clock.now(), user=user, **data),
    )  # fmt: skip


@require_POST
@handles
def paper_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep papers that the complainant handed in."""
    (user, matter), form = _may(request, pk), PaperForm(request.POST, request.FILES)
    if not can_handle_matter(user, matter):
        return matter_page(request, matter, status=422)

    def do(data: dict[str, Any]) -> None:
        if not data["papers"]:
            raise Refused("matter_papers", _("Choose a file."), field="papers")
        for paper in data["papers"]:
            matter_paper_receive(actor=Actor.person(user), matter=matter, paper=paper, at=clock.now(), user=user)

    return _act(request, matter, form=form, name="paper_form", at="#papers", said=_("Kept"), do=do)
