"""Mails that were set aside, kept sealed under a key of their own until a person says what they are (ADR 0040)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formataddr

from common import crypto
from complaints.models import AsideMail, Mail
from complaints.rules.mails import Letter, letter_of

RAW, SHOWN = "aside.raw", "aside.shown"
# A larger mail is shown here, and its papers are taken from its folder of the mailbox.
LARGEST_KEPT = 10 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A mail as a person reads it; ``files`` are the names of what came with it."""

    sender: str
    name: str
    subject: str
    words: str
    files: list[str]

    @property
    def body(self) -> str:
        """The words without the subject line that stands above them."""
        return self.words.removeprefix(self.subject).strip()


def aside_keep(*, mail: Mail, letter: Letter, raw: bytes) -> AsideMail:
    """Keep a mail that was set aside, sealed. Part of the act that reads it."""
    key, wrapped = crypto.new_data_key()
    shown = {"sender": letter.sender, "name": letter.name, "subject": letter.subject, "words": letter.words,
             "files": [file.name for file in letter.files]}  # fmt: skip
    return AsideMail.objects.create(
        mail=mail,
        wrapped_key=wrapped,
        raw_sealed=crypto.seal_bytes(key=key, content=raw, column=RAW) if len(raw) <= LARGEST_KEPT else None,
        shown_sealed=crypto.encrypt(key=key, value=json.dumps(shown, ensure_ascii=False), column=SHOWN),
    )


def _key(aside: AsideMail) -> bytes:
    if aside.wrapped_key is None:
        raise crypto.Unreadable("mail")
    return crypto.unwrap(wrapped=bytes(aside.wrapped_key))


def aside_shown(aside: AsideMail) -> Shown:
    """What it says. Raises crypto.Unreadable once it was decided. Whoever shows it wrote the look down."""
    return Shown(**json.loads(crypto.decrypt(key=_key(aside), sealed=bytes(aside.shown_sealed), column=SHOWN)))


def aside_letter(aside: AsideMail) -> Letter:
    """The whole mail, read again, its papers too where it was not too large."""
    key = _key(aside)
    if aside.raw_sealed is not None:
        return letter_of(raw=crypto.open_bytes(key=key, sealed=bytes(aside.raw_sealed), column=RAW), ours=frozenset())
    shown = aside_shown(aside)
    bare = EmailMessage()
    bare["From"] = formataddr((shown.name, shown.sender))
    bare.set_content(shown.words)
    return letter_of(raw=bare.as_bytes(), ours=frozenset())
