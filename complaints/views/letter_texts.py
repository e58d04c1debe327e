"""A text of letters as the letter it makes, with made-up facts: what an approver reads."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from accounts.access import allow
from complaints.models import LetterText
from complaints.policies import sees_editions
from complaints.services.letter_texts import letter_drawn
from complaints.services.letters import LANGUAGES


@require_GET
@allow(sees_editions)
def letter_preview(request: HttpRequest, pk: int, language: str) -> HttpResponse:
    """The PDF of this version in one language."""
    if language not in LANGUAGES:
        raise Http404
    text = get_object_or_404(LetterText, pk=pk)
    answer = HttpResponse(letter_drawn(text=text, language=language), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{text.code}-v{text.version}-{language}.pdf"'
    return answer
