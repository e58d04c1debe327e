"""Anchors: the audit chain's head, signed, so that a chain cut at its end or made anew as a whole is found out.

An anchor is kept in an append-only table, and leaves the building as a line of text: printed on every weekly report.
Whoever holds the line and the public key can ask the chain to answer for it. What is younger than the last anchor that
left is not protected by it.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from common import audit, clock
from common.models import AuditAnchor, AuditSeal

WORD = "MITHAQ-ANCHOR"


def _private() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(settings.AUDIT_SIGNING_KEY))


def public_key() -> str:
    """The key that proves our signatures, base64: for the client and the auditor to keep."""
    return base64.b64encode(_private().public_key().public_bytes_raw()).decode()


def key_name(*, key: str) -> str:
    """The short name of a public key."""
    return hashlib.sha256(base64.b64decode(key)).hexdigest()[:16]


@dataclass(frozen=True, kw_only=True)
class Anchor:
    """A signed head of the chain."""

    seq: int
    hash: str
    signed_at: dt.datetime
    signature: str

    @property
    def statement(self) -> bytes:
        """What is signed."""
        at = self.signed_at.astimezone(dt.UTC).isoformat(timespec="seconds")
        return f"{WORD} {self.seq} {self.hash} {at}".encode()

    @property
    def text(self) -> str:
        """The line as it is printed and read back."""
        return f"{self.statement.decode()} {self.signature}"

    @classmethod
    def parse(cls, text: str) -> Anchor:
        """Read a printed line. Raises ValueError for anything else."""
        words = text.split()
        if len(words) != 5 or words[0] != WORD:
            raise ValueError("this is no anchor")
        return cls(seq=int(words[1]), hash=words[2], signed_at=dt.datetime.fromisoformat(words[3]), signature=words[4])


def anchor() -> Anchor:
    """Seal, and sign the head as it stands; a head that is anchored already is given as it was.

    Raises LookupError while the chain has no link.
    """
    audit.seal()
    head = audit.head()
    if not head.seq:
        raise LookupError("The chain has no link yet.")
    signed_at = clock.now().replace(microsecond=0)
    fresh = Anchor(seq=head.seq, hash=head.hash, signed_at=signed_at, signature="")
    signature = base64.b64encode(_private().sign(fresh.statement)).decode()
    kept, _made = AuditAnchor.objects.get_or_create(
        seq=head.seq,
        defaults={
            "hash": head.hash,
            "signed_at": signed_at,
            "signature": signature,
            "key": key_name(key=public_key()),
        },
    )
    return _of(kept)


def _of(row: AuditAnchor) -> Anchor:
    return Anchor(seq=row.seq, hash=row.hash, signed_at=row.signed_at, signature=row.signature)


def signed(*, anchor: Anchor, key: str) -> bool:
    """True when the owner of this public key signed exactly this."""
    opener = Ed25519PublicKey.from_public_bytes(base64.b64decode(key))
    try:
        opener.verify(base64.b64decode(anchor.signature, validate=True), anchor.statement)
    except (InvalidSignature, binascii.Error):
        return False
    return True


def anchor_fault(*, anchor: Anchor) -> str:
    """Why an anchor does not hold: the signature, or a chain that says otherwise; empty when it does."""
    if not signed(anchor=anchor, key=public_key()):
        return "signature"
    link = AuditSeal.objects.filter(seq=anchor.seq).only("hash").first()
    if link is None:
        return "missing"
    return "" if bytes(link.hash).hex() == anchor.hash else "differs"


def anchors_verify() -> tuple[int, Anchor | None, str]:
    """Every anchor we kept, oldest first: how many hold, and the first that does not with its reason."""
    held = 0
    for row in AuditAnchor.objects.order_by("seq").iterator():
        fault = anchor_fault(anchor=_of(row))
        if fault:
            return held, _of(row), fault
        held += 1
    return held, None, ""
