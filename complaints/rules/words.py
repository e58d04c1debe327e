"""Words as they are compared: the same told twice is the same, however it was typed. Pure."""

from __future__ import annotations

import unicodedata

from common.arabic import ALIKE

_TABLE = str.maketrans({letter: letters[0] for letters in ALIKE for letter in letters})
_STRETCH = "ـ"


def plain_words(text: str) -> str:
    """Letters and digits alone: without spaces, marks, case, and the ways Arabic letters are written alike."""
    heard = unicodedata.normalize("NFKC", text).casefold().translate(_TABLE)
    return "".join(letter for letter in heard if letter.isalnum() and letter != _STRETCH)
