"""Views of boards that a person keeps: saved, opened, shared, sent by e-mail, let go."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import allow, user_of
from common.exceptions import Refused
from common.forms import blame
from reporting.boards import BOARD_WORDS
from reporting.choices import BoardEvery
from reporting.forms import BoardViewForm, ViewChangeForm
from reporting.models import BoardView
from reporting.policies import board_views_visible_to, can_keep_views, can_see_board, can_see_boards
from reporting.services.boards import board_view_change, board_view_drop, board_view_save
from reporting.views.boards import asked_of


@require_http_methods(["GET", "POST"])
@allow(can_keep_views)
def board_views(request: HttpRequest) -> HttpResponse:
    """The views a person keeps and those shared with their role; a new one is saved here."""
    user = user_of(request)
    form = BoardViewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        board = form.cleaned_data["board"]
        if not can_see_board(user, board):
            raise Http404
        # What is kept is what was understood, and nothing else of an address.
        query = asked_of(request, QueryDict(form.cleaned_data["query"])).query
        try:
            view = board_view_save(user=user, name=form.cleaned_data["name"], board=board, query=query)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("The view is kept."))
            return redirect(f"{reverse('board', args=[view.board])}?{view.query}")
    found = list(board_views_visible_to(user).select_related("user"))
    return render(
        request,
        "reporting/boards/views.html",
        {
            "own": [(view, BOARD_WORDS[view.board]) for view in found if view.user_id == user.pk],
            "shared": [(view, BOARD_WORDS[view.board]) for view in found if view.user_id != user.pk],
            "every": BoardEvery.choices,
            "form": form if request.method == "POST" else None,
        },
        status=422 if request.method == "POST" else 200,
    )


@require_GET
@allow(can_see_boards)
def board_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a view: its board with its filters, as this person may see it."""
    user = user_of(request)
    view = get_object_or_404(board_views_visible_to(user), pk=pk)
    if not can_see_board(user, view.board):
        raise Http404
    return redirect(f"{reverse('board', args=[view.board])}?{view.query}")


def _own(request: HttpRequest, pk: int) -> BoardView:
    return get_object_or_404(BoardView, pk=pk, user=user_of(request))


@require_POST
@allow(can_keep_views)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """What a view is kept for: opened with, shared, sent."""
    view, form = _own(request, pk), ViewChangeForm(request.POST)
    if not form.is_valid():
        raise Http404
    board_view_change(user=user_of(request), view=view, **form.cleaned_data)
    messages.success(request, _("Saved"))
    return redirect("board_views")


@require_POST
@allow(can_keep_views)
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a view go."""
    board_view_drop(user=user_of(request), view=_own(request, pk))
    messages.success(request, _("The view is gone."))
    return redirect("board_views")
