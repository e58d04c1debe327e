"""Reads of the outbox and of its templates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse

from accounts.models import User
from clients.models import Client
from clients.policies import can_read_messages, can_see_messages
from common import slots
from common.choices import MessageState, TemplateState
from common.delivery import CODE_WORDS
from common.message_templates import template_under_way, template_used
from common.messages import MessageKind, message_kind, message_kinds
from common.models import AuditEvent, Message, MessageTemplate

# Each tab of the list and the states it holds; what a person must decide goes first.
VIEWS: Mapping[str, tuple[str, ...]] = {
    "open": (MessageState.IN_DOUBT, MessageState.FAILED),
    "waiting": (MessageState.QUEUED, MessageState.CLAIMED),
    "sent": (MessageState.SENT,),
    "cancelled": (MessageState.CANCELLED,),
}


def messages_visible_to(user: User) -> QuerySet[Message]:
    """Every message, without what it says, to whom the list is open, but none about what is said of themselves (slot
    ``message_rights``); nothing to anybody else.
    """
    found = Message.objects.all() if can_see_messages(user) else Message.objects.none()
    for label, hidden, _may in slots.filled("message_rights"):
        found = found.exclude(subject_type=label, subject_id__in=hidden(user))
    return found.defer("content_sealed", "address_sealed").select_related("template")


def messages_counted(found: QuerySet[Message]) -> dict[str, int]:
    """How many stand under each tab."""
    states = dict(found.order_by().values_list("state").annotate(n=Count("pk")))
    return {name: sum(states.get(state, 0) for state in of) for name, of in VIEWS.items()}


@dataclass(frozen=True, kw_only=True)
class Line:
    """A message as a list shows it."""

    message: Message
    words: Any
    client: Client | None
    why: Any
    about: Any
    url: str


def message_lines(*, user: User, found: Iterable[Message]) -> list[Line]:
    """Each with the words of its kind, its client, and the page of what it is about, where this person may go there."""
    rows = list(found)
    clients = Client.objects.in_bulk({row.client_id for row in rows if row.client_id is not None})
    pages = {label: (words, name) for label, words, name in slots.filled("message_subjects")}
    lines = []
    for row in rows:
        words, name = pages.get(row.subject_type, ("", ""))
        lines.append(
            Line(
                message=row,
                words=kind_words(row.template.code),
                client=clients.get(row.client_id) if row.client_id is not None else None,
                why=CODE_WORDS.get(row.last_code, row.last_code),
                about=words,
                url=reverse(name, args=[row.subject_id]) if name and _may_open(user, row) else "",
            )
        )
    return lines


def _may_open(user: User, message: Message) -> bool:
    """Whether this person may go to what a message is about."""
    rights = [may for label, _hidden, may in slots.filled("message_rights") if label == message.subject_type]
    return can_read_messages(user) and all(may(user, message.subject_id) for may in rights)


def kind_words(code: str) -> Any:
    """What a kind of message is called."""
    try:
        return message_kind(code).words
    except LookupError:  # a kind that the house no longer has
        return code


@dataclass(frozen=True, kw_only=True)
class Happening:
    """One line of what happened to a message: an attempt, or an act."""

    at: Any
    what: str
    outcome: str
    words: Any
    who: str = ""
    reason: str = ""


# What a person did; what a worker did stands in the attempts.
_ACTS = ("message.queued", "message.resent", "message.confirmed", "message.cancelled")


def message_happenings(message: Message) -> list[Happening]:
    """Attempts and acts, the newest first."""
    tries = [
        Happening(at=a.ended_at, what="attempt", outcome=a.outcome, words=CODE_WORDS.get(a.code, a.code))
        for a in message.attempts.all()
    ]
    acts = AuditEvent.objects.filter(subject_type=Message._meta.label, subject_id=message.pk, action__in=_ACTS)
    done = [
        Happening(
            at=act.at, what=act.action.partition(".")[2], outcome="", words="", who=act.actor_name,
            reason=act.body.get("reason", ""),
        )
        for act in acts
    ]  # fmt: skip
    return sorted([*tries, *done], key=lambda happening: happening.at, reverse=True)


@dataclass(frozen=True, kw_only=True)
class TextLine:
    """One text of a kind: what is sent now, and what is under way."""

    kind: MessageKind
    used: MessageTemplate | None
    under_way: MessageTemplate | None
    channel: str
    language: str


def text_lines() -> list[TextLine]:
    """Every text that apps declare, kind by kind, from one look at the table."""
    versions: dict[tuple[str, str, str], list[MessageTemplate]] = defaultdict(list)
    for version in MessageTemplate.objects.select_related("prepared_by"):
        versions[version.code, version.channel, version.language].append(version)
    return [
        _text_line(kind, text.channel, text.language, versions[kind.code, text.channel, text.language])
        for kind in message_kinds()
        for text in kind.texts
    ]


def _text_line(kind: MessageKind, channel: str, language: str, versions: Sequence[MessageTemplate]) -> TextLine:
    used = template_used(code=kind.code, channel=channel, language=language, versions=versions)
    return TextLine(
        kind=kind, used=used, under_way=template_under_way(versions=versions), channel=channel, language=language
    )  # fmt: skip


def text_line(*, code: str, channel: str, language: str) -> TextLine:
    """One of them. Raises LookupError for a text that nobody declared."""
    kind = message_kind(code)
    if kind.text(channel=channel, language=language) is None:
        raise LookupError(code)
    versions = MessageTemplate.objects.filter(code=code, channel=channel, language=language)
    return _text_line(kind, channel, language, list(versions.select_related("prepared_by")))


def text_versions(line: TextLine) -> QuerySet[MessageTemplate]:
    """What was decided of a text, the newest first."""
    return (
        MessageTemplate.objects.filter(code=line.kind.code, channel=line.channel, language=line.language)
        .filter(state__in=[TemplateState.APPROVED, TemplateState.REJECTED])
        .select_related("prepared_by")
        .order_by("-version")
    )


def drafts_visible_to(user: User) -> QuerySet[MessageTemplate]:
    """Texts under way; who may see templates at all is asked at the door."""
    return MessageTemplate.objects.filter(state__in=[TemplateState.DRAFT, TemplateState.PROPOSED]).select_related(
        "prepared_by"
    )
