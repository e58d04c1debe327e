"""Writes down what is written of us in public (CX-26): accounts looked through, comments found, sorted and closed.

With ``comment_deeds`` the only writer of comments. Each act locks the comment, and leaves a row in the trail that names
what was done and never who wrote or what.
"""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common import crypto
from common.audit import Actor, record
from common.clocks import clock_event
from common.exceptions import Conflict, NotAllowed, Refused
from complaints.choices import ClockKind, Intake
from complaints.choices.channels import CommentSort, CommentState, DeedKind
from complaints.models import Channel, PublicComment, PublicWatch
from complaints.policies import can_work_account
from complaints.rules.words import plain_words
from complaints.selectors.public_comments import LINK, WORDS, WRITER

LONGEST_WORDS, LONGEST_LINK, LONGEST_WRITER = 10_000, 500, 120
LINK_INDEX, WRITER_INDEX = "COMMENT_LINK", "COMMENT_WRITER"
REPLIES = frozenset({DeedKind.REPLIED})


def _account_of(user: User, channel: Channel) -> Channel:
    """Locked. Raises NotAllowed for who does not work at this account, Conflict for one out of use."""
    if channel.intake != Intake.SOCIAL or not can_work_account(user, channel):
        raise NotAllowed("account_team", _("The account's team and the complaints officer see to it."))
    held = Channel.objects.select_for_update(of=("self",), no_key=True).get(pk=channel.pk)
    if not held.is_active:
        raise Conflict("account_unused", _("This account is no longer in use."))
    return held


def watch_record(*, user: User, channel: Channel, at: dt.datetime) -> PublicWatch:
    """An account was looked through now. What was found since the look before is counted, not typed."""
    with transaction.atomic():
        held = _account_of(user, channel)
        before = held.watches.order_by("-at").first()
        found = held.comments.filter(found_at__lte=at)
        if before is not None:
            found = found.filter(found_at__gt=before.at)
        watch = PublicWatch.objects.create(channel=held, found=found.count(), by=user, at=at)
        record(
            actor=Actor.person(user), action="account.watched", subject=watch,
            body={"channel": held.pk, "found": watch.found},
        )  # fmt: skip
    return watch


def comment_record(
    *,
    user: User,
    channel: Channel,
    sort: str,
    link: str,
    writer: str,
    words: str,
    published_at: dt.datetime,
    at: dt.datetime,
) -> PublicComment:
    """Write down a comment that was found, sealed. Its time to be seen to runs since it was published (CX-21).

    Raises Refused for what is no https address, for a comment without writer or words, one from the future, and one
    that stands here already; NotAllowed and Conflict as for the account.
    """
    if sort not in CommentSort.values:
        raise Refused("comment_sort", _("Choose one of the list."), field="sort")
    link, writer, words = _link(link), writer.strip(), words.strip()
    if not plain_words(writer) or len(writer) > LONGEST_WRITER:
        raise Refused("comment_writer", _("Write the writer's public name."), field="writer")
    if not words or len(words) > LONGEST_WORDS:
        raise Refused("comment_words", _("Write down what the comment says."), field="words")
    if published_at > at:
        raise Refused("comment_published", _("A comment is found after it was published."), field="published_at")
    key, wrapped = crypto.new_data_key()
    with transaction.atomic():
        held = _account_of(user, channel)
        try:
            with transaction.atomic():
                comment = PublicComment.objects.create(
                    channel=held, sort=sort, wrapped_key=wrapped,
                    link_sealed=crypto.encrypt(key=key, value=link, column=LINK),
                    link_index=crypto.blind_index(value=link, kind=LINK_INDEX),
                    writer_sealed=crypto.encrypt(key=key, value=writer, column=WRITER),
                    writer_index=crypto.blind_index(value=f"{held.platform} {plain_words(writer)}", kind=WRITER_INDEX),
                    words_sealed=crypto.encrypt(key=key, value=words, column=WORDS),
                    published_at=published_at, found_at=at, found_by=user,
                )  # fmt: skip
        except IntegrityError as error:
            raise Refused("comment_known", _("This comment is written down already."), field="link") from error
        actor = Actor.person(user)
        record(actor=actor, action="comment.found", subject=comment, body={"channel": held.pk, "sort": sort})
        comment_event(actor=actor, comment=comment, event="RECEIVED", at=published_at)
    return comment


def _link(link: str) -> str:
    link = link.strip()
    try:
        parts = urlsplit(link)
        whole = (
            parts.scheme == "https" and bool(parts.hostname) and "." in (parts.hostname or "") and not parts.username
        )
    except ValueError:
        whole = False
    if not whole or len(link) > LONGEST_LINK or any(sign.isspace() for sign in link):
        raise Refused("comment_link", _("Give the address of the comment, beginning with https."), field="link")
    return link


def comment_event(*, actor: Actor, comment: PublicComment, event: str, at: dt.datetime) -> None:
    """Tell the clock of a comment: it runs by the time in which enquiries and comments are answered (CX-21)."""
    clock_event(subject=comment, kind=ClockKind.ENQUIRY, event=event, at=at, actor=actor)


def comment_held(user: User, comment: PublicComment) -> PublicComment:
    """Locked and open, for who works at its account. Raises NotAllowed for others, Conflict once it is closed."""
    held = (
        PublicComment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("channel", "matter")
        .get(pk=comment.pk)
    )
    if not can_work_account(user, held.channel):
        raise NotAllowed("account_team", _("The account's team and the complaints officer see to it."))
    if held.state != CommentState.OPEN:
        raise Conflict("comment_closed", _("This comment is closed."))
    return held


def comment_sort(*, user: User, comment: PublicComment, sort: str) -> PublicComment:
    """It is something else than it was taken for. Raises Refused for no sort, NotAllowed and Conflict as held."""
    if sort not in CommentSort.values:
        raise Refused("comment_sort", _("Choose one of the list."), field="sort")
    with transaction.atomic():
        held = comment_held(user, comment)
        before, held.sort = held.sort, sort
        held.save(update_fields=["sort"])
        record(actor=Actor.person(user), action="comment.sorted", subject=held, body={"from": before, "to": sort})
    return held


def comment_close(*, user: User, comment: PublicComment, at: dt.datetime) -> PublicComment:
    """It was seen to. The database asks the same (trigger ``public_comment_kept``).

    Raises Refused for an improper comment with which nothing was done, for a question that has neither a matter nor a
    reply, and for a complaint without a matter: any dissatisfaction is registered (regulations A19).
    """
    with transaction.atomic():
        held = comment_held(user, comment)
        done = set(held.deeds.values_list("kind", flat=True))
        if held.sort == CommentSort.IMPROPER and not done:
            raise Refused("comment_undone", _("Nothing was done about this comment yet."))
        if held.sort == CommentSort.ASKS and held.matter_id is None and not done & REPLIES:
            raise Refused("comment_unanswered", _("Reply to it, or take it to a private channel, first."))
        if held.sort == CommentSort.COMPLAINT and held.matter_id is None:
            raise Refused("comment_unregistered", _("A complaint is registered: take it to a private channel first."))
        held.state, held.closed_at, held.closed_by = CommentState.CLOSED, at, user
        held.save(update_fields=["state", "closed_at", "closed_by"])
        actor = Actor.person(user)
        record(actor=actor, action="comment.closed", subject=held, body={"sort": held.sort, "done": sorted(done)})
        comment_event(actor=actor, comment=held, event="ANSWERED", at=at)
    return held
