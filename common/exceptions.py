"""Errors of the trade: refusals a person can read, in their own language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise


class Refused(Exception):
    """A service refuses to act. Nothing was written.

    ``code`` is stable and for programs; ``message`` is a translated sentence for the person;
    ``field`` names the form field where the sentence belongs, when it belongs to one; ``fields`` gives fields their
    own sentences.
    """

    def __init__(
        self,
        code: str,
        message: str | Promise,
        *,
        field: str = "",
        fields: Mapping[str, str | Promise] | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.fields = {field: message} if field else dict(fields or {})
        self.details = dict(details or {})

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class NotAllowed(Refused):
    """The actor may see the thing but may not do this to it."""


class Conflict(Refused):
    """The thing changed since the actor looked at it."""
