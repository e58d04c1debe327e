"""The page of a matter, put together from panels: each part of the app supplies its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.access import user_of
from common import clock
from complaints.models import Matter
from complaints.policies import can_handle_matter, can_open_confidential, matters_visible_to
from complaints.views import handling_panels as handling
from complaints.views import learning_panels as learning
from complaints.views import register_panels as register
from complaints.views.comment_panel import comment_origin
from complaints.views.question_panel import question
from credit.views.parts import Part, parts_of

REVEALED_FOR = 300


def revealed_key(matter: Matter) -> str:
    """Where the session keeps until when this matter's addresses and confidential parts are shown."""
    return f"matter-revealed-{matter.pk}"


def matter_of(request: HttpRequest, pk: int) -> Matter:
    """The matter, for who may see it. Raises Http404 for everybody else."""
    found = matters_visible_to(user_of(request)).select_related(
        "client", "case__debtor", "category", "handler", "concerned", "recorded_by", "repeats", "duplicate_of"
    )
    return get_object_or_404(found, pk=pk)


# Panels, each ``(*, user, matter, now, given) -> Part | None``, in the order they stand.
PANELS: tuple[Callable[..., Part | None], ...] = (
    # The register: what was told, by whom, its clocks and papers.
    register.words,
    handling.step,
    handling.findings,
    handling.levels,
    register.admit,
    register.at_once,
    register.clocks,
    register.person,
    register.about,
    learning.learnt,
    learning.origin,
    comment_origin,
    register.notes,
    register.papers,
    handling.letters,
    handling.messages,
    register.course,
    question,
)


def matter_page(request: HttpRequest, matter: Matter, *, status: int = 200, **given: Any) -> HttpResponse:
    """The one screen of a matter. ``given`` is a form with its faults, by the name it has on the page."""
    user, now = user_of(request), clock.now()
    given["revealed"] = request.session.get(revealed_key(matter), 0) > now.timestamp()
    context = parts_of(PANELS, user=user, matter=matter, now=now, given=given)
    return render(
        request,
        "complaints/matter.html",
        {
            **context,
            "matter": matter,
            "now": now,
            "handles": can_handle_matter(user, matter),
            "reveals": can_open_confidential(user, matter),
            "revealed": given["revealed"],
        },
        status=status,
    )
