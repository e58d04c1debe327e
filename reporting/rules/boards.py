"""Which role sees which charts, on which boards: by what its day needs (``accounts/roles.py``)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from accounts.choices import Role
from reporting.choices import BoardEvery
from reporting.rules.periods import Month
from reporting.rules.weeks import Week

MONEY, CONTACT, DESK = "money", "contact", "desk"

# The boards in their order, with their charts in the order in which they are read.
BOARDS: Mapping[str, tuple[str, ...]] = {
    MONEY: ("waterfall", "aging", "collected", "paid_late", "rolls"),
    CONTACT: ("promises", "collectors", "contacts", "reach"),
    DESK: ("approvals", "deadlines", "credit", "jobs"),
}

# The one table of who sees what. A collector's day is people and promises; a leader answers for a team's; who decides
# sees what waits; an administrator has no case data; an auditor reads all, and decides nothing.
SEES: Mapping[str, frozenset[str]] = {
    Role.COLLECTOR: frozenset({"promises", "collectors", "contacts", "aging", "collected"}),
    Role.TEAM_LEADER: frozenset(
        {"waterfall", "aging", "collected", "rolls", "promises", "collectors", "contacts", "reach"}
    ),
    Role.COLLECTIONS_MANAGER: frozenset(code for codes in BOARDS.values() for code in codes),
    Role.GENERAL_MANAGER: frozenset(code for codes in BOARDS.values() for code in codes) - {"jobs"},
    Role.AUDITOR: frozenset(code for codes in BOARDS.values() for code in codes) - {"approvals", "jobs"},
    Role.LEGAL_OFFICER: frozenset({"waterfall", "aging", "deadlines"}),
    Role.FINANCE_MANAGER: frozenset({"approvals", "credit", "deadlines"}),
    Role.CREDIT_OFFICER: frozenset({"credit"}),
    Role.COMPLAINTS_OFFICER: frozenset({"deadlines", "contacts"}),
    Role.QUALITY_OFFICER: frozenset({"deadlines", "contacts", "promises"}),
    Role.BUREAU_OFFICER: frozenset({"deadlines"}),
    Role.ADMINISTRATOR: frozenset({"jobs"}),
}

SEES_BOARDS = frozenset(SEES)
# What a role's day begins with, where that is not the first of its boards.
FIRST: Mapping[str, str] = {
    Role.COLLECTOR: CONTACT,
    Role.COMPLAINTS_OFFICER: DESK,
    Role.QUALITY_OFFICER: DESK,
}

# Periods that have a name; any other is told by its days.
WEEK, LAST_WEEK, MONTH, LAST_MONTH = "week", "last_week", "month", "last_month"
PERIODS = (WEEK, LAST_WEEK, MONTH, LAST_MONTH)


def period_begins(*, every: str, today: dt.date) -> dt.date:
    """The first day of the day, week (from Sunday) or month that a date lies in."""
    if every == BoardEvery.MONTH:
        return Month.of(on=today).starts_on
    return Week.of(on=today).starts_on if every == BoardEvery.WEEK else today


def charts_of(*, role: str, board: str) -> tuple[str, ...]:
    """The charts of a board that a role sees, in their order."""
    seen = SEES.get(role, frozenset())
    return tuple(code for code in BOARDS.get(board, ()) if code in seen)


def boards_of(*, role: str) -> tuple[str, ...]:
    """The boards on which a role sees anything."""
    return tuple(board for board in BOARDS if charts_of(role=role, board=board))


def first_board(*, role: str) -> str:
    """The board that a role opens with. Raises IndexError for a role that has none."""
    return FIRST.get(role) or boards_of(role=role)[0]


def period_named(*, name: str, today: dt.date) -> tuple[dt.date, dt.date]:
    """First and last day of a named period; a running one ends today. Weeks begin on Sunday.

    Raises KeyError for a name there is not.
    """
    sunday = Week.of(on=today).starts_on
    last_month = Month.of(on=today).before()
    return {
        WEEK: (sunday, today),
        LAST_WEEK: (sunday - dt.timedelta(days=7), sunday - dt.timedelta(days=1)),
        MONTH: (today.replace(day=1), today),
        LAST_MONTH: (last_month.starts_on, last_month.ends_on),
    }[name]
