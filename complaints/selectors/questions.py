"""Frequent questions as everybody reads them: what is published, searched, and what may answer somebody at once."""

from __future__ import annotations

import functools
import operator
import re

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import F, Q, QuerySet, Value

from common.arabic import search_pattern
from complaints.choices import EditionState
from complaints.models import FaqEntry
from complaints.models.learning import Folded

_ARABIC = re.compile(r"[\u0620-\u064a]")
_WORD = re.compile(r"[\w\u064b-\u0652\u0640]{2,}")
MOST_WORDS = 12
MOST_SUGGESTED = 4


def questions_published() -> QuerySet[FaqEntry]:
    """What everybody may read, in its order."""
    return FaqEntry.objects.filter(state=EditionState.APPROVED)


def questions_found(*, words: str) -> QuerySet[FaqEntry]:
    """Published questions that speak of some of these words, those that speak of most first.

    The words are searched in the language of their letters: by their stems, whatever their hamza, ta marbuta or short
    vowels, and as they stand inside a question.
    """
    said = _WORD.findall(words)[:MOST_WORDS]
    if not said:
        return questions_published().none()
    language, config = ("ar", "arabic") if _ARABIC.search(words) else ("en", "english")
    query = functools.reduce(
        operator.or_, (SearchQuery(Folded(Value(word)), config=config, search_type="plain") for word in said)
    )
    inside = functools.reduce(
        operator.or_, (Q(**{f"question_{language}__iregex": search_pattern(word)}) for word in said if len(word) > 3),
        Q(pk=None),
    )  # fmt: skip
    column = f"searched_{language}"
    return (
        questions_published()
        .filter(Q(**{column: query}) | inside)
        .annotate(rank=SearchRank(F(column), query))
        .order_by("-rank", "position", "code")
    )


def questions_suggested(*, category: str) -> QuerySet[FaqEntry]:
    """What may already answer who writes of this branch of the tree, and of nothing in particular."""
    theirs = Q(category__code=category) | Q(category__parent__code=category) if category else Q(category=None)
    return questions_published().filter(theirs)[:MOST_SUGGESTED]
