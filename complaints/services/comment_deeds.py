"""What is done about a public comment (CX-25, CX-26): a reply that gives nothing away, the way into a private channel,
the comment hidden, removed or reported, measures against its writer. Each a row that stays.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common import crypto
from common.audit import Actor, record
from common.exceptions import Conflict, Refused
from complaints.choices import Complainant, Intake, Missing
from complaints.choices.channels import ON_COMMENT, ON_WRITER, DeedKind, Disclosed
from complaints.models import Category, CommentDeed, PublicComment
from complaints.rules.public_replies import Found, disclosures, reply_ended
from complaints.selectors.public_comments import comment_shown, names_of, references_of
from complaints.services.intake import matter_lacks, matter_take
from complaints.services.matters import Told, matter_held
from complaints.services.public_comments import comment_held

LONGEST_REPLY, LONGEST_REASON = 1000, 500


def private_address() -> str:
    """Where a conversation goes on in private: the public form, from outside."""
    return f"{settings.PUBLIC_URL}{reverse('help_tell')}"


def _done(
    user: User, held: PublicComment, *, kind: str, at: dt.datetime, reason: str = "", words: str = ""
) -> CommentDeed:
    deed = CommentDeed.objects.create(comment=held, kind=kind, reason=reason, words=words, by=user, at=at)
    record(
        actor=Actor.person(user), action=f"comment.{kind.lower()}", subject=deed,
        body={"comment": held.pk, "reason": reason, "words": words, "matter": held.matter_id},
    )  # fmt: skip
    return deed


def comment_reply(*, user: User, comment: PublicComment, words: str, language: str, at: dt.datetime) -> CommentDeed:
    """Keep the reply that is published beneath it, with the address of the private channel at its end.

    Raises Refused for an empty reply, and for one in which anything personal stands (``rules/public_replies.py``):
    nothing of it is kept then.
    """
    if language not in {"ar", "en"}:
        raise Refused("reply_language", _("Choose one of the list."), field="language")
    if not words.strip() or len(words) > LONGEST_REPLY:
        raise Refused("reply_words", _("Write the reply, at most 1,000 characters."), field="words")
    with transaction.atomic():
        held = comment_held(user, comment)
        found = disclosures(words=words, references=references_of(held), names=names_of(held))
        if found:
            raise Refused("reply_personal", _told_in_private(found), field="words")
        whole = reply_ended(words=words, language=language, address=private_address())
        return _done(user, held, kind=DeedKind.REPLIED, at=at, words=whole)


def _told_in_private(found: list[Found]) -> Promise:
    """What stands in a reply that may not, each once, as it was written."""
    told = dict.fromkeys((one.kind, one.text) for one in found)
    listed = " · ".join(f"{Disclosed(kind).label}: {text}" for kind, text in told)
    return format_lazy("{} {}", _("This would be read by everybody. Take it out, it is told in private:"), listed)


def comment_move(
    *,
    user: User,
    comment: PublicComment,
    kind: str,
    at: dt.datetime,
    category: Category | None = None,
    phone: str = "",
    email: str = "",
) -> CommentDeed:
    """Take it to a private channel: a matter of social media with the comment's words, each linked to the other.

    Without a number or address the matter lacks how its writer is reached, and waits for it (CX-11). Raises Conflict
    where it has a matter, or was erased; Refused for what no matter can be.
    """
    with transaction.atomic():
        held, actor = comment_held(user, comment), Actor.person(user)
        if held.matter_id is not None:
            raise Conflict("comment_moved", _("This comment has its matter already."))
        try:
            shown = comment_shown(held)
        except crypto.Unreadable as error:
            raise Conflict("comment_erased", _("What this comment said was erased.")) from error
        told = Told(
            kind=kind, intake=Intake.SOCIAL, complainant=Complainant.OTHER, words=shown.words, name=shown.writer,
            phone=phone, email=email, category=category,
        )  # fmt: skip
        matter = matter_take(actor=actor, told=told, at=at, user=user)
        held.matter = matter
        held.save(update_fields=["matter"])
        if not phone.strip() and not email.strip():
            matter_lacks(actor=actor, matter=matter_held(matter), wanted=[Missing.CONTACT], at=at)
        return _done(user, held, kind=DeedKind.MOVED, at=at)


def comment_handle(*, user: User, comment: PublicComment, kind: str, reason: str, at: dt.datetime) -> CommentDeed:
    """The comment was hidden, removed or reported to the platform, for this reason."""
    return _with_reason(user, comment, kind=kind, allowed=ON_COMMENT, reason=reason, at=at)


def writer_measure(*, user: User, comment: PublicComment, kind: str, reason: str, at: dt.datetime) -> CommentDeed:
    """A measure against who wrote it: warned, blocked or reported to the platform, for this reason (CX-26)."""
    return _with_reason(user, comment, kind=kind, allowed=ON_WRITER, reason=reason, at=at)


def _with_reason(
    user: User, comment: PublicComment, *, kind: str, allowed: tuple[DeedKind, ...], reason: str, at: dt.datetime
) -> CommentDeed:
    reason = reason.strip()
    if kind not in allowed:
        raise Refused("deed_kind", _("Choose one of the list."), field="kind")
    if not reason or len(reason) > LONGEST_REASON:
        raise Refused("deed_reason", _("Say why."), field="reason")
    with transaction.atomic():
        return _done(user, comment_held(user, comment), kind=kind, at=at, reason=reason)
