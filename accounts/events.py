"""The facts this app publishes."""

from __future__ import annotations

from dataclasses import dataclass

from common.events import Event


@dataclass(frozen=True, kw_only=True)
class UserSwitchedOff(Event):
    """A person may not sign in any more. Whoever must not lose them refuses here."""

    user_id: int
