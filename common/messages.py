"""Kinds of messages, as apps declare them, and how a text with named places becomes what a person reads. Pure.

An app ships its kinds in ``<app>/rules/messages.py``; the slot ``message_kinds`` holds them all.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from common import slots, wording
from common.choices import MessageChannel

LONGEST_SUBJECT, LONGEST_SMS, LONGEST_MAIL, LONGEST_VALUE = 200, 600, 10_000, 1_000
_PLACE = re.compile(r"\{([a-z][a-z0-9_]{0,39})\}")
# Isolates of Unicode: a date or Latin word keeps its own direction inside Arabic, in plain text too. Without them
# 2026-03-15 is read as 15-03-2026, in an SMS as in a subject line.
_FSI, _PDI = "\u2068", "\u2069"
_LATIN_1 = re.compile(r"[\x00-\x7f]*\Z")
# An SMS in the alphabet of GSM has 160 letters, any other 70; in parts each has fewer.
_GSM = re.compile(r"[A-Za-z0-9 \r\n@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ!\"#¤%&'()*+,\-./:;<=>?¡ÄÖÑÜ§¿äöñüà]*\Z")


@dataclass(frozen=True, kw_only=True)
class Place:
    """A named place of a kind: what stands there, and an example for the preview. A link is an address of our own; a
    secret opens a door to whoever reads it, and is read by its recipient alone.
    """

    name: str
    words: str | Promise
    example_ar: str
    example_en: str
    is_link: bool = False
    is_secret: bool = False

    def example(self, language: str) -> str:
        return self.example_ar if language == "ar" else self.example_en


@dataclass(frozen=True, kw_only=True)
class Text:
    """What a kind says on one channel in one language, as the house ships it."""

    channel: str
    language: str
    body: str
    subject: str = ""


@dataclass(frozen=True, kw_only=True)
class MessageKind:
    """A kind of message. ``threatens``: the shipped texts tell of a legal step. ``may_name``: groups of
    ``common.wording`` that a rule makes this kind name, such as the outward bodies of a complaint. ``good_for``: how
    long after it was written it still says something; later it is not sent.
    """

    code: str
    words: str | Promise
    places: tuple[Place, ...]
    texts: tuple[Text, ...]
    threatens: bool = False
    may_name: frozenset[str] = frozenset()
    good_for: dt.timedelta | None = None

    def text(self, *, channel: str, language: str) -> Text | None:
        return next((t for t in self.texts if (t.channel, t.language) == (channel, language)), None)

    @property
    def is_secret(self) -> bool:
        """What it says opens a door: nobody of the house reads it."""
        return any(place.is_secret for place in self.places)

    def examples(self, language: str) -> dict[str, str]:
        return {place.name: place.example(language) for place in self.places}


def message_kinds() -> Sequence[MessageKind]:
    """Every kind, in the order of ``config/wiring.py``."""
    return slots.filled("message_kinds")


def message_kind(code: str) -> MessageKind:
    """A kind by its code. Raises LookupError for one that nobody declared."""
    for kind in message_kinds():
        if kind.code == code:
            return kind
    raise LookupError(code)


def links_of(code: str) -> set[str]:
    """The places of a kind that are addresses."""
    return {place.name for kind in message_kinds() if kind.code == code for place in kind.places if place.is_link}


def places_in(text: str) -> list[str]:
    """The names that stand in a text, each once."""
    return list(dict.fromkeys(_PLACE.findall(text)))


def text_faults(*, kind: MessageKind, text: Text, threatens: bool) -> dict[str, str | Promise]:
    """What is wrong with a text, by field: nothing may be saved that could not be sent, or must not be."""
    faults: dict[str, str | Promise] = {}
    mail = text.channel == MessageChannel.EMAIL
    if mail and not text.subject.strip():
        faults["subject"] = _("An e-mail has a subject line.")
    elif not mail and text.subject:
        faults["subject"] = _("An SMS has no subject line.")
    elif len(text.subject) > LONGEST_SUBJECT or "\n" in text.subject or "\r" in text.subject:
        faults["subject"] = _("A subject is one line of at most 200 characters.")
    longest = LONGEST_MAIL if mail else LONGEST_SMS
    if not text.body.strip():
        faults["body"] = _("Write what the message says.")
    elif len(text.body) > longest:
        faults["body"] = format_lazy(_("It has at most {limit} characters."), limit=longest)
    for name, said in (("subject", text.subject), ("body", text.body)):
        if name not in faults and (fault := _said_fault(kind=kind, said=said, threatens=threatens)):
            faults[name] = fault
    return faults


def _said_fault(*, kind: MessageKind, said: str, threatens: bool) -> str | Promise:
    known = {place.name for place in kind.places}
    if unknown := [name for name in places_in(said) if name not in known]:
        return format_lazy(_("This kind of message knows no place named {names}."), names=_listed(unknown))
    plain = _PLACE.sub(" ", said)
    if "{" in plain or "}" in plain:
        return _("A place is its name in braces, as {name}; no other brace stands in a text.")
    groups = [group for group in wording.CONDUCT if group not in kind.may_name]
    if found := wording.words_found(text=plain, groups=groups):
        return format_lazy(
            _("No message names authorities, force or shame (rule CONDUCT-WORDING). Found: {words}."),
            words=_listed(found),
        )
    if not threatens and (found := wording.words_found(text=plain, groups=[wording.LEGAL])):
        return format_lazy(
            _("It tells of a legal step and must be marked so (rule LEGAL-THREAT). Found: {words}."),
            words=_listed(found),
        )
    return ""


def _listed(words: Sequence[str]) -> str:
    return " · ".join(f"«{word}»" for word in words)


def _clean(value: str) -> str:
    """A value on one line, without signs that could turn the text around it."""
    return "".join(c for c in " ".join(value.split()) if c.isprintable() and c not in f"{_FSI}{_PDI}\u202a\u202b\u202e")


def _apart(value: str, *, language: str) -> str:
    """A Latin value inside Arabic, kept in its own direction."""
    return f"{_FSI}{value}{_PDI}" if language == "ar" and value and _LATIN_1.match(value) else value


def filled(*, text: Text, values: Mapping[str, str], links: Collection[str] = ()) -> dict[str, str]:
    """Subject line, plain text and HTML of a message. ``values`` has every place of the text; ``links`` names those
    that are addresses. They stand bare in plain text: a phone takes an isolate after one as its last letter, and it
    leads nowhere.
    """
    known = {name: _clean(value) for name, value in values.items()}
    mail = text.channel == MessageChannel.EMAIL

    def shown(name: str) -> str:
        return known[name] if name in links else _apart(known[name], language=text.language)

    def plain(said: str) -> str:
        return _PLACE.sub(lambda m: shown(m[1]), said.replace("\r\n", "\n"))

    return {
        "subject": plain(text.subject),
        "text": plain(text.body),
        "html": str(_html(text.body, known, links)) if mail else "",
    }


def _html(body: str, values: Mapping[str, str], links: Collection[str]) -> SafeString:
    """The paragraphs of a text; each value stands in a direction of its own, and an address may be pressed."""

    def marked(name: str) -> str:
        value = f"<bdi>{escape(values[name])}</bdi>"
        return f'<a href="{escape(values[name])}">{value}</a>' if name in links else value

    said = _PLACE.sub(lambda m: marked(m[1]), escape(body.replace("\r\n", "\n")))
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", said) if part.strip()]
    return mark_safe("\n".join("<p>" + part.replace("\n", "<br>\n") + "</p>" for part in paragraphs))  # noqa: S308 - escaped above


def sms_parts(text: str) -> int:
    """How many short messages a text is sent as."""
    one, each = (160, 153) if _GSM.match(text) else (70, 67)
    letters = len(text) if one == 160 else len(text.encode("utf-16-be")) // 2
    return 1 if letters <= one else -(-letters // each)
