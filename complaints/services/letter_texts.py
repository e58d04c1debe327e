"""The text that a letter is made from: the one in force, shipped or approved since (ADR 0044)."""

from __future__ import annotations

from django.utils import translation

from common import clock
from common.documents import pdf_render
from complaints.choices import EditionState
from complaints.models import LetterText
from complaints.rules.shipped_letters import LAYOUTS
from complaints.selectors.letter_samples import sample_facts
from complaints.services.editions_shipped import letters_ship


def letter_text(*, code: str) -> LetterText:
    """The version in force. What is shipped is written down on first use, where the database was made without it."""
    found = LetterText.objects.filter(code=code, state=EditionState.APPROVED)
    if (text := found.first()) is None:
        letters_ship()
        text = found.get()
    return text


def letter_drawn(*, text: LetterText, language: str) -> bytes:
    """Any version as the letter it makes, around made-up facts; kept nowhere."""
    with translation.override(language):
        facts = sample_facts(code=text.code, language=language, on=clock.today())
    content, _pages = pdf_render(
        template=LAYOUTS[text.code], context={**facts, "text": text.words(language)}, language=language
    )
    return content
