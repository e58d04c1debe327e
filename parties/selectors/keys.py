"""Keys of parties, for who seals something under them."""

from __future__ import annotations

from parties.models import Party


def wrapped_key_of(*, party_id: int) -> bytes | None:
    """The wrapped key of a party; None when there is no such party or its key was destroyed."""
    wrapped = Party.objects.filter(pk=party_id).values_list("wrapped_key", flat=True).first()
    return None if wrapped is None else bytes(wrapped)
