"""What was told in a dispute, opened; whoever shows it to a person has written the look down where that is needed."""

from __future__ import annotations

from typing import Any

from common import crypto
from complaints.models import Dispute, DisputePack


def key_of_dispute(*, dispute: Dispute) -> bytes:
    """The open key of the account holder. Raises crypto.Unreadable when it was destroyed."""
    wrapped = dispute.case.debtor.party.wrapped_key
    if wrapped is None:
        raise crypto.Unreadable("dispute")
    return crypto.unwrap(wrapped=bytes(wrapped))


def sealed(*, dispute: Dispute, words: str, what: str) -> bytes:
    """Words as they are kept; ``what`` is the column they stand in."""
    return crypto.encrypt(key=key_of_dispute(dispute=dispute), value=words, column=f"dispute.{what}")


def _opened(dispute: Dispute, value: bytes | memoryview | None, what: str) -> str:
    if value is None:
        return ""
    return crypto.decrypt(key=key_of_dispute(dispute=dispute), sealed=bytes(value), column=f"dispute.{what}")


def origin_of(*, dispute: Dispute) -> dict[str, Any] | None:
    """From which public record the item comes, whose it is and of which day, in the active language (CB-47)."""
    if not dispute.public_record:
        return None
    return {"kind": str(dispute.get_public_record_display()), "source": dispute.record_source, "on": dispute.record_on}


def item_of(*, dispute: Dispute) -> str:
    """The item or decision objected to. Raises crypto.Unreadable, as do those below."""
    return _opened(dispute, dispute.item_sealed, "item")


def objection_of(*, dispute: Dispute) -> str:
    """The objector's own words."""
    return _opened(dispute, dispute.words_sealed, "words")


def statement_of_objector(*, dispute: Dispute) -> str:
    """How the objector sees the facts, as the record bears it; empty while nobody asked for that (CB-39)."""
    return _opened(dispute, dispute.statement_sealed, "statement")


def reply_of(*, dispute: Dispute) -> str:
    """What the member says."""
    return _opened(dispute, dispute.reply_sealed, "reply")


def words_of_pack(*, pack: DisputePack) -> str:
    """What an answer pack says for the member."""
    return _opened(pack.dispute, pack.words_sealed, "reply")
