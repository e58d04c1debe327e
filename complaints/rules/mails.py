"""A mail as what somebody tells us: who wrote, what, about which matter, with which papers. Pure."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import hashlib
import re
from dataclasses import dataclass
from email.message import EmailMessage, MIMEPart
from email.utils import parseaddr, parsedate_to_datetime
from html.parser import HTMLParser

from complaints.choices import LETTERS, MatterKind
from complaints.rules.words import plain_words

LONGEST = 20_000
YEARS = range(1971, 9_000)
_REFERENCE = re.compile(rf"(?<![\w-])[{''.join(LETTERS.values())}]-20\d\d-\d{{6}}(?![\w-])")
# What a subject line says of the kind; everything else is a complaint: any dissatisfaction is one (A19), and whether it
# was justified is found out, never asked for.
_KINDS = (
    (MatterKind.ENQUIRY, ("استفسار", "سوال", "enquiry", "inquiry", "question")),
    (MatterKind.SUGGESTION, ("اقتراح", "مقترح", "suggestion")),
    (MatterKind.APPRECIATION, ("شكر", "thank")),
)
_BREAKS = frozenset({"br", "p", "div", "tr", "li", "h1", "h2", "h3"})


@dataclass(frozen=True, kw_only=True)
class File:
    name: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A mail, read. ``aside`` says why it is nothing that somebody tells us, as a code; empty where it is."""

    mark: str
    sender: str
    name: str
    subject: str
    words: str
    kind: str
    language: str
    references: tuple[str, ...]
    files: tuple[File, ...]
    sent_at: dt.datetime | None
    aside: str


class _Text(HTMLParser):
    """The words of an HTML part, without what nobody sees."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in {"script", "style", "head"}
        if tag in _BREAKS:
            self.said.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden = max(0, self._hidden - (tag in {"script", "style", "head"}))

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.said.append(data)


def _told(text: str) -> str:
    """Text that can be written down: without NUL, and a sign for what is no letter."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def _header(mail: EmailMessage, name: str) -> str:
    """A header as it reads; as it stands where the parser of the standard library breaks on it, in ways of its own."""
    try:
        return _told(str(mail.get(name, "")))
    except Exception:
        raw = next((value for known, value in mail.raw_items() if known.lower() == name.lower()), "")
        return _told(" ".join(str(raw).split()))


def _content(part: MIMEPart) -> str:
    """The text of a part, whatever its declared letters; what cannot be read stands as signs."""
    try:
        return str(part.get_content())
    except (LookupError, UnicodeError, KeyError):
        raw = part.get_payload(decode=True)
        return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else ""


def _words(mail: EmailMessage) -> str:
    body = mail.get_body(preferencelist=("plain", "html"))
    if body is None:
        return ""
    text = _content(body)
    if body.get_content_type() == "text/html":
        reader = _Text()
        reader.feed(text)
        text = "".join(reader.said)
    lines = [line.strip() for line in _told(text).splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _files(mail: EmailMessage) -> tuple[File, ...]:
    found = []
    for part in mail.iter_attachments():
        raw = part.get_payload(decode=True)
        if isinstance(raw, bytes) and raw:
            found.append(File(name=_told(part.get_filename() or ""), content=raw))
    return tuple(found)


def _aside(mail: EmailMessage, *, sender: str, said: str, ours: frozenset[str]) -> str:
    """Why it is nothing a person tells us: our own, made by a machine (RFC 3834), to a list, or empty."""
    if sender in ours:
        return "OURS"
    if "@" not in sender:
        return "NO_SENDER"
    if _header(mail, "Auto-Submitted").split(";")[0].strip().lower() not in {"", "no"} or _header(mail, "X-Autoreply"):
        return "AUTOMATIC"
    if _header(mail, "List-Id") or _header(mail, "Precedence").strip().lower() in {"bulk", "list", "junk"}:
        return "LIST"
    return "" if plain_words(said) else "EMPTY"


def _kind(subject: str) -> str:
    heard = plain_words(subject)
    return next((kind for kind, words in _KINDS if any(plain_words(word) in heard for word in words)),
                MatterKind.COMPLAINT)  # fmt: skip


def _sent_at(mail: EmailMessage) -> dt.datetime | None:
    """When it says that it was sent; None where it does not, or names no time of e-mail."""
    try:
        sent = parsedate_to_datetime(_header(mail, "Date"))
    except (ValueError, TypeError, OverflowError):
        return None
    if sent.year not in YEARS:
        return None
    return sent.astimezone(dt.UTC) if sent.tzinfo else sent.replace(tzinfo=dt.UTC)


def _mark(raw: bytes, *, identity: str) -> str:
    """What a mail is known by: its Message-ID with all that follows the headers, for the way it came may differ, and
    senders there are who give one identity to every mail. Without one, the whole mail.
    """
    if not identity.strip("<> "):
        return hashlib.sha256(raw).hexdigest()
    body = b"".join(re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[1:])
    return hashlib.sha256(b" ".join([identity.encode(), *body.split()])).hexdigest()


def letter_of(*, raw: bytes, ours: frozenset[str]) -> Letter:
    """Read a mail. ``ours`` are the house's own addresses, whose mails are nobody's complaint.

    Never raises for what is written in a mail: what cannot be read is left out or set aside.
    """
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    name, sender = parseaddr(_header(mail, "From"))
    sender = sender.strip().lower()
    subject, words = " ".join(_header(mail, "Subject").split()), _words(mail)
    said = f"{subject}\n\n{words}".strip()
    return Letter(
        mark=_mark(raw, identity=_header(mail, "Message-ID").strip()),
        sender=sender,
        name=name[:200],
        subject=subject[:300],
        words=said if len(said) <= LONGEST else f"{said[: LONGEST - 1]}…",
        kind=_kind(subject),
        language="ar" if re.search(r"[\u0621-\u064a]", said) else "en",
        references=tuple(dict.fromkeys(_REFERENCE.findall(f"{subject}\n{words}"))),
        files=_files(mail),
        sent_at=_sent_at(mail),
        aside=_aside(mail, sender=sender, said=said, ours=ours),
    )
