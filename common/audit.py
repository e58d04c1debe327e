"""The audit trail: record an act, seal the chain, verify it, anchor its head.

An act is recorded inside the transaction that acts; when it cannot be recorded, the act fails. No business transaction
takes the chain's lock: one sealer chains the committed events that no seal holds yet, found by anti-join, because ids
are handed out before transactions end. A link covers a salted digest of the event's body, so that a client's
export proves its own rows while others stand there as bare digests.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from common import clock
from common.models import AuditEvent, AuditSeal

GENESIS = b"\x00" * 32
SALT_BYTES = 16
SEAL_BATCH = 5_000
_SEAL_LOCK = 0x4D49_5448  # one sealer at a time, whatever the number of workers


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who acts: a signed-in person, or a named part of the system."""

    kind: str
    id: int | None
    name: str

    @classmethod
    def person(cls, user: Any) -> Actor:
        """The signed-in user. The trail keeps the name as it was."""
        return cls(kind="USER", id=user.pk, name=user.name_ar[:120])

    @classmethod
    def system(cls, name: str) -> Actor:
        """A job or command, by its name."""
        return cls(kind="SYSTEM", id=None, name=name)


def _canonical(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def body_digest(*, salt: bytes, body: Mapping[str, Any]) -> bytes:
    return hashlib.sha256(salt + _canonical(body)).digest()


def _plain(value: Any) -> Any:
    """A value as JSON keeps it for ever: exact numbers as text, dates in ISO form."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat()
    if value is None or isinstance(value, (bool, int, str)):
        return value
    return str(value)


def record(
    *,
    actor: Actor,
    action: str,
    subject: Any = None,
    subject_type: str = "",
    subject_id: int | None = None,
    client_id: int | None = None,
    body: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """Write one event in the caller's transaction.

    ``subject`` is the model instance acted on (or give its type and id); ``body`` holds what a later reader needs,
    never a personal value in the clear. Raises RuntimeError outside a transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("An audit event is written inside the transaction that acts.")
    if subject is not None:
        subject_type, subject_id = subject._meta.label, subject.pk
        client_id = client_id if client_id is not None else getattr(subject, "client_id", None)
    plain = _plain(body or {})
    if clock.is_set():
        plain["clock"] = "set"
    salt = os.urandom(SALT_BYTES)
    return AuditEvent.objects.create(
        at=clock.now(),
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
        action=action,
        subject_type=subject_type,
        subject_id=subject_id,
        client_id=client_id,
        body=plain,
        salt=salt,
        digest=body_digest(salt=salt, body=plain),
    )


def leaf(*, seq: int, sealed_at: dt.datetime, event: AuditEvent) -> bytes:
    """What a link binds: everything of the event and of its seal, the body by its salted digest.

    The digest is salted, so a bare leaf tells nothing to who has not the event.
    """
    head = _canonical(
        {
            "seq": seq,
            "sealed_at": _instant(sealed_at),
            "id": event.pk,
            "at": _instant(event.at),
            "actor": [event.actor_kind, event.actor_id, event.actor_name],
            "action": event.action,
            "subject": [event.subject_type, event.subject_id],
            "client": event.client_id,
        }
    )
    return hashlib.sha256(head + bytes(event.digest)).digest()


def link(*, previous: bytes, leaf: bytes) -> bytes:
    """The hash of one link over the one before."""
    return hashlib.sha256(previous + leaf).digest()


def _instant(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="microseconds")


def seal(*, limit: int | None = None) -> int:
    """Chain every committed event that no seal holds yet; the number sealed.

    Safe to call from anywhere, at once: one sealer works, the others wait for it and then find nothing.
    """
    sealed = 0
    while limit is None or sealed < limit:
        done = _seal_batch()
        sealed += done
        if done < SEAL_BATCH:
            break
    return sealed


def sealed_by(*, moment: dt.datetime) -> None:
    """Make what was sealed by ``moment`` final: what is committed is sealed now, and a sealer at work has ended.

    A transaction that was open at ``moment`` is sealed when it has committed, later: it was not known then, and never
    will have been. Raises ValueError for a moment that lies ahead.
    """
    if moment > clock.now():
        raise ValueError("what will be known is not known")
    seal()


def _seal_batch() -> int:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SEAL_LOCK])
        last = AuditSeal.objects.order_by("-seq").only("seq", "hash").first()
        seq, previous = (last.seq, bytes(last.hash)) if last else (0, GENESIS)
        events = list(AuditEvent.objects.filter(seal__isnull=True).order_by("pk")[:SEAL_BATCH])
        sealed_at = clock.now()
        links = []
        for event in events:
            seq += 1
            current = link(previous=previous, leaf=leaf(seq=seq, sealed_at=sealed_at, event=event))
            links.append(AuditSeal(seq=seq, event=event, previous_hash=previous, hash=current, sealed_at=sealed_at))
            previous = current
        AuditSeal.objects.bulk_create(links, batch_size=2_000)
        return len(links)


@dataclass(frozen=True, kw_only=True)
class Head:
    """Where the chain stands."""

    seq: int
    hash: str


def head() -> Head:
    """The newest link; sequence 0 and the empty hash before the first."""
    last = AuditSeal.objects.order_by("-seq").only("seq", "hash").first()
    return Head(seq=last.seq, hash=bytes(last.hash).hex()) if last else Head(seq=0, hash=GENESIS.hex())


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a verification found: the number of links that hold, and the first that does not."""

    checked: int
    bad_seq: int | None = None
    bad_event: int | None = None
    reason: str = ""

    @property
    def ok(self) -> bool:
        return self.bad_seq is None and not self.reason


def _links() -> Iterator[AuditSeal]:
    return AuditSeal.objects.select_related("event").order_by("seq").iterator(chunk_size=2_000)


def verify() -> Verdict:
    """Seal what is unsealed, then recompute the whole chain from its first link.

    Finds a changed body or column, a removed or inserted link, a removed event and a changed order, and names the
    first bad row. What it cannot find alone is a chain that was cut at its end or made anew as a whole: that is what
    anchors are for (``common/anchors.py``).
    """
    seal()
    previous, expected = GENESIS, 0
    with transaction.atomic():
        for found in _links():
            expected += 1
            if found.seq != expected:
                return Verdict(checked=expected - 1, bad_seq=expected, reason="missing")
            event = found.event
            if body_digest(salt=bytes(event.salt), body=event.body) != bytes(event.digest):
                return Verdict(checked=expected - 1, bad_seq=found.seq, bad_event=event.pk, reason="body")
            current = link(previous=previous, leaf=leaf(seq=found.seq, sealed_at=found.sealed_at, event=event))
            if bytes(found.previous_hash) != previous or bytes(found.hash) != current:
                return Verdict(checked=expected - 1, bad_seq=found.seq, bad_event=event.pk, reason="chain")
            previous = current
    return Verdict(checked=expected)
