"""Reads of what is written in public: what each comment says, who wrote it, and what must not be answered there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.urls import reverse

from accounts.models import User
from common import crypto
from common.choices import ClockState
from common.models import Clock
from complaints.choices.channels import ON_WRITER, CommentState
from complaints.models import CommentDeed, PublicComment
from complaints.policies import comments_visible_to
from complaints.selectors.matters import person_of

LINK, WRITER, WORDS = "comment.link", "comment.writer", "comment.words"
LABEL = "complaints.PublicComment"


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A comment as it stands in public."""

    link: str
    writer: str
    words: str


def comment_shown(comment: PublicComment) -> Shown:
    """What it says, where, and whose it is. Raises crypto.Unreadable once it was erased. Whoever shows it wrote the
    look down."""
    if comment.wrapped_key is None:
        raise crypto.Unreadable("comment")
    key = crypto.unwrap(wrapped=bytes(comment.wrapped_key))
    return Shown(
        link=crypto.decrypt(key=key, sealed=bytes(comment.link_sealed), column=LINK),
        writer=crypto.decrypt(key=key, sealed=bytes(comment.writer_sealed), column=WRITER),
        words=crypto.decrypt(key=key, sealed=bytes(comment.words_sealed), column=WORDS),
    )


def comments_listed(
    *, comments: QuerySet[PublicComment], view: str, account: int | None, now: dt.datetime
) -> QuerySet[PublicComment]:
    """Open ones, the oldest first; those that are ``late``; or those that are ``closed``, the latest first."""
    if account is not None:
        comments = comments.filter(channel_id=account)
    comments = comments.select_related("channel", "found_by", "matter").prefetch_related("deeds")
    if view == "closed":
        return comments.filter(state=CommentState.CLOSED).order_by("-closed_at", "-pk")
    comments = comments.filter(state=CommentState.OPEN).order_by("published_at", "pk")
    if view == "late":
        late = Clock.objects.filter(
            Q(state=ClockState.LATE) | Q(state=ClockState.RUNNING, due_at__lt=now), subject_type=LABEL
        )
        return comments.filter(pk__in=late.values("subject_id"))
    return comments


def writer_before(comment: PublicComment) -> tuple[int, list[CommentDeed]]:
    """How many other comments of this writer stand here, and the measures that were taken against the writer at any
    of them, the latest first."""
    others = PublicComment.objects.filter(writer_index=bytes(comment.writer_index)).exclude(pk=comment.pk)
    taken = CommentDeed.objects.filter(comment__in=others, kind__in=ON_WRITER).select_related("by").order_by("-pk")
    return others.count(), list(taken)


def names_of(comment: PublicComment) -> list[str]:
    """The names that may not be said where its conversation goes on in private: of who told us, and of the account."""
    matter = comment.matter
    if matter is None:
        return []
    names = [person_of(matter=matter).name]
    if matter.case is not None:
        names.append(matter.case.debtor.name)
    return [name for name in names if name]


def references_of(comment: PublicComment) -> list[str]:
    """The references that may not be said there: of the matter, its account, and the account's debts."""
    matter = comment.matter
    if matter is None:
        return []
    found = [matter.reference, matter.account_ref]
    if matter.case is not None:
        found += [matter.case.debtor.debtor_ref, *matter.case.debts.values_list("debt_ref", flat=True)]
    return sorted({one for one in found if one})


def comments_told(user: User, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Words and address of each comment that this person may see (slot ``clock_matters``)."""
    found = comments_visible_to(user).filter(pk__in=ids).select_related("channel")
    return {
        one.pk: (f"{one.channel.name} · {one.get_sort_display()}", reverse("comment", args=[one.pk])) for one in found
    }
