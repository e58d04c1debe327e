"""What may not stand in a public reply, and how it leads to a private channel (CX-25, source 002 §3.10). Pure.

A reply is read as people could read it: digits of either script, marks of direction and short vowels left out, letters
that are written alike taken as one. It errs on the side of refusing: whatever looks like a number of somebody's, a sum
or a reference is told in private. Numbers spelled in words are not recognised, unless a currency stands with them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from common.arabic import ALIKE
from common.money import latin_digits
from complaints.choices.channels import Disclosed
from parties.rules.identifiers import normalise_mobile

_TABLE = str.maketrans({letter: letters[0] for letters in ALIKE for letter in letters})
# Short vowels, the stretching line, marks of direction and joiners: seen by nobody, and good for hiding.
_UNSEEN = re.compile("[\u064b-\u0652\u0670\u0640\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_BEFORE, _AFTER = r"(?<![a-z0-9])", r"(?![a-z0-9])"
_DATE = re.compile(r"(?<!\d)(?:\d{4}[-/]\d{1,2}[-/]\d{1,2}|\d{1,2}[-/]\d{1,2}[-/]\d{4})(?!\d)")
_TIME = re.compile(r"(?:[01]?\d|2[0-3])\.[0-5]\d")
# Digits with at most three signs between two of them.
_RUN = re.compile(r"\+?\d(?:[ \t\u00a0\-().,/_]{0,3}\d)+")
_SUM = (
    r"(?:مبلغ|رصيد|قسط|مديوني|مستحق|متاخرات|amount|balance|instal?ment|debt)[^\W\d]*\W{1,3}"
    r"(?:(?:قدره|قدرها|بقيمه|هو|هي|of|is)\W{1,3})?\d+"
)
_LETTER = r"[^\W\d_]"
_MONEY = (
    rf"(?<!{_LETTER})(?:و|ب|ال|بال)?(?:ريال(?:ا|ات|ين|ان)?|هلله|هللات|دولار(?:ا|ات)?|ر\. ?س)(?!{_LETTER})"
    r"|(?<![a-z])(?:sar|sr|usd|riyals?|halalas?|dollars?)(?![a-z])|[$€£\u20c1]"
)
_GROUPED = r"(?<![\d.,])\d{1,3}(?:[,٬]\d{3})+(?:[.٫]\d+)?(?!\d)|(?<![\d.,])\d+[.٫]\d{2}(?![\d.٫])"
_SAUDI_IBAN = r"sa ?\d{2}(?:[ -]?\d){18,20}"
_PATTERNS: tuple[tuple[Disclosed, re.Pattern[str]], ...] = (
    (Disclosed.EMAIL, re.compile(r"[^\s@،؛,;<>()]+@[^\s@،؛,;<>()]+\.[^\s@،؛,;<>()]{2,}")),
    (Disclosed.LINK, re.compile(r"https?://\S+|(?<!\w)www\.\S+")),
    (Disclosed.IBAN, re.compile(rf"{_BEFORE}(?:{_SAUDI_IBAN}|[a-z]{{2}}\d{{2}}[0-9a-z]{{11,30}}{_AFTER})")),
    (Disclosed.REFERENCE, re.compile(rf"{_BEFORE}[a-z]{{1,5}}[-–/](?:\d{{2,4}} ?[-–/] ?\d{{2,}}|\d{{3,}}){_AFTER}")),
    (Disclosed.AMOUNT, re.compile(f"{_SUM}|{_MONEY}|{_GROUPED}")),
)  # fmt: skip
FEWEST_DIGITS = 6
# Parts of names that say nothing of whose they are, or are words of every day.
_PLAIN_PARTS = frozenset(
    [
        "بن",
        "ابن",
        "بنت",
        "ابو",
        "ام",
        "ال",
        "الله",
        "الدين",
        "شركه",
        "موسسه",
        "مجموعه",
        "مصنع",
        "التجاريه",
        "للتجاره",
        "المحدوده",
        "bin",
        "ibn",
        "bint",
        "abu",
        "al",
        "the",
        "company",
        "co",
        "ltd",
        "llc",
        "trading",
        "group",
        "establishment",
        "est",
    ]
)
_JOINED = re.compile(r"(?<!\w)(عبد) (?=ال)|(?<=\w) (?=الدين(?!\w))")
CLOSINGS = {
    "ar": "حفاظًا على خصوصيتكم نكمل معكم عبر القناة الخاصة:",
    "en": "To keep your privacy, please go on with us here:",
}


@dataclass(frozen=True, kw_only=True)
class Found:
    """Something that may not be said in public, as it was read."""

    kind: Disclosed
    text: str


def disclosures(*, words: str, references: Collection[str] = (), names: Collection[str] = ()) -> list[Found]:
    """Everything in a reply that belongs in private; nothing when it may be published.

    ``references`` and ``names`` are those of the matter it is about: of the matter, its case, debts and accounts, and
    of its people. Names count whole and each part alone.
    """
    text, found = _read(words), list[Found]()
    for reference in sorted((_read(one).strip() for one in references), key=len, reverse=True):
        if reference:
            pattern = re.compile(rf"(?<!\w){re.escape(reference)}(?!\w)")
            text = _taken(text, pattern, Disclosed.REFERENCE, found)
    for kind, pattern in _PATTERNS[:4]:
        text = _taken(text, pattern, kind, found)
    text = _DATE.sub(" ; ", text)
    text = _long_numbers(text, found)
    for kind, pattern in _PATTERNS[4:]:
        text = _taken(text, pattern, kind, found)
    found.extend(Found(kind=Disclosed.NAME, text=part) for part in _named(text, names))
    return found


def _read(words: str) -> str:
    """As it is compared: without what nobody sees, digits Latin, letters written alike as one."""
    text = latin_digits(unicodedata.normalize("NFKC", words)).casefold()
    return _UNSEEN.sub("", text).translate(_TABLE)


def _taken(text: str, pattern: re.Pattern[str], kind: Disclosed, found: list[Found]) -> str:
    """The text without what the pattern finds, which is noted: nothing is told twice."""

    def note(match: re.Match[str]) -> str:
        if kind == Disclosed.AMOUNT and _TIME.fullmatch(match[0]):
            return match[0]
        found.append(Found(kind=kind, text=match[0].strip()))
        return " ; "

    return pattern.sub(note, text)


def _long_numbers(text: str, found: list[Found]) -> str:
    def note(match: re.Match[str]) -> str:
        digits = re.sub(r"\D", "", match[0])
        # A sum with its thousands is told as one.
        if len(digits) < FEWEST_DIGITS or re.fullmatch(_GROUPED, match[0]):
            return match[0]
        found.append(Found(kind=_kind_of(match[0], digits), text=match[0].strip()))
        return " ; "

    return _RUN.sub(note, text)


def _kind_of(written: str, digits: str) -> Disclosed:
    try:
        normalise_mobile(written)
    except ValueError:
        return Disclosed.IDENTIFIER if len(digits) == 10 and digits[0] in "127" else Disclosed.NUMBER
    return Disclosed.PHONE


def _parts(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", _JOINED.sub(r"\1", _read(text)))


def _named(text: str, names: Collection[str]) -> Iterator[str]:
    """Parts of the names that stand in the text, also after و، ف، ب، ل، ك or without the article."""
    said = set(_parts(text))
    for part in sorted({part for name in names for part in _parts(name)}):
        if part in _PLAIN_PARTS or len(part) < 3:
            continue
        forms = {part, *(f"{before}{part}" for before in "وفبلك")}
        if part.startswith("ال"):
            forms |= {part[2:], f"لل{part[2:]}", f"ولل{part[2:]}"} if len(part) > 4 else {f"لل{part[2:]}"}
        if forms & said:
            yield part


def reply_ended(*, words: str, language: str, address: str) -> str:
    """The reply as it is published: what was written, and the address of the private channel at its end."""
    return f"{words.strip()}\n{CLOSINGS[language]}\n{address}"
