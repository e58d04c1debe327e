"""What forms of every app share."""

from __future__ import annotations

from django import forms

from common.exceptions import Refused


def blame(form: forms.Form, refusal: Refused) -> None:
    """Put a service's refusal where it belongs on the form: on its fields, else on top."""
    placed = False
    for name, words in refusal.fields.items():
        if name in form.fields:
            form.add_error(name, str(words))
            placed = True
    if not placed:
        form.add_error(None, str(refusal.message))
