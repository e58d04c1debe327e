"""The only writer of board views: kept, changed and let go by their person; their links sent once a period."""

from __future__ import annotations

import logging

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common import clock
from common.audit import Actor, record
from common.choices import MessageChannel
from common.exceptions import Refused
from common.outbox import Recipient, message_queue
from reporting.boards import BOARD_WORDS
from reporting.choices import BoardEvery
from reporting.models import BoardView
from reporting.policies import can_see_board
from reporting.rules.boards import period_begins
from reporting.rules.messages import BOARD_LINK

ACTOR = Actor.system("boards")
MOST_VIEWS = 30
logger = logging.getLogger(__name__)


def board_view_save(*, user: User, name: str, board: str, query: str) -> BoardView:
    """Keep a board with its filters under a name; the same name is that view changed. Raises Refused without a name,
    and when there are too many.
    """
    name = name.strip()
    if not name:
        raise Refused("view_name", _("Give the view a name."), field="name")
    with transaction.atomic():
        # Whoever saves twice at once waits here.
        User.objects.select_for_update().get(pk=user.pk)
        view = BoardView.objects.filter(user=user, name=name).first()
        if view is None and BoardView.objects.filter(user=user).count() >= MOST_VIEWS:
            raise Refused("view_many", _("You have many views already: let one go first."), field="name")
        view = view or BoardView(user=user, name=name)
        view.board, view.query, view.changed_at = board, query, clock.now()
        view.save()
        record(actor=Actor.person(user), action="board_view.saved", subject=view, body={"board": board})
    return view


def board_view_change(*, user: User, view: BoardView, is_default: bool, shared: bool, every: str) -> BoardView:
    """Whether the boards open with it, whether people of the same role see it, and how often its link is sent. Wanted
    from now on, it is first sent when the next period begins.
    """
    if every not in {"", *BoardEvery.values}:
        raise Refused("view_every", _("Choose how often."), field="every")
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        view = BoardView.objects.select_for_update().get(pk=view.pk, user=user)
        if is_default:
            BoardView.objects.filter(user=user, is_default=True).exclude(pk=view.pk).update(is_default=False)
        if every != view.every:
            view.told_for = period_begins(every=every, today=clock.today()) if every else None
        view.is_default, view.every, view.changed_at = is_default, every, clock.now()
        view.shared_with = user.role if shared else ""
        view.save()
        body = {"is_default": is_default, "shared_with": view.shared_with, "every": every}
        record(actor=Actor.person(user), action="board_view.changed", subject=view, body=body)
    return view


def board_view_drop(*, user: User, view: BoardView) -> None:
    """Let a view go, and what was to be sent of it."""
    with transaction.atomic():
        view = BoardView.objects.select_for_update().get(pk=view.pk, user=user)
        record(actor=Actor.person(user), action="board_view.dropped", subject=view, body={"board": view.board})
        view.delete()


def board_links_send() -> int:
    """Send each view's link whose period has begun, to its person; how many. Run again it sends nothing twice."""
    today, count = clock.today(), 0
    for every in BoardEvery.values:
        begins = period_begins(every=every, today=today)
        due = BoardView.objects.filter(every=every, told_for__lt=begins, user__is_active=True)
        for pk in due.order_by("pk").values_list("pk", flat=True):
            count += _link_send(pk=pk, every=every)
    return count


def _link_send(*, pk: int, every: str) -> int:
    """One view's link, under its lock: a second sweep finds it told."""
    with transaction.atomic():
        view = BoardView.objects.select_for_update(of=("self",)).select_related("user").filter(pk=pk).first()
        begins = period_begins(every=every, today=clock.today())
        if view is None or view.every != every or view.told_for is None or view.told_for >= begins:
            return 0
        view.told_for = begins
        view.save(update_fields=["told_for"])
        if not can_see_board(view.user, view.board):
            return 0
        with translation.override(view.user.language):
            values = {"board": str(BOARD_WORDS[view.board]), "day": begins.isoformat()}
        values["link"] = f"{settings.PUBLIC_URL}{reverse('board_view', args=[view.pk])}"
        try:
            message_queue(
                actor=ACTOR,
                client_id=None,
                subject=view,
                template=BOARD_LINK.code,
                language=view.user.language,
                channel=MessageChannel.EMAIL,
                to=Recipient(address=view.user.email),
                values=values,
                once_key=f"board:{view.pk}:{every}:{begins}",
            )
        except Refused as refusal:
            # One who cannot be written to holds up no other.
            logger.warning("board view %d: its person is not told: %s", view.pk, refusal.code)
            return 0
    return 1
