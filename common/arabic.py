"""Arabic as people search it: the same word however its hamza, its ta marbuta or its alef was typed."""

from __future__ import annotations

import re

ALIKE = ("اأإآٱ", "هة", "يىئ", "وؤ")
_CLASS = {letter: f"[{letters}]" for letters in ALIKE for letter in letters}
# Short vowels and the stretching line are passed over, wherever they stand in the stored word.
_MARKS = "[\u064b-\u0652\u0640]*"


def search_pattern(text: str) -> str:
    """A regular expression that finds ``text`` in a name, for PostgreSQL's ``~*`` (``iregex``).

    أحمد is found by احمد and the other way round; words are parted by any run of spaces.
    """
    letters = [
        _CLASS.get(letter) or (r"\s+" if letter.isspace() else re.escape(letter)) + ""
        for letter in re.sub(r"\s+", " ", re.sub(_MARKS, "", text.strip()))
    ]
    return _MARKS.join(letters)
