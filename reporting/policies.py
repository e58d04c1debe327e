"""Who sees what of reports, the audit desk and the portal."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from accounts.choices import Role
from accounts.models import User
from clients.models import Client
from reporting.models import BoardView, Review
from reporting.rules.boards import SEES, boards_of


def can_use_portal(user: User) -> bool:
    return user.is_portal


def can_sign(user: User) -> bool:
    return user.role == Role.CLIENT_SIGNATORY


def can_audit(user: User) -> bool:
    return user.role == Role.AUDITOR


def can_read_reports(user: User) -> bool:
    return user.role in {Role.COLLECTIONS_MANAGER, Role.GENERAL_MANAGER}


def can_read_figures(user: User) -> bool:
    """Every client's figures and the rows behind them: who sees all cases and answers for them, and the auditor."""
    return can_read_reports(user) or can_audit(user)


def figures_clients_visible_to(user: User) -> QuerySet[Client]:
    """The clients whose figures a person may open; none for everybody else."""
    return Client.objects.all() if can_read_figures(user) else Client.objects.none()


def can_see_boards(user: User) -> bool:
    """Whoever has a chart in the table of ``rules/boards.py``; a client's person and an outside lawyer have none."""
    return bool(boards_of(role=user.role))


def can_see_chart(user: User, code: str) -> bool:
    return code in SEES.get(user.role, ())


def can_keep_views(user: User) -> bool:
    """Keep a view of a board and be told of it by e-mail; an auditor reads alone."""
    return can_see_boards(user) and not can_audit(user)


def can_see_board(user: User, board: str) -> bool:
    return board in boards_of(role=user.role)


def board_views_visible_to(user: User) -> QuerySet[BoardView]:
    """A person's own views, and those that somebody shares with their role; none for who sees no boards."""
    if not can_see_boards(user):
        return BoardView.objects.none()
    return BoardView.objects.filter(Q(user=user) | Q(shared_with=user.role))


def reviews_visible_to(user: User) -> QuerySet[Review]:
    """Meetings with every client, for who answers for them; none for everybody else."""
    return Review.objects.all() if can_read_reports(user) else Review.objects.none()
