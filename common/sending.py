"""What leaves the outbox: each message claimed once, the claim committed before anything leaves, and the answer kept.

Everything that can refuse or fail on our side is done before the claim stands, in its transaction: the text is
unsealed, papers are read, an authorisation is asked for. So a worker that dies before leaves the message waiting, and
one that dies after leaves it CLAIMED: the sweep calls that in doubt, and nobody sends it again by itself.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from common import clock, crypto, slots
from common.audit import Actor, record
from common.choices import MessageChannel, MessageState, Outcome
from common.delivery import Answer, doubt, later, refused
from common.mail import Enclosed, mail_made, mail_sent
from common.message_limits import held_until
from common.messages import message_kind
from common.models import Message, MessageAttempt, MessageStop
from common.outbox import PAUSES, STOP_LOCK, may_threaten, message_opened, move, subject_of
from common.sms import SmsProvider, sms_provider

ACTOR = Actor.system("outbox")
# Longer than any exchange with a server can take: each step of one waits ten seconds at most.
LOST_AFTER = dt.timedelta(minutes=10)
LARGEST_MAIL = 20 * 1024 * 1024
A_RUN = 200
_MOVING = [
    "state", "attempts_made", "attempts_left", "next_at", "claimed_at", "sent_at", "ended_at", "last_code", "reference",
]  # fmt: skip
logger = logging.getLogger(__name__)


class _Unsendable(Exception):
    """On our side it cannot be sent; the answer says why."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.code)
        self.answer = answer


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A message that is this worker's to send, all of it in memory."""

    message_id: int
    number: int
    channel: str
    at: dt.datetime
    send: Callable[[], Answer]


@dataclass(kw_only=True)
class Run:
    """What one run did: messages by outcome, and the channels whose other side was not reached."""

    outcomes: dict[str, int] = field(default_factory=dict)
    down: set[str] = field(default_factory=set)

    @property
    def count(self) -> int:
        return sum(self.outcomes.values())


def outbox_run(*, limit: int = A_RUN) -> Run:
    """Send what is due, the longest due first, until nothing is, or ``limit`` were taken. Safe to run anywhere at once:
    each message is one worker's. A channel whose server is not reached is left for this run.
    """
    run = Run()
    while run.count < limit:
        taken = _claim(without=run.down)
        if taken is None:
            break
        if isinstance(taken, Claim):
            answer = _sent(taken)
            _answered(claim=taken, answer=answer)
            if answer.down:
                run.down.add(taken.channel)
        else:
            answer = taken
        run.outcomes[answer.outcome] = run.outcomes.get(answer.outcome, 0) + 1
    return run


def _due(*, now: dt.datetime, channels: list[str]) -> QuerySet[Message]:
    """What may leave now: its time has come, and nothing stops its channel or client."""
    stopped = MessageStop.objects.filter(
        Q(channel="") | Q(channel=OuterRef("channel")),
        Q(client_id__isnull=True) | Q(client_id=OuterRef("client_id")),
        lifted_at__isnull=True,
    )
    due = Message.objects.filter(state=MessageState.QUEUED, next_at__lte=now, channel__in=channels)
    return due.exclude(Exists(stopped)).order_by("next_at", "pk")


def _claim(*, without: set[str]) -> Claim | Answer | None:
    """Make the next message ours, or say what it failed of on our side; None when nothing is due."""
    provider = sms_provider()
    channels = [c for c in MessageChannel.values if c not in without and (c != MessageChannel.SMS or provider)]
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [STOP_LOCK])
        now = clock.now()
        due = _due(now=now, channels=channels).select_for_update(skip_locked=True, of=("self",))
        message = due.select_related("template").first()
        if message is None:
            return None
        if (until := held_until(message=message, now=now)) is not None:
            return _put_off(message=message, until=until)
        message.attempts_made += 1
        message.attempts_left -= 1
        try:
            with transaction.atomic():
                send = _prepared(message=message, provider=provider)
        except _Unsendable as unsendable:
            answer = unsendable.answer
        except Exception as error:
            # Its words may hold what the message says.
            logger.error("message %d cannot be prepared: %s", message.pk, type(error).__name__)
            answer = refused("FAULT")
        else:
            move(message, MessageState.CLAIMED)
            message.claimed_at = now
            message.save(update_fields=["state", "claimed_at", "attempts_made", "attempts_left"])
            return Claim(
                message_id=message.pk, number=message.attempts_made, channel=message.channel, at=now, send=send
            )
        _end(message=message, answer=answer, began_at=now)
        return answer


def _put_off(*, message: Message, until: dt.datetime) -> Answer:
    """Held back: the number had its SMS of today. No attempt was made of it; its row is under lock."""
    answer = later("DAY_FULL")
    message.next_at, message.last_code = until, answer.code
    message.save(update_fields=["next_at", "last_code"])
    record(actor=ACTOR, action="message.held_back", subject=message, body={"next_at": until})
    return answer


def _prepared(*, message: Message, provider: SmsProvider | None) -> Callable[[], Answer]:
    """All that is needed to send a message. Raises _Unsendable."""
    if _is_over(message):
        raise _Unsendable(refused("OVER"))
    if message.template.threatens:
        subject = subject_of(message)
        if subject is None or not may_threaten(subject=subject):
            raise _Unsendable(refused("NO_AUTHORITY"))
    try:
        content = message_opened(message=message)
    except crypto.Unreadable as error:
        raise _Unsendable(refused("UNREADABLE")) from error
    address = content.pop("address")
    if message.channel == MessageChannel.SMS:
        if provider is None:
            raise _Unsendable(later("UNREACHABLE"))
        sms, key = provider, str(message.key)
        return lambda: sms.send(key=key, to=address, text=content["text"])
    try:
        mail = mail_made(
            key=message.key, address=address, content=content, language=message.language, enclosed=_enclosed(message)
        )
    except ValueError as error:
        raise _Unsendable(refused("ADDRESS")) from error
    return lambda: mail_sent(mail)


def _is_over(message: Message) -> bool:
    """Whether it says what holds no more: a code that waited longer than it lives."""
    try:
        good_for = message_kind(message.template.code).good_for
    except LookupError:  # a kind that nobody declares any more
        return False
    return good_for is not None and clock.now() > message.queued_at + good_for


def _enclosed(message: Message) -> list[Enclosed]:
    """The papers of a message, each read by its own app under its own key."""
    readers = dict(slots.filled("message_papers"))
    enclosed: list[Enclosed] = []
    for attached in message.attachments.order_by("pk"):
        try:
            enclosed.append(readers[attached.paper_type](paper_id=attached.paper_id))
        except (LookupError, crypto.Unreadable) as error:
            raise _Unsendable(refused("PAPER")) from error
    if sum(len(paper.content) for paper in enclosed) > LARGEST_MAIL:
        raise _Unsendable(refused("TOO_LARGE"))
    return enclosed


def _sent(claim: Claim) -> Answer:
    """What the other side said; whatever went wrong in between, the message may have left."""
    try:
        return claim.send()
    except Exception as error:
        logger.error("message %d broke while it was sent: %s", claim.message_id, type(error).__name__)
        return doubt("FAULT")


def _answered(*, claim: Claim, answer: Answer) -> None:
    """Keep an answer. One that comes after the sweep called the message in doubt still tells that it was sent."""
    with transaction.atomic():
        message = Message.objects.select_for_update(of=("self",)).get(pk=claim.message_id)
        ours = message.attempts_made == claim.number
        if ours and message.state == MessageState.CLAIMED:
            _end(message=message, answer=answer, began_at=claim.at)
            return
        if ours and message.state == MessageState.IN_DOUBT and answer.outcome == Outcome.SENT:
            _end(message=message, answer=answer, began_at=claim.at)
            return
        _attempt(message=message, number=claim.number, answer=answer, began_at=claim.at)


def _attempt(*, message: Message, number: int, answer: Answer, began_at: dt.datetime) -> None:
    MessageAttempt.objects.create(
        message=message, client_id=message.client_id, number=number, began_at=began_at, ended_at=clock.now(),
        outcome=answer.outcome, code=answer.code, reference=answer.reference,
    )  # fmt: skip


def _end(*, message: Message, answer: Answer, began_at: dt.datetime) -> None:
    """Write down an attempt and where it leaves the message; its row is under lock."""
    now = clock.now()
    _attempt(message=message, number=message.attempts_made, answer=answer, began_at=began_at)
    if answer.outcome == Outcome.SENT:
        move(message, MessageState.SENT)
        message.sent_at = message.ended_at = now
        message.reference = answer.reference
    elif answer.outcome == Outcome.DOUBT:
        move(message, MessageState.IN_DOUBT)
    elif answer.outcome == Outcome.LATER and message.attempts_left > 0:
        if message.state != MessageState.QUEUED:
            move(message, MessageState.QUEUED)
        message.claimed_at = None
        message.next_at = now + PAUSES[max(0, len(PAUSES) - message.attempts_left)]
    else:
        move(message, MessageState.FAILED)
        message.ended_at = now
    message.last_code = answer.code
    message.save(update_fields=_MOVING)
    record(
        actor=ACTOR,
        action=f"message.{message.state.lower()}" if message.state != MessageState.QUEUED else "message.put_off",
        subject=message,
        body={"attempt": message.attempts_made, "code": answer.code, "next_at": message.next_at},
    )


def outbox_sweep() -> int:
    """Whose worker died is in doubt: it may have left. Where the provider sends once under one key, it is asked again.
    How many were found.
    """
    provider = sms_provider()
    found = 0
    while True:
        with transaction.atomic():
            lost = Message.objects.select_for_update(skip_locked=True, of=("self",)).filter(
                state=MessageState.CLAIMED, claimed_at__lt=clock.now() - LOST_AFTER
            )
            message = lost.order_by("claimed_at", "pk").first()
            if message is None:
                return found
            again = message.channel == MessageChannel.SMS and provider is not None and provider.repeats
            answer = later("SILENT_REPEATED") if again else doubt("WORKER_LOST")
            _end(message=message, answer=answer, began_at=message.claimed_at or clock.now())
            found += 1
