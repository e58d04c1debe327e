"""What each act on kept views of boards leaves in the audit trail (``tests/test_acts_are_recorded.py``)."""

from __future__ import annotations

import datetime as dt

from accounts.models import User
from reporting.models import BoardView
from reporting.services.boards import board_view_change, board_view_drop, board_view_save
from reporting.tests.acts_reports import Act


def a_view(user: User, *, name: str = "الشهر", board: str = "money", query: str = "period=month") -> BoardView:
    """A view that somebody keeps."""
    return board_view_save(user=user, name=name, board=board, query=query)


def told_daily(user: User, *, since: dt.date, **given: str) -> BoardView:
    """A view whose link is sent every day, and was last sent on a day."""
    view = board_view_change(user=user, view=a_view(user, **given), is_default=False, shared=False, every="DAY")
    BoardView.objects.filter(pk=view.pk).update(told_for=since)
    return view


ACTS: dict[str, Act] = {
    "reporting.board_view_save": (None, lambda w: a_view(w.manager), {"board_view.saved": 1}),
    "reporting.board_view_change": (
        lambda w: a_view(w.manager),
        lambda w, view: board_view_change(user=w.manager, view=view, is_default=True, shared=True, every="WEEK"),
        {"board_view.changed": 1},
    ),
    "reporting.board_view_drop": (
        lambda w: a_view(w.manager),
        lambda w, view: board_view_drop(user=w.manager, view=view),
        {"board_view.dropped": 1},
    ),
}
WITHIN = {
    "reporting.board_links_send": "each message it queues is an act of the outbox, of no client: test_board_views",
}
