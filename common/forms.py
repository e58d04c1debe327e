"""What forms of every app share."""

from __future__ import annotations

from django import forms

from common.exceptions import Refused


def key_of(text: str) -> int | None:
    """A key as it stands in an address; None for anything that cannot be one."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def blame(form: forms.Form, refusal: Refused) -> None:
    """Put a service's refusal where it belongs on the form: on its fields, else on top."""
    placed = False
    for name, words in refusal.fields.items():
        if name in form.fields:
            form.add_error(name, str(words))
            placed = True
    if not placed:
        form.add_error(None, str(refusal.message))
