"""Tokens of clients' systems: their form, their life, when one is valid. Pure."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import re

from clients.choices import TokenState

# A token is 32 random bytes: nobody guesses one, so what is kept of it needs no salt and no slow hash, which are there
# to protect what people choose. One plain hash, found by its index, costs nothing on every request (ADR 0022).
SECRET_BYTES = 32
PREFIX_LETTERS = 8
# The one in use and the one that takes its place.
MOST_LIVE = 2
LIFETIMES = (30, 90, 180, 365)
OVERLAPS = (0, 1, 24, 72)
ENDS_SOON = dt.timedelta(days=14)
_SHAPE = re.compile(r"mithaq_[a-z0-9]{8}_[A-Za-z0-9_-]{43}")


def token_text(*, prefix: str, secret: bytes) -> str:
    """The token as a system sends it; the prefix is what people know it by."""
    return f"mithaq_{prefix}_{base64.urlsafe_b64encode(secret).rstrip(b'=').decode()}"


def token_digest(*, text: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(text.encode()).digest()


def is_token(text: str) -> bool:
    """True for text of a token's form; anything else is not looked up."""
    return bool(_SHAPE.fullmatch(text))


def token_state(*, expires_at: dt.datetime, revoked_at: dt.datetime | None, now: dt.datetime) -> TokenState:
    """How a token stands at a moment. At the moment of its end it is ended."""
    if revoked_at is not None:
        return TokenState.REVOKED
    if expires_at <= now:
        return TokenState.ENDED
    return TokenState.ENDING if expires_at - now <= ENDS_SOON else TokenState.LIVE
