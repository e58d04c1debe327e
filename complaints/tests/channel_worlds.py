"""Channels, accounts and comments for tests, made by the services."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.urls import reverse

from accounts.choices import Role
from accounts.models import User
from common import clock
from complaints.choices import Intake
from complaints.models import Channel, ChannelReview, PublicComment
from complaints.services.channels import channel_review, channel_save, channels_ship
from complaints.services.public_comments import comment_record
from tests.world import make_user

REVIEW = {
    "says": "زمن الرد الأول أطول من المتفق عليه.",
    "needs": "من يجيب بعد الظهر.",
    "skills": "الكتابة الواضحة المختصرة.",
    "proposal": "تخصيص موظف لفترة المساء.",
}


def keeper() -> User:
    return User.objects.filter(role=Role.QUALITY_OFFICER).first() or make_user(Role.QUALITY_OFFICER)


def a_channel(intake: str = Intake.PHONE, *, supervisor: User | None = None, team: tuple[User, ...] = ()) -> Channel:
    """An official channel as it is shipped, with these people."""
    channels_ship()
    return channel_save(
        user=keeper(), channel=Channel.objects.get(intake=intake), at=clock.now(), is_active=True,
        supervisor=supervisor, team=team,
    )  # fmt: skip


def a_social_account(
    name: str = "@mithaq", *, supervisor: User | None = None, team: tuple[User, ...] = (), at: dt.datetime | None = None
) -> Channel:
    """An account of social media, in use since ``at``."""
    return channel_save(
        user=keeper(), channel=None, at=at or clock.now(), is_active=True, supervisor=supervisor, team=team,
        platform="X", account=name,
    )  # fmt: skip


def a_comment(channel: Channel, *, by: User, at: dt.datetime | None = None, **given: Any) -> PublicComment:
    """A comment found ``at`` an account, published then."""
    at = at or clock.now()
    number = PublicComment.objects.count() + 1
    return comment_record(
        **{
            "user": by, "channel": channel, "sort": "ASKS", "link": f"https://x.com/sami/status/{number}",
            "writer": "سامي العتيبي", "words": "كيف أسدد القسط؟", "published_at": at, "at": at, **given,
        }
    )  # fmt: skip


def a_channel_review(channel: Channel, *, by: User, at: dt.datetime | None = None, **given: Any) -> ChannelReview:
    return channel_review(**{"user": by, "channel": channel, "at": at or clock.now(), **REVIEW, **given})


def act(browser: Any, comment: PublicComment, name: str, **told: Any) -> Any:
    """Do one thing about a comment through its door."""
    return browser.post(reverse("comment_act", args=[comment.pk, name]), told)
