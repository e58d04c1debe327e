"""The only writers of parties: made in bulk, recognised by identifier only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from common import clock, crypto
from parties.choices import IdentifierKind, PartyKind
from parties.models import Identifier


@dataclass(frozen=True, kw_only=True)
class PartyDraft:
    """Somebody a client told us of. Without an identifier nobody can be recognised: a new party each time."""

    kind: PartyKind
    identifier_kind: IdentifierKind | None = None
    identifier: str = ""


@dataclass(frozen=True, kw_only=True)
class KnownParty:
    """A party with its open data key, for sealing values in the same act."""

    id: int
    key: bytes


_Fresh = tuple[PartyDraft, bytes | None]


def parties_ensure(*, drafts: Sequence[PartyDraft]) -> list[KnownParty]:
    """The party of each draft, in order: found by its identifier, or made.

    Must run inside a transaction. One identifier given twice is one party. Takes a lock, so that two imports at once
    never make two parties of one identifier.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [0x5041_5254])
    indexes = [
        crypto.blind_index(value=d.identifier, kind=d.identifier_kind) if d.identifier and d.identifier_kind else None
        for d in drafts
    ]
    found: dict[tuple[str, bytes], KnownParty] = {}
    wanted = [index for index in indexes if index is not None]
    if wanted:
        for row in Identifier.objects.filter(value_index__in=wanted).select_related("party"):
            wrapped = row.party.wrapped_key
            if wrapped is not None:
                found[(row.kind, bytes(row.value_index))] = KnownParty(
                    id=row.party_id, key=crypto.unwrap(wrapped=bytes(wrapped))
                )
    now = clock.now()
    result: list[KnownParty | None] = []
    fresh: list[_Fresh] = []
    place: dict[tuple[str, bytes], int] = {}
    pending: list[tuple[int, int]] = []
    for position, (draft, index) in enumerate(zip(drafts, indexes, strict=True)):
        name = (str(draft.identifier_kind), index) if index is not None else None
        if name is not None and name in found:
            result.append(found[name])
            continue
        if name is not None and name in place:
            pending.append((position, place[name]))
            result.append(None)
            continue
        fresh.append((draft, index))
        if name is not None:
            place[name] = len(fresh) - 1
        pending.append((position, len(fresh) - 1))
        result.append(None)
    made = _made(fresh=fresh, now=now)
    for position, number in pending:
        result[position] = made[number]
    return [party for party in result if party is not None]


def _made(*, fresh: Sequence[_Fresh], now: dt.datetime) -> list[KnownParty]:
    """New parties with their identifiers, in order, by COPY: an import brings hundreds of thousands."""
    made: list[KnownParty] = []
    if not fresh:
        return made
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('parties_party', 'id')) FROM generate_series(1, %s)", [len(fresh)]
        )
        ids = [number for (number,) in cursor.fetchall()]
        with cursor.copy("COPY parties_party (id, kind, wrapped_key, created_at) FROM STDIN") as copy:
            for number, (draft, _index) in zip(ids, fresh, strict=True):
                key, wrapped = crypto.new_data_key()
                copy.write_row((number, str(draft.kind), wrapped, now))
                made.append(KnownParty(id=number, key=key))
        with cursor.copy("COPY parties_identifier (party_id, kind, value_sealed, value_index) FROM STDIN") as copy:
            for party, (draft, index) in zip(made, fresh, strict=True):
                if index is not None:
                    sealed = crypto.encrypt(key=party.key, value=draft.identifier, column="identifier")
                    copy.write_row((party.id, str(draft.identifier_kind), sealed, index))
    return made
