"""What each act on channels and public comments leaves in the audit trail (``tests/test_acts_are_recorded.py``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from accounts.choices import Role
from common import clock
from complaints.models import Channel
from complaints.services.categories import categories_ship
from complaints.services.channels import channel_review, channel_save, channels_ship, review_propose
from complaints.services.comment_deeds import comment_handle, comment_move, comment_reply, writer_measure
from complaints.services.public_comments import comment_close, comment_record, comment_sort, watch_record
from complaints.tests.channel_worlds import REVIEW, a_channel, a_channel_review, a_comment, a_social_account, keeper
from tests.world import make_user

Act = tuple[Callable[[Any], Any] | None, Callable[..., Any], dict[str, int]]


def _comment(sort: str) -> Callable[[Any], Any]:
    """An officer, and a comment of this sort."""

    def made(w: Any) -> tuple[Any, Any]:
        categories_ship()
        officer = make_user(Role.COMPLAINTS_OFFICER)
        return officer, a_comment(a_social_account(), by=officer, sort=sort)

    return made


def _account(w: Any) -> tuple[Any, Any]:
    return make_user(Role.COMPLAINTS_OFFICER), a_social_account()


def _supervised(w: Any) -> tuple[Any, Any]:
    return w.manager, a_channel(supervisor=w.manager)


ACTS: dict[str, Act] = {
    "complaints.channel_save": (
        lambda w: (keeper(), channels_ship()),
        lambda w, m: channel_save(user=m[0], channel=Channel.objects.get(intake="PHONE"), at=clock.now(),
                                  is_active=True, supervisor=w.manager, team=[w.collector]),
        {"channel.changed": 1},
    ),
    "complaints.channel_save new": (
        lambda w: keeper(),
        lambda w, user: channel_save(user=user, channel=None, at=clock.now(), is_active=True, supervisor=None,
                                     platform="X", account="@mithaq"),
        {"channel.added": 1},
    ),
    "complaints.channel_review": (
        _supervised,
        lambda w, m: channel_review(user=m[0], channel=m[1], at=clock.now(), **REVIEW),
        {"channel.reviewed": 1},
    ),
    "complaints.review_propose": (
        lambda w: a_channel_review(a_channel(supervisor=w.manager), by=w.manager),
        lambda w, review: review_propose(user=w.manager, review=review, department="OPERATIONS", at=clock.now()),
        {"recommendation.proposed": 1},
    ),
    "complaints.watch_record": (
        _account,
        lambda w, m: watch_record(user=m[0], channel=m[1], at=clock.now()),
        {"account.watched": 1},
    ),
    "complaints.comment_record": (
        _account,
        lambda w, m: comment_record(user=m[0], channel=m[1], sort="PRAISE", link="https://x.com/a/1", writer="a",
                                    words="شكرًا", published_at=clock.now(), at=clock.now()),
        {"comment.found": 1},
    ),
    "complaints.comment_sort": (
        _comment("PRAISE"),
        lambda w, m: comment_sort(user=m[0], comment=m[1], sort="ASKS"),
        {"comment.sorted": 1},
    ),
    "complaints.comment_reply": (
        _comment("ASKS"),
        lambda w, m: comment_reply(user=m[0], comment=m[1], words="نسعد بخدمتكم", language="ar", at=clock.now()),
        {"comment.replied": 1},
    ),
    "complaints.comment_move": (
        _comment("ASKS"),
        lambda w, m: comment_move(user=m[0], comment=m[1], kind="ENQUIRY", at=clock.now()),
        {"matter.registered": 1, "matter.moved": 1, "matter.missing": 1, "comment.moved": 1},
    ),
    "complaints.comment_handle": (
        _comment("IMPROPER"),
        lambda w, m: comment_handle(user=m[0], comment=m[1], kind="HIDDEN", reason="ألفاظ نابية", at=clock.now()),
        {"comment.hidden": 1},
    ),
    "complaints.writer_measure": (
        _comment("IMPROPER"),
        lambda w, m: writer_measure(user=m[0], comment=m[1], kind="WARNED", reason="ألفاظ نابية", at=clock.now()),
        {"comment.warned": 1},
    ),
    "complaints.comment_close": (
        _comment("PRAISE"),
        lambda w, m: comment_close(user=m[0], comment=m[1], at=clock.now()),
        {"comment.closed": 1},
    ),
}  # fmt: skip

WITHIN = {
    "complaints.channels_ship": "the house's official channels, as a migration ships them; nobody's act",
    "complaints.private_address": "reads",
    "complaints.comment_event": "tells the clock, inside an act, which leaves its row",
    "complaints.comment_held": "locks, before an act writes",
    "complaints.matter_lacks": "inside an act: leaves the row of what is missing",
}
