"""One word in its spellings is one word to the search."""

from __future__ import annotations

import re

import pytest

from common.arabic import search_pattern


@pytest.mark.parametrize(
    ("asked", "stored"),
    [
        ("احمد", "سالم بن أحمد"),
        ("أحمد", "احمد"),
        ("فاطمه", "فاطمة الزهراني"),
        ("يحيي", "يحيى"),
        ("محمد  علي", "محمد علي"),
        ("محمد", "مُحَمَّد"),
        ("النخيل", "النخـــيل"),
        ("a.b", "A.B"),
    ],
)
def test_spellings_of_one_word_find_each_other(asked: str, stored: str) -> None:
    assert re.search(search_pattern(asked), stored, re.IGNORECASE)


@pytest.mark.parametrize(("asked", "stored"), [("a.b", "axb"), ("سالم", "سليم"), ("(", "x"), ("[", "x")])
def test_other_words_stay_other_words(asked: str, stored: str) -> None:
    assert not re.search(search_pattern(asked), stored, re.IGNORECASE)
