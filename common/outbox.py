"""The outbox: messages to people, written inside the transaction that wants them (ADR 0039).

What stands here is part of an act of its caller: ``message_queue`` writes the row, sealed, and ``common.sending`` takes
it from there once the transaction stands. The other functions are what people do with a message afterwards.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from celery import current_app
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.db.models import Model, QuerySet
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common import clock, crypto, slots
from common.audit import Actor, record
from common.choices import MESSAGE_MOVES, MessageChannel, MessageState
from common.exceptions import Conflict, Refused
from common.message_limits import number_index
from common.message_templates import said, template_current, text_of
from common.messages import filled, links_of, places_in
from common.models import Message, MessageAttachment, MessageStop, MessageTemplate

# By itself a message is tried this often, with growing pauses between.
MOST_ATTEMPTS = 6
PAUSES = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
# Who stops and who claims wait for each other here: once a stop is answered, nothing more is claimed.
STOP_LOCK = 0x4F55_5442
WAKE_TASK = "outbox.run"
_NUMBER = re.compile(r"\+[1-9][0-9]{7,14}\Z")


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """Where a message goes: an e-mail address, or a number in E.164. A party's is sealed under the party's key."""

    address: str
    party_id: int | None = None
    contact_point_id: int | None = None


def message_queue(
    *,
    actor: Actor,
    client_id: int | None,
    subject: Model,
    template: str,
    language: str,
    channel: str,
    to: Recipient,
    values: Mapping[str, str],
    attachments: Sequence[Model] = (),
    not_before: dt.datetime | None = None,
    once_key: str = "",
) -> Message:
    """Write a message about ``subject`` into the outbox, in the caller's transaction: it leaves when that stands.

    ``template`` is the code of a kind, whose newest approved text is filled with ``values``; ``attachments`` are papers
    of the slot ``message_papers``, of the same client. With a ``once_key`` the same message is never written twice: the
    one that was is given back. Raises Refused for an address that cannot be written to, a place without its value, a
    text that nobody approved, a paper of others, and for a legal step without a live authorisation; RuntimeError
    outside a transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("A message is queued inside the transaction that wants it.")
    if once_key and (before := _written_before(once_key)) is not None:
        return before
    address = _address(channel=channel, address=to.address)
    version = template_current(code=template, channel=channel, language=language)
    if missing := [name for name in places_in(version.subject + version.body) if not values.get(name, "").strip()]:
        words = _("The message needs a value for %(names)s.") % {"names": ", ".join(missing)}
        raise Refused("message_values", words, field="values")
    if version.threatens and not may_threaten(subject=subject):
        raise Refused("message_no_authority", _("A legal step is told of under a live authorisation alone."))
    content = message_content(template=version, values=values)
    key, wrapped = _sealing_key(party_id=to.party_id)
    now = clock.now()
    message = Message.objects.create(
        key=uuid.uuid4(),
        client_id=client_id,
        subject_type=subject._meta.label,
        subject_id=subject.pk,
        once_key=once_key or None,
        template=version,
        channel=channel,
        language=language,
        party_id=to.party_id,
        wrapped_key=wrapped,
        contact_point_id=to.contact_point_id,
        address_sealed=crypto.encrypt(key=key, value=address, column="message.address"),
        address_index=number_index(channel=channel, address=address),
        address_hint=_hint(channel=channel, address=address),
        content_sealed=crypto.encrypt(
            key=key, value=json.dumps(content, ensure_ascii=False), column="message.content"
        ),
        queued_at=now,
        next_at=max(now, not_before) if not_before else now,
        attempts_left=MOST_ATTEMPTS,
    )  # fmt: skip
    _attach(message=message, papers=attachments)
    body = {"template": template, "version": version.version, "channel": channel, "language": language}
    body |= {"about": f"{message.subject_type} {message.subject_id}", "attachments": len(attachments)}
    record(actor=actor, action="message.queued", subject=message, body=body)
    if message.next_at <= now:
        wake()
    return message


def _written_before(once_key: str) -> Message | None:
    """The message of a key; whoever asks for the same key at once waits here."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"message {once_key}"])
    return Message.objects.filter(once_key=once_key).first()


def _address(*, channel: str, address: str) -> str:
    """The address as it is written to. Raises Refused for one that cannot be."""
    wrong = Refused("message_address", _("This address cannot be written to."), field="address")
    if channel == MessageChannel.SMS:
        if not _NUMBER.match(address):
            raise wrong
        return address
    try:
        validate_email(address)
    except ValidationError as error:
        raise wrong from error
    return address


def _hint(*, channel: str, address: str) -> str:
    return f"…{address[-3:]}" if channel == MessageChannel.SMS else f"…@{address.rpartition('@')[2]}"[:80]


def _sealing_key(*, party_id: int | None) -> tuple[bytes, bytes | None]:
    """The party's open key; with no party a fresh one, and its wrapped form to keep."""
    if party_id is None:
        return crypto.new_data_key()
    return _party_key(party_id), None


def _party_key(party_id: int) -> bytes:
    for wrapped_key_of in slots.filled("party_keys"):
        if (wrapped := wrapped_key_of(party_id=party_id)) is not None:
            return crypto.unwrap(wrapped=bytes(wrapped))
    raise crypto.Unreadable("party key")


def _attach(*, message: Message, papers: Sequence[Model]) -> None:
    readers = dict(slots.filled("message_papers"))
    for paper in papers:
        if paper._meta.label not in readers or getattr(paper, "client_id", None) != message.client_id:
            raise Refused("message_paper", _("This paper cannot go with the message."), field="attachments")
        if message.channel != MessageChannel.EMAIL:
            raise Refused("message_paper", _("An SMS carries no papers."), field="attachments")
    MessageAttachment.objects.bulk_create(
        MessageAttachment(message=message, client_id=message.client_id, paper_type=paper._meta.label, paper_id=paper.pk)
        for paper in papers
    )


def message_content(*, template: MessageTemplate, values: Mapping[str, str]) -> dict[str, str]:
    """Subject line, text and HTML as a person gets them; an e-mail ends with who we are."""
    content = filled(text=text_of(template), values=values, links=links_of(template.code))
    if template.channel != MessageChannel.EMAIL:
        return content
    language = template.language
    with translation.override(language):
        agency = {"name": settings.AGENCY[f"name_{language}"], "phone": settings.AGENCY["phone"]}
        content["text"] += f"\n\n-- \n{agency['name']}"
        if agency["phone"]:
            content["text"] += f"\n{gettext('Telephone')} {agency['phone']}"
        content["html"] = render_to_string(
            "messages/mail.html",
            {"language": language, "subject": content["subject"], "paragraphs": content["html"], "agency": agency},
        )
    return content


def may_threaten(*, subject: Model) -> bool:
    """Whether a legal step may be told of about this subject now: the slot ``may_threaten`` knows its authorisation.
    Where nobody answers, not.
    """
    return any(answers(subject=subject) for answers in slots.filled("may_threaten"))


def subject_of(message: Message) -> Model | None:
    """What a message is about; None when it is gone."""
    found: Model | None = apps.get_model(message.subject_type)._default_manager.filter(pk=message.subject_id).first()
    return found


def message_opened(*, message: Message) -> dict[str, str]:
    """Address, subject line, text and HTML. Raises crypto.Unreadable when the key was destroyed. Whoever shows it to a
    person has written the look down.
    """
    if message.party_id is not None:
        key = _party_key(message.party_id)
    elif message.wrapped_key is not None:
        key = crypto.unwrap(wrapped=bytes(message.wrapped_key))
    else:
        raise crypto.Unreadable("message")
    content: dict[str, str] = json.loads(
        crypto.decrypt(key=key, sealed=bytes(message.content_sealed), column="message.content")
    )
    address = crypto.decrypt(key=key, sealed=bytes(message.address_sealed), column="message.address")
    return {**content, "address": address}


def wake() -> None:
    """Have the workers look at the outbox once this transaction stands; once, however many messages it wrote."""
    if not any(waiting[1] is _send_wake for waiting in connection.run_on_commit):
        transaction.on_commit(_send_wake, robust=True)


def _send_wake() -> None:
    """Without a queue the sweep of the next minute finds them: the caller has done what it wanted."""
    current_app.send_task(WAKE_TASK, retry=False)


def messages_of(*, subject: Model) -> QuerySet[Message]:
    """Every message about a subject, the newest first."""
    return Message.objects.filter(subject_type=subject._meta.label, subject_id=subject.pk).order_by("-pk")


def move(message: Message, to: str) -> None:
    """Raises Conflict for a move nobody declared."""
    if to not in MESSAGE_MOVES[message.state]:
        raise Conflict("message_moved", _("This message moved on since you opened it."))
    message.state = to


def _locked(message: Message) -> Message:
    return Message.objects.select_for_update(of=("self",)).get(pk=message.pk)


def message_resend(*, actor: Actor, message: Message, reason: str) -> Message:
    """Send again what is in doubt or failed: a person says why, since somebody may get it twice. Under the same key, so
    that whoever got it sees one. Raises Conflict for what waits or was sent, Refused without a reason.
    """
    reason = said(reason)
    with transaction.atomic():
        locked = _locked(message)
        before = locked.state
        move(locked, MessageState.QUEUED)
        locked.next_at, locked.attempts_left = clock.now(), MOST_ATTEMPTS
        locked.claimed_at = locked.ended_at = None
        locked.save(update_fields=["state", "next_at", "attempts_left", "claimed_at", "ended_at"])
        record(actor=actor, action="message.resent", subject=locked, body={"reason": reason, "was": before})
        wake()
    return locked


def message_confirm(*, actor: Actor, message: Message, reason: str) -> Message:
    """Say that a message in doubt did leave, and how that is known (the other side's log, the recipient's word). Raises
    Conflict for what is not in doubt, Refused without a reason.
    """
    reason = said(reason)
    with transaction.atomic():
        locked = _locked(message)
        if locked.state != MessageState.IN_DOUBT:
            raise Conflict("message_moved", _("This message moved on since you opened it."))
        move(locked, MessageState.SENT)
        locked.sent_at, locked.ended_at = locked.claimed_at or clock.now(), clock.now()
        locked.save(update_fields=["state", "sent_at", "ended_at"])
        record(actor=actor, action="message.confirmed", subject=locked, body={"reason": reason})
    return locked


def message_cancel(*, actor: Actor, message: Message, reason: str) -> Message:
    """Let a message be. Raises Conflict for what is being sent or was, Refused without a reason."""
    reason = said(reason)
    with transaction.atomic():
        locked = _locked(message)
        _cancelled(actor=actor, message=locked, reason=reason)
    return locked


def _cancelled(*, actor: Actor, message: Message, reason: str) -> None:
    before = message.state
    move(message, MessageState.CANCELLED)
    message.ended_at = clock.now()
    message.save(update_fields=["state", "ended_at"])
    record(actor=actor, action="message.cancelled", subject=message, body={"reason": reason, "was": before})


def messages_cancel(*, actor: Actor, subject: Model, reason: str) -> int:
    """Let every message about a subject be that still waits (its case closed, its matter ended); how many. Part of the
    caller's act. What a worker is sending at this moment leaves.
    """
    with transaction.atomic():
        waiting = messages_of(subject=subject).filter(state=MessageState.QUEUED).select_for_update(of=("self",))
        for message in (found := list(waiting.order_by("pk"))):
            _cancelled(actor=actor, message=message, reason=reason)
    return len(found)


def _stopping() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [STOP_LOCK])


def stops_standing() -> QuerySet[MessageStop]:
    """What holds messages back now, the newest first."""
    return MessageStop.objects.filter(lifted_at__isnull=True).select_related("stopped_by").order_by("-pk")


def outbox_stop(*, user: Any, channel: str = "", client_id: int | None = None, reason: str) -> MessageStop:
    """Nothing more leaves by this channel, for this client, or at all, until it is lifted. When this returns and its
    transaction stands, no further message is claimed; one that a worker holds already may still leave.

    Raises Refused without a reason, Conflict when it is stopped already.
    """
    reason = said(reason)
    if channel and channel not in MessageChannel.values:
        raise Refused("message_channel", _("Choose a channel."), field="channel")
    with transaction.atomic():
        _stopping()
        if MessageStop.objects.filter(channel=channel, client_id=client_id, lifted_at__isnull=True).exists():
            raise Conflict("message_stop_stands", _("This is stopped already."))
        stop = MessageStop.objects.create(
            channel=channel, client_id=client_id, reason=reason[:300], stopped_at=clock.now(), stopped_by=user
        )
        record(actor=Actor.person(user), action="outbox.stopped", subject=stop,
               body={"channel": channel, "reason": reason})  # fmt: skip
    return stop


def outbox_lift(*, user: Any, stop: MessageStop) -> MessageStop:
    """Let messages leave again. Raises Conflict when it was lifted already."""
    with transaction.atomic():
        _stopping()
        locked = MessageStop.objects.select_for_update().get(pk=stop.pk)
        if locked.lifted_at is not None:
            raise Conflict("message_stop_lifted", _("This was lifted already."))
        locked.lifted_at, locked.lifted_by = clock.now(), user
        locked.save(update_fields=["lifted_at", "lifted_by"])
        record(actor=Actor.person(user), action="outbox.lifted", subject=locked, body={"channel": locked.channel})
        wake()
    return locked
