"""Contact points as whoever writes to people needs them."""

from __future__ import annotations

from collections_app.models import ContactPoint
from common import crypto
from common.outbox import Recipient


def recipient_of(*, point: ContactPoint) -> Recipient:
    """Where a message to a contact point goes; it is sealed under the key of the account holder.

    Raises crypto.Unreadable when that key was destroyed.
    """
    party = point.debtor.party
    if party.wrapped_key is None:
        raise crypto.Unreadable("contact_point")
    key = crypto.unwrap(wrapped=bytes(party.wrapped_key))
    address = crypto.decrypt(key=key, sealed=bytes(point.value_sealed), column="contact_point")
    return Recipient(address=address, party_id=party.pk, contact_point_id=point.pk)
