"""The board by nearest deadline, with one matter beside it: what to do, its clock, what happened, what is needed."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts.access import allow, user_of
from common import clock, crypto
from common.clocks import earliest_of
from common.components.format import short
from common.forms import key_of
from complaints.choices import Stage
from complaints.models import Matter
from complaints.policies import can_register_matters, matters_visible_to, sees_matters
from complaints.rules.handling import NEED_WORDS, STEP_WORDS
from complaints.selectors.bands import banded
from complaints.selectors.board import TABS, counts_open, lines_open
from complaints.selectors.case_timeline import STAGE_MARKS
from complaints.selectors.handling import NEXT_STAGE, still_needed
from complaints.selectors.matter_timeline import matter_timeline
from complaints.selectors.matters import person_of, words_of
from complaints.views.dispute_drawing import drawn


@require_GET
@allow(sees_matters)
def board(request: HttpRequest) -> HttpResponse:
    """Everything open by its nearest deadline; ``matter`` names the one that is shown beside it."""
    user, now = user_of(request), clock.now()
    tab = request.GET.get("tab", "")
    shown, counts = lines_open(user=user, now=now, tab=tab), counts_open(user=user)
    pk = key_of(request.GET.get("matter", ""))
    context: dict[str, Any] = {
        "tabs": [(name, words, counts[name]) for name, words in TABS],
        "tab": tab,
        "bands": banded(shown, today=clock.today()),
        "of_all": counts.get(tab, 0) if counts.get(tab, 0) > len(shown) else 0,
        "shown": len(shown),
        "today": clock.today(),
        "now": now,
        "registers": can_register_matters(user),
        "chosen": pk is not None,
    }
    if pk is None and (first := next((line for line in shown if line.tab != "disputes"), None)):
        pk = first.pk
    if pk is not None:
        found = matters_visible_to(user).select_related("client", "case__debtor", "category", "handler", "hold")
        context |= one_of(matter=get_object_or_404(found, pk=pk), language=short(request.LANGUAGE_CODE))
    return render(request, "complaints/handling/board.html", context)


def one_of(*, matter: Matter, language: str) -> dict[str, Any]:
    """The matter beside the board. Confidential parts are opened on its own page."""
    now = clock.now()
    hidden = matter.is_confidential
    try:
        words, name = ("", "") if hidden else (words_of(matter=matter), person_of(matter=matter).name)
    except crypto.Unreadable:
        words, name = "", ""
    to = NEXT_STAGE.get(Stage(matter.stage))
    timeline = matter_timeline(matter=matter, now=now)
    return {
        "matter": matter,
        "name": name,
        "words": words,
        "hidden": hidden,
        "due": earliest_of(subject_type=Matter._meta.label, subject_ids=[matter.pk]).get(matter.pk),
        "to": to,
        "to_words": STEP_WORDS[to] if to else "",
        "needs": [(NEED_WORDS[need], there) for need, there in still_needed(matter=matter, to=to)] if to else [],
        "timeline": timeline,
        "drawn": drawn(timeline=timeline, rtl=language == "ar"),
        "moves": [
            (move, *STAGE_MARKS[Stage(move.to_stage)]) for move in matter.moves.select_related("by").order_by("-pk")
        ],
    }
