"""The only writers of parties: made in bulk, recognised by identifier only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from common import clock, crypto
from parties.choices import IdentifierKind, PartyKind
from parties.models import Identifier, Party


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
    fresh: list[tuple[Party, bytes, PartyDraft, bytes | None]] = []
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
        key, wrapped = crypto.new_data_key()
        fresh.append((Party(kind=draft.kind, wrapped_key=wrapped, created_at=now), key, draft, index))
        if name is not None:
            place[name] = len(fresh) - 1
        pending.append((position, len(fresh) - 1))
        result.append(None)
    Party.objects.bulk_create([party for party, *_ in fresh], batch_size=2_000)
    Identifier.objects.bulk_create(
        [
            Identifier(
                party=party,
                kind=str(draft.identifier_kind),
                value_sealed=crypto.encrypt(key=key, value=draft.identifier, column="identifier"),
                value_index=index,
            )
            for party, key, draft, index in fresh
            if index is not None
        ],
        batch_size=2_000,
    )
    for position, number in pending:
        party, key, _, _ = fresh[number]
        result[position] = KnownParty(id=party.pk, key=key)
    return [party for party in result if party is not None]
