"""Encryption of personal values: one data key per party, wrapped by the master key.

Rotation re-wraps the small key table; erasure destroys one key, and every copy of the value, history included,
becomes unreadable. The column's name is authenticated, so a value cannot be moved to another column. Equality search
goes through a keyed hash (blind index) of the normalised value.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

NONCE_BYTES = 12
KEY_BYTES = 32


class Unreadable(Exception):
    """The value cannot be read: its key was destroyed, or the bytes were changed."""


@lru_cache(maxsize=8)
def _master(encoded: str) -> AESGCM:
    return AESGCM(base64.b64decode(encoded))


@lru_cache(maxsize=8)
def _index_key(encoded: str) -> bytes:
    return hmac.new(base64.b64decode(encoded), b"mithaq blind index v1", hashlib.sha256).digest()


def new_data_key() -> tuple[bytes, bytes]:
    """A fresh data key and its wrapped form for storage."""
    key = os.urandom(KEY_BYTES)
    return key, wrap(key=key)


def wrap(*, key: bytes) -> bytes:
    """Seal a data key under the master key."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _master(settings.MASTER_KEY).encrypt(nonce, key, b"party key")


def unwrap(*, wrapped: bytes) -> bytes:
    """Open a data key. Raises Unreadable when the master key does not fit."""
    try:
        return _master(settings.MASTER_KEY).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], b"party key")
    except InvalidTag as error:
        raise Unreadable("party key") from error


def encrypt(*, key: bytes, value: str, column: str) -> bytes:
    """Encrypt one value for one column under a party's data key."""
    return seal_bytes(key=key, content=value.encode(), column=column)


def decrypt(*, key: bytes, sealed: bytes, column: str) -> str:
    """Read one value back. Raises Unreadable for another key, another column or changed bytes."""
    return open_bytes(key=key, sealed=sealed, column=column).decode()


def seal_bytes(*, key: bytes, content: bytes, column: str) -> bytes:
    """Encrypt the bytes of a whole paper for one column under a party's data key."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, content, column.encode())


def open_bytes(*, key: bytes, sealed: bytes, column: str) -> bytes:
    """Read them back. Raises Unreadable for another key, another column or changed bytes."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], column.encode())
    except InvalidTag as error:
        raise Unreadable(column) from error


def seal_text(*, text: str, purpose: str) -> str:
    """Seal a short secret of the house itself under the master key, as text for a JSON column."""
    nonce = os.urandom(NONCE_BYTES)
    return base64.b64encode(
        nonce + _master(settings.MASTER_KEY).encrypt(nonce, text.encode(), purpose.encode())
    ).decode()


def open_text(*, sealed: str, purpose: str) -> str:
    """Read one back. Raises Unreadable for another purpose, another master key or changed text."""
    try:
        raw = base64.b64decode(sealed, validate=True)
        return _master(settings.MASTER_KEY).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], purpose.encode()).decode()
    except (InvalidTag, ValueError) as error:
        raise Unreadable(purpose) from error


def blind_index(*, value: str, kind: str) -> bytes:
    """A keyed hash of a normalised value, equal for equal values of one kind; for exact search only."""
    return hmac.digest(_index_key(settings.MASTER_KEY), f"{kind}:{value}".encode(), "sha256")[:16]


class Passing:
    """A key that lives as long as this object, for values that wait in a table between two steps of one job.

    Whoever reads the table reads nothing, and when the job ends or dies nobody ever will.
    """

    def __init__(self) -> None:
        self._key = AESGCM(os.urandom(KEY_BYTES))
        self._sealed = 0

    def seal(self, value: str) -> bytes:
        # The key seals nothing else, so a count is nonce enough and never repeats.
        self._sealed += 1
        nonce = self._sealed.to_bytes(NONCE_BYTES)
        return nonce + self._key.encrypt(nonce, value.encode(), None)

    def open(self, sealed: bytes) -> str:
        """Read one back. Raises Unreadable for what another key sealed."""
        try:
            return self._key.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None).decode()
        except InvalidTag as error:
            raise Unreadable("passing") from error
