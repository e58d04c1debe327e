"""The lists that name a file's columns agree: what a layout knows, what a page asks for, what headings propose."""

from __future__ import annotations

from collections_app.rules import importing


def test_every_column_has_its_words_and_its_headings() -> None:
    assert set(importing.COLUMN_WORDS) == set(importing.COLUMNS)
    assert set(importing.HEADINGS) == set(importing.COLUMNS)
    assert set(importing.REQUIRED) <= set(importing.COLUMNS)


def test_a_heading_proposes_one_column_only() -> None:
    words = [word for words in importing.HEADINGS.values() for word in words]
    assert len(words) == len(set(words))
