"""A client's part of the audit trail, as a file that proves itself.

One JSON object a line: the anchor of the head first, then every link from the first to the head. The client's own
events stand there whole; everybody else's as a bare leaf, which binds the order and tells nothing.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from typing import Any

from common import anchors, audit
from common.audit import Verdict
from common.models import AuditEvent, AuditSeal


def export(*, client_id: int) -> Iterator[str]:
    """The lines of one client's export, up to the head as it stands now."""
    anchored = anchors.anchor()
    yield _line({"anchor": anchored.text, "key": anchors.public_key(), "client": client_id})
    links = AuditSeal.objects.filter(seq__lte=anchored.seq).select_related("event").order_by("seq")
    for found in links.iterator(chunk_size=2_000):
        event = found.event
        if event.client_id != client_id:
            leaf = audit.leaf(seq=found.seq, sealed_at=found.sealed_at, event=event)
            yield _line({"seq": found.seq, "leaf": leaf.hex()})
            continue
        yield _line(
            {
                "seq": found.seq,
                "sealed_at": found.sealed_at.isoformat(),
                "id": event.pk,
                "at": event.at.isoformat(),
                "actor": [event.actor_kind, event.actor_id, event.actor_name],
                "action": event.action,
                "subject": [event.subject_type, event.subject_id],
                "body": event.body,
                "salt": bytes(event.salt).hex(),
            }
        )


def export_verify(lines: Iterable[str], *, key: str = "") -> Verdict:
    """Recompute an export without the database: does every own row lead to the signed head?

    ``key`` is the public key as the reader keeps it; without one, that which the file names. ``checked`` counts links.
    """
    rows = (json.loads(line) for line in lines if line.strip())
    head = next(rows)
    anchor = anchors.Anchor.parse(head["anchor"])
    previous, seq = audit.GENESIS, 0
    for row in rows:
        seq += 1
        if row["seq"] != seq:
            return Verdict(checked=seq - 1, bad_seq=seq, reason="missing")
        leaf = bytes.fromhex(row["leaf"]) if "leaf" in row else _leaf(row, client_id=head["client"])
        previous = audit.link(previous=previous, leaf=leaf)
    if seq != anchor.seq or previous.hex() != anchor.hash:
        return Verdict(checked=seq, bad_seq=anchor.seq, reason="chain")
    if not anchors.signed(anchor=anchor, key=key or head["key"]):
        return Verdict(checked=seq, reason="signature")
    return Verdict(checked=seq)


def _leaf(row: dict[str, Any], *, client_id: int) -> bytes:
    """The leaf of a row that stands in the file whole."""
    event = AuditEvent(
        pk=row["id"],
        at=dt.datetime.fromisoformat(row["at"]),
        actor_kind=row["actor"][0],
        actor_id=row["actor"][1],
        actor_name=row["actor"][2],
        action=row["action"],
        subject_type=row["subject"][0],
        subject_id=row["subject"][1],
        client_id=client_id,
        digest=audit.body_digest(salt=bytes.fromhex(row["salt"]), body=row["body"]),
    )
    return audit.leaf(seq=row["seq"], sealed_at=dt.datetime.fromisoformat(row["sealed_at"]), event=event)


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True) + "\n"
