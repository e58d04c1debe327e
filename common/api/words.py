"""What a program is told, it is told in both languages: who reads its log may read either."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.functional import Promise

from common.exceptions import Refused


def in_both(words: str | Promise) -> dict[str, str]:
    """A translated sentence as ``message_ar`` and ``message_en``."""
    said = {}
    for language in ("ar", "en"):
        with translation.override(language):
            said[f"message_{language}"] = str(words)
    return said


def refusal_fields(*, refusal: Refused, again: Callable[[], Any]) -> tuple[dict[str, str], list[dict[str, str]]]:
    """A service's refusal in both languages: its sentence, and that of each field.

    A sentence with values in it was put together in one language when it was raised. ``again`` asks the same once more
    in the other; whatever it does is taken back.
    """
    pair = {"ar": refusal, "en": refusal}
    if not all(isinstance(words, Promise) for words in (refusal.message, *refusal.fields.values())):
        pair = {language: _asked_again(language=language, again=again) or refusal for language in pair}
    message, fields = {}, []
    for language, said in pair.items():
        with translation.override(language):
            message[f"message_{language}"] = str(said.message)
    for name in refusal.fields:
        words = {}
        for language, said in pair.items():
            with translation.override(language):
                words[f"message_{language}"] = str(said.fields.get(name, said.message))
        fields.append({"field": name, "code": refusal.code, **words})
    return message, fields


def _asked_again(*, language: str, again: Callable[[], Any]) -> Refused | None:
    """The refusal in this language; None when the world has changed and there is none any more."""
    with translation.override(language), transaction.atomic():
        try:
            again()
        except Refused as refusal:
            transaction.set_rollback(True)
            return refusal
        transaction.set_rollback(True)
    return None
