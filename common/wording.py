"""Words that no message to a person may hold (CONDUCT-WORDING), and those that tell of a legal step (LEGAL-THREAT).

Pure. A message is looked at as it is heard: case, short vowels, stretching, hamza and signs nobody sees make no
difference, and an Arabic word is found with its article and prepositions.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

# What a kind of message may be allowed to name by its declaration, where a rule makes us name it (the outward bodies of
# a complaint, the bureau of a dispute). Nobody's threat, nobody's shame.
REGULATOR, BUREAU = "REGULATOR", "BUREAU"
FORCE, SHAME, LEGAL = "FORCE", "SHAME", "LEGAL"
CONDUCT = (REGULATOR, BUREAU, FORCE, SHAME)

_LATIN: Mapping[str, tuple[str, ...]] = {
    REGULATOR: ("sama", "saudi central bank", "central bank", "monetary authority"),
    BUREAU: ("simah", "credit bureau", r"black ?list\w*"),
    FORCE: (
        r"police\w*", r"jail\w*", r"prison\w*", r"imprison\w*", r"arrest\w*", r"detain\w*", "detention", r"handcuff\w*",
        r"travel bans?",
    ),
    SHAME: (
        r"sham(?:e|ed|es|ing|eful\w*)", r"asham\w*", r"disgrac\w*", r"humiliat\w*", r"scandal\w*", r"embarrass\w*",
        r"expos(?:e|ed|ing) you", r"dishonest\w*", r"thie(?:f|ves)", r"criminals?", r"cheat\w*", r"deadbeats?",
        r"defaulters?", r"delinquents?",
    ),
    LEGAL: (
        "courts?", r"lawsuits?", r"legal (?:actions?|steps?|proceedings?|procedures?|measures?)", r"lawyers?",
        r"attorneys?", "sued?", "suing", r"litigat\w*", r"enforcement", r"judge?ments?", r"prosecut\w*",
    ),
}  # fmt: skip
# As ``_heard`` leaves them: one alef, ه for ة, ي for ى and ئ, و for ؤ.
_ARABIC: Mapping[str, tuple[str, ...]] = {
    REGULATOR: ("ساما", "بنك المركزي", "موسسه النقد"),
    BUREAU: ("سمه", "قايمه السوداء?", "قوايم السوداء?", "قايمه سوداء?"),
    FORCE: (
        r"شرط(?:ه|تنا|ي)", r"س?[يتن]?سجن\w*", "سجون", r"مسجون\w*", r"س?[يتن]?حبس\w*", r"توقيف\w*",
        r"اعتقال\w*", r"قبض علي\w*", r"منع\w* من السفر", r"ايقاف (?:ال)?خدمات\w*", r"بلاغ جنايي",
    ),
    SHAME: (
        "عار", "عيب عليك", r"فضيح\w*", r"فضح\w*", r"نفضح\w*", r"تشهير\w*", "خزي", r"مخزي\w*", r"احراج\w*", r"نصاب\w*",
        r"محتال\w*", "لص", "لصوص", r"مماطل\w*", r"متهرب\w*", r"متعثر\w*", r"مجرم\w*",
    ),
    LEGAL: (
        r"محكمه\w*", "محاكم", "دعوي", "دعاوي", "قضاء", r"قضايي\w*", r"مقاضا\w*",
        r"اجراء(?:ات)? (?:ال)?(?:قانوني|نظامي)\w*", r"خطو(?:ه|ات) (?:ال)?(?:قانوني|نظامي)\w*", r"محام(?:ي\w*|ون|ين)?",
        r"(?:طلب|قاضي) (?:ال)?تنفيذ", r"سند (?:ال)?تنفيذي", r"تصعيد (?:ال)?قانوني", r"انذار (?:ال)?(?:رسمي|نهايي)",
    ),
}  # fmt: skip
_BEFORE = r"(?:[وف]?(?:[بكل]?ال|لل|[بكلس])?)"

_PATTERNS = {
    group: re.compile(
        rf"(?<!\w)(?:{'|'.join(_LATIN[group])})(?!\w)|(?<!\w){_BEFORE}(?:{'|'.join(_ARABIC[group])})(?!\w)"
    )
    for group in _LATIN
}
_ALIKE = str.maketrans("أإآٱةىئؤ", "ااااهييو")


def _heard(text: str) -> tuple[str, list[int]]:
    """The text as it is compared, and from which place of the original each letter came."""
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        for part in unicodedata.normalize("NFKC", letter).casefold().translate(_ALIKE):
            if unicodedata.category(part) in {"Mn", "Cf"} or part == "ـ":
                continue
            if part.isspace() and letters and letters[-1] == " ":
                continue
            letters.append(" " if part.isspace() else part)
            places.append(place)
    return "".join(letters), places


def words_found(*, text: str, groups: Iterable[str]) -> list[str]:
    """The words of these groups as they stand in the text, each once, in their order."""
    heard, places = _heard(text)
    spans = sorted(match.span() for group in groups for match in _PATTERNS[group].finditer(heard))
    return list(dict.fromkeys(text[places[start] : places[end - 1] + 1] for start, end in spans))
