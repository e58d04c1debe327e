"""The facts this app publishes."""

from __future__ import annotations

from dataclasses import dataclass

from common.events import Event


@dataclass(frozen=True, kw_only=True)
class LegalActRecorded(Event):
    act_id: int
    kind: str
    claim_id: int | None
    authorisation_id: int
    case_id: int
    client_id: int


@dataclass(frozen=True, kw_only=True)
class AuthorisationEnded(Event):
    """Revoked by a person, or replaced by a later one; an expiry is a date, and publishes nothing."""

    authorisation_id: int
    replaced_by_id: int | None
    case_id: int
    client_id: int
